"""The bot is let in, promoted, restricted, thrown out; groups move and vanish; and it hears of all that."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError, TelegramMigrateToChat
from aiogram.types import BufferedInputFile, ChatMemberAdministrator, ChatMemberRestricted, Update

from deploy.sandbox.telegram import BotApi, Chat, User
from deploy.sandbox.telegram.values import ChatKind
from tests.bot_api_schema import update_faults
from tests.integration.sandbox_telegram.driving import SCHEMA, png

Deed = Callable[[BotApi, Chat], object]
GROUP, CHANNEL = -100, -200


async def heard(bot: Bot) -> list[Update]:
    """The updates since the last time, confirmed."""
    updates = await bot.get_updates()
    if updates:
        await bot.get_updates(offset=updates[-1].update_id + 1)
    return updates


def changes(updates: list[Update]) -> list[tuple[str, str]]:
    members = [update.my_chat_member for update in updates if update.my_chat_member]
    return [(member.old_chat_member.status, member.new_chat_member.status) for member in members]


def services(updates: list[Update]) -> list[str]:
    return [update.message.content_type for update in updates if update.message]


@pytest.mark.parametrize("kind", ["group", "supergroup"])
async def test_in_and_out_of_a_group(api: BotApi, bot: Bot, ann: User, kind: ChatKind) -> None:
    await heard(bot)
    group = api.group(GROUP, "Traders", owner=ann, kind=kind)
    arrived = await heard(bot)
    assert (changes(arrived), services(arrived)) == ([("left", "member")], ["new_chat_members"])
    api.promote(group)
    api.demote(group)
    api.remove(group)
    left = await heard(bot)
    assert changes(left) == [("member", "administrator"), ("administrator", "member"), ("member", "kicked")]
    assert services(left) == (["left_chat_member"] if kind == "group" else [])
    with pytest.raises(TelegramForbiddenError, match=f"bot was kicked from the {kind} chat"):
        await bot.send_message(GROUP, "still here?")
    api.add(group)
    await bot.send_message(GROUP, "back")
    assert changes(await heard(bot)) == [("kicked", "member")]


async def test_a_channel_takes_the_bot_as_its_administrator(api: BotApi, bot: Bot, ann: User) -> None:
    await heard(bot)
    channel = api.channel(CHANNEL, "News", owner=ann)
    [update] = await heard(bot)
    assert update.my_chat_member is not None
    bot_there = update.my_chat_member.new_chat_member
    assert isinstance(bot_there, ChatMemberAdministrator)
    assert (update.my_chat_member.chat.type, bot_there.can_post_messages) == ("channel", True)
    sent = await bot.send_message(CHANNEL, "news")
    assert (sent.sender_chat and sent.sender_chat.id, sent.from_user) == (CHANNEL, None)
    assert [message.text for message in api.messages(CHANNEL)] == ["news"]
    api.demote(channel)
    assert changes(await heard(bot)) == [("administrator", "left")]
    with pytest.raises(TelegramForbiddenError, match="bot is not a member of the channel chat"):
        await bot.send_message(CHANNEL, "more")


async def test_posting_takes_the_right_to_post(api: BotApi, bot: Bot, ann: User) -> None:
    channel = api.channel(CHANNEL, "News", owner=ann, can_post_messages=False)
    with pytest.raises(TelegramBadRequest, match="need administrator rights in the channel chat"):
        await bot.send_message(CHANNEL, "news")
    api.promote(channel, can_post_messages=True)
    await bot.send_message(CHANNEL, "news")


async def test_a_channel_post_has_no_author(api: BotApi, bot: Bot, ann: User) -> None:
    posted = api.post(api.channel(CHANNEL, "News", owner=ann), "/top")
    [update] = [update for update in await heard(bot) if update.update_id == posted]
    assert update.channel_post is not None
    assert update.channel_post.sender_chat is not None
    assert (update.channel_post.from_user, update.channel_post.sender_chat.id) == (None, CHANNEL)


async def test_a_restricted_bot_is_told_which_right_it_lacks(api: BotApi, bot: Bot, ann: User) -> None:
    group = api.group(GROUP, "Traders", owner=ann)
    api.restrict(group, can_send_messages=True)
    updates = await heard(bot)
    assert changes(updates)[-1] == ("member", "restricted")
    assert isinstance(updates[-1].my_chat_member and updates[-1].my_chat_member.new_chat_member, ChatMemberRestricted)
    await bot.send_message(GROUP, "words")
    with pytest.raises(TelegramBadRequest, match="not enough rights to send photos to the chat"):
        await bot.send_photo(GROUP, BufferedInputFile(png(), "a.png"))
    api.restrict(group)
    with pytest.raises(TelegramBadRequest, match="not enough rights to send text messages to the chat"):
        await bot.send_message(GROUP, "words")


async def test_others_come_rise_and_go(api: BotApi, bot: Bot, ann: User) -> None:
    group, bob = api.group(GROUP, "Traders", owner=ann), api.user(8, "Bob")
    await heard(bot)
    api.join(bob, group)
    assert await bot.get_chat_member_count(GROUP) == 3
    api.appoint(bob, group)
    rulers = await bot.get_chat_administrators(GROUP)
    assert [(member.user.id, member.status) for member in rulers] == [(7, "creator"), (8, "administrator")]
    api.leave(bob, group)
    assert (await bot.get_chat_member(GROUP, 8)).status == "left"
    updates = await heard(bot)
    assert (changes(updates), services(updates)) == ([], ["new_chat_members", "left_chat_member"])


async def test_only_an_administrator_hears_of_others_and_only_when_it_asked(api: BotApi, bot: Bot, ann: User) -> None:
    group, bob = api.group(GROUP, "Traders", owner=ann), api.user(8, "Bob")
    await bot.get_updates(offset=-1, allowed_updates=["chat_member"])
    api.join(bob, group)
    api.promote(group)
    api.appoint(bob, group)
    [update] = [update for update in await heard(bot) if update.chat_member]
    assert update.chat_member is not None
    assert update.chat_member.new_chat_member.status == "administrator"


async def test_a_group_becomes_a_supergroup_with_another_id(api: BotApi, bot: Bot, ann: User) -> None:
    group = api.group(GROUP, "Traders", owner=ann, kind="group")
    await heard(bot)
    new = api.upgrade(group)
    to, since = [update.message for update in await heard(bot)]
    assert to is not None
    assert (to.chat.id, to.chat.type, to.migrate_to_chat_id) == (GROUP, "group", new.id)
    assert since is not None
    assert (since.chat.id, since.chat.type, since.migrate_from_chat_id) == (new.id, "supergroup", GROUP)
    with pytest.raises(TelegramMigrateToChat, match="group chat was upgraded to a supergroup chat") as caught:
        await bot.send_message(GROUP, "still here?")
    assert caught.value.migrate_to_chat_id == new.id
    await bot.send_message(new.id, "here")
    assert ((await bot.get_chat_member(new.id, ann.id)).status, api.messages(GROUP)) == ("creator", [])


async def test_a_deleted_chat_is_not_found(api: BotApi, bot: Bot, ann: User) -> None:
    group = api.group(GROUP, "Traders", owner=ann)
    api.delete_chat(group)
    with pytest.raises(TelegramBadRequest, match="chat not found"):
        await bot.send_message(GROUP, "still here?")
    assert api.violations == []


DEEDS: list[Deed] = [
    lambda api, chat: api.promote(chat, can_delete_messages=False),
    lambda api, chat: api.demote(chat),
    lambda api, chat: api.restrict(chat),
    lambda api, chat: api.remove(chat),
    lambda api, chat: api.add(chat),
    lambda api, chat: api.join(api.user(8, "Bob"), chat),
    lambda api, chat: api.leave(api.user(8, "Bob"), chat),
    lambda api, chat: api.upgrade(chat),
]


@pytest.mark.skipif(not SCHEMA.exists(), reason="the Bot API's description is not at hand")
async def test_what_the_bot_hears_agrees_with_the_published_description(api: BotApi, ann: User) -> None:
    schema = json.loads(SCHEMA.read_text())
    api.world.allowed_updates = ["message", "channel_post", "my_chat_member", "chat_member"]
    group, channel = api.group(GROUP, "Traders", owner=ann, kind="group"), api.channel(CHANNEL, "News", owner=ann)
    for deed in DEEDS:
        deed(api, group)
    api.post(channel, "news")
    api.remove(channel)
    api.block(ann.id)
    api.unblock(ann.id)
    assert [fault for update in api.world.updates for fault in update_faults(update, schema)] == []
    assert len(api.world.updates) == 19
