"""One token's card: its score above, its price below and, where known, its buyers against its sellers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bot.charts import paint
from bot.charts.panel import (
    Mark,
    Panel,
    Taken,
    beside,
    draw_grid,
    draw_panel,
    flow_panel,
    free_height,
    lines,
    price_panel,
    score_panel,
    word_height,
)
from bot.charts.span import Span, finite, priced, span_of, ticks
from bot.charts.words import ChartLabels, ago
from engine.model import Status, Transition
from engine.shown import Point

_HEIGHT, _FLOW_HEIGHT = 600, 180  # pixels: of the card, and how much more the third panel needs
_BOTTOM, _GAP = 84, 105  # pixels below the lowest panel, and between two panels
_LEFT = 0.045  # of the card's width
_CHARACTER_WIDTH = 0.0151  # of a label, as a share of the card's width
_TIMES_BELOW = 48  # pixels
_WORD_GAP = 0.19  # of a panel, between the middles of two words
_WORD_WIDTH, _SCORE_GAP = 0.17, 0.1  # of a panel: the longest word, and between its middle and the scores
_MARKS_AT_MOST = 12


def sparklines(
    scores: Sequence[Point],
    prices: Sequence[Point],
    transitions: Sequence[tuple[datetime, Transition]],
    now: datetime,
    labels: ChartLabels,
    alert_level: float,
    flows: Sequence[Point] = (),
) -> bytes:
    """The card as PNG bytes, at most MAX_BYTES. Points are oldest first; those that are not finite are left out.

    `alert_level` is the score that rings: a dashed line, so that a quiet score looks quiet. `flows` are
    (buys − sells) / (buys + sells) in −1 … 1; without any the card has two panels.
    """
    scores, prices, flows = finite(scores), priced(prices), _clipped(finite(flows))
    span = span_of([*scores, *prices, *flows], now)
    marks = [(span.share(at), change.after) for at, change in transitions if at >= span.start][-_MARKS_AT_MOST:]
    panels = [score_panel(labels.score, scores, alert_level), price_panel(labels.price, prices)]
    panels += [flow_panel(labels.flow, flows)] if flows else []
    figure = paint.sheet(_HEIGHT + (_FLOW_HEIGHT if flows else 0))
    stack = _stacked(figure, panels)
    for axes, panel in zip(stack, panels, strict=True):
        draw_grid(axes, ticks(span), marks, panel)
        draw_panel(axes, panel, span, labels)
    _name_activation(stack[0], marks, panels[0], span, labels.active)
    if scores or prices or flows:
        _draw_times(stack[-1], panels[-1], span, labels)
    return paint.png(figure)


def _clipped(flows: Sequence[Point]) -> list[Point]:
    return [Point(point.ts, min(max(point.value, -1.0), 1.0)) for point in flows]


def _stacked(figure: Figure, panels: Sequence[Panel]) -> list[Axes]:
    """The panels' places, from the top down."""
    card_height = figure.get_figheight() * figure.dpi
    width = 1 - _LEFT - _right_margin(panels)
    bottom, stack = float(_BOTTOM), []
    for panel in reversed(panels):
        height = panel.height
        stack.append(paint.panel_axes(figure, _LEFT, bottom / card_height, width, height / card_height))
        bottom += height + _GAP
    return stack[::-1]


def _right_margin(panels: Sequence[Panel]) -> float:
    """Room for the longest of the value labels, as a share of the width."""
    shown = [panel.shown(value) for panel in panels if panel.points for value in panel.labelled]
    return _LEFT + _CHARACTER_WIDTH * max((len(text) for text in shown), default=0)


def _name_activation(axes: Axes, marks: Sequence[Mark], panel: Panel, span: Span, word: str) -> None:
    """A word beside the latest mark of an activation, clear of the lines and of the words of a lonely point."""
    places = [place for place, status in marks if status is Status.ACTIVE]
    if places and panel.alert_level is not None:
        alert_height = panel.level(panel.alert_level)
        wanted = alert_height + (-_WORD_GAP if alert_height > 0.5 else _WORD_GAP)
        taken = [(word_height(panel), _WORD_GAP)] if panel.lonely else _scores_beside(panel, span, places[-1])
        beside(axes, places[-1], free_height(wanted, [*lines(panel), *taken]), word, paint.AMBER)


def _scores_beside(panel: Panel, span: Span, place: float) -> list[Taken]:
    """The heights that the scores take where a word beside this place would stand."""
    left = place if place < 0.5 else place - _WORD_WIDTH
    shown = [point.value for point in panel.points if left <= span.share(point.ts) <= left + _WORD_WIDTH]
    if not shown:
        return []
    low, high = panel.level(min(shown)), panel.level(max(shown))
    return [((low + high) / 2, (high - low) / 2 + _SCORE_GAP)]


def _draw_times(axes: Axes, panel: Panel, span: Span, labels: ChartLabels) -> None:
    below = -_TIMES_BELOW / panel.height
    paint.write(axes, 1, below, labels.now, paint.MUTED, paint.TIME_POINTS, align="right")
    for place, minutes in ticks(span):
        align = "center" if place > 0.06 else "left"
        paint.write(axes, place, below, ago(minutes, labels), paint.MUTED, paint.TIME_POINTS, align=align)
