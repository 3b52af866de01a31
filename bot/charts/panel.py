"""One sparkline with its title, latest value, labels at the right, grid and marks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

from bot.charts import paint
from bot.charts.line import Pair, bounds, draw_alert_level, draw_bars, draw_line, heights, price_range, score_range
from bot.charts.paint import write
from bot.charts.palette import GRID
from bot.charts.span import Span
from bot.charts.words import ChartLabels
from bot.views import numbers
from engine.model import Status
from engine.shown import Point

TALL, SMALL = 165, 75  # pixels, the heights of panels
_HEADER_GAP = 21  # pixels between a panel and the baseline of its title
_LABEL_GAP = 0.022
_LABEL_PIXELS = 24.75  # labels nearer to each other would overlap
_MARK_DASHES = (0, (3, 2.5))

_LINE_GAP = 0.12  # of a tall panel, between a line and the middle of a word

Mark = tuple[float, Status]
Taken = tuple[float, float]  # a height, and how far from it a word must stay


@dataclass(frozen=True, slots=True)
class Panel:
    """One sparkline: its title, how its values read, its colour and points, and the range of values it has room for.

    `labelled` are the values with a label, the most important first; `height` is in pixels; `trace` draws the points.
    """

    title: str
    shown: Callable[[float | None], str]
    colour: str
    points: Sequence[Point]
    low: float
    high: float
    labelled: Sequence[float]
    alert_level: float | None = None
    height: int = TALL
    trace: Callable[[Axes, Sequence[Pair], str], None] = draw_line

    @property
    def lonely(self) -> bool:
        """Whether its one point is a dot that needs a word beside it."""
        return len(self.points) == 1 and self.trace is draw_line

    def level(self, value: float) -> float:
        """The height at which a value is drawn, 0 … 1 within the range."""
        return heights(self.low, self.high)(value)


def score_panel(title: str, points: Sequence[Point], alert_level: float) -> Panel:
    """The scores and the level that rings."""
    floor, top = score_range(points, alert_level)
    labelled = (alert_level, floor, bounds(points)[1])
    return Panel(title, numbers.decimal, paint.SCORE, points, floor, top, labelled, alert_level)


def price_panel(title: str, points: Sequence[Point]) -> Panel:
    """The prices between their lowest and highest."""
    low, high = bounds(points)
    return Panel(title, numbers.price, paint.PRICE, points, *price_range(points), (high, low))


def flow_panel(title: str, points: Sequence[Point]) -> Panel:
    """Buyers against sellers, −1 … 1 around a middle line."""
    colour = paint.SELLERS if points and points[-1].value < 0 else paint.BUYERS
    return Panel(title, _signed, colour, points, -1, 1, (1, -1), height=SMALL, trace=draw_bars)


def _signed(value: float | None) -> str:
    return numbers.decimal(value, plus=True)


def draw_grid(axes: Axes, ticks: Sequence[tuple[float, int]], marks: Sequence[Mark], panel: Panel) -> None:
    """Lines at the top, the bottom and the round times; a dashed one at each status change."""
    for height in (0, 1) if panel.trace is draw_line else (0, 0.5, 1):
        axes.axhline(height, color=GRID, linewidth=1.2, clip_on=False)
    for place, _minutes in ticks:
        axes.axvline(place, color=GRID, linewidth=1.2)
    for place, status in marks:
        colour = paint.STATUS_COLOURS[status]
        axes.axvline(place, color=colour, linewidth=2, linestyle=_MARK_DASHES, alpha=0.9)


def draw_panel(axes: Axes, panel: Panel, span: Span, labels: ChartLabels) -> None:
    """The panel's title and latest value above it, its points within, its labels at the right."""
    over = 1 + _HEADER_GAP / panel.height
    write(axes, 0, over, panel.title, paint.MUTED, paint.TITLE_POINTS)
    if not panel.points:
        write(axes, 0.5, 0.5, labels.no_data, paint.MUTED, paint.TITLE_POINTS, align="center", valign="center")
        return
    latest = panel.shown(panel.points[-1].value)
    write(axes, 1, over, latest, panel.colour, paint.VALUE_POINTS, align="right", bold=True)
    if panel.alert_level is not None:
        draw_alert_level(axes, panel.level(panel.alert_level))
    _draw_labels(axes, panel)
    height = heights(panel.low, panel.high)
    pairs = [(span.share(point.ts), height(point.value)) for point in panel.points]
    panel.trace(axes, pairs, panel.colour)
    if panel.lonely:
        beside(axes, pairs[0][0], word_height(panel), labels.begins, paint.MUTED)


def word_height(panel: Panel) -> float:
    """Where the words of a lonely point stand: at its height, or as near as the lines of the panel let them."""
    return free_height(panel.level(panel.points[0].value), lines(panel))


def lines(panel: Panel) -> list[Taken]:
    """The horizontal lines that a word would be struck through by."""
    levels = [0.0, 1.0] if panel.alert_level is None else [0.0, 1.0, panel.level(panel.alert_level)]
    return [(level, _LINE_GAP) for level in levels]


def free_height(wanted: float, taken: Sequence[Taken]) -> float:
    """The height nearest to the wanted one that keeps its distance from each taken one."""
    places = [wanted, *(height + side * gap for height, gap in taken for side in (-1, 1))]
    free = [place for place in places if 0 < place < 1 and all(_apart(place, *other) for other in taken)]
    return min(free, key=lambda place: abs(place - wanted), default=wanted)


def _apart(place: float, height: float, gap: float) -> bool:
    return abs(place - height) > gap * 0.99  # a place made by adding the gap is apart in spite of rounding


def beside(axes: Axes, x: float, y: float, text: str, colour: str) -> None:
    """A text next to a place, on the side where there is more room."""
    shift, align = (_LABEL_GAP, "left") if x < 0.5 else (-_LABEL_GAP, "right")
    write(axes, x + shift, y, text, colour, paint.LABEL_POINTS, align=align, valign="center")


def _draw_labels(axes: Axes, panel: Panel) -> None:
    """The labels at the right; one that would touch a more important one is left out."""
    placed: list[float] = []
    for value in panel.labelled:
        place = panel.level(value)
        if all(abs(place - other) >= _LABEL_PIXELS / panel.height for other in placed):
            placed.append(place)
            colour = paint.ALERT if value == panel.alert_level else paint.MUTED
            write(axes, 1 + _LABEL_GAP, place, panel.shown(value), colour, paint.LABEL_POINTS, valign="center")
