"""The intake: every migration heard becomes one row, whatever the database does meanwhile."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import suppress
from datetime import datetime, timedelta

from structlog.testing import capture_logs

from deploy.sandbox.clock import HandClock
from engine.errors import DatabaseAway
from engine.events import Gap, Migration
from engine.heartbeat import Heartbeat
from engine.intake import Intake
from engine.janitor import Janitor
from engine.model import Status
from engine.patience import Patience
from storage.database import Database
from storage.gaps import Gaps
from storage.store import Store
from storage.tokens import Tokens
from tests.made import MINT, NOON, OTHER_MINT, migration, minutes
from tests.markets import StillClock
from tests.waiting import until


class ToldFeed:
    """`engine.ports.Feed`: tells these migrations and gaps, then stays silent."""

    def __init__(self, *told: Migration | Gap) -> None:
        self._told = told
        self.heard_until: datetime | None = None

    async def events(self) -> AsyncGenerator[Migration | Gap, None]:
        for one in self._told:
            yield one
        await asyncio.Event().wait()


class AbsentOnce(Tokens):
    """Storage whose database is away for the first call."""

    calls = 0

    async def track(self, migration: Migration, first_check_at: datetime) -> bool:
        self.calls += 1
        if self.calls == 1:
            raise DatabaseAway("gone")
        return await super().track(migration, first_check_at)


class DeafOnce(Gaps):
    """Storage whose database is away for the first gap."""

    calls = 0

    async def add(self, gap: Gap) -> bool:
        self.calls += 1
        if self.calls == 1:
            raise DatabaseAway("gone")
        return await super().add(gap)


async def run_intake(tokens: Tokens, gaps: Gaps, feed: ToldFeed, heartbeat: Heartbeat, heard: int) -> int:
    """How often the ticker was woken until so many migrations and gaps were heard."""
    woken: list[bool] = []
    intake = Intake(feed, tokens, gaps, StillClock(NOON), heartbeat, Patience(5), lambda: woken.append(True))
    loop = asyncio.create_task(intake.run())
    await until(lambda: sum(heartbeat.counts.values()) == heard, what=f"{heard} migrations and gaps")
    loop.cancel()
    with suppress(asyncio.CancelledError):
        await loop
    return len(woken)


async def test_each_migration_becomes_one_row_and_wakes_the_ticker(database: Database) -> None:
    heartbeat, store = Heartbeat(), Store(database)
    feed = ToldFeed(migration(MINT), migration(OTHER_MINT), migration(MINT))
    assert await run_intake(store.tokens, store.gaps, feed, heartbeat, heard=3) == 2
    assert dict(heartbeat.counts) == {("migration", "new"): 2, ("migration", "repeated"): 1}
    due = await store.tokens.claim_glances(NOON, {Status.INITIAL: timedelta(seconds=30)}, NOON, 10)
    assert {token.mint for token in due} == {MINT, OTHER_MINT}


async def test_a_migration_heard_while_the_database_is_away_is_not_lost(database: Database) -> None:
    tokens = AbsentOnce(database)
    assert await run_intake(tokens, Gaps(database), ToldFeed(migration(MINT)), Heartbeat(), heard=1) == 1
    assert len(await tokens.find(MINT)) == 1


async def test_a_gap_becomes_a_row_and_a_warning_with_its_seconds(database: Database) -> None:
    heartbeat, store, gap = Heartbeat(), Store(database), Gap(NOON - minutes(2), NOON)
    with capture_logs() as logs:
        woken = await run_intake(store.tokens, store.gaps, ToldFeed(gap, migration(MINT)), heartbeat, heard=2)
    assert woken == 1, "only the migration is news for the ticker"
    assert await store.gaps.since(NOON - minutes(1)) == [gap]
    assert heartbeat.counts["feed_gap", "recorded"] == 1
    [told] = [entry for entry in logs if entry["event"] == "feed.gap"]
    assert (told["log_level"], told["seconds"]) == ("warning", 120)


async def test_a_gap_heard_of_while_the_database_is_away_is_not_lost(database: Database) -> None:
    gaps, gap = DeafOnce(database), Gap(NOON - minutes(2), NOON)
    await run_intake(Tokens(database), gaps, ToldFeed(gap), Heartbeat(), heard=1)
    assert await gaps.since(NOON - minutes(1)) == [gap]


async def test_a_gap_that_ends_before_it_begins_is_counted_and_no_row(database: Database) -> None:
    heartbeat, store = Heartbeat(), Store(database)
    await run_intake(store.tokens, store.gaps, ToldFeed(Gap(NOON, NOON - minutes(2))), heartbeat, heard=1)
    assert dict(heartbeat.counts) == {("feed_gap", "backwards"): 1}
    assert await store.gaps.since(NOON - minutes(60)) == []


async def test_the_janitor_beats_also_when_there_is_nothing_to_do(database: Database) -> None:
    heartbeat, store = Heartbeat(), Store(database)
    janitor = Janitor(
        store.looks, store.outbox, store.episodes, store.settings, HandClock(NOON), heartbeat, Patience(5)
    )
    assert await janitor.sweep() == 0
    assert heartbeat.pulse("janitor").beat_seconds is not None


async def test_now_and_then_a_row_says_until_when_the_feed_was_heard(database: Database) -> None:
    """Looks go on while the feed is deaf, so only this tells a restart how long it was."""
    store, feed = Store(database), ToldFeed()
    feed.heard_until = NOON - minutes(3)
    intake = Intake(feed, store.tokens, store.gaps, HandClock(NOON), Heartbeat(), Patience(), lambda: None)
    loop = asyncio.create_task(intake.run())
    try:
        await until(store.gaps.heard_until, what="the row")
    finally:
        loop.cancel()
        await asyncio.gather(loop, return_exceptions=True)
    assert await store.gaps.heard_until() == NOON - minutes(3)


class AbsentAlways(Tokens):
    """Storage whose database stays away."""

    async def track(self, migration: Migration, first_check_at: datetime) -> bool:
        raise DatabaseAway(f"gone with {migration.mint} of {first_check_at}")


async def test_what_was_heard_before_the_database_went_away_for_good_is_kept_by_the_next_intake(
    database: Database,
) -> None:
    unsaved: deque[Migration | Gap] = deque()
    gaps, clock, heartbeat = Gaps(database), StillClock(), Heartbeat()

    def intake(feed: ToldFeed, tokens: Tokens) -> Intake:
        return Intake(feed, tokens, gaps, clock, heartbeat, Patience(60), lambda: None, unsaved)

    first = asyncio.create_task(intake(ToldFeed(migration(MINT)), AbsentAlways(database)).run())
    await until(lambda: len(unsaved) == 1)
    first.cancel()
    await asyncio.wait({first})
    second = asyncio.create_task(intake(ToldFeed(migration(OTHER_MINT)), Tokens(database)).run())
    await until(lambda: heartbeat.counts["migration", "new"] == 2)
    second.cancel()
    await asyncio.wait({second})
    assert not unsaved
    assert len(await Tokens(database).find(MINT)) == len(await Tokens(database).find(OTHER_MINT)) == 1
