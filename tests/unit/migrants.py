"""Tokens of a world that migrate by the base rates, and what tests want to know of them."""

from __future__ import annotations

import math
from datetime import datetime

from deploy.sandbox.births import CAST
from deploy.sandbox.lives import TradedLife
from deploy.sandbox.world import World


def migrants(world: World, count: int) -> list[TradedLife]:
    """The first so many migrations by the base rates."""
    lives = (life for life in map(world.life, range(CAST, 20 * count + CAST + 200)) if life.migrates_at)
    return [life for life, _ in zip(lives, range(count), strict=False)]


def migrated(life: TradedLife) -> datetime:
    assert life.migrates_at is not None
    return life.migrates_at


def multiple(life: TradedLife, now: datetime) -> float:
    """The price of the latest trade, of that at the entry level, whatever an empty pool tells."""
    return math.exp(life.tape().level(life.lived(now)) - life.entry_level)
