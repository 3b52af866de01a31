"""What of delivery outlives a term of office: this program may lead again, and Telegram has not forgotten."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.breaker import Breaker
from bot.pace import Pace


@dataclass(frozen=True, slots=True)
class Lasting:
    """How fast the bot may speak, which alerts are stopped, and which messages were sent but could not be marked yet.

    `receipts` are message numbers by the rows' ids.
    """

    pace: Pace
    breaker: Breaker = field(default_factory=Breaker)
    receipts: dict[int, int | None] = field(default_factory=dict)
