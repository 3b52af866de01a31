"""A token of the README's hour: its life is told by phases of even trading. Pure.

The tokens of the sandbox itself live by their trades: deploy/sandbox/lives.py.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from deploy.sandbox.lives import SPANS_SECONDS, SUPPLY, Figures, Life, Venue, draw
from deploy.sandbox.trades import Window

SECOND_POOL_AFTER = timedelta(minutes=10)
SECOND_SHARE = 0.2


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
class EvenLife(Life):
    """A life whose `phases` follow each other from its creation on."""

    phases: tuple[Phase, ...] = ()
    price: float = 0.00005
    liquidity: float = 30_000

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
            markets=1 + self._pools(now),
        )

    def venues(self, now: datetime) -> list[Venue]:
        """Where it is traded at `now`, the curve last: what was traded before the migration is the curve's."""
        figures, migrated_at, pools = self.figures(now), self.migrates_at, self._pools(now)
        if figures is None:
            return []
        lived = (now - self.created_at).total_seconds() / 60
        windows = [self._off_curve(now, span / 60) for span in SPANS_SECONDS]
        wholes = [self._window(lived, span / 60) for span in SPANS_SECONDS]
        curve = [_less(whole, pool) for whole, pool in zip(wholes, windows, strict=True)]
        venues = [Venue("pumpfun", self.created_at, None, *curve)]
        if migrated_at is None or not pools:
            return venues
        if pools == 1:
            return [Venue("pumpswap", migrated_at, figures.liquidity, *windows), *venues]
        parts = [_share(window, SECOND_SHARE) for window in windows]
        rests = [_less(window, part) for window, part in zip(windows, parts, strict=True)]
        small = figures.liquidity * SECOND_SHARE
        first = Venue("pumpswap", migrated_at, figures.liquidity - small, *rests)
        return [Venue("meteora", migrated_at + SECOND_POOL_AFTER, small, *parts), first, *venues]

    def _pools(self, now: datetime) -> int:
        """How many pools are open."""
        if self.migrates_at is None or now < self.migrates_at:
            return 0
        return 1 if draw(self.mint) % 3 or now < self.migrates_at + SECOND_POOL_AFTER else 2

    def _off_curve(self, now: datetime, minutes: float) -> Window:
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


def _less(whole: Window, part: Window) -> Window:
    return Window(
        whole.buys - part.buys,
        whole.sells - part.sells,
        max(0.0, whole.buys_usd - part.buys_usd),
        max(0.0, whole.sells_usd - part.sells_usd),
    )


def _share(whole: Window, share: float) -> Window:
    counts = (int(whole.buys * share), int(whole.sells * share))
    return Window(*counts, whole.buys_usd * share, whole.sells_usd * share)
