"""The intake: every migration heard becomes one row, whatever the database does meanwhile."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from datetime import datetime, timedelta

from deploy.sandbox.clock import HandClock
from engine.errors import DatabaseAway
from engine.events import Migration
from engine.heartbeat import Heartbeat
from engine.intake import Intake
from engine.janitor import Janitor
from engine.model import Status
from engine.patience import Patience
from storage.database import Database
from storage.store import Store
from storage.tokens import Tokens
from tests.made import MINT, NOON, OTHER_MINT, migration
from tests.waiting import until


class ToldFeed:
    """`engine.ports.Feed`: tells these migrations, then stays silent."""

    def __init__(self, *told: Migration) -> None:
        self._told = told

    async def migrations(self) -> AsyncGenerator[Migration, None]:
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


async def run_intake(tokens: Tokens, feed: ToldFeed, heartbeat: Heartbeat, heard: int) -> int:
    """How often the ticker was woken until so many migrations were heard."""
    woken: list[bool] = []
    intake = Intake(feed, tokens, HandClock(NOON), heartbeat, Patience(5), lambda: woken.append(True))
    loop = asyncio.create_task(intake.run())
    await until(lambda: sum(heartbeat.counts.values()) == heard, what=f"{heard} migrations")
    loop.cancel()
    with suppress(asyncio.CancelledError):
        await loop
    return len(woken)


async def test_each_migration_becomes_one_row_and_wakes_the_ticker(database: Database) -> None:
    heartbeat, store = Heartbeat(), Store(database)
    feed = ToldFeed(migration(MINT), migration(OTHER_MINT), migration(MINT))
    assert await run_intake(store.tokens, feed, heartbeat, heard=3) == 2
    assert dict(heartbeat.counts) == {("migration", "new"): 2, ("migration", "repeated"): 1}
    due = await store.tokens.claim_glances(NOON, {Status.INITIAL: timedelta(seconds=30)}, NOON, 10)
    assert {token.mint for token in due} == {MINT, OTHER_MINT}


async def test_a_migration_heard_while_the_database_is_away_is_not_lost(database: Database) -> None:
    tokens = AbsentOnce(database)
    assert await run_intake(tokens, ToldFeed(migration(MINT)), Heartbeat(), heard=1) == 1
    assert len(await tokens.find(MINT)) == 1


async def test_the_janitor_beats_also_when_there_is_nothing_to_do(database: Database) -> None:
    heartbeat, store = Heartbeat(), Store(database)
    janitor = Janitor(store.tokens, store.looks, store.outbox, store.settings, HandClock(NOON), heartbeat, Patience(5))
    assert await janitor.sweep() == 0
    assert heartbeat.pulse("janitor").beat_seconds is not None
