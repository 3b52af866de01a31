"""What pretend tokens are paid with: wrapped SOL, at a price that stands still."""

from __future__ import annotations

WRAPPED_SOL = "So11111111111111111111111111111111111111112"
SOL_USD = 150.0
