import io
import math
import random
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bot.charts import MAX_BYTES, Cell, grid
from bot.charts.words import about
from bot.views.chart import chart_cell
from engine.shown import Point, Portrait, Standing
from tests.charting import ALERT_LEVEL, CARD, GREEN, LABELS, columns, series
from tests.made import NOON, token

LEFT, RIGHT = range(40, 457), range(503, 920)  # the columns of the picture's two columns
PALE_BLUE = (80, 137, 208)
FIRST_ROW = range(135, 240)  # the rows of the first two sparklines


def drawn(*cells: Cell) -> Image.Image:
    png = grid(cells, NOON, LABELS, ALERT_LEVEL)
    assert len(png) <= MAX_BYTES
    return Image.open(io.BytesIO(png)).convert("RGB")


def cell(rank: int, count: int = 60) -> Cell:
    return Cell(rank, series(lambda i: 1 + math.sin(i / 9), count), series(lambda i: 2 + math.cos(i / 9), count), 0.25)


@pytest.mark.parametrize(
    ("count", "height"), [(0, 322), (1, 322), (2, 322), (3, 540), (10, 1194), (11, 776), (20, 1280)]
)
def test_the_picture_is_never_longer_than_what_telegram_shows_unshrunk(count: int, height: int) -> None:
    assert drawn(*map(cell, range(1, count + 1))).size == (960, height)


def test_more_cells_than_fit_are_left_out() -> None:
    assert drawn(*map(cell, range(1, 31))).tobytes() == drawn(*map(cell, range(1, 21))).tobytes()


def test_cells_stand_row_by_row_with_a_score_and_a_price_each() -> None:
    image = drawn(cell(1), Cell(2, series(lambda _i: 1.0, 9)))
    green, blue = columns(image, GREEN, FIRST_ROW), columns(image, PALE_BLUE, FIRST_ROW)
    assert len([x for x in green if x in LEFT]) > 400
    assert len([x for x in green if x in RIGHT]) > 400
    assert len([x for x in blue if x in LEFT]) > 200
    assert not [x for x in blue if x in RIGHT]


def test_a_cell_without_any_point_says_so_and_draws_no_line() -> None:
    image = drawn(Cell(1))
    assert not columns(image, GREEN, FIRST_ROW)
    assert any(image.getpixel((x, 187)) != CARD for x in range(200, 300))


def test_another_rank_or_change_is_another_picture() -> None:
    pictures = [drawn(Cell(1, change=0.1)), drawn(Cell(2, change=0.1)), drawn(Cell(1, change=-0.1)), drawn(Cell(1))]
    assert len({picture.tobytes() for picture in pictures}) == 4


def test_equal_cells_give_equal_bytes() -> None:
    first, second = (grid([cell(1), cell(2)], NOON, LABELS, ALERT_LEVEL) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("count", [10, 20])
@pytest.mark.parametrize("points", [80, 140, 5000])
def test_noise_in_every_cell_stays_small(count: int, points: int) -> None:
    noise = random.Random(9)
    scores = series(lambda _i: noise.gauss(0, 1), points)
    prices = series(lambda _i: math.exp(noise.gauss(0, 3)), points)
    drawn(*(Cell(rank, scores, prices, 1e300) for rank in range(1, count + 1)))


@settings(max_examples=20)
@given(
    rank=st.integers(),
    values=st.lists(st.tuples(st.floats(), st.floats(), st.floats(0, 1e7)), max_size=20),
    change=st.none() | st.floats(),
)
def test_any_cell_gives_a_small_picture(
    rank: int, values: list[tuple[float, float, float]], change: float | None
) -> None:
    oldest_first = sorted(values, key=lambda value: -value[2])
    times = [NOON - timedelta(seconds=ago) for _score, _price, ago in oldest_first]
    scores = [Point(at, value[0]) for at, value in zip(times, oldest_first, strict=True)]
    prices = [Point(at, value[1]) for at, value in zip(times, oldest_first, strict=True)]
    drawn(Cell(rank, scores, prices, change), Cell(2))


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "−1m"), (61, "−1m"), (3000, "−50m"), (5400, "−2h"), (9000, "−2h"), (86_400, "−24h"), (200_000, "−2d")],
)
def test_a_length_of_time_is_told_in_the_unit_that_reads_best(seconds: float, words: str) -> None:
    assert about(seconds, LABELS) == words


@pytest.mark.parametrize(
    ("first_price", "prices", "change"),
    [(2.0, (1.0, 3.0), 0.5), (2.0, (1.0,), -0.5), (None, (1.0,), None), (2.0, (), None), (0.0, (1.0,), None)],
)
def test_a_price_changes_since_the_first_one_after_migration(
    first_price: float | None, prices: tuple[float, ...], change: float | None
) -> None:
    points = tuple(Point(NOON, price) for price in prices)
    portrait = Portrait(Standing(token(first_price=first_price), None), None, prices=points)
    assert chart_cell(4, portrait) == Cell(4, (), points, change)
