"""Spending on a real PostgreSQL: counted by hour, summed over the cycle, known after a restart."""

import asyncio
from datetime import timedelta

from sqlalchemy import text

from storage.database import Database
from storage.spending import Spending
from tests.made import NOON, minutes


async def test_calls_of_one_hour_and_endpoint_share_a_row(database: Database) -> None:
    spending = Spending(database)
    await spending.add("/overview", 1, 15, NOON)
    await spending.add("/overview", 2, 30, NOON + minutes(59))
    await spending.add("/markets", 1, 30, NOON)
    await spending.add("/overview", 1, 15, NOON + minutes(60))
    async with database.transaction() as session:
        rows = (await session.execute(text("SELECT endpoint, calls, credits FROM spending ORDER BY hour, 1"))).all()
    assert [tuple(row) for row in rows] == [("/markets", 1, 30), ("/overview", 3, 45), ("/overview", 1, 15)]


async def test_nothing_was_spent_at_first(database: Database) -> None:
    assert await Spending(database).since(NOON) == 0


async def test_the_sum_begins_with_the_hour_of_the_cycles_start(database: Database) -> None:
    spending = Spending(database)
    for minute, credits_cu in ((-61, 1), (-1, 10), (1, 100), (10_000, 1000)):
        await spending.add("/overview", 1, credits_cu, NOON + minutes(minute))
    assert await spending.since(NOON) == 1100
    assert await spending.since(NOON - timedelta(seconds=1)) == 1110
    assert await spending.since(NOON + minutes(20)) == 1100, "the started hour counts whole"


async def test_a_call_that_cost_less_than_thought_is_corrected(database: Database) -> None:
    spending = Spending(database)
    await spending.add("/overview", 1, 15, NOON)
    await spending.add("/overview", 0, -5, NOON)
    assert await spending.since(NOON) == 10


async def test_the_first_hour_ever_paid_for_is_known(database: Database) -> None:
    spending = Spending(database)
    assert await spending.first_hour() is None
    await spending.add("/overview", 1, 15, NOON + minutes(90))
    await spending.add("/markets", 1, 30, NOON + minutes(20))
    assert await spending.first_hour() == NOON


async def test_no_cost_is_lost_when_many_are_counted_at_once(database: Database) -> None:
    spending = Spending(database)
    await asyncio.gather(*(spending.add("/overview", 1, 15, NOON) for _ in range(40)))
    assert await Spending(database).since(NOON) == 600
