from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.levels import DAY, level_for

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("per_day", "span", "level"),
    [
        (5, DAY, 96.0),
        (20, DAY, 81.0),
        (60, DAY, 41.0),
        (20, DAY / 2, 91.0),
        (5, HOUR, 100.0),
        (5, HOUR * 0.99, None),
    ],
)
def test_the_level_is_the_one_that_so_many_episodes_reached(per_day: int, span: timedelta, level: float | None) -> None:
    assert level_for([float(number) for number in range(1, 101)], per_day, span, 1.5) == level


def test_a_quiet_day_asks_for_the_lowest_level() -> None:
    assert level_for([9.0] * 4, 5, DAY, 1.5) == 1.5
    assert level_for([1.6, 1.2, 1.1, 1.0, 1.0], 5, DAY, 1.5) == 1.5


@given(st.lists(st.floats(0, 100), max_size=90), st.integers(1, 24))
def test_who_asks_for_more_a_day_is_never_asked_for_a_higher_level(peaks: list[float], hours: int) -> None:
    levels = [level_for(peaks, per_day, hours * HOUR, 1.5) or 0.0 for per_day in (5, 20, 60)]
    assert levels == sorted(levels, reverse=True)
    assert levels[-1] >= 1.5
