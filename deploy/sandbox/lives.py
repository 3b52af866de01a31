"""A pretend token and its figures at any moment, as every stand-in tells them: all come from its trades. Pure.

Which tokens there are and when is the world's affair (world.py), what happens to them stands in courses.py.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from deploy.sandbox.trades import Floats, Tape, Window

SUPPLY = 1_000_000_000
HOLDERS_AT_BIRTH = 3
HOLDERS_LAG_SECONDS = (60, 240)  # Birdeye counts holders minutes late
DAY_SECONDS = 86_400.0
SPANS_SECONDS = (300.0, 3600.0, 6 * 3600.0, DAY_SECONDS)  # of a venue's windows
# Pools beside the first: when they open (seconds since the migration) and their share of the trades and of the money.
SECOND_POOL = ("meteora", 600.0, 0.2)
LATER_POOLS = (("raydium", DAY_SECONDS, 0.15), ("orca", 1.1 * DAY_SECONDS, 0.05))


@dataclass(frozen=True, slots=True)
class Figures:
    """A token's figures at one moment; money in USD. `markets` counts its venues."""

    price: float
    liquidity: float
    market_cap: float
    holders: int
    last_trade_at: datetime
    last_5m: Window
    last_1h: Window
    markets: int


@dataclass(frozen=True, slots=True)
class Venue:
    """Where a token is traded: its curve (dex `pumpfun`, whose liquidity nobody tells) or a pool."""

    dex: str
    opened_at: datetime
    liquidity: float | None
    last_5m: Window
    last_1h: Window
    last_6h: Window
    last_24h: Window


@dataclass(frozen=True, slots=True)
class Life:
    """One token, whose figures come from its tape. It migrates after `curve_seconds`, or never (None).

    `price` and `liquidity` are those at the tape's level `entry_level`.
    """

    mint: str
    symbol: str
    name: str
    created_at: datetime
    curve_seconds: float | None
    tape: Callable[[], Tape] = field(compare=False, repr=False)
    price: float = 0.00005
    liquidity: float = 30_000
    entry_level: float = 0.0

    @property
    def migrates_at(self) -> datetime | None:
        """When it leaves the curve; None if it never does."""
        return None if self.curve_seconds is None else self.created_at + timedelta(seconds=self.curve_seconds)

    def figures(self, now: datetime) -> Figures | None:
        """The figures at `now`; None before the token exists."""
        tape, lived = self.tape(), self.lived(now)
        if lived < 0:
            return None
        price, liquidity = self._priced(tape, lived)
        lag = HOLDERS_LAG_SECONDS[0] + draw(self.mint) % (HOLDERS_LAG_SECONDS[1] - HOLDERS_LAG_SECONDS[0])
        return Figures(
            price=price,
            liquidity=liquidity,
            market_cap=price * SUPPLY,
            holders=held(tape, lived - lag),
            last_trade_at=self.created_at + timedelta(seconds=tape.last(lived) or 0.0),
            last_5m=tape.window(lived - 300, lived),
            last_1h=tape.window(lived - 3600, lived),
            markets=1 + len(self._opened(lived)),
        )

    def traded(self, since: datetime, until: datetime) -> Window:
        """What was traded after `since` until `until`, wherever it was."""
        return self.tape().window(self.lived(since), self.lived(until))

    def venues(self, now: datetime) -> list[Venue]:
        """Where it is traded at `now`: some have a second pool after ten minutes, and after a day come more."""
        tape, lived = self.tape(), self.lived(now)
        if lived < 0:
            return []
        migrated = min(lived, self._migrated(lived))
        curve = [tape.window(min(max(0.0, lived - span), migrated), migrated) for span in SPANS_SECONDS]
        return [*self._pools(tape, lived), Venue("pumpfun", self.created_at, None, *curve)]

    def lived(self, now: datetime) -> float:
        """Seconds since its creation."""
        return (now - self.created_at).total_seconds()

    def _migrated(self, never: float) -> float:
        """Seconds from its creation to its migration, as exact as a time is."""
        return never if self.migrates_at is None else self.lived(self.migrates_at)

    def _pools(self, tape: Tape, lived: float) -> list[Venue]:
        pools = self._opened(lived)
        if not pools:
            return []
        _, liquidity = self._priced(tape, lived)
        return [
            Venue(dex, self.created_at + timedelta(seconds=opened), liquidity * share, *windows)
            for (dex, opened, share), windows in zip(pools, self._traded(tape, pools, lived), strict=True)
        ]

    def _opened(self, lived: float) -> list[tuple[str, float, float]]:
        """The pools that are open: name, when it opened, share; the first one has what the others leave."""
        migrated = self._migrated(math.inf)
        if lived < migrated:
            return []
        others = [SECOND_POOL, *LATER_POOLS] if draw(self.mint) % 3 == 0 else LATER_POOLS
        later = [(dex, migrated + after, share) for dex, after, share in others if migrated + after <= lived]
        return [("pumpswap", migrated, 1.0 - sum(share for _, _, share in later)), *later]

    def _traded(self, tape: Tape, pools: Sequence[tuple[str, float, float]], lived: float) -> list[list[Window]]:
        """The windows of each pool. A trade draws its pool by its time, among those that were open then."""
        low, high = tape.before(max(lived - SPANS_SECONDS[-1], pools[0][1])), tape.before(lived)
        at, buy, usd = tape.at[low:high], tape.buy[low:high], tape.usd[low:high]
        lot, begin, place = at * 977.0 % 1.0, 0.0, np.zeros(high - low, np.int8)
        for index, (_, opened, share) in enumerate(pools[1:], 1):
            place[(begin <= lot) & (lot < begin + share) & (at >= opened)] = index
            begin += share
        seen = [place == index for index in range(len(pools))]
        return [[_window(buy[mine], usd[mine]) for mine in _shorter(at, one, lived)] for one in seen]

    def _priced(self, tape: Tape, lived: float) -> tuple[float, float]:
        """Price and liquidity: the money in a pool goes with the root of the price. An empty pool tells nonsense."""
        if tape.drained(lived):
            lot = draw(self.mint)
            return 10.0 ** (3 + lot % 4), 0.007 * (1 + lot % 900)
        multiple = math.exp(tape.level(lived) - self.entry_level)
        return self.price * multiple, self.liquidity * math.sqrt(multiple)


def held(tape: Tape, seconds: float) -> int:
    """How many hold a token so many seconds after its creation, as its trades say."""
    return HOLDERS_AT_BIRTH + max(0, tape.held(seconds))


def draw(mint: str) -> int:
    """A whole number that goes with the mint."""
    return sum(map(ord, mint))


def _shorter(at: Floats, seen: NDArray[np.bool_], lived: float) -> list[NDArray[np.bool_]]:
    """Which of these trades lie within each span."""
    return [seen & (at > lived - span) for span in SPANS_SECONDS]


def _window(buy: NDArray[np.bool_], usd: Floats) -> Window:
    buys = int(np.count_nonzero(buy))
    return Window(buys, len(buy) - buys, float(usd[buy].sum()), float(usd[~buy].sum()))
