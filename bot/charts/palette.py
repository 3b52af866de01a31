"""The few colours of a picture: each ink, thin to full, over each ground. A PNG of these is a quarter of the size."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, product

from PIL import Image

Colour = tuple[int, int, int]

CARD, GRID = "#111827", "#263245"
_GROUNDS = (CARD, "#153237", "#1c2b44")  # the card, and the pale areas under a score and a price
INKS = (
    "#f3f4f6",
    "#9ca3af",
    "#34d399",
    "#60a5fa",
    "#fb923c",
    "#fbbf24",
    "#f87171",
)  # text, muted, score, price, alert, amber, red
FINE, COARSE, PLAIN = 10, 3, 1  # steps of an ink's edge: more than FINE no eye can tell apart


def reduced(picture: Image.Image, steps: int = FINE) -> Image.Image:
    """The same picture with a palette, each pixel in the nearest of its colours; fewer steps give rougher edges."""
    palette = Image.new("P", (1, 1))
    palette.putpalette(list(chain.from_iterable(_colours(steps))))
    return picture.convert("RGB").quantize(palette=palette, dither=Image.Dither.NONE)


def _colours(steps: int) -> Iterator[Colour]:
    grounds = [_parsed(ground) for ground in _GROUNDS]
    yield from (*grounds, _parsed(GRID))
    for ground, ink, step in product(grounds, INKS, range(1, steps + 1)):
        yield _blended(ground, _parsed(ink), step / steps)


def _parsed(colour: str) -> Colour:
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return red, green, blue


def _blended(ground: Colour, ink: Colour, share: float) -> Colour:
    red, green, blue = (round(below + (above - below) * share) for below, above in zip(ground, ink, strict=True))
    return red, green, blue
