"""The pictures that are kept: one of each kind of token, and the grid. Equal on every machine."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from random import Random

from bot.catalogs import Catalogs
from bot.charts import Cell, grid, sparklines
from bot.views.chart import chart_labels
from engine.shown import Point
from tests.charting import ACTIVATED, ALERT_LEVEL, ARCHIVED, LABELS, series
from tests.made import NOON, minutes

FOLDER = Path(__file__).parent / "charts"


def first_point() -> bytes:
    """The first look of a token that has just become active."""
    one = (series(lambda _i: 1.2, 1), series(lambda _i: 1e-5, 1))
    return sparklines(*one, [(NOON, ACTIVATED)], NOON, LABELS, ALERT_LEVEL, series(lambda _i: 0.38, 1))


def quiet_token() -> bytes:
    """Noise only, without figures of buyers and sellers."""
    noise = Random(7)
    scores = series(lambda _i: 0.6 + 0.02 * noise.random(), 60)
    prices = series(lambda _i: 1e-5 * (1 + 0.004 * noise.random()), 60)
    return sparklines(scores, prices, [(NOON - minutes(15), ACTIVATED)], NOON, LABELS, ALERT_LEVEL)


def hot_token() -> bytes:
    """A score that rises above the alert level, a price that multiplies; in Russian."""
    moves, flows = [(NOON - minutes(25), ACTIVATED)], series(lambda i: 0.7 * math.cos(i / 20), 61)
    scores, prices = series(lambda i: i / 25, 61), series(lambda i: 1e-5 * 1.05**i, 61)
    with Catalogs().speaking("ru"):
        return sparklines(scores, prices, moves, NOON, chart_labels(), ALERT_LEVEL, flows)


def long_history() -> bytes:
    """A day of looks, more than pixels can show."""
    noise = Random(8)
    series_of = (walk(noise, 2880, 0.05, 0.9), walk(noise, 2880, 0.05, 6.0), walk(noise, 2880, 0.1, 0.0))
    scores, prices = series_of[0], [Point(point.ts, 1e-6 * math.exp(point.value)) for point in series_of[1]]
    flows = [Point(point.ts, math.sin(point.value)) for point in series_of[2]]
    return sparklines(scores, prices, [(NOON - minutes(1300), ACTIVATED)], NOON, LABELS, ALERT_LEVEL, flows)


def archived() -> bytes:
    """A token that fell silent."""
    moves = [(NOON - minutes(110), ACTIVATED), (NOON - minutes(10), ARCHIVED)]
    scores = series(lambda i: 1.6 * math.exp(-i / 70) - 0.1, 240)
    prices, flows = series(lambda i: 4e-5 * math.exp(-i / 50), 240), series(lambda i: -math.exp(-i / 90), 240)
    return sparklines(scores, prices, moves, NOON, LABELS, ALERT_LEVEL, flows)


def hostile_values() -> bytes:
    """The largest, the smallest and what is no number."""
    scores = series(lambda i: (1.7e308, -1.7e308, math.nan, math.inf)[i % 4], 40)
    prices, flows = series(lambda i: 10.0 ** (-300 + i * 15), 40), series(lambda i: (9.0, -math.inf, -7.0)[i % 3], 40)
    return sparklines(scores, prices, [(NOON - minutes(5), ARCHIVED)], NOON, LABELS, ALERT_LEVEL, flows)


def grid_of_3() -> bytes:
    """A token with a history, one with a first look, one without any."""
    fresh = Cell(2, series(lambda _i: 0.4, 1), series(lambda _i: 1e-5, 1), 0.0)
    return grid([cell(1, 120), fresh, Cell(3)], NOON, LABELS, ALERT_LEVEL)


def grid_of_10() -> bytes:
    """Histories of all lengths; one without prices, one without scores, one with absurd figures."""
    cells = [cell(rank, 30 * rank**2) for rank in range(1, 8)]
    absurd = series(lambda i: 1.7e308 * (-1) ** i, 9)
    odd = [Cell(8, series(math.sin, 30)), Cell(9, prices=series(float, 9)), Cell(10, absurd, absurd, 1e300)]
    return grid([*cells, *odd], NOON, LABELS, ALERT_LEVEL)


def grid_of_20() -> bytes:
    """As many as fit; in Russian."""
    with Catalogs().speaking("ru"):
        return grid([cell(rank, 12 * rank) for rank in range(1, 21)], NOON, chart_labels(), ALERT_LEVEL)


def cell(rank: int, count: int) -> Cell:
    """A token of the grid whose score and price wander."""
    noise = Random(rank)
    wandering = walk(noise, count, 0.1, 0.0)
    prices = [Point(point.ts, 1e-5 * math.exp(point.value)) for point in wandering]
    return Cell(rank, walk(noise, count, 0.1, 3 / rank), prices, prices[-1].value / prices[0].value - 1)


def walk(noise: Random, count: int, step: float, start: float) -> list[Point]:
    """A random walk; `random()` alone is promised to be the same in every Python."""
    values = [start]
    while len(values) < count:
        values.append(values[-1] + step * (noise.random() - 0.5))
    return series(lambda i: values[i], count)


PICTURES: dict[str, Callable[[], bytes]] = {
    draw.__name__: draw
    for draw in (
        *(first_point, quiet_token, hot_token, long_history, archived, hostile_values),
        *(grid_of_3, grid_of_10, grid_of_20),
    )
}
