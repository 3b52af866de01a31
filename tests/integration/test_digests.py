"""What is held for a chat becomes one digest; examples and notices go their own ways. On a real PostgreSQL."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import text

from engine.model import AlertKind
from engine.parcels import Parcel
from engine.shown import Chat
from storage import digests
from storage.database import Database
from tests.integration.story import ALICE, BOB, Story
from tests.made import MINT, NOON, OTHER_MINT, minutes, sample

NINE = NOON + minutes(60)


@pytest.fixture
def counts() -> Counter[tuple[str, str]]:
    return Counter()


@pytest.fixture
def store(database: Database, counts: Counter[tuple[str, str]]) -> Story:
    return Story(database, lambda what, kind: counts.update([(what, kind)]))


async def held(store: Story, *chats: Chat, mints: tuple[str, ...] = (MINT, OTHER_MINT)) -> None:
    """For each chat an activation and a high score of each token, held for an hour."""
    for chat in chats:
        await store.chats.subscribe(chat, NOON - minutes(1))
    for mint in mints:
        await store.look(await store.tracked(mint, heard_at=NOON - minutes(60)), sample(tx_count_5m=1200), NOON)
    for parcel in await store.outbox.claim(100, 60, NOON):
        await store.outbox.hold(parcel, NINE)


async def claimed(store: Story) -> list[Parcel]:
    return await store.outbox.claim(100, 60, NOON)


async def test_what_was_held_is_told_in_one_digest_a_chat(store: Story) -> None:
    await held(store, ALICE, BOB)
    assert await store.outbox.fold(NINE - minutes(1)) == 0
    assert await store.outbox.fold(NINE) == 8
    assert await store.outbox.fold(NINE) == 0
    parcels = await claimed(store)
    assert [(parcel.chat_id, parcel.facts.kind) for parcel in sorted(parcels, key=lambda one: one.chat_id)] == [
        (ALICE.id, AlertKind.DIGEST),
        (BOB.id, AlertKind.DIGEST),
    ]
    digest = await store.outbox.digest(parcels[0].id)
    assert digest.counts == {AlertKind.HIGH_SCORE: 2, AlertKind.ACTIVATED: 2}
    assert [facts.kind for facts in digest.best] == [AlertKind.HIGH_SCORE] * 2 + [AlertKind.ACTIVATED] * 2


async def test_many_digests_are_queued_some_chats_at_a_time(store: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digests, "CHATS", 1)
    await held(store, ALICE, BOB)
    assert [await store.outbox.fold(NINE) for _ in range(3)] == [4, 4, 0]
    assert len(await claimed(store)) == 2


@pytest.mark.parametrize("waiting", [ALICE, BOB])
async def test_chats_whose_alerts_still_wait_do_not_keep_others_from_their_digests(
    store: Story, waiting: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(digests, "CHATS", 1)
    await held(store, ALICE, BOB)
    await store.change("UPDATE outbox SET outcome = NULL WHERE chat_id = :id AND priority = 30", id=waiting.id)
    assert [await store.outbox.fold(NINE) for _ in range(2)] == [4, 0]
    assert await store.rows("SELECT count(*) FROM outbox WHERE outcome = 'held'") == [(2,)]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE chats SET off_at = now()",
        "UPDATE chats SET subscribed_at = NULL",
        "UPDATE chats SET muted_until = 'infinity'",
    ],
)
async def test_what_is_held_for_who_does_not_hear_alerts_any_more_is_unwanted_and_counted(
    store: Story, counts: Counter[tuple[str, str]], change: str
) -> None:
    await held(store, ALICE, BOB)
    await store.change(f"{change} WHERE id = :id", id=ALICE.id)
    assert await store.outbox.fold(NINE) == 8
    outcomes = "SELECT chat_id, outcome FROM outbox WHERE action = 'send' GROUP BY 1, 2 ORDER BY 1"
    assert await store.rows(outcomes) == [(ALICE.id, "unwanted"), (BOB.id, "digested")]
    assert counts == {("alert_given_up", "unwanted"): 4}


async def test_what_a_chat_watches_needs_no_subscription(store: Story) -> None:
    await held(store, ALICE)
    await store.change("UPDATE chats SET subscribed_at = NULL")
    await store.change("UPDATE outbox SET facts = facts || '{\"watched\": true}' WHERE priority = 10")
    await store.outbox.fold(NINE)
    [parcel] = await claimed(store)
    assert (await store.outbox.digest(parcel.id)).counts == {AlertKind.HIGH_SCORE: 2}


async def test_a_chat_that_leaves_while_its_digest_is_made_is_waited_for(store: Story) -> None:
    await held(store, ALICE, BOB)
    blocked = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    async with store.database.transaction() as session:
        await session.execute(text("SELECT FROM chats WHERE id = :id FOR UPDATE"), {"id": ALICE.id})
        folding = asyncio.create_task(store.outbox.fold(NINE))
        while await store.rows(blocked) == [(0,)]:
            assert not folding.done()
        await session.execute(text("DELETE FROM chats WHERE id = :id"), {"id": ALICE.id})
    assert await folding == 4
    assert [parcel.chat_id for parcel in await claimed(store)] == [BOB.id]


async def test_nothing_is_folded_while_alerts_are_paused(store: Story) -> None:
    await held(store, ALICE)
    await store.settings.change("alerts_paused", "yes", 1, NOON)
    assert await store.outbox.fold(NINE) == 0


async def test_what_is_held_cools_down_as_what_was_sent(store: Story) -> None:
    await held(store, ALICE)
    token = (await store.tokens.find(MINT))[0]
    await store.change("UPDATE tokens SET episode_opened_at = NULL")
    await store.look(token, sample(ts=NOON + minutes(30), tx_count_5m=1200), NOON + minutes(30))
    assert await claimed(store) == []


async def test_the_newest_high_score_is_the_example_once_a_minute(store: Story) -> None:
    await store.chats.meet(ALICE, NOON)
    for number, mint in enumerate((MINT, OTHER_MINT)):
        await store.alerted(mint, NOON + minutes(number))
    await store.alerted(f"{MINT[:-1]}q", NOON + minutes(5), AlertKind.ACTIVATED)
    assert await store.outbox.test(ALICE.id, NOON + minutes(9))
    assert not await store.outbox.test(ALICE.id, NOON + minutes(9.9))
    [parcel] = await claimed(store)
    assert (parcel.facts.mint, parcel.facts.test, parcel.facts.decided_at) == (OTHER_MINT, True, NOON + minutes(1))
    await store.outbox.mark_sent(parcel.id, 1)
    assert await store.outbox.test(ALICE.id, NOON + minutes(10))
    assert len(await claimed(store)) == 1


async def test_an_example_neither_cools_down_nor_counts(store: Story) -> None:
    await store.chats.subscribe(ALICE, NOON - minutes(5))
    token = await store.alerted(MINT, NOON - minutes(10), AlertKind.ACTIVATED)
    await store.outbox.test(ALICE.id, NOON)
    [parcel] = await claimed(store)
    await store.outbox.mark_sent(parcel.id, 1)
    await store.look(token, sample(), NOON + minutes(1))
    assert [(one.facts.kind, one.lately.sent_last_hour) for one in await claimed(store)] == [(AlertKind.ACTIVATED, 0)]


async def test_without_any_alert_the_test_is_a_sentence(store: Story) -> None:
    await store.chats.meet(ALICE, NOON)
    assert await store.outbox.test(ALICE.id, NOON)
    [parcel] = await claimed(store)
    assert parcel.facts.kind is AlertKind.NOTICE
    assert "alerts reach this chat" in str(parcel.facts.reason)


async def test_an_unknown_chat_gets_no_test(store: Story) -> None:
    assert not await store.outbox.test(404, NOON)


async def with_thresholds(store: Story) -> None:
    """Alice has a threshold of her own; Bob follows the common one."""
    for chat in (ALICE, BOB):
        await store.chats.subscribe(chat, NOON - timedelta(days=1))
    await store.chats.prefer(ALICE.id, NOON - timedelta(days=1), threshold=3.0)


async def notices(store: Story) -> list[tuple[int, dict[str, float]]]:
    await store.change("UPDATE outbox SET due_at = clock_timestamp() WHERE outcome IS NULL")
    return [(one.chat_id, dict(one.facts.reason.values)) for one in await claimed(store) if one.facts.reason]  # type: ignore[arg-type]


async def test_who_has_an_own_threshold_is_told_what_new_weights_mean(store: Story) -> None:
    await with_thresholds(store)
    await store.settings.change("weight_tx_accel", 0.5, 1, NOON)
    assert await claimed(store) == [], "another change may follow"
    assert await notices(store) == [
        (ALICE.id, {"before": 0.5, "after": 0.75, "threshold": 3.0, "was": 6.0, "now": 4.0})
    ]


async def test_several_changes_are_told_in_one_notice(store: Story) -> None:
    await with_thresholds(store)
    await store.settings.change("weight_tx_accel", 0.5, 1, NOON)
    await store.settings.change("weight_vol_momentum", 1.0, 1, NOON + minutes(1))
    [(_, said)] = await notices(store)
    assert (said["before"], said["after"]) == (0.5, 1.5)


@pytest.mark.parametrize(
    "changes",
    [
        [("weight_holder_growth", 0.5)],
        [("alert_score_on", 2.5)],
        [("weight_tx_accel", 0.5), ("weight_tx_accel", 0.25)],
    ],
)
async def test_what_changes_nothing_is_no_notice(store: Story, changes: list[tuple[str, float]]) -> None:
    await with_thresholds(store)
    for name, value in changes:
        await store.settings.change(name, value, 1, NOON)
    assert await notices(store) == []
