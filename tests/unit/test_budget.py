"""Laws of the purse: the month is never exceeded, spent in the end, and not in its first week."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.budget import CYCLE, Purse, allowance, charged, cycle_at, open_purse
from tests.made import NOON

START, END = NOON, NOON + CYCLE
PRICE = 15
HOUR = timedelta(hours=1)


def purse(monthly_cu: int = 2_500_000, spent_cu: int = 0) -> Purse:
    return Purse(START, END, monthly_cu, spent_cu, 0.0, START)


def spend(now_purse: Purse, wanted: int, seconds: float) -> Purse:
    """Ask for as many calls as are wanted at that second of the cycle; as many are made as are allowed."""
    now = START + timedelta(seconds=seconds)
    calls = min(wanted, int(allowance(now_purse, now).now_cu // PRICE))
    return charged(now_purse, calls * PRICE, now)


@given(
    monthly_cu=st.integers(100, 60_000_000),
    demand=st.lists(st.tuples(st.floats(0, 86_400), st.integers(0, 3_000_000)), max_size=60),
)
def test_no_pattern_of_demand_ever_exceeds_the_month(monthly_cu: int, demand: list[tuple[float, int]]) -> None:
    kept, seconds = purse(monthly_cu), 0.0
    for pause, wanted in demand:
        seconds += pause
        kept = spend(kept, wanted, seconds)
        assert kept.spent_cu <= kept.usable_cu < monthly_cu
        assert 0 <= kept.saved_cu <= min(kept.most_saved_cu, kept.left_cu)


@settings(max_examples=20)
@given(monthly_cu=st.integers(30_000, 60_000_000), step=st.sampled_from([300, 1_800, 7_200]))
def test_a_constant_demand_spends_the_month_but_not_in_its_first_week(monthly_cu: int, step: int) -> None:
    kept, after_week = purse(monthly_cu), 0
    for seconds in range(0, int(CYCLE.total_seconds()), step):
        kept = spend(kept, monthly_cu, seconds)
        if seconds <= 7 * 86_400:
            after_week = kept.spent_cu
    assert kept.spent_cu >= 0.95 * monthly_cu
    assert after_week <= 0.30 * monthly_cu


@given(quiet_days=st.floats(0, 29), wanted=st.integers(1, 10**7))
def test_a_burst_after_any_quiet_time_is_bounded(quiet_days: float, wanted: int) -> None:
    kept = spend(purse(), wanted, quiet_days * 86_400)
    assert kept.spent_cu <= 0.034 * kept.monthly_cu


def test_what_quiet_days_leave_over_flows_back_into_the_rate() -> None:
    even = allowance(purse(), START + HOUR).rate_cu
    later = allowance(charged(purse(), 0, START), START + timedelta(days=15)).rate_cu
    assert 1.9 * even < later < 2.1 * even


@pytest.mark.parametrize("moment", [START - HOUR, END, END + HOUR])
def test_outside_of_the_cycle_nothing_may_be_spent(moment: object) -> None:
    assert allowance(purse(), moment).now_cu == 0  # type: ignore[arg-type]


def test_a_spent_month_allows_nothing_more() -> None:
    assert allowance(purse(spent_cu=2_500_000), START + 9 * HOUR).now_cu == 0
    assert allowance(purse(spent_cu=9_000_000), START + 9 * HOUR).rate_cu == 0


def test_quiet_tokens_are_served_only_from_a_well_filled_purse() -> None:
    early, late = allowance(purse(), START + HOUR), allowance(purse(), START + 24 * HOUR)
    assert early.now_cu > 0
    assert early.routine_cu == 0
    assert 0 < late.routine_cu < late.now_cu


def test_a_call_cheaper_than_thought_gives_back_the_difference() -> None:
    now = START + HOUR
    assert charged(charged(purse(), 30, now), -15, now).spent_cu == charged(purse(), 15, now).spent_cu


def test_a_clock_that_goes_back_makes_no_money() -> None:
    kept = charged(purse(), 0, START + 2 * HOUR)
    back = charged(kept, 0, START + HOUR)
    assert (back.saved_cu, back.saved_at) == (kept.saved_cu, kept.saved_at)


def test_restarts_make_no_money() -> None:
    now, cycle = START + 10 * HOUR, (START, END)
    full = open_purse(cycle, 2_500_000, 0, 0, now)
    assert full.saved_cu == full.most_saved_cu
    burst = int(full.saved_cu)
    assert open_purse(cycle, 2_500_000, burst, burst, now).saved_cu < 1
    assert open_purse(cycle, 2_500_000, 2_490_000, 0, now).saved_cu <= 10_000


def test_a_first_start_has_a_day_of_even_spending_to_begin_with() -> None:
    first = open_purse((START, END), 30_000, 0, 0, START)
    assert first.saved_cu == pytest.approx(30_000 / 30, rel=0.01)


def test_the_cycle_is_the_accounts_and_not_the_calendars() -> None:
    assert cycle_at(NOON, NOON + timedelta(days=29)) == (START, END)
    assert cycle_at(NOON, END) == (END, END + CYCLE)
    assert cycle_at(NOON, NOON - HOUR) == (NOON - CYCLE, NOON)


def test_a_month_smaller_than_the_reserve_is_never_touched() -> None:
    assert allowance(replace(purse(), monthly_cu=50), START + 9 * HOUR).now_cu == 0
