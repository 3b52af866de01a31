"""How a series becomes a line or bars: the range it is drawn in, fewer points than pixels, the ink."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from matplotlib.axes import Axes

from bot.charts.paint import ALERT, BUYERS, SELLERS, TEXT
from engine.shown import Point

LEAST_SPREAD = 0.02  # of the middle price, to either side: less than that is noise
ROOM_ABOVE_ALERT = 1.15
BUCKETS = 480
_LOG_FROM_RATIO = 20
_ZERO = 0.5  # the height of neither buyers nor sellers
_LEAST_BAR = 0.012  # the width of a lonely bar, as a share of the panel

Pair = tuple[float, float]


def score_range(points: Sequence[Point], alert_level: float) -> Pair:
    """From zero to above the alert level, or as far as the scores go."""
    low, high = bounds(points)
    return min(0.0, low), max(high, alert_level * ROOM_ABOVE_ALERT)


def price_range(points: Sequence[Point]) -> Pair:
    """From the lowest to the highest price, at least two percent around their middle."""
    low, high = bounds(points)
    middle = low / 2 + high / 2
    return min(low, middle * (1 - LEAST_SPREAD)), max(high, middle * (1 + LEAST_SPREAD))


def bounds(points: Sequence[Point]) -> Pair:
    """The lowest and the highest value; zeros without points."""
    values = [point.value for point in points] or [0.0]
    return min(values), max(values)


def heights(low: float, high: float) -> Callable[[float], float]:
    """Maps a value to 0 … 1 between the lowest and the highest; by magnitude when positive values differ a lot."""
    if low > 0 and high / low > _LOG_FROM_RATIO:
        return lambda value: (math.log(value) - math.log(low)) / (math.log(high) - math.log(low))
    spread = high / 2 - low / 2  # halves keep the difference of two huge values finite
    if spread == 0:
        return lambda _value: 0.5
    return lambda value: (value / 2 - low / 2) / spread


def thinned(pairs: Sequence[Pair], buckets: int = BUCKETS) -> Sequence[Pair]:
    """No more points than pixels can show: of each narrow slice of time the first, lowest, highest and last."""
    if len(pairs) <= buckets * 2:
        return pairs
    slices: dict[int, list[int]] = {}
    for index, (x, _y) in enumerate(pairs):
        slices.setdefault(int(x * buckets), []).append(index)
    kept: list[Pair] = []
    for members in slices.values():
        by_height = sorted(members, key=lambda index: pairs[index][1])
        kept += (pairs[index] for index in sorted({members[0], by_height[0], by_height[-1], members[-1]}))
    return kept


def draw_line(axes: Axes, pairs: Sequence[Pair], colour: str) -> None:
    """A line over a pale area, with a dot at its end."""
    xs, ys = zip(*thinned(pairs), strict=True)
    axes.fill_between(xs, ys, 0, color=colour, alpha=0.14, linewidth=0)
    width = 3 if len(xs) < BUCKETS else 1.8
    axes.plot(xs, ys, color=colour, linewidth=width, solid_joinstyle="round", solid_capstyle="round", clip_on=False)
    axes.plot(xs[-1:], ys[-1:], marker="o", markersize=11, color=colour, markeredgecolor=TEXT, clip_on=False)


def draw_alert_level(axes: Axes, height: float) -> None:
    """A thin dashed line at the score that rings."""
    axes.axhline(height, color=ALERT, linewidth=1.2, linestyle=(0, (6, 5)))


def draw_bars(axes: Axes, pairs: Sequence[Pair], _colour: str) -> None:
    """Bars away from the middle: upward where buyers prevail, downward where sellers do.

    A bar reaches back to the point before it, since its value tells of the minutes that led there.
    """
    first_x, first_y = pairs[0]
    xs, ys = zip((max(first_x - _LEAST_BAR, 0.0), first_y), *thinned(pairs), strict=True)
    for reach, colour in ((max, BUYERS), (min, SELLERS)):
        axes.fill_between(xs, [reach(y, _ZERO) for y in ys], _ZERO, step="pre", color=colour, alpha=0.9, linewidth=0)
