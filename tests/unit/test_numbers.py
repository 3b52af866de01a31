import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.views import numbers

ANY_NUMBER = st.none() | st.floats()


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (1_200_000, "$1.2M"),
        (1_234_567, "$1.23M"),
        (999_999, "$1M"),
        (999.6, "$1K"),
        (61_234, "$61.2K"),
        (532.4, "$532"),
        (5.0, "$5"),
        (0.007, "$0.01"),
        (0.001, "$0"),
        (0, "$0"),
        (-3.5, "−$3.5"),
        (5.2e12, "$5.2T"),
        (9.99e14, "$999T"),
        (1e15, "$999T+"),
        (-1e300, "−$999T+"),
        (None, "–"),
        (math.nan, "–"),
        (math.inf, "–"),
    ],
)
def test_money_reads_as_people_write_it(value: float | None, shown: str) -> None:
    assert numbers.usd(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0000123, "$0.0000123"),
        (0.00001, "$0.00001"),
        (0.99999, "$1"),
        (0.5, "$0.5"),
        (1.234, "$1.23"),
        (5167.0, "$5.17K"),
        (1e-12, "$0.000000000001"),
        (1e-30, "<$0.000000000001"),
        (5e-324, "<$0.000000000001"),
        (0.0, "$0"),
        (None, "–"),
        (math.nan, "–"),
    ],
)
def test_tiny_prices_have_neither_exponent_nor_subscript(value: float | None, shown: str) -> None:
    assert numbers.price(value) == shown


@pytest.mark.parametrize(
    ("now", "then", "shown"),
    [
        (1.12, 1.0, "+12%"),
        (0.95, 1.0, "−5%"),
        (1.034, 1.0, "+3.4%"),
        (1.0, 1.0, "0%"),
        (1.00001, 1.0, "0%"),
        (4.4, 1.0, "+340%"),
        (14.0, 1.0, "×14"),
        (1e300, 1e-300, "×999T+"),
        (0.002, 1.0, "−99.8%"),
        (1e-300, 1e300, "−99.9%"),
        (0.0, 1.0, "–"),
        (1.0, 0.0, "–"),
        (-1.0, 1.0, "–"),
        (None, 1.0, "–"),
        (1.0, math.inf, "–"),
    ],
)
def test_changes_have_a_sign_and_become_multiples_when_huge(now: float | None, then: float, shown: str) -> None:
    assert numbers.change(now, then) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(2.0398, "2.04"), (-0.128, "−0.13"), (-0.001, "0.00"), (0.0, "0.00"), (1234.5, "1.23K"), (None, "–")],
)
def test_scores_have_two_decimals(value: float | None, shown: str) -> None:
    assert numbers.decimal(value) == shown


def test_a_gain_is_marked_only_where_it_is_asked_for() -> None:
    assert numbers.decimal(0.509, plus=True) == "+0.51"
    assert numbers.decimal(0.0, plus=True) == "0.00"
    assert numbers.decimal(-0.5, plus=True) == "−0.50"


@pytest.mark.parametrize(
    ("value", "shown"), [(0, "0"), (4183, "4183"), (12_345, "12.3K"), (10**400, "999T+"), (None, "–")]
)
def test_counts_stay_exact_while_they_are_short(value: int | None, shown: str) -> None:
    assert numbers.count(value) == shown


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [(62, 100, "62%"), (5, 4, "100%"), (-1, 4, "0%"), (0, 0, "–"), (None, 1, "–"), (1, math.inf, "–")],
)
def test_a_share_lies_between_nothing_and_all(part: float | None, whole: float, shown: str) -> None:
    assert numbers.share(part, whole) == shown


@pytest.mark.parametrize(
    ("now", "before", "shown"),
    [(2.0, 1.0, "↑"), (1.0, 2.0, "↓"), (1.0, 1.01, "→"), (1.0, None, ""), (None, 1.0, ""), (math.inf, 1.0, "")],
)
def test_there_is_no_arrow_where_nothing_is_known(now: float | None, before: float | None, shown: str) -> None:
    assert numbers.arrow(now, before) == shown


@given(ANY_NUMBER, ANY_NUMBER)
def test_every_figure_is_short_and_never_shows_nan_or_an_exponent(one: float | None, other: float | None) -> None:
    shown = [
        numbers.usd(one),
        numbers.price(one),
        numbers.decimal(one, plus=True),
        numbers.change(one, other),
        numbers.share(one, other),
    ]
    for text in shown:
        assert 0 < len(text) <= 18
        assert not {"n", "i", "e"} & set(text.lower())


@given(st.integers())
def test_every_count_is_short(value: int) -> None:
    assert 0 < len(numbers.count(value)) <= 8


@given(st.floats(min_value=1e-12, max_value=9.9e14))
def test_a_shown_price_is_the_price_within_half_a_percent(value: float) -> None:
    text = numbers.price(value).removeprefix("$")
    scale = {"K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}.get(text[-1], 1)
    assert float(text.rstrip("KMBT")) * scale == pytest.approx(value, rel=0.0051)
