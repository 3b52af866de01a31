"""How chats want to be told, on a real PostgreSQL."""

import asyncio
from datetime import timedelta

import pytest

from engine.chats import Hearing, Preferences
from engine.shown import Chat
from storage.chats import Chats
from storage.database import Database
from tests.made import NOON

ALICE = Chat(7, "private", "Alice", "ru")


@pytest.fixture
def chats(database: Database) -> Chats:
    return Chats(database)


async def test_a_chat_that_is_only_met_hears_nothing(chats: Chats) -> None:
    await chats.meet(ALICE, NOON)
    assert await chats.preferences(ALICE.id) == Preferences()
    assert not await chats.is_subscribed(ALICE.id)


async def test_a_new_subscriber_hears_high_scores_aloud_and_activations_in_silence(chats: Chats) -> None:
    await chats.subscribe(ALICE, NOON)
    wishes = await chats.preferences(ALICE.id)
    assert wishes is not None
    assert (wishes.subscribed, wishes.high_score, wishes.activated) == (True, Hearing.ON, Hearing.SILENT)


async def test_preferences_are_changed_one_by_one(chats: Chats) -> None:
    await chats.subscribe(ALICE, NOON)
    muted_until = NOON + timedelta(hours=1)
    assert await chats.prefer(ALICE.id, NOON, activated=Hearing.OFF, min_liquidity_usd=9000.0, muted_until=muted_until)
    assert await chats.prefer(ALICE.id, NOON, per_day=20)
    wished = Preferences(
        subscribed=True, activated=Hearing.OFF, min_liquidity_usd=9000.0, muted_until=muted_until, per_day=20
    )
    assert await chats.preferences(ALICE.id) == wished


async def test_nobody_is_asked_for_the_wishes_of_an_unknown_chat(chats: Chats) -> None:
    assert await chats.preferences(404) is None
    assert not await chats.prefer(404, NOON, per_day=5)


async def test_a_chosen_language_outlives_a_subscription(chats: Chats) -> None:
    await chats.meet(ALICE, NOON)
    assert await chats.language(ALICE.id) is None
    await chats.prefer(ALICE.id, NOON, language="en")
    await chats.subscribe(ALICE, NOON)
    assert await chats.language(ALICE.id) == "en"


async def test_a_group_that_two_tell_of_at_once_moves_and_is_not_deleted(chats: Chats) -> None:
    moves = [(-number, -1000 - number) for number in range(1, 101)]
    for old_id, _new_id in moves:
        await chats.subscribe(Chat(old_id, "group"), NOON)
    await asyncio.gather(*(chats.move(*pair) for pair in moves for _teller in range(2)))
    assert [await chats.is_subscribed(new_id) for _old_id, new_id in moves] == [True] * len(moves)
