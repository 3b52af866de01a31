"""Series to draw, and what a test may ask of the picture."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from PIL import Image

from bot.charts import ChartLabels
from engine.model import Reason, Status, Transition
from engine.shown import Point
from tests.made import NOON

LABELS = ChartLabels(
    *("Score", "Price", "now", "no data yet", "chart starts now", "active", "{minutes}m", "{hours}h", "{days}d"),
    flow="Buyers against sellers",
)
CARD = (0x11, 0x18, 0x27)
GREEN, BLUE, RED = (0x34, 0xD3, 0x99), (0x60, 0xA5, 0xFA), (0xF8, 0x71, 0x71)
AMBER, GREY = (0xFB, 0xBF, 0x24), (0x9C, 0xA3, 0xAF)
ALERT_LEVEL = 2.0
ACTIVATED = Transition(Status.INITIAL, Status.ACTIVE, Reason("100 transactions"))
ARCHIVED = Transition(Status.ACTIVE, Status.ARCHIVED, Reason("10 checks in a row"))


def series(value: Callable[[int], float], count: int, step: float = 30) -> list[Point]:
    """`count` points, `step` seconds apart, the last at noon."""
    return [Point(NOON - timedelta(seconds=step * (count - 1 - index)), value(index)) for index in range(count)]


def columns(image: Image.Image, colour: tuple[int, int, int], rows: range) -> list[int]:
    """The columns that hold this colour, or nearly, within the rows."""
    return [x for x in range(image.width) if any(near(image.getpixel((x, y)), colour) for y in rows)]


def near(pixel: object, colour: tuple[int, int, int]) -> bool:
    assert isinstance(pixel, tuple)
    return all(abs(one - other) < 40 for one, other in zip(pixel, colour, strict=True))


def rows(image: Image.Image, colour: tuple[int, int, int], x: int) -> list[int]:
    return [y for y in range(image.height) if near(image.getpixel((x, y)), colour)]
