"""The paint box: colours, letter sizes, texts, and the way from a figure to bytes."""

from __future__ import annotations

import io

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from bot.charts.palette import CARD, COARSE, FINE, INKS, PLAIN, reduced
from engine.model import Status

MAX_BYTES = 100_000  # Telegram paces larger uploads

WIDTH = 960  # pixels, of every picture
_DPI = 100

TEXT, MUTED, SCORE, PRICE, ALERT, AMBER, RED = INKS
BUYERS, SELLERS = SCORE, RED
STATUS_COLOURS = {Status.INITIAL: AMBER, Status.ACTIVE: AMBER, Status.ARCHIVED: RED}

LABEL_POINTS, TITLE_POINTS, TIME_POINTS, VALUE_POINTS = 16.5, 19.0, 20.0, 25.0


def sheet(height: int) -> Figure:
    """An empty card, WIDTH pixels wide and `height` high."""
    return Figure(figsize=(WIDTH / _DPI, height / _DPI), dpi=_DPI, facecolor=CARD)


def panel_axes(figure: Figure, left: float, bottom: float, width: float, height: float) -> Axes:
    """A frameless panel whose coordinates run from 0 to 1; its place is in shares of the card."""
    axes = figure.add_axes((left, bottom, width, height))
    axes.set_axis_off()
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    return axes


def write(
    axes: Axes,
    x: float,
    y: float,
    text: str,
    colour: str,
    points: float,
    *,
    align: str = "left",
    valign: str = "baseline",
    bold: bool = False,
) -> None:
    """A text, taken literally: a dollar sign begins no formula."""
    weight = "bold" if bold else "normal"
    axes.text(x, y, text, color=colour, fontsize=points, ha=align, va=valign, fontweight=weight, parse_math=False)


def png(figure: Figure) -> bytes:
    """The figure as PNG with a palette, without a word about what made it: rougher where MAX_BYTES asks for it."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()  # type: ignore[no-untyped-call] # matplotlib leaves it so
    pixels = bytes(canvas.buffer_rgba())  # type: ignore[no-untyped-call] # the same
    picture = Image.frombytes("RGBA", canvas.get_width_height(), pixels)
    tries = (_encoded(reduced(picture, steps)) for steps in (FINE, COARSE))
    return next((encoded for encoded in tries if len(encoded) <= MAX_BYTES), None) or _encoded(reduced(picture, PLAIN))


def _encoded(picture: Image.Image) -> bytes:
    target = io.BytesIO()
    picture.save(target, "PNG", optimize=True)
    return target.getvalue()
