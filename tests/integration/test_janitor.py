"""Retention: old rows go in batches that stand in nobody's way, and what is still needed stays."""

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert, select

from deploy.sandbox.clock import HandClock
from engine.heartbeat import Heartbeat
from engine.janitor import BATCH, Janitor
from engine.patience import Patience
from storage.database import Database
from storage.looks import Looks
from storage.tables import OutboxRow, OutcomeRow
from tests.integration.story import ALICE, BOB, Story
from tests.made import MINT, NOON, OTHER_MINT, minutes, sample
from tests.markets import StillClock
from tests.waiting import until

WEEK = timedelta(days=8)


@pytest.fixture
def store(database: Database) -> Story:
    return Story(database)


def janitor(store: Story, clock: HandClock) -> Janitor:
    return Janitor(store.looks, store.outbox, store.episodes, store.settings, clock, Heartbeat(), Patience(5))


class Dripping(Looks):
    """Storage in which so many looks have grown old whenever somebody asks."""

    drops = 1

    async def prune(self, before: datetime, limit: int) -> int:
        return await super().prune(before, limit) + self.drops


async def first_pause(store: Story, drops: int) -> float:
    """How long the janitor rests after a sweep that deleted so many."""
    clock, looks = StillClock(NOON), Dripping(store.database)
    looks.drops, store.looks = drops, looks
    loop = asyncio.create_task(janitor(store, clock).run())
    try:
        await until(lambda: clock.slept, what="the janitor's first pause")
    finally:
        loop.cancel()
        await asyncio.gather(loop, return_exceptions=True)
    return clock.slept[0]


async def test_looks_that_grow_old_one_by_one_do_not_keep_the_janitor_sweeping(store: Story) -> None:
    assert await first_pause(store, drops=1) == 60.0


async def test_a_backlog_is_swept_faster_but_not_without_a_breath(store: Story) -> None:
    assert await first_pause(store, drops=BATCH) == 1.0


async def followed(store: Story, since: datetime, due_at: datetime | None) -> None:
    """The only outcome, which has taken in the looks before `since`; open unless it is never due again."""
    await store.rows("DELETE FROM outcomes RETURNING 1")
    usual = {"token_id": 1, "kind": "activated", "episode": 0, "decided_at": since, "settings_version": 0}
    async with store.database.transaction() as session:
        await session.execute(insert(OutcomeRow).values(followed_until=since, due_at=due_at, **usual))


@pytest.mark.parametrize(("due_at", "kept"), [(NOON, [NOON - minutes(5), NOON - minutes(1)]), (None, [])])
async def test_looks_that_an_open_outcome_has_not_taken_in_stay(
    store: Story, due_at: datetime | None, kept: list[datetime]
) -> None:
    token = await store.tracked()
    for minute in (9, 5, 1):
        await store.look(token, sample(ts=NOON - minutes(minute)), NOON - minutes(minute))
    await followed(store, NOON - minutes(5), due_at)
    await store.looks.prune(NOON, 100)
    assert await store.rows("SELECT ts FROM token_snapshots ORDER BY ts") == [(ts,) for ts in kept]
    assert await store.rows("SELECT count(*) FROM token_scores") == [(0,)], "no outcome needs these"


async def test_an_outcome_of_later_keeps_nothing_of_before(store: Story) -> None:
    await store.look(await store.tracked(), sample(), NOON)
    await followed(store, NOON + minutes(30), NOON + minutes(60))
    await store.looks.prune(NOON + minutes(10), 100)
    assert await store.rows("SELECT count(*) FROM token_snapshots") == [(0,)]


async def test_the_oldest_looks_go_first(store: Story) -> None:
    token = await store.tracked()
    for minute in (1, 9, 5):
        await store.look(token, sample(ts=NOON - minutes(minute)), NOON - minutes(minute))
    await store.looks.prune(NOON, 1)
    assert await store.rows("SELECT min(ts) FROM token_snapshots") == [(NOON - minutes(5),)]


async def told(store: Story, mint: str = MINT) -> None:
    """An activation and a high score that all subscribers have heard."""
    token = await store.tracked(mint, heard_at=NOON - minutes(60))
    await store.look(token, sample(tx_count_5m=1200), NOON)
    for parcel in await store.outbox.claim(10, 60, NOON):
        await store.outbox.mark_sent(parcel.id, 5)


async def test_an_episode_that_outlasts_the_retention_is_not_told_again(store: Story) -> None:
    await store.chats.subscribe(ALICE, NOON - minutes(1))
    await told(store)
    later = NOON + WEEK
    assert await store.outbox.prune(later, 10) == 1
    [token] = await store.tokens.find(MINT)
    assert token.episode.opened_at == NOON
    await store.look(token, sample(ts=later, tx_count_5m=1200), later)
    assert await store.heard() == []
    assert await store.rows("SELECT kind FROM alerts JOIN outbox ON alert_id = alerts.id") == [("high_score",)]


async def test_the_rows_of_an_episode_go_once_it_is_over(store: Story) -> None:
    await store.chats.subscribe(ALICE, NOON - minutes(1))
    await told(store)
    await store.rows("UPDATE tokens SET episode_opened_at = NULL RETURNING 1")
    assert await store.outbox.prune(NOON + WEEK, 10) == 2


async def test_what_waits_for_a_chat_that_is_off_does_not_wait_for_ever(store: Story) -> None:
    for chat in (ALICE, BOB):
        await store.chats.subscribe(chat, NOON - minutes(1))
    await store.look(await store.tracked(), sample(), NOON)
    await store.chats.switch_off(ALICE.id, "bot was blocked by the user", NOON)
    assert await store.outbox.prune(NOON, 10) == 0
    assert await store.outbox.prune(NOON + WEEK, 10) == 1
    assert await store.rows("SELECT chat_id FROM outbox") == [(BOB.id,)]


async def test_a_row_in_somebodys_hands_holds_nobody_up(store: Story) -> None:
    await store.chats.subscribe(ALICE, NOON - minutes(1))
    for mint in (MINT, OTHER_MINT):
        await told(store, mint)
    await store.rows("UPDATE tokens SET episode_opened_at = NULL RETURNING 1")
    async with store.database.transaction() as other:
        await other.execute(select(OutboxRow).limit(1).with_for_update())
        assert await asyncio.wait_for(store.outbox.prune(NOON + WEEK, 10), 10) == 3
    assert await store.outbox.prune(NOON + WEEK, 10) == 1
