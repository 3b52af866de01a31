"""What happens to a pretend token from its creation on, trade by trade: a fate, or a story told in stretches. Pure.

Also what the panel does to one: pump, rug, revive. All chance comes from the generator that is passed in.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from deploy.sandbox.fates import Fate
from deploy.sandbox.trades import Floats, Move, Tape, join, tape_of

HORIZON_MINUTES = 2 * 1440
DEAD_RATE = 0.05  # trades a minute below which it is over
CURVE_TRADES, CURVE_RISE = 350, math.log(14)  # a curve begins at a fourteenth of its last price
RUG_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Stretch:
    """Even trading: trades per minute, the share of buys, USD per trade, what the price does (per minute, as a
    logarithm), and the share of buys by newcomers."""

    minutes: float
    trades: float
    buy_share: float = 0.5
    trade_usd: float = 60
    growth: float = 0.0
    newcomers: float = 0.1


PUMP = (Stretch(6, 320, 0.85, 130, 0.2, 0.7), Stretch(15, 90, 0.5, 90, -0.02, 0.1))
STRONG_WAVE = (
    Stretch(1.5, 90, 0.75, 90, 0.5, 0.5),
    Stretch(8, 160, 0.7, 110, 0.13, 0.5),
    Stretch(25, 40, 0.4, 60, -0.07),
)
WEAK_WAVE = (Stretch(6, 9, 0.6, 40, 0.03, 0.3), Stretch(10, 4, 0.45, 30, -0.03))


def stretches(random: np.random.Generator, story: Sequence[Stretch], begin: float = 0.0) -> Tape:
    """The trades of these stretches, which follow each other from `begin` (seconds) on."""
    tapes = []
    for stretch in story:
        end = begin + 60 * stretch.minutes
        at = spread(random, begin, end, round(stretch.minutes * stretch.trades))
        move = Move(stretch.growth * stretch.minutes)
        tapes.append(tape_of(random, at, move, stretch.trade_usd, stretch.buy_share, stretch.newcomers))
        begin = end
    return join(tapes)


def migrant(random: np.random.Generator, fate: Fate, curve_seconds: float) -> Tape:
    """A token that migrates after so many seconds, and then meets its fate."""
    curve = _curve(random, curve_seconds, fate.trade_usd)
    at = np.concatenate((_first_five(random, fate), _rest(random, fate))) + curve_seconds
    top = max(1, min(len(at), round(random.uniform(0.2, 0.9) * fate.first_five)))
    crash = Move(math.log(fate.hour_multiple), math.log(fate.peak_multiple), top / len(at), crashes=True)
    hour = tape_of(random, at, crash, fate.trade_usd, newcomers=0.25)
    later = _wave(random, fate, curve_seconds) if fate.second_wave else _tail(random, fate, curve_seconds)
    drained = fate.drained_minutes
    drains = () if drained is None else ((curve_seconds + 60 * drained, math.inf),)
    whole = join([curve, hour, later], drains)
    return whole if drained is None else whole.until(curve_seconds + 60 * drained)


def pumped(random: np.random.Generator, tape: Tape, seconds: float) -> Tape:
    """The tape with a crowd that buys from then on for six minutes: the price trebles. It fills an empty pool again."""
    return join([_filled(tape, seconds), stretches(random, PUMP, seconds)])


def rugged(random: np.random.Generator, tape: Tape, seconds: float) -> Tape:
    """The tape as it ends when everybody sells within half a minute and the pool is emptied."""
    sales = spread(random, seconds, seconds + RUG_SECONDS, 40)
    fall = tape_of(random, sales, Move(math.log(0.01)), 400, 0.0)
    return join([tape.until(seconds), fall], ((seconds + RUG_SECONDS, math.inf),))


def revived(random: np.random.Generator, tape: Tape, seconds: float) -> Tape:
    """The tape with a strong second wave from then on; an empty pool is filled again."""
    return join([_filled(tape, seconds), stretches(random, STRONG_WAVE, seconds)])


def _filled(tape: Tape, seconds: float) -> Tape:
    """The tape with a pool that is not empty from then on, or not any more."""
    drains = tuple((begin, min(end, seconds)) for begin, end in tape.drains if begin < seconds)
    return replace(tape, drains=drains)


def spread(random: np.random.Generator, begin: float, end: float, count: int) -> Floats:
    """So many times between two, nearly evenly and in order: no two share a part of the stretch."""
    return begin + (end - begin) * (np.arange(count) + random.random(count)) / max(1, count)


def _curve(random: np.random.Generator, seconds: float, usd: float) -> Tape:
    """The bonding curve: most of its trades come in its last minutes."""
    count = int(np.clip(CURVE_TRADES * random.lognormal(0.0, 0.5), 60, 1_500))
    rush = min(180.0, seconds / 2)
    early, late = round(0.4 * count), round(0.6 * count)
    at = np.concatenate((spread(random, 0, seconds - rush, early), spread(random, seconds - rush, seconds, late)))
    return tape_of(random, at, Move(CURVE_RISE), usd, newcomers=0.5)


def _first_five(random: np.random.Generator, fate: Fate) -> Floats:
    """Seconds since the migration of the trades of its first five minutes, the first minute the busiest."""
    first = np.sort(random.random(fate.first_minute)) * 60
    passed = np.sort(random.random(fate.first_five - fate.first_minute))
    return np.concatenate((first, 60 - 180 * np.log1p(-passed * (1 - math.exp(-240 / 180)))))


def _rest(random: np.random.Generator, fate: Fate) -> Floats:
    """Seconds since the migration of the trades of its minutes 5 … 60. An idle token falls silent before the end."""
    if fate.idle:
        silent_from = random.uniform(12, 50)
        return 300 + 60 * (silent_from - 5) * np.sort(random.random(fate.rest)) ** 1.5
    steady = spread(random, 300, 3600, fate.rest - fate.rest // 2)
    waves = np.sort(np.clip(random.choice(random.uniform(300, 3000, 5), fate.rest // 2), 300, 3000))
    return np.sort(np.concatenate((steady, np.minimum(waves + random.exponential(240, len(waves)), 3599.0))))


def _tail(random: np.random.Generator, fate: Fate, curve_seconds: float) -> Tape:
    """After the first hour trading fades by a power of its age, restlessly, until it is over."""
    rate = fate.rest / 55 * (0.2 if fate.idle else 1.0)
    fade = random.uniform(1.2, 2.4)
    minutes = np.arange(60.0, HORIZON_MINUTES, 2.0)
    usual = rate * (minutes / 60) ** -fade
    usual = usual[: int(np.argmax(usual < DEAD_RATE))] if (usual < DEAD_RATE).any() else usual
    counts = random.poisson(2 * usual * random.lognormal(0.0, 0.4, len(usual)))
    begins = np.repeat(minutes[: len(usual)], counts)
    at = curve_seconds + 60 * np.sort(begins + 2 * random.random(len(begins)))
    return tape_of(random, at, Move(float(random.normal(-0.4, 0.7))), fate.trade_usd, newcomers=0.1)


def _wave(random: np.random.Generator, fate: Fate, curve_seconds: float) -> Tape:
    """Nothing for an hour or many, then trading rises within minutes and fades again."""
    begin = curve_seconds + 60 * random.uniform(150, 1200)
    return stretches(random, STRONG_WAVE if fate.second_wave == "strong" else WEAK_WAVE, begin)
