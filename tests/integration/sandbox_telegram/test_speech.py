"""The odd ways in which people say things, as the bot hears them."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from aiogram import Bot
from aiogram.filters import Command
from aiogram.types import Message, MessageOriginChannel, MessageOriginHiddenUser, MessageOriginUser

from deploy.sandbox.telegram import BotApi, Chat, User
from tests.bot_api_schema import update_faults
from tests.integration.sandbox_telegram.driving import SCHEMA, png

OTHER_BOT = User(55, "Other", username="other_bot", is_bot=True)
NEWS = Chat(-300, "channel", "News")
Way = Callable[[BotApi, User, Chat], int]


@pytest.fixture
def group(api: BotApi, ann: User) -> Chat:
    return api.group(-100, "Traders", owner=ann)


async def heard(bot: Bot, update_id: int) -> Message:
    [update] = await bot.get_updates(offset=update_id)
    message = update.message or update.edited_message
    assert message is not None
    return message


def names(message: Message) -> tuple[int | None, int | None]:
    """(from, sender_chat)."""
    who, name = message.from_user, message.sender_chat
    return who.id if who else None, name.id if name else None


async def test_a_command_as_a_caption(api: BotApi, bot: Bot, ann: User) -> None:
    message = await heard(bot, api.show(ann, "/set x 1", picture=png()))
    assert message.photo is not None
    assert (message.text, message.caption, (message.caption_entities or [])[0].type) == (
        None,
        "/set x 1",
        "bot_command",
    )
    assert await Command("set")(message, bot)


async def test_forwarded_from_a_person_a_hidden_one_a_channel(api: BotApi, bot: Bot, ann: User) -> None:
    person = (await heard(bot, api.forward(ann, "/top", api.user(8, "Bob")))).forward_origin
    hidden = (await heard(bot, api.forward(ann, "/top", "Somebody"))).forward_origin
    channel = (await heard(bot, api.forward(ann, "/top", NEWS))).forward_origin
    assert isinstance(person, MessageOriginUser)
    assert isinstance(hidden, MessageOriginHiddenUser)
    assert isinstance(channel, MessageOriginChannel)
    assert (person.sender_user.id, hidden.sender_user_name, channel.chat.id) == (8, "Somebody", -300)


async def test_through_another_bot(api: BotApi, bot: Bot, ann: User) -> None:
    message = await heard(bot, api.say_via(ann, "/top", OTHER_BOT))
    assert (message.via_bot and message.via_bot.id, names(message)) == (55, (7, None))


async def test_as_an_anonymous_administrator(api: BotApi, bot: Bot, group: Chat) -> None:
    message = await heard(bot, api.say_anonymously(group, "/top"))
    assert names(message) == (1087968824, group.id)
    assert message.from_user is not None
    assert message.from_user.is_bot


async def test_in_the_name_of_a_channel(api: BotApi, bot: Bot, group: Chat) -> None:
    assert names(await heard(bot, api.say_as(NEWS, "/top", group))) == (136817688, -300)


async def test_as_a_post_that_telegram_passed_on(api: BotApi, bot: Bot, group: Chat) -> None:
    message = await heard(bot, api.forward_post(NEWS, "/top", group))
    assert (names(message), message.is_automatic_forward) == ((777000, -300), True)
    assert isinstance(message.forward_origin, MessageOriginChannel)


async def test_edited(api: BotApi, bot: Bot, ann: User) -> None:
    api.say(ann, "/topp")
    message = await heard(bot, api.edit(ann, "/top"))
    assert (message.text, message.edit_date is not None) == ("/top", True)
    with pytest.raises(LookupError, match="Bob has not written in chat 8"):
        api.edit(api.user(8, "Bob"), "/top")


async def test_an_edited_post_of_a_channel(api: BotApi, bot: Bot, ann: User) -> None:
    channel = api.channel(-200, "News", owner=ann)
    api.post(channel, "/topp")
    [update] = await bot.get_updates(offset=api.edit(ann, "/top", chat=channel))
    assert update.edited_channel_post is not None
    assert (update.edited_channel_post.text, update.edited_channel_post.from_user) == ("/top", None)


async def test_in_answer_to_the_bot(api: BotApi, bot: Bot, ann: User, group: Chat) -> None:
    for chat_id, thread in ((ann.id, False), (group.id, True)):
        sent = await bot.send_message(chat_id, "which?")
        message = await heard(bot, api.reply(ann, api.messages(chat_id)[0], "that"))
        assert message.reply_to_message is not None
        assert (message.reply_to_message.message_id, message.is_topic_message) == (sent.message_id, None)
        assert message.message_thread_id == (sent.message_id if thread else None)


WAYS: list[Way] = [
    lambda api, ann, _: api.show(ann, "/top"),
    lambda api, ann, _: api.forward(ann, "/top", ann),
    lambda api, ann, _: api.forward(ann, "/top", "Somebody"),
    lambda api, ann, _: api.forward(ann, "/top", NEWS),
    lambda api, ann, group: api.forward(ann, "/top", group, chat=group),
    lambda api, ann, _: api.say_via(ann, "/top", OTHER_BOT),
    lambda api, _, group: api.say_anonymously(group, "/top"),
    lambda api, _, group: api.say_as(NEWS, "/top", group),
    lambda api, _, group: api.forward_post(NEWS, "/top", group),
    lambda api, ann, _: api.edit(ann, "/top 5"),
]


@pytest.mark.skipif(not SCHEMA.exists(), reason="the Bot API's description is not at hand")
async def test_odd_messages_agree_with_the_published_description(api: BotApi, ann: User, group: Chat) -> None:
    schema = json.loads(SCHEMA.read_text())
    api.world.updates.clear()
    for way in WAYS:
        way(api, ann, group)
    assert [fault for update in api.world.updates for fault in update_faults(update, schema)] == []
    assert len(api.world.updates) == len(WAYS)
