from datetime import datetime

import pytest

from engine.changes import Change, changes
from tests.made import NOON, minutes


def series(*points: tuple[float, float]) -> list[tuple[datetime, float]]:
    """Points by minutes before noon."""
    return [(NOON - minutes(before), value) for before, value in points]


def test_each_span_compares_the_latest_with_the_last_before_it() -> None:
    prices = series((61, 1.0), (59, 9.0), (16, 2.0), (14, 9.0), (6, 4.0), (4, 9.0), (0, 8.0))
    scores = series((15, 1.0), (5, 2.5), (0, 2.0))
    assert changes(prices, series((5, 100.0), (0, 50.0)), scores) == (
        Change(5, 2.0, 0.5, -0.5),
        Change(15, 4.0, None, 1.0),
        Change(60, 8.0, None, None),
    )


@pytest.mark.parametrize("before", [4.9, 7.6])
def test_a_look_too_near_or_too_far_tells_of_another_time(before: float) -> None:
    assert changes(series((before, 1.0), (0, 2.0)), (), ())[0].price is None


def test_nothing_kept_is_nothing_told() -> None:
    assert changes((), (), ()) == (Change(5), Change(15), Change(60))
    assert changes(series((0, 1.0)), (), series((0, 1.0))) == (Change(5), Change(15), Change(60))


def test_a_liquidity_that_was_nothing_is_no_measure() -> None:
    assert changes((), series((5, 0.0), (0, 2.0)), ())[0].liquidity is None
