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
_SCORE, _PRICE = "#34d399", "#60a5fa"
_STATUS_COLOURS = {Status.INITIAL: "#fbbf24", Status.ACTIVE: "#fbbf24", Status.ARCHIVED: "#f87171"}

_LEFT, _PANEL_HEIGHT, _HEADER_GAP = 0.045, 0.275, 0.035
_PANEL_BOTTOMS = (0.59, 0.14)
_LABEL_POINTS, _TITLE_POINTS, _VALUE_POINTS = 16.5, 19.0, 25.0
_CHARACTER_WIDTH = 0.0151  # of a label, as a share of the card's width

_SHORTEST = timedelta(minutes=1)
_LOG_FROM_RATIO = 20
_LABEL_GAP = 0.022
_BUCKETS = 480
_MINUTE_STEPS = (
    1,
    2,
    5,
    10,
    15,
    20,
    30,
    60,
    120,
    180,
    240,
    360,
    720,
    1440,
    2880,
    5760,
    10080,
    20160,
    43200,
    86400,
    172800,
)
_TICKS_AT_MOST = 4
_MARKS_AT_MOST = 12

_Pair = tuple[float, float]


@dataclass(frozen=True, slots=True)
class ChartLabels:
    """The words on the card, translated; `minutes`, `hours` and `days` are templates such as "{minutes}m"."""

    score: str
    price: str
    now: str
    no_data: str
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


def sparklines(
    scores: Sequence[Point],
    prices: Sequence[Point],
    transitions: Sequence[tuple[datetime, Transition]],
    now: datetime,
    labels: ChartLabels,
) -> bytes:
    """The card as PNG bytes, at most MAX_BYTES. Points are oldest first; those that are not finite are left out."""
    scores = [point for point in scores if math.isfinite(point.value)]
    prices = [point for point in prices if math.isfinite(point.value) and point.value > 0]
    span = _span([*scores, *prices], now)
    marks = [(span.share(at), _STATUS_COLOURS[change.after]) for at, change in transitions if at >= span.start]
    right = _right_margin(scores, prices)
    figure = Figure(figsize=(_WIDTH / _DPI, _HEIGHT / _DPI), dpi=_DPI, facecolor=_CARD)
    for bottom, panel in zip(
        _PANEL_BOTTOMS,
        (
            _Panel(labels.score, numbers.decimal, _SCORE, scores),
            _Panel(labels.price, numbers.price, _PRICE, prices),
        ),
        strict=True,
    ):
        axes = _axes(figure, bottom, right)
        _draw_grid(axes, _ticks(span), marks[-_MARKS_AT_MOST:])
        _draw_panel(axes, panel, span, labels.no_data)
    if scores or prices:
        _draw_times(axes, span, labels)
    return _png(figure)


@dataclass(frozen=True, slots=True)
class _Panel:
    """One sparkline: its title, how its values read, its colour and its points."""

    title: str
    shown: Callable[[float | None], str]
    colour: str
    points: Sequence[Point]


def _span(points: Sequence[Point], now: datetime) -> _Span:
    end = max((point.ts for point in points), default=now)
    end = max(end, now)
    start = min((point.ts for point in points), default=end)
    shown = max(end - start, _SHORTEST)
    return _Span(end - shown, shown.total_seconds())


def _right_margin(scores: Sequence[Point], prices: Sequence[Point]) -> float:
    """Room for the longest of the value labels, as a share of the width."""
    shown = [numbers.decimal(value) for value in _bounds(scores)] + [numbers.price(value) for value in _bounds(prices)]
    return _LEFT + _CHARACTER_WIDTH * max((len(text) for text in shown), default=0)


def _bounds(points: Sequence[Point]) -> list[float]:
    """The lowest and the highest value; one of them when equal, none without points."""
    values = {point.value for point in points}
    return sorted({min(values), max(values)}) if values else []


def _axes(figure: Figure, bottom: float, right: float) -> Axes:
    """A frameless panel whose coordinates run from 0 to 1."""
    axes = figure.add_axes((_LEFT, bottom, 1 - _LEFT - right, _PANEL_HEIGHT))
    axes.set_axis_off()
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    return axes


def _draw_grid(axes: Axes, ticks: Sequence[tuple[float, int]], marks: Sequence[tuple[float, str]]) -> None:
    for height in (0, 1):
        axes.axhline(height, color=_GRID, linewidth=1.2, clip_on=False)
    for place, _minutes in ticks:
        axes.axvline(place, color=_GRID, linewidth=1.2)
    for place, colour in marks:
        axes.axvline(place, color=colour, linewidth=2, linestyle=(0, (3, 2.5)), alpha=0.9)


def _draw_panel(axes: Axes, panel: _Panel, span: _Span, no_data: str) -> None:
    over = 1 + _HEADER_GAP / _PANEL_HEIGHT
    _write(axes, 0, over, panel.title, _MUTED, _TITLE_POINTS)
    if not panel.points:
        _write(axes, 0.5, 0.5, no_data, _MUTED, _TITLE_POINTS, align="center", valign="center")
        return
    place = 1 + _LABEL_GAP
    _write(axes, 1, over, panel.shown(panel.points[-1].value), panel.colour, _VALUE_POINTS, align="right", bold=True)
    low, *rest = _bounds(panel.points)
    height = _heights(panel.points)
    _write(axes, place, height(low), panel.shown(low), _MUTED, _LABEL_POINTS, valign="center")
    for high in rest:
        _write(axes, place, height(high), panel.shown(high), _MUTED, _LABEL_POINTS, valign="center")
    _draw_line(axes, [(span.share(point.ts), height(point.value)) for point in panel.points], panel.colour)


def _draw_line(axes: Axes, pairs: Sequence[_Pair], colour: str) -> None:
    xs, ys = zip(*_thinned(pairs), strict=True)
    axes.fill_between(xs, ys, 0, color=colour, alpha=0.14, linewidth=0)
    width = 3 if len(xs) < _BUCKETS else 1.8
    axes.plot(xs, ys, color=colour, linewidth=width, solid_joinstyle="round", solid_capstyle="round", clip_on=False)
    axes.plot(xs[-1:], ys[-1:], marker="o", markersize=11, color=colour, markeredgecolor=_TEXT, clip_on=False)


def _heights(points: Sequence[Point]) -> Callable[[float], float]:
    """Maps a value to 0 … 1 between the lowest and the highest; by magnitude when positive values differ a lot."""
    low, high = min(point.value for point in points), max(point.value for point in points)
    if low == high:
        return lambda _value: 0.5
    if low > 0 and high / low > _LOG_FROM_RATIO:
        return lambda value: (math.log(value) - math.log(low)) / (math.log(high) - math.log(low))
    # Halves keep the difference of two huge values finite.
    return lambda value: (value / 2 - low / 2) / (high / 2 - low / 2)


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
    _write(axes, 1, below, labels.now, _MUTED, _LABEL_POINTS, align="right")
    for place, minutes in _ticks(span):
        align = "center" if place > 0.06 else "left"
        _write(axes, place, below, _ago(minutes, labels), _MUTED, _LABEL_POINTS, align=align)


def _ago(minutes: int, labels: ChartLabels) -> str:
    if minutes % 1440 == 0 and minutes >= 2880:
        return "−" + labels.days.format(days=minutes // 1440)
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
