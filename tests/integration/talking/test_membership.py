"""The table of chats follows what happens to the bot in them."""

from __future__ import annotations

import pytest

from deploy.sandbox.telegram import User
from engine.shown import Chat
from tests.integration.talking.stage import Stage, raw_message
from tests.made import NOON, minutes
from tests.waiting import until

GROUP_ID = -555
CHANNEL_ID = -100_777
pytestmark = pytest.mark.usefixtures("polling")


async def reachable(stage: Stage, chat_id: int, expected: str | None) -> None:
    """Wait until the chat is off for this reason, or on where that is None."""

    async def as_expected() -> bool:
        return await stage.rows(f"SELECT off_reason FROM chats WHERE id = {chat_id}") == [(expected,)]  # noqa: S608 - a test's own number

    await until(as_expected)


async def test_who_blocks_the_bot_is_off_and_on_again_when_they_let_it_in(stage: Stage, ann: User) -> None:
    await stage.answer(ann, "/subscribe")
    stage.api.block(ann.id)
    await reachable(stage, ann.id, "blocked")
    assert not await stage.chats.is_subscribed(ann.id)
    stage.api.unblock(ann.id)
    await reachable(stage, ann.id, None)
    assert await stage.chats.is_subscribed(ann.id)


async def test_a_group_that_lets_the_bot_in_is_told_what_to_do_first(stage: Stage, ann: User) -> None:
    stage.api.group(GROUP_ID, "Traders", owner=ann)
    assert "/subscribe" in str((await stage.api.next_message(GROUP_ID)).text)
    assert await stage.rows("SELECT id FROM chats") == []


async def test_a_group_that_throws_the_bot_out_is_off_until_it_is_back(stage: Stage, ann: User) -> None:
    group = stage.api.group(GROUP_ID, "Traders", owner=ann)
    await stage.api.next_message(GROUP_ID)
    await stage.chats.subscribe(Chat(GROUP_ID, "supergroup"), NOON)
    stage.api.remove(group)
    await reachable(stage, GROUP_ID, "kicked")
    stage.api.add(group)
    await reachable(stage, GROUP_ID, None)
    assert "again" in str((await stage.api.next_message(GROUP_ID)).text)


async def test_a_group_that_silences_the_bot_is_off(stage: Stage, ann: User) -> None:
    group = stage.api.group(GROUP_ID, "Traders", owner=ann)
    await stage.chats.subscribe(Chat(GROUP_ID, "supergroup"), NOON)
    stage.api.restrict(group)
    await reachable(stage, GROUP_ID, "no_rights")
    stage.api.restrict(group, can_send_messages=True)
    await reachable(stage, GROUP_ID, None)


async def test_who_silences_the_bot_in_a_chat_is_told_once_in_their_language(stage: Stage) -> None:
    jana = stage.api.user(8, "Яна", "ru")
    await stage.answer(jana, "/start")
    group = stage.api.group(GROUP_ID, "t.me/scam", owner=jana)
    await stage.api.next_message(GROUP_ID)
    await stage.chats.subscribe(Chat(GROUP_ID, "supergroup"), NOON)
    stage.api.restrict(group)
    told = await stage.api.next_message(jana.id)
    stage.api.restrict(group)
    await until(stage.is_idle)
    assert "Мне больше нельзя писать в t.me/scam" in str(told.text)
    assert len(stage.api.messages(jana.id)) == 2


async def test_a_channel_where_the_bot_may_not_post_is_off(stage: Stage, ann: User) -> None:
    channel = stage.api.channel(CHANNEL_ID, "Signals", owner=ann)
    await stage.chats.subscribe(Chat(CHANNEL_ID, "channel"), NOON)
    stage.api.promote(channel, can_post_messages=False)
    await reachable(stage, CHANNEL_ID, "no_rights")
    stage.api.promote(channel)
    await reachable(stage, CHANNEL_ID, None)
    stage.api.demote(channel)
    await reachable(stage, CHANNEL_ID, "not_a_member")
    assert stage.api.messages(CHANNEL_ID) == []


async def test_everything_of_a_group_follows_it_to_its_new_id(stage: Stage, ann: User) -> None:
    group = stage.api.group(GROUP_ID, "Traders", owner=ann, kind="group")
    await stage.chats.subscribe(Chat(GROUP_ID, "group"), NOON)
    await stage.chats.prefer(GROUP_ID, NOON, per_day=20)
    new = stage.api.upgrade(group)
    await until(lambda: stage.chats.is_subscribed(new.id))
    assert await stage.rows("SELECT id, type, per_day FROM chats") == [(new.id, "supergroup", 20)]


async def test_a_move_is_followed_even_if_it_is_told_late(stage: Stage, ada: User) -> None:
    await stage.chats.subscribe(Chat(GROUP_ID, "group"), NOON)
    old = {"id": GROUP_ID, "type": "group", "title": "Traders"}
    moved = raw_message(text=None, chat=old, date=int(NOON.timestamp()), migrate_to_chat_id=-100_999)
    stage.api.raw_update({"message": moved})
    await until(lambda: stage.chats.is_subscribed(-100_999))
    assert ada.id not in {made.params.get("chat_id") for made in stage.api.requests if "message" in made.method}


async def test_an_older_change_of_membership_that_is_handled_late_changes_nothing(stage: Stage) -> None:
    await stage.chats.subscribe(Chat(7, "private"), NOON)
    await stage.chats.follow(7, None, NOON + minutes(5), 12, NOON)
    await stage.chats.follow(7, "blocked", NOON, 99, NOON)
    await stage.chats.follow(7, "blocked", NOON + minutes(5), 11, NOON)
    assert await stage.chats.is_subscribed(7)
    await stage.chats.follow(7, "blocked", NOON + minutes(5), 13, NOON)
    assert not await stage.chats.is_subscribed(7)
