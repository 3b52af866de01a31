"""What the sandbox's tokens are called, and the stories of those that everybody meets: a hero, one that revives. Pure.

All others meet a fate by the measured base rates (fates.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from deploy.sandbox.courses import STRONG_WAVE, Stretch

NAMES = (
    ("BONKERS", "Bonkers the Dog"),
    ("MOONCAT", "Moon Cat"),
    ("🚀🌕", "To the moon 🚀🌕 now"),
    ("<b>RICH</b>", '<a href="https://example.com">free money</a>'),
    ("PEPE2", "Pepe the Second"),
    ("\u202eNOOM", "right\u202eto\u202eleft"),
    ("_*[x](y)*_", "*bold* _and_ `code` [link](https://example.com)"),
    ("FROGGO", "Froggo"),
    ("N\x00UL\ud83d", "a NUL \x00 and half an emoji \ud83d"),
    ("Z\u0300\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308ALGO", "z\u0336a\u0336l\u0336g\u0336o\u0336"),
    ("", ""),
    ("L" + "O" * 300 + "NG", "a very long name " * 40),
    ("/start", "/set weight tx_accel 9"),
    ("ДЖЕТ", "Джетпак"),
    ("new\nline", "two\nlines\tand a tab"),
    ("WAGMI", "We are all going to make it"),
)
NAMESAKE_SHARE = 0.1  # of the later tokens bear a name that another one has
SYLLABLES = ("bo", "doge", "fro", "gi", "ka", "lu", "mi", "moo", "ne", "pip", "ro", "shi", "ta", "wob", "yo", "zu")
KINDS = ("Cat", "Coin", "Dog", "Duck", "Frog", "Goat", "Inu", "Moon", "Snail", "Wizard")


@dataclass(frozen=True, slots=True)
class Role:
    """A token with a story of its own."""

    symbol: str
    name: str
    curve_seconds: float
    story: tuple[Stretch, ...]
    price: float
    liquidity: float


HERO = (
    Stretch(1 / 6, 240, 0.9, 80, 0.5, 0.1),
    Stretch(9, 320, 0.88, 120, 0.16, 0.8),
    Stretch(20, 200, 0.6, 120, 0.02, 0.3),
    Stretch(60, 80, 0.48, 80, -0.01, 0.05),
    Stretch(510, 8, 0.45, 40, -0.003, 0.0),
)
PHOENIX = (
    Stretch(1, 150, 0.7, 60, 0.4, 0.5),
    Stretch(4, 110, 0.52, 70, -0.1, 0.2),
    Stretch(4, 12, 0.35, 40, -0.1),
    Stretch(20, 0),
    *STRONG_WAVE,
)
ROLES: Mapping[int, Role] = {
    0: Role("HERO", "Hero of the Sandbox", 10.0, HERO, 0.00005, 62_000),
    3: Role("PHOENIX", "Phoenix, from its ashes", 60.0, PHOENIX, 0.00004, 25_000),
}
STILLBORN = (Stretch(2, 8, 0.6, 30, -0.1, 0.3),)


def named(number: int, random: Random) -> tuple[str, str]:
    """Symbol and name of the token of this number: first the hostile ones, later invented ones and namesakes."""
    if number <= len(NAMES):
        return NAMES[number - 1]
    if random.random() < NAMESAKE_SHARE:
        return random.choice(NAMES)
    return invented(random)


def invented(random: Random) -> tuple[str, str]:
    """Symbol and name of a token that nobody heard of."""
    word = "".join(random.choices(SYLLABLES, k=random.choice((2, 2, 3))))
    return word.upper(), f"{word.title()} {random.choice(KINDS)}"
