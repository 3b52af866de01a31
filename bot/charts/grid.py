"""One picture of many tokens: numbered cells, each with its score, its price and how far that came."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bot.charts import paint
from bot.charts.line import Pair, draw_alert_level, draw_line, heights, price_range, score_range, thinned
from bot.charts.paint import write
from bot.charts.palette import GRID
from bot.charts.span import Span, finite, priced, span_of
from bot.charts.words import ChartLabels, about
from bot.views import numbers
from engine.shown import Point

CELLS_AT_MOST = 20

_MARGIN, _GUTTER = 40, 46  # pixels: around the cells, and between two columns
_TOP, _FOOT = 84, 20  # pixels: for the legend, and below the last row
_HEADER, _FOOTER = 52, 62  # pixels of a row above its sparkline, and below it
_ROOMY_CELLS = 10  # more of them stand three in a row: Telegram shrinks what is longer than 1280 pixels
_ABOVE, _BELOW = 16, 31  # pixels from the sparkline to the baselines of the texts
_ROOMY, _TIGHT = 104, 54  # pixels, the heights of sparklines
_RANK_POINTS, _SCORE_POINTS = 22.0, 25.0
_FRESH_SECONDS = 60
_BUCKETS = 70  # of a line: the cells together must stay below MAX_BYTES


@dataclass(frozen=True, slots=True)
class Cell:
    """One token of the grid: its rank (1 …), its kept series, oldest first, and the change of its price.

    `change` is a fraction since migration (0.5 is +50%, −0.5 half of it lost), None while unknown.
    """

    rank: int
    scores: Sequence[Point] = ()
    prices: Sequence[Point] = ()
    change: float | None = None


def grid(cells: Sequence[Cell], now: datetime, labels: ChartLabels, alert_level: float) -> bytes:
    """The first CELLS_AT_MOST cells as PNG bytes, at most MAX_BYTES; in the order given, row by row.

    Each cell has its own time and price scale. `alert_level` is a dashed line in each, as on the card of one token.
    """
    cells = cells[:CELLS_AT_MOST]
    columns, tall = (2, _ROOMY) if len(cells) <= _ROOMY_CELLS else (3, _TIGHT)
    rows, row_height = max(math.ceil(len(cells) / columns), 1), _HEADER + tall + _FOOTER
    figure = paint.sheet(_TOP + rows * row_height + _FOOT)
    _draw_legend(figure, labels)
    for index, cell in enumerate(cells):
        row, column = divmod(index, columns)
        axes = _place(figure, _TOP + row * row_height + _HEADER, tall, column, columns)
        _draw_cell(axes, cell, now, labels, alert_level, tall)
    if not cells:
        _say(_place(figure, _TOP, row_height), labels.no_data)
    return paint.png(figure)


def _place(figure: Figure, top: float, height: float, column: int = 0, columns: int = 1) -> Axes:
    """A panel in a column, `top` pixels below the card's upper edge."""
    card_height = figure.get_figheight() * figure.dpi
    width = (paint.WIDTH - 2 * _MARGIN - (columns - 1) * _GUTTER) / columns
    left = _MARGIN + column * (width + _GUTTER)
    bottom = 1 - (top + height) / card_height
    return paint.panel_axes(figure, left / paint.WIDTH, bottom, width / paint.WIDTH, height / card_height)


def _draw_legend(figure: Figure, labels: ChartLabels) -> None:
    """Which line is which."""
    axes = _place(figure, 0, _TOP)
    for left, word, colour, width in ((0.0, labels.score, paint.SCORE, 3.0), (0.27, labels.price, paint.PRICE, 1.8)):
        axes.plot((left, left + 0.05), (0.5, 0.5), color=colour, linewidth=width, clip_on=False)
        write(axes, left + 0.07, 0.5, word, paint.MUTED, paint.TITLE_POINTS, valign="center")


def _draw_cell(axes: Axes, cell: Cell, now: datetime, labels: ChartLabels, alert_level: float, tall: int) -> None:
    scores, prices = finite(cell.scores), priced(cell.prices)
    span = span_of([*scores, *prices], now)
    fresh = span.seconds <= _FRESH_SECONDS
    _draw_figures(axes, cell, scores, tall)
    axes.axhline(0, color=GRID, linewidth=1.2, clip_on=False)
    if not scores and not prices:
        _say(axes, labels.no_data)
    elif fresh:
        _say(axes, labels.begins)
    else:
        write(axes, 0, -_BELOW / tall, about(span.seconds, labels), paint.MUTED, paint.LABEL_POINTS)
    if prices:
        pairs = thinned(_pairs(prices, span, price_range(prices)), _BUCKETS)
        axes.plot(*zip(*pairs, strict=True), color=paint.PRICE, linewidth=1.8, alpha=0.8, clip_on=False)
    if scores:
        limits = score_range(scores, alert_level)
        draw_alert_level(axes, heights(*limits)(alert_level))
        draw_line(axes, thinned(_pairs(scores, span, limits), _BUCKETS), paint.SCORE)


def _draw_figures(axes: Axes, cell: Cell, scores: Sequence[Point], tall: int) -> None:
    """Above the sparkline the rank and the latest score, below it how far the price came."""
    change = numbers.MISSING if cell.change is None else numbers.change(1 + cell.change, 1)
    score = numbers.decimal(scores[-1].value if scores else None)
    write(axes, 0, 1 + _ABOVE / tall, str(cell.rank), paint.TEXT, _RANK_POINTS, bold=True)
    write(axes, 1, 1 + _ABOVE / tall, score, paint.SCORE, _SCORE_POINTS, align="right", bold=True)
    write(axes, 1, -_BELOW / tall, change, paint.PRICE, paint.TITLE_POINTS, align="right")


def _say(axes: Axes, words: str) -> None:
    write(axes, 0.5, 0.5, words, paint.MUTED, paint.LABEL_POINTS, align="center", valign="center")


def _pairs(points: Sequence[Point], span: Span, limits: Pair) -> list[Pair]:
    height = heights(*limits)
    return [(span.share(point.ts), height(point.value)) for point in points]
