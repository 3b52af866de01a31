"""The base rates of real migrations, and a fate drawn from them for each pretend one. Pure.

The table of rates is what the world is made from here and held against in statistics.py.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from random import Random

Quantiles = tuple[tuple[float, float], ...]

# Each is (share of the migrations, value); between them values run evenly in their logarithm. The quartiles are the
# measured ones; the ends, which nobody measured, are plausible.
FIRST_MINUTE_TRADES: Quantiles = ((0, 30), (0.25, 110), (0.5, 212), (0.75, 331), (1, 900))
FIRST_FIVE_TRADES: Quantiles = ((0, 60), (0.25, 222), (0.5, 558), (0.75, 901), (1, 3_000))
TRADE_USD: Quantiles = ((0, 20), (0.25, 41), (0.5, 57), (0.75, 77), (1, 220))
PRICE_AFTER_HOUR: Quantiles = (
    (0, 0.008), (0.25, 0.05), (0.5, 0.11), (0.75, 0.56), (0.82, 1), (0.89, 2), (0.97, 7), (1, 40),
)  # fmt: skip

# Five minutes of 558 trades at $57 make $32k: the measured median of $4.3k cannot hold for the same hour, so it is
# taken as what follows the first five minutes. A logarithmic normal through the median and the p90 of $388k.
REST_USD, REST_SIGMA, REST_MOST_TRADES = 4_300.0, math.log(388 / 4.3) / 1.2816, 20_000

IDLE_SHARE = 0.48  # have five minutes without a trade in their first hour: those with the fewest trades in it
TOUCH_SHARES = ((1.0, 0.667), (2.0, 0.9))  # of those that end the hour below 1 and 2 times the entry: 72 % touch 2x
REVIVE_SHARE = 0.03
WAVE_SHARE = 0.099  # 9.9 % of 283 real tokens had a second wave after their first quiet hour; 3 % a strong one
DRAINED_SHARE = 0.1  # of the idle ones without a wave: their pool is emptied. Nobody measured how many
CURVE_MINUTES, CURVE_SIGMA, CURVE_MOST_MINUTES = 4.5, 1.2, 600.0
MIGRATIONS_A_DAY = (110.0, 1_050.0)  # expected; chance takes a day's number to 100 … 1,100


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of a token after its migration; multiples are of the price at the migration.

    `second_wave` is None, "weak" or "strong", `drained_minutes` when its pool is emptied, if ever.
    """

    first_minute: int
    first_five: int
    rest: int
    trade_usd: float
    hour_multiple: float
    peak_multiple: float
    idle: bool
    second_wave: str | None = None
    drained_minutes: float | None = None


def draw_fate(random: Random) -> Fate:
    """A fate by the base rates. Lively tokens tend to be so from the first minute on, and to keep their price."""
    liveliness = random.gauss(0, 1)
    start_rank, start = _rank(random, liveliness, 0.5)
    first = round(quantile(FIRST_MINUTE_TRADES, start_rank))
    five = round(quantile(FIRST_FIVE_TRADES, _rank(random, start, 0.9)[0]))
    trade_usd = quantile(TRADE_USD, random.random())
    hour_multiple = quantile(PRICE_AFTER_HOUR, _rank(random, liveliness, 0.6)[0])
    idle = _share(liveliness) < IDLE_SHARE
    wave = _second_wave(random) if idle else None
    drains = idle and wave is None and random.random() < DRAINED_SHARE
    return Fate(
        first,
        max(first + 2, five),
        min(round(REST_USD * math.exp(REST_SIGMA * liveliness) / trade_usd), REST_MOST_TRADES),
        trade_usd,
        hour_multiple,
        _peak(random, hour_multiple),
        idle,
        wave,
        random.uniform(70, 600) if drains else None,
    )


def draw_curve_minutes(random: Random) -> float:
    """How long the bonding curve takes: a median of four to five minutes."""
    return min(max(random.lognormvariate(math.log(CURVE_MINUTES), CURVE_SIGMA), 0.3), CURVE_MOST_MINUTES)


def quantile(table: Quantiles, share: float) -> float:
    """The value below which this share (0…1) of the migrations lies."""
    for (low_share, low), (high_share, high) in itertools.pairwise(table):
        if share <= high_share:
            part = (share - low_share) / (high_share - low_share)
            return math.exp(math.log(low) * (1 - part) + math.log(high) * part)
    return table[-1][1]


def _rank(random: Random, other: float, correlation: float) -> tuple[float, float]:
    """An even share of 0…1 that goes with the normal value `other`, and the normal value that it is the share of."""
    value = correlation * other + math.sqrt(1 - correlation**2) * random.gauss(0, 1)
    return _share(value), value


def _share(normal: float) -> float:
    return 0.5 * (1 + math.erf(normal / math.sqrt(2)))


def _peak(random: Random, hour_multiple: float) -> float:
    """The highest price of the first hour."""
    chance = next((share for below, share in TOUCH_SHARES if hour_multiple < below), 1.0)
    if random.random() < chance:
        return max(2.0, hour_multiple) * (1.02 + random.expovariate(2.0))
    least = max(1.0, hour_multiple)
    return least + max(0.0, 1.95 - least) * random.random()


def _second_wave(random: Random) -> str | None:
    """Among the idle ones, so many that the shares hold among all."""
    luck = random.random() * IDLE_SHARE
    if luck < REVIVE_SHARE:
        return "strong"
    return "weak" if luck < WAVE_SHARE else None
