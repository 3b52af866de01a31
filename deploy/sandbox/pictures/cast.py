"""The tokens of the README's hour: a dozen invented ones, most of which die, as most do. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from deploy.sandbox.pictures.even import EvenLife, Phase, restless
from deploy.sandbox.world import mint_of

CURVE = Phase(4, 70, 0.68, 55, 0.25, 0.4)
DIES = (CURVE, Phase(5, 150, 0.5, 80, -0.06, 0.2), Phase(10, 30, 0.36, 40, -0.3), Phase(60, 1, 0.3, 10, -0.05))
FADES = (CURVE, Phase(12, 130, 0.52, 85, 0.03, 0.2), Phase(60, 34, 0.47, 60, -0.012, 0.03))
LIVES = (CURVE, Phase(20, 110, 0.53, 90, 0.02, 0.2), Phase(70, 70, 0.51, 85, 0.002, 0.08))
CLIMBS = (
    CURVE,
    Phase(15, 90, 0.54, 80, 0.02, 0.25),
    Phase(12, 150, 0.6, 105, 0.06, 0.45),
    Phase(60, 120, 0.55, 95, 0.0),
)
FRESH = (CURVE, Phase(60, 190, 0.6, 95, 0.05, 0.5))
BURSTS = (
    CURVE,
    Phase(10, 120, 0.53, 90, 0.03, 0.2),
    Phase(21, 22, 0.5, 60, -0.01, 0.04),
    Phase(30, 380, 0.74, 150, 0.1, 0.9),
)

HOT = "WOBL"

# Symbol, name, minutes after the beginning at which it migrates, fate, liquidity at birth in USD.
CAST = (
    ("MOSSY", "Moss Goblin", 1, LIVES, 39_000),
    ("DUNKD", "Slam Duck", 3, DIES, 21_000),
    ("TOAST9", "Burnt Toast", 6, FADES, 42_000),
    ("ORBFROG", "Orbit Frog 🐸", 9, CLIMBS, 33_000),
    ("SNOOT", "Boop the Snoot", 12, DIES, 18_000),
    (HOT, "Wobble the Jelly", 20, BURSTS, 41_000),
    ("BRRCAT", "Money Printer Cat", 18, LIVES, 52_000),
    ("LOAFY", "Sir Loaf", 25, DIES, 26_000),
    ("ZZZ404", "Nap Not Found", 29, FADES, 35_000),
    ("TURBSNL", "Turbo Snail", 36, CLIMBS, 37_000),
    ("PIKLE", "Pickle Protocol", 43, DIES, 24_000),
    ("HONQ", "Honq if you moon 🦆", 52, FRESH, 31_000),
)


def cast(began_at: datetime) -> list[EvenLife]:
    """The lives of all of them, for an hour that begins then."""
    return [_life(began_at, *facts) for facts in CAST]


def _life(
    began_at: datetime, symbol: str, name: str, minutes: float, fate: tuple[Phase, ...], liquidity: float
) -> EvenLife:
    mint = mint_of(f"picture:{symbol}")
    curve_seconds = CURVE.minutes * 60
    created_at = began_at + timedelta(minutes=minutes, seconds=-curve_seconds)
    return EvenLife(mint, symbol, name, created_at, curve_seconds, restless(fate, Random(mint)), liquidity=liquidity)
