"""Taps: by whoever sees the message, and on messages that the chat no longer keeps."""

from __future__ import annotations

import json

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import CallbackQuery, InaccessibleMessage, Message

from deploy.sandbox.telegram import BotApi, User
from tests.bot_api_schema import update_faults
from tests.integration.sandbox_telegram.driving import KEYBOARD, SCHEMA


async def tapped(bot: Bot, update_id: int) -> CallbackQuery:
    [update] = await bot.get_updates(offset=update_id)
    assert update.callback_query is not None
    return update.callback_query


async def test_anybody_in_a_group_can_tap_what_another_asked_for(api: BotApi, bot: Bot, ann: User) -> None:
    group, bob = api.group(-100, "Traders", owner=ann), api.user(8, "Bob")
    api.join(bob, group)
    await bot.send_message(group.id, "for Ann", reply_markup=KEYBOARD)
    query = await tapped(bot, api.tap(bob, api.messages(group.id)[0], "Refresh"))
    assert isinstance(query.message, Message)
    assert (query.from_user.id, query.message.chat.id, query.data) == (bob.id, group.id, "refresh:1")
    await query.answer("not yours")
    toast = api.world.since(0)[-1]
    assert (toast.text, getattr(toast, "user_id", None)) == ("not yours", bob.id)


async def test_of_a_message_that_is_not_kept_the_bot_hears_where_it_was(api: BotApi, bot: Bot, ann: User) -> None:
    await bot.send_message(ann.id, "old", reply_markup=KEYBOARD)
    [old] = api.messages(ann.id)
    api.outlive(old)
    query = await tapped(bot, api.tap(ann, old, "Refresh"))
    assert isinstance(query.message, InaccessibleMessage)
    assert (query.message.message_id, query.message.chat.id) == (old.message_id, ann.id)
    with pytest.raises(TelegramBadRequest, match="message to edit not found"):
        await bot.edit_message_text("new", chat_id=ann.id, message_id=old.message_id)
    await query.answer()
    assert api.violations == []


async def test_a_tap_is_answered_within_two_and_a_half_minutes(api: BotApi, bot: Bot, ann: User) -> None:
    await bot.send_message(ann.id, "hi", reply_markup=KEYBOARD)
    query = await tapped(bot, api.tap(ann, api.messages(ann.id)[0], "Refresh"))
    api.age_queries(151)
    with pytest.raises(TelegramBadRequest, match="query is too old and response timeout expired"):
        await bot.answer_callback_query(query.id)


@pytest.mark.skipif(not SCHEMA.exists(), reason="the Bot API's description is not at hand")
async def test_taps_agree_with_the_published_description(api: BotApi, bot: Bot, ann: User) -> None:
    schema = json.loads(SCHEMA.read_text())
    await bot.send_message(ann.id, "hi", reply_markup=KEYBOARD)
    [message] = api.messages(ann.id)
    api.tap(ann, message, "Refresh")
    api.outlive(message)
    api.tap(ann, message, "Refresh")
    assert [fault for update in api.world.updates for fault in update_faults(update, schema)] == []
