"""A pretend token's trades as one tape: the source of all its figures. Pure.

What happens to tokens is told in courses.py, what becomes of it in lives.py.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Window:
    """What was traded within one window: counts, and USD."""

    buys: int
    sells: int
    buys_usd: float
    sells_usd: float

    @property
    def trades(self) -> int:
        """Buys and sells together."""
        return self.buys + self.sells

    @property
    def usd(self) -> float:
        """What was paid in all of them, in USD."""
        return self.buys_usd + self.sells_usd

    @property
    def wallets(self) -> int:
        """Who traded: everybody twice, but for the one of an odd trade."""
        return (self.trades + 1) // 2


@dataclass(frozen=True, slots=True, eq=False)
class Tape:
    """Trades in order of time; every array has one item a trade.

    `at` are seconds since the token's creation, `effect` is what the trade does to the logarithm of the price,
    `holders` what it does to the number of holders (a first buy 1, a last sell −1). `drains` are the times (from,
    until) at which the pool is empty.
    """

    at: Floats
    buy: NDArray[np.bool_]
    usd: Floats
    effect: Floats
    holders: NDArray[np.int8]
    drains: tuple[tuple[float, float], ...] = ()
    _sums: tuple[Floats, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        buys = self.buy.astype(np.float64)
        parts = (buys, buys * self.usd, self.usd, self.effect, self.holders)
        sums = tuple(np.concatenate(([0.0], np.cumsum(part, dtype=np.float64))) for part in parts)
        object.__setattr__(self, "_sums", sums)

    def __len__(self) -> int:
        return len(self.at)

    def before(self, seconds: float) -> int:
        """How many trades there were until then."""
        return int(np.searchsorted(self.at, seconds, side="right"))

    def level(self, seconds: float) -> float:
        """The logarithm of the price, of that which the tape calls 1."""
        return float(self._sums[3][self.before(seconds)])

    def held(self, seconds: float) -> int:
        """How many hold the token."""
        return int(self._sums[4][self.before(seconds)])

    def last(self, seconds: float) -> float | None:
        """When the latest trade was; None before the first."""
        count = self.before(seconds)
        return float(self.at[count - 1]) if count else None

    def window(self, since: float, until: float) -> Window:
        """What was traded after `since` until `until`."""
        low, high = self.before(since), self.before(max(since, until))
        buys, buys_usd, usd = (float(self._sums[i][high] - self._sums[i][low]) for i in range(3))
        sells_usd = max(0.0, usd - buys_usd) if high - low > buys else 0.0
        return Window(int(buys), high - low - int(buys), max(0.0, buys_usd), sells_usd)

    def drained(self, seconds: float) -> bool:
        """Whether the pool is empty then."""
        return any(begin <= seconds < end for begin, end in self.drains)

    def until(self, seconds: float) -> Tape:
        """The trades until then alone, as if nobody traded any more."""
        cut = self.before(seconds)
        drains = tuple((begin, end) for begin, end in self.drains if begin <= seconds)
        columns = (self.at[:cut], self.buy[:cut], self.usd[:cut], self.effect[:cut], self.holders[:cut])
        return Tape(*columns, drains)


def join(tapes: Sequence[Tape], drains: tuple[tuple[float, float], ...] = ()) -> Tape:
    """All their trades in order of time: effects on price and holders add up, whoever traded."""
    at = np.concatenate([tape.at for tape in tapes])
    order = np.argsort(at, kind="stable")
    return Tape(
        at[order],
        np.concatenate([tape.buy for tape in tapes])[order],
        np.concatenate([tape.usd for tape in tapes])[order],
        np.concatenate([tape.effect for tape in tapes])[order],
        np.concatenate([tape.holders for tape in tapes])[order],
        (*(drain for tape in tapes for drain in tape.drains), *drains),
    )


@dataclass(frozen=True, slots=True)
class Move:
    """What a row of trades does to the logarithm of the price: by way of `peak` at the share `peak_at` of them to
    `end`, both against where it begins; evenly, or (`crashes`) most of the way down at once."""

    end: float
    peak: float | None = None
    peak_at: float = 1.0
    crashes: bool = False


def tape_of(
    random: np.random.Generator,
    at: Floats,
    move: Move,
    usd: float,
    buy_share: float | None = None,
    newcomers: float = 0.2,
) -> Tape:
    """The trades at these times. Without a `buy_share` the side goes with the price; `usd` is their mean.

    `newcomers` is the share of buys by people who hold nothing yet; of those who sell, nearly as many leave.
    """
    count = len(at)
    course = _course(count, move)
    drift = np.diff(course, prepend=0.0)
    chance = np.clip(0.5 + 12 * drift, 0.3, 0.8) if buy_share is None else np.full(count, buy_share)
    buy = random.random(count) < chance
    sizes = random.lognormal(0.0, 1.0, count)
    sizes *= usd / sizes.mean() if count else 1.0
    level = course + _wander(buy, chance, course, move)
    luck, leaving = random.random(count), 0.8 * newcomers
    holders = np.where(buy, luck < newcomers, -1.0 * (luck < leaving)).astype(np.int8)
    return Tape(at, buy, sizes, np.diff(level, prepend=0.0), holders)


def _course(count: int, move: Move) -> Floats:
    """The level after each trade, without chance."""
    peak = move.end if move.peak is None else move.peak
    top = min(count, max(1, round(count * move.peak_at)))
    rise = peak * np.arange(1, top + 1) / top if count else np.empty(0)
    way = np.arange(1, count - top + 1) / max(1, count - top)
    part = (1 - np.exp(-4 * way)) / (1 - math.exp(-4)) if move.crashes else way
    return np.concatenate((rise[:count], peak + (move.end - peak) * part))


def _wander(buy: NDArray[np.bool_], chance: Floats, course: Floats, move: Move) -> Floats:
    """Chance around the course: a buy lifts the price, a sell lowers it. None at the peak and at the end."""
    count = len(buy)
    if not count:
        return np.empty(0)
    steps = (buy - chance) * min(0.004, 0.1 / math.sqrt(count)) * 2
    walk = np.cumsum(steps)
    top = min(count, max(1, round(count * move.peak_at)))
    knots, places = [0.0, float(walk[top - 1]), float(walk[-1])], [0, top, max(count, top + 1)]
    bridge = walk - np.interp(np.arange(1, count + 1), places, knots)
    peak = move.end if move.peak is None else max(move.peak, move.end)
    return np.minimum(course + bridge, peak) - course if move.peak is not None else bridge
