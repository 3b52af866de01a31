"""The tokens of the README's hour: a dozen invented ones, most of which die, as most do. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from deploy.sandbox.births import mint_of
from deploy.sandbox.courses import Stretch, stretches
from deploy.sandbox.lives import Life
from deploy.sandbox.tapes import generator

CURVE = Stretch(4, 70, 0.68, 55, 0.25, 0.8)
DIES = (Stretch(5, 150, 0.5, 80, -0.06, 0.2), Stretch(10, 30, 0.36, 40, -0.3), Stretch(60, 1, 0.3, 10, -0.05))
FADES = (Stretch(12, 130, 0.52, 85, 0.03, 0.2), Stretch(60, 34, 0.47, 60, -0.012, 0.03))
LIVES = (Stretch(20, 110, 0.53, 90, 0.02, 0.2), Stretch(70, 70, 0.51, 85, 0.002, 0.08))
CLIMBS = (
    Stretch(15, 90, 0.54, 80, 0.02, 0.25),
    Stretch(12, 150, 0.6, 105, 0.06, 0.45),
    Stretch(60, 120, 0.55, 95, 0.0),
)
FRESH = (Stretch(60, 190, 0.6, 95, 0.05, 0.5),)
BURSTS = (
    Stretch(8, 120, 0.56, 90, 0.045, 0.2),
    Stretch(8, 60, 0.42, 70, -0.05, 0.05),
    Stretch(15, 26, 0.49, 60, 0.0, 0.04),
    Stretch(30, 420, 0.74, 150, 0.1, 0.9),
)

PRICE = 0.000136  # at the migration, in USD
HOT = "WOBL"

# Symbol, name, minutes after the beginning at which it migrates, fate after that, liquidity then in USD.
CAST = (
    ("MOSSY", "Moss Goblin", 1, LIVES, 64_000),
    ("DUNKD", "Slam Duck", 3, DIES, 35_000),
    ("TOAST9", "Burnt Toast", 6, FADES, 69_000),
    ("ORBFROG", "Orbit Frog 🐸", 9, CLIMBS, 54_000),
    ("SNOOT", "Boop the Snoot", 12, DIES, 30_000),
    (HOT, "Wobble the Jelly", 20, BURSTS, 67_000),
    ("BRRCAT", "Money Printer Cat", 18, LIVES, 86_000),
    ("LOAFY", "Sir Loaf", 25, DIES, 43_000),
    ("ZZZ404", "Nap Not Found", 29, FADES, 58_000),
    ("TURBSNL", "Turbo Snail", 36, CLIMBS, 61_000),
    ("PIKLE", "Pickle Protocol", 43, DIES, 40_000),
    ("HONQ", "Honq if you moon 🦆", 52, FRESH, 51_000),
)


def cast(began_at: datetime) -> list[Life]:
    """The lives of all of them, for an hour that begins then."""
    return [_life(began_at, *facts) for facts in CAST]


def restless(story: Iterable[Stretch], random: Random) -> Iterator[Stretch]:
    """The same stretches minute by minute, each minute livelier or duller than the last."""
    for stretch in story:
        left = stretch.minutes
        while left > 0:
            yield replace(
                stretch,
                minutes=min(left, 1.0),
                trades=stretch.trades * random.uniform(0.6, 1.4),
                buy_share=min(max(stretch.buy_share + random.uniform(-0.08, 0.08), 0.0), 1.0),
                growth=stretch.growth + random.uniform(-0.06, 0.06),
            )
            left -= 1.0


def _life(
    began_at: datetime, symbol: str, name: str, minutes: float, fate: tuple[Stretch, ...], liquidity: float
) -> Life:
    mint = mint_of(f"picture:{symbol}")
    migrates_at = began_at + timedelta(minutes=minutes)
    curve = timedelta(minutes=CURVE.minutes)
    tape = stretches(generator(mint), (CURVE, *restless(fate, Random(mint))))
    told = (mint, symbol, name, migrates_at - curve, curve.total_seconds())
    return Life(*told, lambda: tape, PRICE, liquidity, CURVE.growth * CURVE.minutes)
