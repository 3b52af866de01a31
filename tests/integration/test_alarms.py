"""Alarms as rows: who hears them, what an end replaces, and what a restart finds, on a real PostgreSQL."""

from dataclasses import replace

import pytest

from engine.model import AlertKind
from engine.shown import AlertFacts, Chat
from storage.database import Database
from tests.integration.story import ALICE, BOB, Story
from tests.made import NOON, minutes

BEGIN = AlertFacts(AlertKind.ALARM, NOON, text="the key is refused", part="birdeye", since=NOON - minutes(1))
END = replace(BEGIN, decided_at=NOON + minutes(9), failed_seconds=570.0)
ADMINS = {ALICE.id, BOB.id}


@pytest.fixture
def store(database: Database) -> Story:
    return Story(database)


async def test_every_admin_hears_an_alarm_first_of_all_even_one_who_never_wrote(store: Story) -> None:
    await store.chats.subscribe(ALICE, NOON - minutes(100))
    await store.alarms.tell(BEGIN, ADMINS)
    parcels = await store.outbox.claim(10, 60, NOON)
    assert sorted((parcel.chat_id, parcel.language) for parcel in parcels) == [(ALICE.id, "ru"), (BOB.id, "en")]
    assert {parcel.facts for parcel in parcels} == {BEGIN}
    assert await store.rows("SELECT DISTINCT priority FROM outbox") == [(0,)]
    assert not await store.chats.is_subscribed(BOB.id)


async def test_others_hear_nothing_of_it(store: Story) -> None:
    await store.chats.subscribe(BOB, NOON - minutes(100))
    await store.alarms.tell(BEGIN, {ALICE.id})
    assert await store.heard() == [(ALICE.id, "alarm")]


async def test_an_alarm_told_twice_is_one(store: Story) -> None:
    for _ in range(2):
        await store.alarms.tell(BEGIN, ADMINS)
    assert await store.rows("SELECT count(*) FROM alerts") == [(1,)]
    assert await store.rows("SELECT count(*) FROM outbox") == [(2,)]


async def test_an_end_replaces_a_begin_that_was_not_sent(store: Story) -> None:
    await store.alarms.tell(BEGIN, ADMINS)
    other = replace(BEGIN, part="feed")
    await store.alarms.tell(other, ADMINS)
    await store.alarms.tell(END, ADMINS)
    told = [parcel.facts for parcel in await store.outbox.claim(10, 60, NOON) if parcel.chat_id == ALICE.id]
    assert sorted(told, key=lambda facts: str(facts.part)) == [END, other]


async def test_an_end_leaves_a_begin_alone_that_is_being_sent(store: Story) -> None:
    await store.alarms.tell(BEGIN, {ALICE.id})
    [claimed] = await store.outbox.claim(10, 60, NOON)
    await store.alarms.tell(END, {ALICE.id})
    await store.outbox.mark_sent(claimed.id, 5)
    assert await store.rows("SELECT outcome FROM outbox ORDER BY id") == [("sent",), (None,)]


async def test_an_alarm_is_open_until_its_end_is_told(store: Story) -> None:
    assert await store.alarms.open() == []
    await store.alarms.tell(BEGIN, ADMINS)
    assert await store.alarms.open() == [BEGIN]
    await store.alarms.tell(END, ADMINS)
    assert await store.alarms.open() == []
    again = replace(BEGIN, decided_at=NOON + minutes(20))
    await store.alarms.tell(again, ())
    assert await store.alarms.open() == [again]


async def test_an_admin_out_of_reach_is_tried_again_unless_subscribed(store: Story) -> None:
    await store.alarms.tell(BEGIN, ADMINS)
    await store.chats.subscribe(BOB, NOON)
    for chat in (ALICE, BOB):
        await store.chats.switch_off(chat.id, "blocked", NOON)
    await store.alarms.tell(END, ADMINS)
    assert await store.heard() == [(ALICE.id, "alarm")]


async def test_an_admin_who_heard_an_alarm_subscribes_like_anybody(store: Story) -> None:
    await store.alarms.tell(BEGIN, {BOB.id})
    assert await store.chats.subscribe(Chat(BOB.id, "private", "Bob", "ru"), NOON)
    assert await store.rows("SELECT language, title FROM chats") == [("ru", "Bob")]
