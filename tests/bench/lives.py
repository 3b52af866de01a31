"""Lives of migrated tokens as they were measured on real ones; every provider's figures come from their trades.

First-60-s trades quartiles 110/212/331, of 5 min 222/558/901, $ per trade 41/57/77, price after 1 h .05/.11/.56 of the
migration's, 3 % revive. The hour's volume (median $4.3k, p90 $388k) cannot hold for the first five minutes as well, in
which 558 trades of $57 make $32k: it is taken as what follows them.
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

FIRST_MINUTE = (5, 110, 212, 331, 900)
FIRST_FIVE = (8, 222, 558, 901, 3_000)
TRADE_USD = (15, 41, 57, 77, 200)
PRICE_AFTER_HOUR = (0.01, 0.05, 0.11, 0.56, 8.0)
HOUR_VOLUME_USD, HOUR_VOLUME_SIGMA, HOUR_VOLUME_MOST = 4_300, 3.51, 4_000_000
REVIVE_SHARE = 0.03
DAY_MINUTES = 1440
HORIZON_MINUTES = 2 * DAY_MINUTES
DEAD_RATE = 0.05  # trades a minute below which a life is over
START_HOLDERS = 300.0


@dataclass(frozen=True, slots=True)
class Minutes:
    """A stretch of even trading that ends `end` minutes after the migration; `trades` are per minute."""

    end: float
    trades: float
    buy_share: float


class Life:
    """One token by minutes since its migration (negative on the curve). `died` is its last trade's minute."""

    def __init__(self, random: Random) -> None:
        self.curve_minutes = min(random.lognormvariate(math.log(4.5), 1.2), 600.0)
        self.trade_usd = _pick(TRADE_USD, random.random())
        self.seen_share = random.uniform(0.6, 0.95)  # DexScreener's counts against Birdeye's
        self.start_liquidity = random.uniform(24_000, 42_000)
        self._peak_minute = random.uniform(1, 20)
        self._peak_log = math.log(random.uniform(1.2, 5.0))
        self._hour_log = math.log(_pick(PRICE_AFTER_HOUR, random.random()))
        self.revives = False
        self._times = array("d")
        self._sums = tuple(array("d") for _ in range(3))
        self._fill(random)
        self.died = self._times[-1]
        self.migrated_trades = self.trades(0.0)

    def trades(self, minute: float) -> float:
        """Trades from creation until then."""
        return self._at(self._sums[0], minute)

    def figures(self, minute: float) -> tuple[float, float, float, float, float]:
        """(trades of 5 min, of 1 h, their buys' share of 5 min's trades, trades in pools of 5 min, holders)."""
        trades, buys, holders = self._sums
        now, then = self._at(trades, minute), self._at(trades, minute - 5)
        in_5m = now - then
        in_1h = now - self._at(trades, minute - 60)
        bought = self._at(buys, minute) - self._at(buys, minute - 5)
        pooled = min(in_5m, max(0.0, now - self.migrated_trades))
        return in_5m, in_1h, bought / in_5m if in_5m else 0.0, pooled, self._at(holders, minute)

    def pooled_1h(self, minute: float) -> float:
        """Trades of the last hour outside of the curve."""
        return self.trades(minute) - self._at(self._sums[0], max(0.0, minute - 60))

    def pooled_5m(self, minute: float) -> float:
        """Trades of the last five minutes outside of the curve."""
        return self.trades(minute) - self._at(self._sums[0], max(0.0, minute - 5))

    def liquidity(self, minute: float) -> float:
        """USD in the pools: it goes with the square root of the price."""
        return self.start_liquidity * math.exp(self._price_log(minute) / 2)

    def _price_log(self, minute: float) -> float:
        if minute <= self._peak_minute:
            return self._peak_log * minute / self._peak_minute
        if minute <= 60:
            share = (minute - self._peak_minute) / (60 - self._peak_minute)
            return self._peak_log + (self._hour_log - self._peak_log) * share
        return self._hour_log

    def _at(self, sums: Sequence[float], minute: float) -> float:
        """The running sum at a minute, even within a stretch."""
        index = bisect_right(self._times, minute)
        if index == 0:
            return sums[0]
        if index == len(self._times):
            return sums[-1]
        begin, end = self._times[index - 1], self._times[index]
        return sums[index - 1] + (sums[index] - sums[index - 1]) * (minute - begin) / (end - begin)

    def _fill(self, random: Random) -> None:
        begin, traded, bought, held = -self.curve_minutes, 0.0, 0.0, START_HOLDERS / 3
        self._append(begin, traded, bought, held)
        for stretch in self._stretches(random):
            count = stretch.trades * (stretch.end - begin)
            traded, bought = traded + count, bought + count * stretch.buy_share
            held = max(20.0, held + _holders_gained(count, stretch.buy_share, held))
            begin = stretch.end
            self._append(begin, traded, bought, held)

    def _append(self, minute: float, *values: float) -> None:
        self._times.append(minute)
        for sums, value in zip(self._sums, values, strict=True):
            sums.append(value)

    def _stretches(self, random: Random) -> Iterator[Minutes]:
        yield from self._curve(random)
        hour = list(_first_hour(random, self.trade_usd))
        last = max(sum(hour[-15:]) / 15, 1e-6)
        rates = enumerate(hour, 1)
        for end, rate in rates:
            yield Minutes(end, rate, _buy_share(random, rate > 1.5 * hour[max(0, end - 3)]))
        yield from _tail(random, last)
        if random.random() < REVIVE_SHARE:
            self.revives = True
            yield from _second_wave(random, self._times[-1])

    def _curve(self, random: Random) -> Iterator[Minutes]:
        """The bonding curve: most of its trades come in its last minutes."""
        count = random.lognormvariate(math.log(350), 0.5)
        rush = min(3.0, self.curve_minutes / 2)
        yield Minutes(-rush, 0.4 * count / (self.curve_minutes - rush), 0.55)
        yield Minutes(0.0, 0.6 * count / rush, 0.7)


def _first_hour(random: Random, trade_usd: float) -> Iterator[float]:
    """Trades of each minute of the first hour."""
    luck = random.random()
    first = _pick(FIRST_MINUTE, luck)
    five = max(1.05 * first, _pick(FIRST_FIVE, min(max(luck + random.gauss(0, 0.12), 0.0), 1.0)))
    yield first
    fading = [math.exp(-0.35 * minute) for minute in range(4)]
    yield from ((five - first) * share / sum(fading) for share in fading)
    usual = 0.5 * _normal(luck) + math.sqrt(0.75) * random.gauss(0, 1)
    volume = min(HOUR_VOLUME_USD * math.exp(HOUR_VOLUME_SIGMA * usual), HOUR_VOLUME_MOST)
    shape = _rest_of_hour(random)
    yield from (volume / trade_usd * share / sum(shape) for share in shape)


def _rest_of_hour(random: Random) -> list[float]:
    """How the trades of minutes 5…60 are spread: fading, restless, with a few waves."""
    tau, noise, shape = random.uniform(6, 60), 0.0, []
    for minute in range(55):
        noise = 0.7 * noise + random.gauss(0, 0.45)
        shape.append((math.exp(-minute / tau) + 0.02) * math.exp(noise))
    for _ in range(random.choices((0, 1, 2, 3), (35, 35, 20, 10))[0]):
        start, height, width = random.randrange(55), random.uniform(2, 9), random.uniform(1.5, 6)
        for minute in range(start, 55):
            shape[minute] *= 1 + height * math.exp(-(minute - start) / width)
    return shape


def _tail(random: Random, rate: float) -> Iterator[Minutes]:
    """After the first hour trading fades by a power of its age, with waves, until it is over."""
    fade, noise, wave = random.uniform(0.8, 2.2), 0.0, 0.0
    minute = 60.0
    while minute < HORIZON_MINUTES:
        minute += 2
        noise = 0.7 * noise + random.gauss(0, 0.35)
        rises = random.random() < 0.005
        wave = 0.7 * wave + (random.uniform(3, 12) if rises else 0.0)
        usual = rate * (minute / 60) ** -fade
        if usual < DEAD_RATE:
            return
        yield Minutes(minute, usual * math.exp(noise) * (1 + wave), _buy_share(random, rises))


def _second_wave(random: Random, quiet_from: float) -> Iterator[Minutes]:
    """Nothing for hours, then trading rises within minutes and fades again."""
    minute = quiet_from + random.uniform(90, 1200)
    yield Minutes(minute, 0.0, 0.5)
    peak, width = random.uniform(30, 250), random.uniform(5, 40)
    for passed in range(int(6 * width)):
        rising = min(1.0, (passed + 1) / 4)
        rate = peak * rising * math.exp(-passed / width) * math.exp(random.gauss(0, 0.3))
        yield Minutes(minute + passed + 1, rate, _buy_share(random, passed < 4))


def _buy_share(random: Random, rising: bool) -> float:
    return min(max(random.gauss(0.62 if rising else 0.49, 0.07), 0.05), 0.95)


def _holders_gained(trades: float, buy_share: float, held: float) -> float:
    return 0.25 * trades * buy_share - 0.2 * trades * (1 - buy_share) * min(1.0, held / 1500)


def _pick(quartiles: tuple[float, ...], luck: float) -> float:
    """The value at a share of 0…1, between the least, the three quartiles and the most."""
    place = min(luck, 0.999999) * 4
    low, high = quartiles[int(place)], quartiles[int(place) + 1]
    return low + (high - low) * (place - int(place))


def _normal(share: float) -> float:
    """The standard normal value below which that share lies, nearly: a logistic's, scaled."""
    share = min(max(share, 1e-4), 1 - 1e-4)
    return math.log(share / (1 - share)) / 1.702
