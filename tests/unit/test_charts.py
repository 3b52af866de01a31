import io
import math
import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bot.catalogs import Catalogs
from bot.charts import MAX_BYTES, ChartLabels, sparklines
from bot.views.chart import chart_labels
from engine.model import Transition
from engine.shown import Point
from tests.charting import (
    ACTIVATED,
    ALERT_LEVEL,
    AMBER,
    ARCHIVED,
    BLUE,
    CARD,
    GREEN,
    GREY,
    LABELS,
    RED,
    columns,
    rows,
    series,
)
from tests.made import NOON, minutes


def drawn(
    scores: Sequence[Point],
    prices: Sequence[Point],
    transitions: Sequence[tuple[datetime, Transition]] = (),
    flows: Sequence[Point] = (),
) -> Image.Image:
    """The decoded card, its size checked."""
    png = sparklines(scores, prices, transitions, NOON, LABELS, ALERT_LEVEL, flows)
    assert len(png) <= MAX_BYTES
    image = Image.open(io.BytesIO(png)).convert("RGB")
    assert image.size == (960, 600) or (flows and image.size == (960, 780))
    return image


UPPER, LOWER = range(90, 250), range(350, 520)  # the rows of the two panels, without their headers
INNER = range(120, 240)  # of the upper panel, below the alert level


def test_a_token_without_any_point_gets_a_card_that_says_so() -> None:
    image = drawn([], [])
    assert not columns(image, GREEN, UPPER)
    assert any(image.getpixel((x, 165)) != CARD for x in range(400, 560))


def test_one_point_is_a_dot_at_now() -> None:
    found = columns(drawn(series(lambda _i: 1.2, 1), series(lambda _i: 1e-5, 1)), GREEN, UPPER)
    assert found
    assert found[-1] - found[0] < 30
    assert found[0] > 600


def test_a_lonely_point_has_words_beside_it_and_a_line_has_none() -> None:
    lonely = drawn(series(lambda _i: 0.5, 1), [])
    line = drawn(series(lambda _i: 0.5, 9), [])
    assert len(columns(lonely, GREY, INNER)) > 60
    assert len([x for x in columns(line, GREY, INNER) if x < 800]) == 0


def test_a_quiet_score_stays_flat_and_below_the_alert_level() -> None:
    noise = random.Random(7)
    image = drawn(series(lambda _i: 0.6 + noise.gauss(0, 0.01), 7), [])
    heights = [y for x in columns(image, GREEN, UPPER)[5:-40] for y in rows(image, GREEN, x) if y in UPPER]
    assert max(heights) - min(heights) < 12
    assert min(heights) > 180


def test_a_price_that_moves_by_less_than_two_percent_does_not_fill_its_panel() -> None:
    image = drawn([], series(lambda i: 1e-5 * (1 + 0.002 * (i % 2)), 9))
    heights = [y for x in columns(image, BLUE, LOWER)[5:-40] for y in rows(image, BLUE, x) if y in LOWER]
    assert max(heights) - min(heights) < 25


def test_a_score_above_the_alert_level_is_drawn_in_full() -> None:
    image = drawn(series(lambda i: i / 10, 41), [])
    assert min(rows(image, GREEN, columns(image, GREEN, UPPER)[-30])) < 110


def test_an_activation_is_named_beside_its_line() -> None:
    image = drawn(series(lambda _i: 0.5, 60), [], [(NOON - minutes(15), ACTIVATED)])
    named = columns(image, AMBER, UPPER)
    assert named[-1] - named[0] > 50
    assert len(columns(image, AMBER, LOWER)) < 10


@pytest.mark.parametrize("value", [0.0, 0.1, 0.9, 1.14, 1.2, 1.37, 1.56, 1.9, 2.0, 2.2, 3.0, 9.0, 40.0, -1.0])
def test_the_words_of_a_first_point_and_of_its_activation_never_touch(value: float) -> None:
    image = drawn(series(lambda _i: value, 1), [], [(NOON, ACTIVATED)])
    words = image.crop((560, 76, 790, 252))  # left of the point and its dashed line
    active, begins = (range_of(words, colour) for colour in (AMBER, GREY))
    assert active.stop + 3 < begins.start or begins.stop + 3 < active.start


@pytest.mark.parametrize("level", [0.8, 1.4, 1.56, 1.7])
def test_the_word_of_an_activation_stands_clear_of_the_scores(level: float) -> None:
    image = drawn(series(lambda _i: level, 60), [], [(NOON - minutes(20), ACTIVATED)])
    mark = columns(image, AMBER, LOWER)[-1]
    words = image.crop((mark + 3, 76, mark + 90, 252))
    active, line = (range_of(words, colour) for colour in (AMBER, GREEN))
    assert active.stop < line.start or line.stop < active.start


def range_of(image: Image.Image, colour: tuple[int, int, int]) -> range:
    """From the first row that holds this colour to the last."""
    found = [y for y in range(image.height) if columns(image, colour, range(y, y + 1))]
    return range(found[0], found[-1])


def test_a_rising_score_ends_higher_than_it_begins() -> None:
    image = drawn(series(float, 60), series(lambda i: 1e-5 * (60 - i), 60))
    green, blue = columns(image, GREEN, UPPER), columns(image, BLUE, LOWER)
    assert rows(image, GREEN, green[5])[-1] > rows(image, GREEN, green[-40])[-1]
    assert rows(image, BLUE, blue[5])[-1] < rows(image, BLUE, blue[-40])[-1]


def test_prices_across_magnitudes_are_drawn_by_magnitude() -> None:
    exponential = drawn(series(float, 61), series(lambda i: 10.0 ** (-9 + i / 10), 61))
    blue = columns(exponential, BLUE, LOWER)
    middle = rows(exponential, BLUE, (blue[0] + blue[-1]) // 2)
    assert abs(sum(middle) / len(middle) - (LOWER[0] + LOWER[-1]) / 2) < 20


def test_a_status_change_is_marked_in_both_panels() -> None:
    change = (NOON - minutes(15), ARCHIVED)
    image = drawn(series(float, 60), series(lambda _i: 1.0, 60), [change])
    assert columns(image, RED, UPPER)
    assert columns(image, RED, LOWER)
    assert columns(image, RED, UPPER) == columns(image, RED, LOWER)


def test_a_change_before_the_kept_history_is_not_marked() -> None:
    image = drawn(series(float, 60), [], [(NOON - minutes(600), ARCHIVED)])
    assert not columns(image, RED, UPPER)


def test_equal_values_give_equal_bytes() -> None:
    points = series(math.sin, 200)
    prices = series(lambda i: 2 + math.cos(i), 200)
    first, second = (sparklines(points, prices, [], NOON, LABELS, ALERT_LEVEL) for _ in range(2))
    assert first == second
    assert b"Software" not in first
    assert b"tIME" not in first


def test_several_threads_may_draw_at_once() -> None:
    points, prices = series(math.sin, 300), series(lambda i: 2 + math.cos(i), 300)
    with ThreadPoolExecutor(4) as pool:
        cards = list(pool.map(lambda _n: sparklines(points, prices, [], NOON, LABELS, ALERT_LEVEL), range(8)))
    assert len(set(cards)) == 1


def test_five_thousand_noisy_points_stay_small() -> None:
    noise = random.Random(7)
    drawn(
        series(lambda _i: noise.gauss(0, 1), 5000),
        series(lambda _i: math.exp(noise.gauss(0, 3)), 5000),
        [(NOON - minutes(10 * index), ARCHIVED) for index in range(200, 0, -1)],
    )


def test_the_extremes_of_a_dense_series_survive_thinning() -> None:
    image = drawn(series(lambda i: 100.0 if i == 1234 else 1.0, 5000), [])
    spike = [x for x in columns(image, GREEN, range(90, 130)) if x < 600]
    assert spike


@pytest.mark.parametrize(
    "points",
    [
        series(lambda _i: 1.0, 50),
        series(lambda i: (-1) ** i * 1.7e308, 20),
        series(lambda i: 10.0 ** (-300 + i * 30), 20),
        series(lambda i: 5e-324 * (i + 1), 3),
        series(lambda i: (math.nan, math.inf, -math.inf, 1.0)[i % 4], 40),
        series(lambda _i: math.nan, 3),
        series(lambda i: 1 + i * 1e-16, 30),
        series(lambda _i: 0.0, 9),
        series(float, 5, step=0),
        series(float, 5, step=1e-6),
        series(float, 5, step=86_400 * 90),
        [Point(NOON + minutes(5), 2.0)],
        [Point(NOON, 2.0), Point(NOON - minutes(5), 1.0)],
    ],
)
def test_absurd_series_are_drawn_without_a_warning(points: list[Point]) -> None:
    drawn(points, points)
    drawn(points, points, flows=points)


@settings(max_examples=25)
@given(
    values=st.lists(st.tuples(st.floats(), st.floats(0, 1e7)), max_size=40),
    prices=st.lists(st.tuples(st.floats(min_value=0), st.floats(0, 1e7)), max_size=40),
)
def test_any_series_gives_a_small_card(values: list[tuple[float, float]], prices: list[tuple[float, float]]) -> None:
    def points(pairs: list[tuple[float, float]]) -> list[Point]:
        oldest_first = sorted(pairs, key=lambda pair: -pair[1])
        return [Point(NOON - timedelta(seconds=ago), value) for value, ago in oldest_first]

    drawn(points(values), points(prices))


def test_buyers_stand_above_the_middle_line_and_sellers_below() -> None:
    image = drawn(series(float, 60), [], flows=series(lambda i: 0.8 if i < 30 else -0.8, 60))
    above, below = range(625, 655), range(665, 695)
    bought, sold = columns(image, GREEN, above), columns(image, RED, below)
    assert bought[-1] < sold[0]
    assert not columns(image, GREEN, below)
    assert not columns(image, RED, above)


def test_without_flows_the_card_has_two_panels() -> None:
    points = series(float, 60)
    assert drawn(points, points).height == 600
    assert drawn(points, points, flows=points[:1]).height == 780
    assert drawn(points, points, flows=series(lambda _i: math.nan, 9)).height == 600


def test_a_status_change_is_marked_in_the_panel_of_flows_too() -> None:
    image = drawn(series(float, 60), [], [(NOON - minutes(15), ACTIVATED)], series(lambda _i: -0.5, 60))
    assert len(columns(image, AMBER, range(625, 655))) in range(1, 5)


def test_dollar_signs_in_labels_are_no_formula() -> None:
    labels = ChartLabels(r"$\frac$", "$x_$", "$", r"\no{", "$", "$a$", "{minutes}$", "{hours}$", "{days}$", "$f$")
    assert len(sparklines(series(float, 3), [], [], NOON, labels, ALERT_LEVEL)) > 1000


def test_the_labels_speak_the_readers_language() -> None:
    with Catalogs().speaking("ru"):
        assert chart_labels().now == "сейчас"
    with Catalogs().speaking("en"):
        assert chart_labels().hours.format(hours=2) == "2h"
