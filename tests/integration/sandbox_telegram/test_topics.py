"""Forum topics: what is said in one stays in one, and the bot may write to those that are there and open."""

from __future__ import annotations

import json

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import BufferedInputFile, Message, ReplyParameters

from deploy.sandbox.telegram import BotApi, Chat, User
from tests.bot_api_schema import update_faults
from tests.integration.sandbox_telegram.driving import SCHEMA, png, post

FORUM = -100


@pytest.fixture
def forum(api: BotApi, ann: User) -> Chat:
    return api.group(FORUM, "Traders", owner=ann, is_forum=True)


async def said(bot: Bot, update_id: int) -> Message:
    [update] = await bot.get_updates(offset=update_id)
    assert update.message is not None
    return update.message


async def test_what_is_said_in_a_topic_names_it(api: BotApi, bot: Bot, ann: User, forum: Chat) -> None:
    topic = api.create_topic(forum, "Alerts")
    there = await said(bot, api.say(ann, "/alerts", chat=forum, thread_id=topic))
    assert (there.message_thread_id, there.is_topic_message, there.chat.is_forum) == (topic, True, True)
    assert there.reply_to_message is not None
    assert there.reply_to_message.forum_topic_created is not None
    general = await said(bot, api.say(ann, "/alerts", chat=forum))
    assert (general.message_thread_id, general.is_topic_message) == (None, None)
    with pytest.raises(LookupError, match=f"no topic 404; there are: \\[{topic}\\]"):
        api.say(ann, "hi", chat=forum, thread_id=404)


async def test_the_bot_writes_to_a_topic_loudly_or_silently(api: BotApi, bot: Bot, forum: Chat) -> None:
    topic = api.create_topic(forum, "Alerts")
    sent = await bot.send_message(FORUM, "loud", message_thread_id=topic)
    picture = BufferedInputFile(png(), "a.png")
    await bot.send_photo(FORUM, picture, message_thread_id=topic, disable_notification=True)
    await bot.send_message(FORUM, "reply", reply_parameters=ReplyParameters(message_id=sent.message_id))
    await bot.send_message(FORUM, "general")
    await bot.send_chat_action(FORUM, "typing", message_thread_id=topic)
    assert (sent.message_thread_id, sent.is_topic_message) == (topic, True)
    there = [(message.thread_id, message.silent) for message in api.messages(FORUM)]
    assert there == [(topic, False), (topic, True), (topic, False), (None, False)]
    assert api.violations == []


@pytest.mark.parametrize("method", ["sendMessage", "sendPhoto", "sendChatAction"])
async def test_a_topic_that_is_not_there_is_not_found(api: BotApi, forum: Chat, ann: User, method: str) -> None:
    topic = api.create_topic(forum, "Alerts")
    api.delete_topic(forum, topic)
    file = api.world.keep_file(png(), ".png", 40, 30)
    content = {"text": "a", "photo": file.file_id, "action": "typing"}
    wanted = {"sendMessage": "text", "sendPhoto": "photo", "sendChatAction": "action"}[method]
    for chat_id in (FORUM, ann.id):
        params = {"chat_id": chat_id, "message_thread_id": topic, wanted: content[wanted]}
        status, answer = await post(api, method, **params)
        assert (status, answer["description"]) == (400, "Bad Request: message thread not found")
    assert (api.messages(FORUM), api.violations) == ([], [])


async def test_the_id_of_general_is_never_sent(api: BotApi, bot: Bot, forum: Chat) -> None:
    with pytest.raises(TelegramBadRequest, match="message thread not found"):
        await bot.send_message(forum.id, "hi", message_thread_id=1)
    assert len(api.violations) == 1


async def test_a_closed_topic_is_for_administrators(api: BotApi, bot: Bot, forum: Chat) -> None:
    topic = api.create_topic(forum, "Alerts")
    api.close_topic(forum, topic)
    with pytest.raises(TelegramBadRequest, match="TOPIC_CLOSED"):
        await bot.send_message(FORUM, "hi", message_thread_id=topic)
    api.promote(forum)
    await bot.send_message(FORUM, "hi", message_thread_id=topic)
    api.demote(forum)
    api.reopen_topic(forum, topic)
    await bot.send_message(FORUM, "hi", message_thread_id=topic)
    assert len(api.messages(FORUM)) == 2


async def test_topics_are_for_forums(api: BotApi, ann: User) -> None:
    with pytest.raises(LookupError, match="'Traders' has no topics"):
        api.create_topic(api.group(-200, "Traders", owner=ann), "Alerts")


@pytest.mark.skipif(not SCHEMA.exists(), reason="the Bot API's description is not at hand")
async def test_what_a_forum_says_agrees_with_the_published_description(api: BotApi, ann: User, forum: Chat) -> None:
    schema = json.loads(SCHEMA.read_text())
    topic = api.create_topic(forum, "Alerts")
    api.say(ann, "/alerts", chat=forum, thread_id=topic)
    api.close_topic(forum, topic)
    api.reopen_topic(forum, topic)
    assert [fault for update in api.world.updates for fault in update_faults(update, schema)] == []
    assert len(api.world.updates) == 7
