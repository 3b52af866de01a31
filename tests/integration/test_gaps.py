"""Gaps of the feed on a real PostgreSQL."""

from __future__ import annotations

from datetime import timedelta

from engine.events import Gap
from engine.shown import FeedGaps
from storage.database import Database
from storage.gaps import MOST, Gaps
from storage.store import Store
from tests.made import NOON, migration, minutes


def gap(began: float, ended: float) -> Gap:
    """A gap by the minutes before noon at which it began and ended."""
    return Gap(NOON - minutes(began), NOON - minutes(ended))


async def test_gaps_are_found_whole_with_the_latest_first(database: Database) -> None:
    gaps = Gaps(database)
    for one in (gap(30, 20), gap(5, 1), gap(90, 61)):
        assert await gaps.add(one)
    assert await gaps.since(NOON - minutes(25)) == [gap(5, 1), gap(30, 20)]
    assert await gaps.since(NOON - minutes(20)) == [gap(5, 1)]


async def test_a_gap_told_twice_is_one_row(database: Database) -> None:
    gaps = Gaps(database)
    assert await gaps.add(gap(5, 1))
    assert await gaps.add(gap(5, 1))
    assert await gaps.since(NOON - minutes(60)) == [gap(5, 1)]


async def test_a_gap_without_length_is_not_stored(database: Database) -> None:
    gaps = Gaps(database)
    assert not await gaps.add(gap(1, 5))
    assert not await gaps.add(gap(1, 1))
    assert await gaps.since(NOON - minutes(60)) == []


async def test_no_more_than_the_bound_is_given(database: Database) -> None:
    gaps = Gaps(database)
    async with database.transaction() as session:
        connection = await session.connection()
        await connection.exec_driver_sql(
            "INSERT INTO feed_gaps (began_at, ended_at) SELECT at, at + interval '1 second' "
            "FROM generate_series('2026-07-03 10:00Z'::timestamptz, '2026-07-03 11:00Z', interval '3 second') AS at"
        )
    found = await gaps.since(NOON - timedelta(days=1))
    assert len(found) == MOST
    assert found[0].ended_at > found[-1].ended_at


async def test_the_last_day_counts_only_the_seconds_that_lie_in_it(database: Database) -> None:
    gaps = Gaps(database)
    assert await gaps.last_day(NOON) == FeedGaps(0, 0.0)
    day = 24 * 60
    for one in (gap(day + 60, day + 30), gap(day + 60, day - 2), gap(10, 9.5)):
        await gaps.add(one)
    assert await gaps.last_day(NOON) == FeedGaps(2, 150.0, gap(10, 9.5))


async def test_a_restart_knows_until_when_the_feed_was_heard(database: Database) -> None:
    store = Store(database)
    assert await store.gaps.heard_until() is None
    await store.tokens.track(migration(heard_at=NOON - minutes(90)), first_check_at=NOON)
    assert await store.gaps.heard_until() == NOON - minutes(90)
    await store.gaps.heard(NOON - minutes(30))
    await store.gaps.heard(NOON - minutes(40))
    assert await store.gaps.heard_until() == NOON - minutes(30), "an earlier moment changes nothing"
    await store.gaps.add(Gap(NOON - minutes(20), NOON - minutes(10)))
    assert await store.gaps.heard_until() == NOON - minutes(10)
