"""The life of one pretend token, and its figures at any moment. Pure: both stand-ins compute from the same life.

Which lives there are and when is the world's affair (world.py).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

SUPPLY = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of even trading: trades per minute, the share of buys, USD per trade, what the price does (per minute,
    as a logarithm), and how many new holders a buy brings."""

    minutes: float
    trades: float
    buy_share: float = 0.5
    trade_usd: float = 60
    growth: float = 0.0
    new_holders: float = 0.1


@dataclass(frozen=True, slots=True)
class Window:
    """What was traded within one window: counts, and USD."""

    buys: int
    sells: int
    buys_usd: float
    sells_usd: float


@dataclass(frozen=True, slots=True)
class Figures:
    """A token's figures at one moment; money in USD."""

    price: float
    liquidity: float
    market_cap: float
    holders: int
    last_trade_at: datetime
    last_5m: Window
    last_1h: Window


@dataclass(frozen=True, slots=True)
class Life:
    """One token: `phases` follow each other from `created_at`; it migrates after `curve_seconds`, or never (None)."""

    mint: str
    symbol: str
    name: str
    created_at: datetime
    curve_seconds: float | None
    phases: tuple[Phase, ...]
    price: float = 0.00005
    liquidity: float = 30_000

    @property
    def migrates_at(self) -> datetime | None:
        """When it leaves the curve; None if it never does."""
        return None if self.curve_seconds is None else self.created_at + timedelta(seconds=self.curve_seconds)

    def figures(self, now: datetime) -> Figures | None:
        """The figures at `now`; None before the token exists."""
        minutes = (now - self.created_at).total_seconds() / 60
        if minutes < 0:
            return None
        multiple = math.exp(max(-12.0, self._sum(minutes, lambda p: p.growth)) + _wobble(self.mint, minutes))
        holders = 3 + self._sum(minutes, lambda p: p.trades * p.buy_share * p.new_holders)
        return Figures(
            price=self.price * multiple,
            liquidity=self.liquidity * math.sqrt(multiple),
            market_cap=self.price * multiple * SUPPLY,
            holders=int(holders),
            last_trade_at=self.created_at + timedelta(minutes=self._last_trade(minutes)),
            last_5m=self._window(minutes, 5),
            last_1h=self._window(minutes, 60),
        )

    def off_curve(self, now: datetime, minutes: float) -> Window:
        """What was traded within the last `minutes`, but only since the migration."""
        lived = (now - self.created_at).total_seconds() / 60
        migrated = lived if self.curve_seconds is None else self.curve_seconds / 60
        return self._window(lived, max(0.0, min(minutes, lived - migrated)))

    def _window(self, minutes: float, length: float) -> Window:
        def within(rate: Callable[[Phase], float]) -> tuple[float, float]:
            return self._sum(minutes, rate), self._sum(max(0.0, minutes - length), rate)

        buys, buys_then = within(lambda p: p.trades * p.buy_share)
        sells, sells_then = within(lambda p: p.trades * (1 - p.buy_share))
        buys_usd, buys_usd_then = within(lambda p: p.trades * p.buy_share * p.trade_usd)
        sells_usd, sells_usd_then = within(lambda p: p.trades * (1 - p.buy_share) * p.trade_usd)
        return Window(
            int(buys) - int(buys_then),
            int(sells) - int(sells_then),
            buys_usd - buys_usd_then,
            sells_usd - sells_usd_then,
        )

    def _sum(self, minutes: float, rate: Callable[[Phase], float]) -> float:
        """What `rate` (per minute) adds up to from creation until then."""
        total = 0.0
        for phase in self.phases:
            if minutes <= 0:
                break
            total += rate(phase) * min(minutes, phase.minutes)
            minutes -= phase.minutes
        return total

    def _last_trade(self, minutes: float) -> float:
        """Minutes from creation to the latest trade."""
        begin = latest = 0.0
        for phase in self.phases:
            lived = min(minutes - begin, phase.minutes)
            if lived <= 0:
                break
            if phase.trades * lived >= 1:
                latest = begin + math.floor(phase.trades * lived) / phase.trades
            begin += phase.minutes
        return latest


def restless(phases: Iterable[Phase], random: Random) -> tuple[Phase, ...]:
    """The same phases minute by minute, each minute livelier or duller than the last."""
    minutes = []
    for phase in phases:
        left = phase.minutes
        while left > 0:
            trades, buy_share = phase.trades * random.uniform(0.6, 1.4), phase.buy_share + random.uniform(-0.08, 0.08)
            growth = phase.growth + random.uniform(-0.04, 0.04) * (phase.trades > 0)
            share = min(max(buy_share, 0.0), 1.0)
            minutes.append(Phase(min(left, 1.0), trades, share, phase.trade_usd, growth, phase.new_holders))
            left -= 1.0
    return tuple(minutes)


def _wobble(mint: str, minutes: float) -> float:
    """A price never draws a straight line."""
    offset = sum(map(ord, mint))
    return 0.03 * math.sin(minutes * 2.1 + offset) + 0.02 * math.sin(minutes * 5.3 + 2 * offset)
