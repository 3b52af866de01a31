"""Tokens whose scores oscillate around the threshold with noise, and looks that tell less than a check should."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from deploy.sandbox.world import mint_of
from engine.model import Sample, Source
from engine.settings import Settings

EVERY = timedelta(seconds=30)
HOUR = timedelta(hours=1)
IDLE_CHECKS = 14  # more low ones in a row than archive a token
YOUNG_EACH = 3  # one token in so many is born within the day
IDLE_EACH = 5  # one in so many is archived in the middle of it
FAULTS = ("no look", "no data", "low coverage", "few tx", "low liquidity")
FAULTY, STRETCH = 0.12, 0.02  # the chance of one such look, and of a stretch of them


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a token. `sample` is None where the provider had no data; `before` and `after` it was Active, or not.

    `born_at` is the token's first trade.
    """

    at: datetime
    token_id: int
    born_at: datetime
    sample: Sample | None
    settings: Settings
    before: bool
    after: bool


class Oscillation:
    """One token's day: a slow swing of the score with a quick one and noise upon it."""

    def __init__(self, number: int, seed: int, start: datetime, hours: float) -> None:
        self._dice = dice = Random(f"episodes {seed} {number}")
        self.mint = mint_of(f"episodes {number}")
        day = hours * HOUR
        self.born_at = start + 0.6 * dice.random() * day if number % YOUNG_EACH == 1 else start - 2 * HOUR
        self._idle_at = start + 0.45 * day if number % IDLE_EACH == 2 else None
        self._middle, self._swing = dice.uniform(1.4, 2.0), dice.uniform(0.4, 1.0)
        self._slow, self._quick = dice.uniform(18, 50), dice.uniform(5, 12)
        self._stretch = ("", 0)

    def look(self, now: datetime) -> tuple[bool, Sample | None]:
        """Whether there is a look at all, and the figures that it tells."""
        fault = self._fault()
        if now < self.born_at + EVERY or fault == "no look":
            return False, None
        if self._idle_at and self._idle_at <= now < self._idle_at + IDLE_CHECKS * EVERY:
            return True, replace(self._sample(now), tx_count_5m=5, liquidity=8_000.0)
        return True, self._spoilt(self._sample(now), fault)

    def _fault(self) -> str:
        """What is wrong with this look, alone or in a stretch of such looks; mostly nothing."""
        kind, left = self._stretch
        if left:
            self._stretch = (kind, left - 1)
            return kind
        kind, chance = self._dice.choice(FAULTS), self._dice.random()
        if chance < STRETCH:
            self._stretch = (kind, self._dice.randint(2, 15))
        return kind if chance < FAULTY else ""

    def _spoilt(self, sample: Sample, fault: str) -> Sample | None:
        if fault == "low coverage":
            return replace(sample, buys_volume_5m=None, volume_5m=9 * (sample.volume_5m or 0.0))
        if fault == "few tx":
            return replace(sample, tx_count_5m=self._dice.choice([None, 20, 35, 49]), volume_5m=sample.volume_1h)
        if fault == "low liquidity":
            return replace(sample, liquidity=self._dice.choice([None, 900.0, 4_999.0]))
        return None if fault == "no data" else sample

    def _sample(self, now: datetime) -> Sample:
        """Figures that make the raw score: a quarter each of tx_accel, vol_momentum and who buys."""
        dice, minute = self._dice, (now - self.born_at) / timedelta(minutes=1)
        wave = math.sin(minute * math.tau / self._slow) + 0.4 * math.sin(minute * math.tau / self._quick)
        raw = max(0.05, self._middle + self._swing * wave + dice.gauss(0, 0.6))
        buys, observed = dice.random(), min(max(minute, 5.0), 60.0)
        pace = min(max(0.05, (4 * raw - (2 * buys - 1)) / 2) * min(max(observed / 25, 0.5), 1.0), observed / 5)
        count, volume = dice.randint(120, 500), dice.uniform(5_000, 60_000)
        return Sample(
            ts=now,
            source=Source.BIRDEYE,
            price=0.001,
            liquidity=25_000 * math.exp(0.5 * wave + dice.gauss(0, 0.3)),
            market_cap=1_000_000.0,
            holders=1_000,
            tx_count_5m=count,
            tx_count_1h=max(count, round(count / 5 * observed / pace)),
            volume_5m=volume,
            volume_1h=volume / 5 * observed / pace,
            buys_volume_5m=volume * buys,
            sells_volume_5m=volume * (1 - buys),
            first_trade_at=self.born_at,
        )
