"""Values in, PNG bytes out: a card with the score above and the price below, over the kept history.

Pure: no clock, no token names, no global plotting state, so it may run in any thread; equal values give equal bytes.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from bot.views import numbers
from engine.model import Status, Transition
from engine.shown import Point

MAX_BYTES = 100_000  # Telegram paces larger uploads

_WIDTH, _HEIGHT, _DPI = 960, 600, 100
_CARD, _GRID, _TEXT, _MUTED = "#111827", "#263245", "#f3f4f6", "#9ca3af"
_SCORE, _PRICE, _ALERT = "#34d399", "#60a5fa", "#fb923c"
_STATUS_COLOURS = {Status.INITIAL: "#fbbf24", Status.ACTIVE: "#fbbf24", Status.ARCHIVED: "#f87171"}

_LEFT, _PANEL_HEIGHT, _HEADER_GAP = 0.045, 0.275, 0.035
_PANEL_BOTTOMS = (0.59, 0.14)
_LABEL_POINTS, _TITLE_POINTS, _TIME_POINTS, _VALUE_POINTS = 16.5, 19.0, 20.0, 25.0
_CHARACTER_WIDTH = 0.0151  # of a label, as a share of the card's width

_SHORTEST = timedelta(minutes=1)
_LOG_FROM_RATIO = 20
_LEAST_SPREAD = 0.02  # of the middle price, to either side: less than that is noise
_ROOM_ABOVE_ALERT = 1.15
_LABEL_GAP = 0.022
_LABEL_HEIGHT = 0.15  # of a panel: labels nearer to each other would overlap
_WORD_GAP = 0.19
_BUCKETS = 480
_DAY = 1440
_MINUTE_STEPS = (1, 2, 5, 10, 15, 20, 30, 60, 120, 180, 240, 360, 720, *(_DAY * 2**power for power in range(8)))
_TICKS_AT_MOST = 3
_MARKS_AT_MOST = 12

_Pair = tuple[float, float]
_Mark = tuple[float, Status]


@dataclass(frozen=True, slots=True)
class ChartLabels:
    """The words on the card, translated; `minutes`, `hours` and `days` are templates such as "{minutes}m"."""

    score: str
    price: str
    now: str
    no_data: str
    begins: str
    active: str
    minutes: str
    hours: str
    days: str


@dataclass(frozen=True, slots=True)
class _Span:
    """The time shown, from the first point or change until now."""

    start: datetime
    seconds: float

    def share(self, ts: datetime) -> float:
        """Where a time lies: 0 at the start, 1 now."""
        return min(max((ts - self.start).total_seconds() / self.seconds, 0.0), 1.0)


@dataclass(frozen=True, slots=True)
class _Panel:
    """One sparkline: its title, how its values read, its colour and points, and the range of values it has room for.

    `labelled` are the values with a label, the most important first.
    """

    title: str
    shown: Callable[[float | None], str]
    colour: str
    points: Sequence[Point]
    low: float
    high: float
    labelled: Sequence[float]
    alert_level: float | None = None


def sparklines(
    scores: Sequence[Point],
    prices: Sequence[Point],
    transitions: Sequence[tuple[datetime, Transition]],
    now: datetime,
    labels: ChartLabels,
    alert_level: float,
) -> bytes:
    """The card as PNG bytes, at most MAX_BYTES. Points are oldest first; those that are not finite are left out.

    `alert_level` is the score that rings: a dashed line, so that a quiet score looks quiet.
    """
    scores = [point for point in scores if math.isfinite(point.value)]
    prices = [point for point in prices if math.isfinite(point.value) and point.value > 0]
    span = _span([*scores, *prices], now)
    marks = [(span.share(at), change.after) for at, change in transitions if at >= span.start][-_MARKS_AT_MOST:]
    panels = (_score_panel(labels.score, scores, alert_level), _price_panel(labels.price, prices))
    right = _right_margin(panels)
    figure = Figure(figsize=(_WIDTH / _DPI, _HEIGHT / _DPI), dpi=_DPI, facecolor=_CARD)
    upper, lower = (_axes(figure, bottom, right) for bottom in _PANEL_BOTTOMS)
    for axes, panel in zip((upper, lower), panels, strict=True):
        _draw_grid(axes, _ticks(span), marks)
        _draw_panel(axes, panel, span, labels)
    alert_height = _heights(panels[0].low, panels[0].high)(alert_level)
    _name_activation(upper, marks, alert_height, labels.active)
    if scores or prices:
        _draw_times(lower, span, labels)
    return _png(figure)


def _score_panel(title: str, points: Sequence[Point], alert_level: float) -> _Panel:
    """From zero to above the alert level, or as far as the scores go."""
    low, high = _bounds(points)
    floor, top = min(0.0, low), max(high, alert_level * _ROOM_ABOVE_ALERT)
    return _Panel(title, numbers.decimal, _SCORE, points, floor, top, (alert_level, floor, high), alert_level)


def _price_panel(title: str, points: Sequence[Point]) -> _Panel:
    """From the lowest to the highest price, at least two percent around their middle."""
    low, high = _bounds(points)
    middle = low / 2 + high / 2
    floor, top = min(low, middle * (1 - _LEAST_SPREAD)), max(high, middle * (1 + _LEAST_SPREAD))
    return _Panel(title, numbers.price, _PRICE, points, floor, top, (high, low))


def _span(points: Sequence[Point], now: datetime) -> _Span:
    end = max((point.ts for point in points), default=now)
    end = max(end, now)
    start = min((point.ts for point in points), default=end)
    shown = max(end - start, _SHORTEST)
    return _Span(end - shown, shown.total_seconds())


def _right_margin(panels: Sequence[_Panel]) -> float:
    """Room for the longest of the value labels, as a share of the width."""
    shown = [panel.shown(value) for panel in panels if panel.points for value in panel.labelled]
    return _LEFT + _CHARACTER_WIDTH * max((len(text) for text in shown), default=0)


def _bounds(points: Sequence[Point]) -> tuple[float, float]:
    """The lowest and the highest value; zeros without points."""
    values = [point.value for point in points] or [0.0]
    return min(values), max(values)


def _axes(figure: Figure, bottom: float, right: float) -> Axes:
    """A frameless panel whose coordinates run from 0 to 1."""
    axes = figure.add_axes((_LEFT, bottom, 1 - _LEFT - right, _PANEL_HEIGHT))
    axes.set_axis_off()
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    return axes


def _draw_grid(axes: Axes, ticks: Sequence[tuple[float, int]], marks: Sequence[_Mark]) -> None:
    for height in (0, 1):
        axes.axhline(height, color=_GRID, linewidth=1.2, clip_on=False)
    for place, _minutes in ticks:
        axes.axvline(place, color=_GRID, linewidth=1.2)
    for place, status in marks:
        axes.axvline(place, color=_STATUS_COLOURS[status], linewidth=2, linestyle=(0, (3, 2.5)), alpha=0.9)


def _name_activation(axes: Axes, marks: Sequence[_Mark], alert_height: float, word: str) -> None:
    """A word beside the latest mark of an activation, below the alert level or, where that lies low, above it."""
    places = [place for place, status in marks if status is Status.ACTIVE]
    height = alert_height + (-_WORD_GAP if alert_height > 0.5 else _WORD_GAP)
    if places:
        _beside(axes, places[-1], height, word, _STATUS_COLOURS[Status.ACTIVE])


def _beside(axes: Axes, x: float, y: float, text: str, colour: str) -> None:
    """A text next to a place, on the side where there is more room."""
    shift, align = (_LABEL_GAP, "left") if x < 0.5 else (-_LABEL_GAP, "right")
    _write(axes, x + shift, y, text, colour, _LABEL_POINTS, align=align, valign="center")


def _draw_panel(axes: Axes, panel: _Panel, span: _Span, labels: ChartLabels) -> None:
    over = 1 + _HEADER_GAP / _PANEL_HEIGHT
    _write(axes, 0, over, panel.title, _MUTED, _TITLE_POINTS)
    if not panel.points:
        _write(axes, 0.5, 0.5, labels.no_data, _MUTED, _TITLE_POINTS, align="center", valign="center")
        return
    _write(axes, 1, over, panel.shown(panel.points[-1].value), panel.colour, _VALUE_POINTS, align="right", bold=True)
    height = _heights(panel.low, panel.high)
    if panel.alert_level is not None:
        axes.axhline(height(panel.alert_level), color=_ALERT, linewidth=1.2, linestyle=(0, (6, 5)))
    _draw_labels(axes, panel, height)
    pairs = [(span.share(point.ts), height(point.value)) for point in panel.points]
    _draw_line(axes, pairs, panel.colour)
    if len(pairs) == 1:
        _beside(axes, *pairs[0], labels.begins, _MUTED)


def _draw_labels(axes: Axes, panel: _Panel, height: Callable[[float], float]) -> None:
    """The labels at the right; one that would touch a more important one is left out."""
    placed: list[float] = []
    for value in panel.labelled:
        place = height(value)
        if all(abs(place - other) >= _LABEL_HEIGHT for other in placed):
            placed.append(place)
            colour = _ALERT if value == panel.alert_level else _MUTED
            _write(axes, 1 + _LABEL_GAP, place, panel.shown(value), colour, _LABEL_POINTS, valign="center")


def _draw_line(axes: Axes, pairs: Sequence[_Pair], colour: str) -> None:
    xs, ys = zip(*_thinned(pairs), strict=True)
    axes.fill_between(xs, ys, 0, color=colour, alpha=0.14, linewidth=0)
    width = 3 if len(xs) < _BUCKETS else 1.8
    axes.plot(xs, ys, color=colour, linewidth=width, solid_joinstyle="round", solid_capstyle="round", clip_on=False)
    axes.plot(xs[-1:], ys[-1:], marker="o", markersize=11, color=colour, markeredgecolor=_TEXT, clip_on=False)


def _heights(low: float, high: float) -> Callable[[float], float]:
    """Maps a value to 0 … 1 between the lowest and the highest; by magnitude when positive values differ a lot."""
    if low > 0 and high / low > _LOG_FROM_RATIO:
        return lambda value: (math.log(value) - math.log(low)) / (math.log(high) - math.log(low))
    spread = high / 2 - low / 2  # halves keep the difference of two huge values finite
    if spread == 0:
        return lambda _value: 0.5
    return lambda value: (value / 2 - low / 2) / spread


def _thinned(pairs: Sequence[_Pair]) -> Sequence[_Pair]:
    """No more points than pixels can show: of each narrow slice of time the first, lowest, highest and last."""
    if len(pairs) <= _BUCKETS * 2:
        return pairs
    slices: dict[int, list[int]] = {}
    for index, (x, _y) in enumerate(pairs):
        slices.setdefault(int(x * _BUCKETS), []).append(index)
    kept: list[_Pair] = []
    for members in slices.values():
        by_height = sorted(members, key=lambda index: pairs[index][1])
        kept += (pairs[index] for index in sorted({members[0], by_height[0], by_height[-1], members[-1]}))
    return kept


def _ticks(span: _Span) -> list[tuple[float, int]]:
    """Round times before now, as (place, minutes before now); none for a span under a minute."""
    minutes = span.seconds / 60
    step = next((step for step in _MINUTE_STEPS if minutes / step < _TICKS_AT_MOST), _MINUTE_STEPS[-1])
    return [(1 - ago / minutes, ago) for ago in range(step, int(minutes) + 1, step)][:_TICKS_AT_MOST]


def _draw_times(axes: Axes, span: _Span, labels: ChartLabels) -> None:
    below = -0.08 / _PANEL_HEIGHT
    _write(axes, 1, below, labels.now, _MUTED, _TIME_POINTS, align="right")
    for place, minutes in _ticks(span):
        align = "center" if place > 0.06 else "left"
        _write(axes, place, below, _ago(minutes, labels), _MUTED, _TIME_POINTS, align=align)


def _ago(minutes: int, labels: ChartLabels) -> str:
    if minutes % _DAY == 0 and minutes > _DAY:
        return "−" + labels.days.format(days=minutes // _DAY)
    if minutes % 60 == 0:
        return "−" + labels.hours.format(hours=minutes // 60)
    return "−" + labels.minutes.format(minutes=minutes)


def _write(
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
    weight = "bold" if bold else "normal"
    axes.text(x, y, text, color=colour, fontsize=points, ha=align, va=valign, fontweight=weight, parse_math=False)


def _png(figure: Figure) -> bytes:
    target = io.BytesIO()
    canvas = FigureCanvasAgg(figure)
    canvas.print_png(target, metadata={"Software": None})  # type: ignore[no-untyped-call] # matplotlib leaves it so
    return target.getvalue()
