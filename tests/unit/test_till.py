"""The till at work: what restarts, cycles, other counts and clocks do to the account's month."""

import asyncio
from datetime import timedelta

import pytest

from deploy.sandbox.clock import HandClock
from engine.budget import CYCLE
from engine.credits import Credits
from engine.errors import BudgetHeld
from engine.plans import OVERVIEW, PLANS
from engine.till import Till
from tests.made import NOON
from tests.markets import MadeSpending

LITE = PLANS["lite"]


class Desk:
    """A till over rows in memory; `reopened` is what a restart makes of them."""

    def __init__(self) -> None:
        self.clock = HandClock(NOON)
        self.spending = MadeSpending()
        self.till = self.another()

    def another(self) -> Till:
        return Till(LITE, self.spending, self.clock)

    @property
    def spent_cu(self) -> int:
        return self.till.purse.spent_cu if self.till.purse else -1

    async def spend(self, calls: int) -> None:
        for _ in range(calls):
            self.till.settle(OVERVIEW, await self.till.pay(OVERVIEW), None, 200)


@pytest.fixture
async def desk() -> Desk:
    desk = Desk()
    await desk.till.open()
    return desk


async def test_nothing_may_be_spent_before_the_till_is_open() -> None:
    till = Desk().till
    assert not till.may(OVERVIEW, urgent=True)
    with pytest.raises(BudgetHeld):
        await till.pay(OVERVIEW)


async def test_a_restart_knows_what_was_spent(desk: Desk) -> None:
    await desk.spend(10)
    await desk.till.save()
    again = desk.another()
    await again.open()
    assert again.purse is not None
    assert again.purse.spent_cu == 150
    assert again.allowance().now_cu == pytest.approx(desk.till.allowance().now_cu, rel=0.001)


async def test_a_call_is_a_row_before_it_is_sent(desk: Desk) -> None:
    """Else a kill in the middle of calls, often enough, would exceed the month."""
    await desk.till.pay(OVERVIEW)
    assert [row[1:] for row in desk.spending.rows] == [(OVERVIEW, 1, 15)]


async def test_what_cannot_be_written_is_not_spent(desk: Desk) -> None:
    desk.spending.away = True
    with pytest.raises(BudgetHeld):
        await desk.till.pay(OVERVIEW)
    assert desk.spent_cu == 0
    desk.spending.away = False
    await desk.spend(1)
    assert sum(row[3] for row in desk.spending.rows) == 15


async def test_reopening_forgets_nothing_that_is_not_written_yet(desk: Desk) -> None:
    await desk.spend(10)
    desk.till.settle(OVERVIEW, 15, 25, 200)
    await desk.till.open()
    assert desk.spent_cu == 160
    assert sum(row[3] for row in desk.spending.rows) == 160


async def test_many_calls_at_once_are_written_once_each(desk: Desk) -> None:
    await asyncio.gather(*(desk.till.pay(OVERVIEW) for _ in range(30)))
    assert sum(row[2] for row in desk.spending.rows) == 30
    assert sum(row[3] for row in desk.spending.rows) == desk.spent_cu == 450


@pytest.mark.parametrize(
    ("told", "status", "cost"),
    [
        (None, 200, 15),
        (25, 200, 25),
        (0, 200, 15),
        (-3, 200, 15),
        (10**9, 200, 15),
        (None, 500, 15),
        (None, 404, 15),
        (None, 429, 0),
        (None, 401, 0),
        (None, 403, 0),
        (5, 429, 5),
    ],
)
async def test_what_an_answer_cost(desk: Desk, told: int | None, status: int, cost: int) -> None:
    """A price of nothing is none: believed, it would make every call free."""
    desk.till.settle(OVERVIEW, await desk.till.pay(OVERVIEW), told, status)
    assert desk.spent_cu == cost


async def test_what_the_account_told_survives_a_restart(desk: Desk) -> None:
    start = NOON - timedelta(days=12)
    await desk.till.reconcile(Credits(40_000, None, start, start + CYCLE))
    again = desk.another()
    await again.open()
    assert again.purse is not None
    assert (again.purse.starts_at, again.purse.spent_cu) == (start, 40_000)
    desk.clock.move(20 * 86_400)
    await again.open()
    assert again.purse.starts_at == start + CYCLE, "the next cycle follows the told one"


async def test_the_accounts_own_cycle_and_larger_count_are_taken_over(desk: Desk) -> None:
    await desk.spend(10)
    start = NOON - timedelta(days=12)
    await desk.till.reconcile(Credits(40_000, None, start, start + CYCLE))
    assert desk.till.purse is not None
    assert (desk.till.purse.starts_at, desk.spent_cu) == (start, 40_000)
    await desk.till.reconcile(Credits(30_000, None, start, start + CYCLE))
    assert desk.spent_cu == 40_000, "the account's own count may lag"


@pytest.mark.parametrize("days_ago", [None, 31, -1])
async def test_a_count_of_another_period_or_of_none_is_not_ours(desk: Desk, days_ago: int | None) -> None:
    """Charged once to the wrong cycle it could never be taken back: the larger count holds."""
    start = None if days_ago is None else NOON - timedelta(days=days_ago)
    await desk.till.reconcile(Credits(2_400_000, None, start, start and start + CYCLE))
    assert desk.spent_cu == 0


async def test_a_new_cycle_begins_with_nothing_spent(desk: Desk) -> None:
    await desk.spend(100)
    desk.clock.move(CYCLE.total_seconds() + 1)
    assert desk.spent_cu == 0
    assert desk.till.purse is not None
    assert desk.till.purse.starts_at == NOON + CYCLE


async def test_a_clock_set_back_stops_no_spending_and_makes_no_money(desk: Desk) -> None:
    await desk.spend(10)
    desk.clock.move(-600)
    assert desk.spent_cu == 150
    assert desk.till.may(OVERVIEW, urgent=True)
    desk.clock.move(40 * 86_400)
    assert desk.spent_cu == 0
    await desk.spend(5)
    desk.clock.move(-39 * 86_400)
    assert desk.spent_cu == 75
    assert desk.till.may(OVERVIEW, urgent=True)


async def test_what_a_restart_frees_late_in_a_spent_month_is_a_day_of_what_is_left(desk: Desk) -> None:
    await desk.spending.add(OVERVIEW, 1, 2_400_000, NOON)
    desk.clock.move(25 * 86_400)
    again = desk.another()
    await again.open()
    assert again.allowance().now_cu == pytest.approx(again.purse.left_cu / 5 if again.purse else 0, rel=0.01)
