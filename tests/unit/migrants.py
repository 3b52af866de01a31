"""What tests want to know of tokens that migrate by the base rates."""

from __future__ import annotations

import math
from datetime import datetime

from deploy.sandbox.lives import Life


def migrated(life: Life) -> datetime:
    assert life.migrates_at is not None
    return life.migrates_at


def multiple(life: Life, now: datetime) -> float:
    """The price of the latest trade, of that at the entry level, whatever an empty pool tells."""
    return math.exp(life.tape().level(life.lived(now)) - life.entry_level)
