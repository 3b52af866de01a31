"""Whose hands a row of the outbox is in, and for how long, on a real PostgreSQL."""

import pytest

from engine.model import AlertKind
from engine.proposals import Wanted
from engine.shown import AlertFacts
from storage.database import Database
from tests.integration.story import ALICE, Story, one_parcel
from tests.made import NOON, minutes


@pytest.fixture
def store(database: Database) -> Story:
    return Story(database)


async def test_a_claimed_row_is_not_claimed_again_until_its_lease_ends(store: Story) -> None:
    await one_parcel(store)
    assert await store.outbox.claim(10, 60, NOON) == []
    await store.rows("UPDATE outbox SET lease_until = clock_timestamp() - interval '1 s' RETURNING 1")
    assert len(await store.outbox.claim(10, 60, NOON)) == 1


async def test_rows_of_a_chat_that_is_off_rest(store: Story) -> None:
    await one_parcel(store)
    await store.rows("UPDATE outbox SET lease_until = NULL RETURNING 1")
    await store.chats.switch_off(ALICE.id, "bot was blocked by the user", NOON)
    assert await store.outbox.claim(10, 60, NOON) == []
    assert (await store.outbox.backlog(NOON)).waiting == 0
    await store.chats.subscribe(ALICE, NOON + minutes(1))
    assert len(await store.outbox.claim(10, 60, NOON)) == 1


async def test_a_sent_row_is_done(store: Story) -> None:
    parcel = await one_parcel(store)
    await store.outbox.mark_sent(parcel.id, 77)
    assert await store.rows("SELECT outcome, message_id, sent_at IS NULL FROM outbox") == [("sent", 77, False)]
    assert await store.outbox.claim(10, 60, NOON) == []
    backlog = await store.outbox.backlog(NOON)
    assert (backlog.waiting, backlog.oldest_seconds) == (0, None)
    assert await store.outbox.sent_last_hour(ALICE.id) == 1
    assert await store.outbox.sent_last_hour(ALICE.id + 1) == 0


async def test_only_alerts_about_tokens_count_as_those_of_the_last_hour(store: Story) -> None:
    parcels = [await one_parcel(store)]
    broadcast = await store.proposals.propose(1, Wanted.BROADCAST, {"text": "Back soon"}, NOON)
    await store.proposals.carry_out(broadcast, 1, NOON, NOON)
    await store.alarms.tell(AlertFacts(AlertKind.ALARM, NOON, text="no answer"), [ALICE.id])
    assert await store.outbox.test(ALICE.id, NOON)
    parcels += await store.outbox.claim(10, 60, NOON)
    for parcel in parcels:
        await store.outbox.mark_sent(parcel.id, 77)
    assert len(parcels) == 4
    assert await store.outbox.sent_last_hour(ALICE.id) == 1


async def test_a_postponed_row_waits_and_counts_only_what_may_have_arrived(store: Story) -> None:
    parcel = await one_parcel(store)
    await store.outbox.postpone(parcel, 60, "time-out", may_have_arrived=True)
    assert await store.outbox.claim(10, 60, NOON) == []
    await store.change("UPDATE outbox SET due_at = clock_timestamp()")
    [parcel] = await store.outbox.claim(10, 25, NOON)
    await store.outbox.postpone(parcel, 0, "never connected", may_have_arrived=False)
    [again] = await store.outbox.claim(10, 60, NOON)
    assert again.attempts == 1
    backlog = await store.outbox.backlog(NOON)
    assert backlog.waiting == 1
    assert backlog.oldest_seconds is not None
    assert backlog.oldest_seconds < 60


async def test_a_row_that_somebody_else_has_by_now_is_not_touched_by_who_had_it_before(store: Story) -> None:
    before = await one_parcel(store)
    await store.change("UPDATE outbox SET lease_until = clock_timestamp()")
    [now] = await store.outbox.claim(1, 25, NOON)
    await store.outbox.release([before])
    await store.outbox.postpone(before, 60, "late", may_have_arrived=False)
    await store.outbox.hold(before, NOON)
    await store.outbox.give_up(before, "late")
    assert await store.rows("SELECT outcome, last_error, lease_until > clock_timestamp() FROM outbox") == [
        (None, None, True)
    ]
    assert await store.outbox.mark_sent(now.id, 5)
    assert not await store.outbox.mark_sent(now.id, 6)
    await store.outbox.hold(now, NOON)
    assert await store.rows("SELECT outcome, message_id FROM outbox") == [("sent", 5)]


async def test_a_row_given_up_says_why(store: Story) -> None:
    parcel = await one_parcel(store)
    await store.outbox.give_up(parcel, "expired")
    assert await store.rows("SELECT outcome, sent_at FROM outbox") == [("expired", None)]
