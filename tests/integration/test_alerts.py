"""Who hears what, and what a claim on an outbox row protects, on a real PostgreSQL."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from engine.decision import decide
from engine.model import Alert, AlertKind, Reason, Token
from engine.settings import Settings
from engine.shown import Chat
from storage.database import Database
from storage.tables import ChatRow, OutboxRow
from tests.integration.story import ALICE, BOB, Story, one_parcel
from tests.made import MINT, NOON, minutes, sample
from tests.waiting import until


@pytest.fixture
def store(database: Database) -> Story:
    return Story(database)


async def test_subscribers_hear_an_activation_and_a_high_score(store: Story) -> None:
    await store.chats.subscribe(ALICE, NOON - minutes(1))
    token = await store.tracked(heard_at=NOON - minutes(60))
    await store.look(token, sample(tx_count_5m=1200), NOON)
    parcels = await store.outbox.claim(10, 60, NOON)
    assert [parcel.facts.kind for parcel in parcels] == [AlertKind.HIGH_SCORE, AlertKind.ACTIVATED]
    facts = parcels[0].facts
    assert (parcels[0].chat_id, parcels[0].language) == (ALICE.id, "ru")
    assert (facts.mint, facts.price, facts.market_cap, facts.decided_at) == (MINT, 0.001, 1_000_000.0, NOON)
    assert parcels[1].facts.reason == Reason(
        "liquidity ${liquidity:,.0f} reached ${gate:,.0f}", {"liquidity": 60_000.0, "gate": 50_000.0}
    )


async def test_a_replayed_look_announces_nothing_again(store: Story) -> None:
    await store.chats.subscribe(ALICE, NOON - minutes(1))
    token = await store.tracked(heard_at=NOON - minutes(60))
    for _ in range(3):
        await store.look(token, sample(tx_count_5m=1200), NOON)
    assert await store.rows("SELECT count(*) FROM alerts") == [(2,)]
    assert await store.rows("SELECT count(*) FROM outbox") == [(2,)]


async def test_an_alert_is_kept_even_if_nobody_hears_it(store: Story) -> None:
    token = await store.tracked(heard_at=NOON - minutes(60))
    await store.look(token, sample(tx_count_5m=1200), NOON)
    assert await store.rows("SELECT kind FROM alerts ORDER BY kind") == [("activated",), ("high_score",)]
    assert await store.heard() == []


async def test_an_episode_below_the_common_threshold_is_no_alert(store: Story) -> None:
    token = await store.tracked()
    ring = Alert(AlertKind.HIGH_SCORE, 1, NOON, level=1.7)
    verdict = replace(decide(token, sample(), (), NOON, Settings()), alerts=(ring,))
    await store.looks.record([verdict], NOON, Settings())
    assert await store.rows("SELECT count(*) FROM alerts") == [(0,)]


async def rings(store: Story, token: Token, level: float, at: datetime, **facts: Any) -> list[tuple[int, str]]:
    """Who hears a check of that level in the token's first episode."""
    ring = replace(Alert(AlertKind.HIGH_SCORE, episode=1, opened_at=NOON, level=level), **facts)
    verdict = replace(decide(token, sample(), (), at, Settings()), alerts=(ring,), transition=None)
    await store.looks.record([verdict], at, Settings())
    return await store.heard()


async def own_threshold(store: Story, chat: Chat, threshold: float, at: datetime) -> None:
    change = update(ChatRow).where(ChatRow.id == chat.id).values(threshold=threshold, threshold_set_at=at)
    async with store.database.transaction() as session:
        await session.execute(change)


async def test_each_chat_hears_an_episode_once_at_its_own_threshold(store: Story) -> None:
    token = await store.tracked()
    for chat in (ALICE, BOB):
        await store.chats.subscribe(chat, NOON - minutes(2))
    await own_threshold(store, BOB, 3.0, NOON - minutes(1))
    assert await rings(store, token, 2.2, NOON) == [(ALICE.id, "high_score")]
    assert await rings(store, token, 2.9, NOON + minutes(1)) == []
    assert await rings(store, token, 3.1, NOON + minutes(2)) == [(BOB.id, "high_score")]
    assert await rings(store, token, 4.0, NOON + minutes(3)) == []


async def test_who_subscribes_in_mid_episode_does_not_hear_it(store: Story) -> None:
    token = await store.tracked()
    await store.chats.subscribe(ALICE, NOON + minutes(1))
    assert await rings(store, token, 2.5, NOON + minutes(2)) == []
    later = await rings(store, token, 2.5, NOON + minutes(20), episode=2, opened_at=NOON + minutes(20))
    assert later == [(ALICE.id, "high_score")]


async def test_who_changes_the_threshold_in_mid_episode_does_not_hear_it(store: Story) -> None:
    token = await store.tracked()
    await store.chats.subscribe(ALICE, NOON - minutes(1))
    await own_threshold(store, ALICE, 2.0, NOON + minutes(1))
    assert await rings(store, token, 2.5, NOON + minutes(2)) == []


async def test_the_cooldown_keeps_a_chat_from_hearing_a_token_twice(store: Story) -> None:
    token = await store.tracked()
    await store.chats.subscribe(ALICE, NOON - minutes(1))
    assert len(await rings(store, token, 2.5, NOON)) == 1
    assert await rings(store, token, 2.5, NOON + minutes(59), episode=2, opened_at=NOON + minutes(59)) == []
    assert len(await rings(store, token, 2.5, NOON + minutes(61), episode=3, opened_at=NOON + minutes(61))) == 1


async def test_a_level_that_the_settings_made_is_old_news(store: Story) -> None:
    token = await store.tracked()
    for chat in (ALICE, BOB):
        await store.chats.subscribe(chat, NOON - minutes(2))
    await own_threshold(store, BOB, 3.0, NOON - minutes(1))
    assert await rings(store, token, 2.5, NOON, floor=2.5) == []
    assert await rings(store, token, 3.5, NOON + minutes(1), floor=2.5) == [(BOB.id, "high_score")]


async def test_a_silent_rebase_is_no_alert(store: Story) -> None:
    await rings(store, await store.tracked(), 2.5, NOON, floor=2.5)
    assert await store.rows("SELECT count(*) FROM alerts") == [(0,)]


async def test_an_alert_that_was_never_sent_does_not_cool_down(store: Story) -> None:
    token = await store.tracked()
    await store.chats.subscribe(ALICE, NOON - minutes(1))
    await rings(store, token, 2.5, NOON)
    await store.rows("UPDATE outbox SET outcome = 'expired' RETURNING 1")
    assert len(await rings(store, token, 2.5, NOON + minutes(5), episode=2, opened_at=NOON + minutes(5))) == 1


async def test_the_cooldown_is_one_of_its_kind(store: Story) -> None:
    token = await store.tracked()
    await store.chats.subscribe(ALICE, NOON - minutes(1))
    await store.look(token, sample(), NOON)
    assert await store.heard() == [(ALICE.id, "activated")]
    later = NOON + minutes(2)
    assert await rings(store, token, 2.5, later, opened_at=later) == [(ALICE.id, "high_score")]


async def test_the_moment_of_subscribing_belongs_to_what_was_before(store: Story) -> None:
    token = await store.tracked()
    await store.chats.subscribe(ALICE, NOON)
    await store.chats.subscribe(BOB, NOON - minutes(1))
    await own_threshold(store, BOB, 2.0, NOON)
    assert await rings(store, token, 2.5, NOON) == []


async def test_a_chat_that_leaves_in_the_middle_of_the_fan_out_spoils_nothing(store: Story) -> None:
    token = await store.tracked()
    for chat in (ALICE, BOB):
        await store.chats.subscribe(chat, NOON - minutes(1))
    async with store.database.transaction() as leaving:
        await leaving.execute(delete(ChatRow).where(ChatRow.id == ALICE.id))
        look = asyncio.create_task(store.look(token, sample(), NOON))
        await until(lambda: waiting_for_a_lock(store), what="the fan-out to meet the leaving chat")
    await look
    assert await store.heard() == [(BOB.id, "activated")]


async def waiting_for_a_lock(store: Story) -> bool:
    return await store.rows("SELECT count(*) FROM pg_locks WHERE NOT granted") != [(0,)]


async def test_two_senders_never_claim_the_same_row(store: Story) -> None:
    for chat in (ALICE, BOB):
        await store.chats.subscribe(chat, NOON - minutes(1))
    await store.look(await store.tracked(), sample(), NOON)
    async with store.database.transaction() as other:
        await other.execute(select(OutboxRow).where(OutboxRow.chat_id == ALICE.id).with_for_update())
        claimed = await asyncio.wait_for(store.outbox.claim(10, 60, NOON), 5)
    assert [parcel.chat_id for parcel in claimed] == [BOB.id]


async def test_the_most_urgent_row_is_claimed_first(store: Story) -> None:
    await store.chats.subscribe(ALICE, NOON - minutes(1))
    await store.look(await store.tracked(heard_at=NOON - minutes(60)), sample(tx_count_5m=1200), NOON)
    [first] = await store.outbox.claim(1, 60, NOON)
    assert first.facts.kind is AlertKind.HIGH_SCORE


async def test_moving_a_group_twice_changes_nothing_more(store: Story) -> None:
    await store.chats.subscribe(Chat(id=-5, type="group"), NOON - minutes(1))
    await store.chats.move(-5, -1005)
    await store.chats.move(-5, -1005)
    assert await store.chats.is_subscribed(-1005)


async def test_old_rows_of_the_outbox_are_pruned_once_dealt_with(store: Story) -> None:
    parcel = await one_parcel(store)
    week_later = NOON + timedelta(days=8)
    assert await store.outbox.prune(week_later, 10) == 0
    await store.outbox.mark_sent(parcel.id, 5)
    assert await store.outbox.prune(NOON, 10) == 0
    assert await store.outbox.prune(week_later, 10) == 1


async def test_who_is_off_or_gone_hears_nothing(store: Story) -> None:
    token = await store.tracked()
    for chat in (ALICE, BOB):
        assert await store.chats.subscribe(chat, NOON - minutes(1))
    await store.chats.switch_off(ALICE.id, "bot was blocked by the user", NOON)
    assert await store.chats.unsubscribe(BOB.id)
    assert not await store.chats.unsubscribe(BOB.id)
    assert await rings(store, token, 2.5, NOON) == []
    assert not await store.chats.is_subscribed(ALICE.id)
    assert await store.chats.subscribe(ALICE, NOON)
    assert await store.chats.is_subscribed(ALICE.id)
    assert not await store.chats.subscribe(ALICE, NOON)


async def test_a_group_that_becomes_a_supergroup_keeps_what_waits_for_it(store: Story) -> None:
    token = await store.tracked()
    await store.chats.subscribe(Chat(id=-5, type="group"), NOON - minutes(1))
    await store.look(token, sample(), NOON)
    await store.chats.move(-5, -1005)
    assert await store.heard() == [(-1005, "activated")]
