"""A conversation: an unchanged aiogram bot polls the stand-in, answers, hears taps; updates wait until confirmed."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress

import pytest
from aiogram import Bot, Dispatcher, F
from aiogram.exceptions import (
    TelegramConflictError,
    TelegramNetworkError,
)
from aiogram.filters import Command
from aiogram.types import (
    CallbackQuery,
    Message,
)

from deploy.sandbox.telegram import BotApi, User
from tests.integration.sandbox_telegram.driving import KEYBOARD, TOKEN, bot_at, polling, post


async def test_an_unchanged_bot_polls_answers_and_hears_taps(api: BotApi, bot: Bot) -> None:
    dispatcher = Dispatcher()

    @dispatcher.message(Command("start"))
    async def start(message: Message) -> None:
        await message.answer("Hello", reply_markup=KEYBOARD)

    @dispatcher.callback_query(F.data == "refresh:1")
    async def refresh(query: CallbackQuery) -> None:
        await query.answer("Refreshed")
        assert isinstance(query.message, Message)
        await query.message.edit_text("Hello again")

    ann = api.user(7, "Ann", language_code="ru")
    async with polling(dispatcher, bot):
        api.say(ann, "/start")
        hello = await api.next_message(7)
        api.tap(ann, hello, "Refresh")
        edited = await api.until(lambda: next((m for m in api.messages(7) if m.edited), None))
    assert (hello.text, [button["text"] for button in hello.buttons]) == ("Hello", ["Refresh", "Copy"])
    assert (edited.message_id, edited.text, edited.reply_markup) == (hello.message_id, "Hello again", None)
    assert [event.text for event in api.world.since(0)] == ["Hello", "Refreshed", "Hello again"]
    assert api.violations == []


async def test_a_command_carries_its_entity_in_utf16_units(api: BotApi, bot: Bot) -> None:
    api.say(api.user(7, "Ann"), "🚀 /top@tothemoon2_bot 5")
    [update] = await bot.get_updates()
    assert update.message is not None
    [entity] = update.message.entities or []
    assert (entity.type, entity.offset, entity.length) == ("bot_command", 3, 19)
    assert update.message.from_user is not None
    assert update.message.from_user.language_code == "en"


async def test_the_next_message_after_another_is_awaited(api: BotApi, bot: Bot, ann: User) -> None:
    first = await bot.send_message(ann.id, "one")
    waiting = asyncio.create_task(api.next_message(7, after=first.message_id))
    await bot.send_message(ann.id, "two")
    assert (await waiting).text == "two"


async def test_without_after_messages_are_given_out_one_by_one(api: BotApi, bot: Bot, ann: User) -> None:
    await bot.send_message(ann.id, "one")
    await bot.send_message(ann.id, "two")
    assert [(await api.next_message(7)).text, (await api.next_message(7)).text] == ["one", "two"]


async def test_waiting_in_vain_says_what_happened_instead(api: BotApi, bot: Bot, ann: User) -> None:
    await bot.send_chat_action(ann.id, "typing")
    with pytest.raises(AssertionError, match=r"no message of the bot in chat 7 .*sendChatAction"):
        await api.next_message(7, deadline=0.05)


async def test_a_button_that_is_not_there_cannot_be_tapped(api: BotApi, bot: Bot, ann: User) -> None:
    await bot.send_message(ann.id, "Hello", reply_markup=KEYBOARD)
    message = await api.next_message(7)
    for button in ("Copy", "nonsense"):
        with pytest.raises(LookupError, match=r"there are: 'Refresh' \(refresh:1\)"):
            api.tap(ann, message, button)


async def test_updates_stay_until_confirmed(api: BotApi, bot: Bot) -> None:
    ann = api.user(7, "Ann")
    ids = [api.say(ann, text) for text in ("one", "two", "three")]
    assert [u.update_id for u in await bot.get_updates(limit=2)] == ids[:2]
    assert [u.update_id for u in await bot.get_updates(offset=ids[1])] == ids[1:]
    assert [u.update_id for u in await bot.get_updates(offset=-1)] == ids[2:]
    assert await bot.get_updates(offset=ids[2] + 1) == []


async def test_kinds_that_the_bot_did_not_ask_for_are_not_queued(api: BotApi, bot: Bot, ann: User) -> None:
    await bot.get_updates(offset=-1, allowed_updates=["message"])
    api.block(ann.id)
    said = api.say(ann, "hi")
    updates = await bot.get_updates()
    assert said in [update.update_id for update in updates]
    assert all(update.my_chat_member is None for update in updates)


async def test_a_long_poll_returns_as_soon_as_something_is_said(api: BotApi, bot: Bot) -> None:
    ann = api.user(7, "Ann")
    poll = asyncio.create_task(bot.get_updates(timeout=30))
    await api.until(lambda: api.world.poller)
    said = api.say(ann, "hi")
    [update] = await asyncio.wait_for(poll, 15)
    assert update.update_id == said


async def test_the_first_of_two_pollers_gets_the_conflict(api: BotApi, bot: Bot) -> None:
    first = asyncio.create_task(bot.get_updates(timeout=30))
    await api.until(lambda: api.world.poller)
    second = asyncio.create_task(bot.get_updates(timeout=30))
    with pytest.raises(TelegramConflictError, match="terminated by other getUpdates request; make sure that only one"):
        await asyncio.wait_for(first, 15)
    api.say(api.user(7, "Ann"), "hi")
    assert len(await asyncio.wait_for(second, 15)) == 1


async def test_any_json_can_arrive_as_an_update(api: BotApi) -> None:
    update_id = api.raw_update({"message": {"date": "not a date", "forward_date": []}})
    _, answer = await post(api, "getUpdates")
    assert answer["result"] == [
        {"update_id": update_id, "message": {"date": "not a date", "forward_date": []}},
    ]


async def test_a_waiting_poll_does_not_delay_the_end() -> None:
    async with BotApi(token=TOKEN) as api, bot_at(api) as bot:
        poll = asyncio.create_task(bot.get_updates(timeout=30))
        await api.until(lambda: api.world.poller)
        started = time.monotonic()
        await api.stop()
        assert time.monotonic() - started < 15, "the poll's own time is 30 s"
        with suppress(TelegramNetworkError):
            assert await poll == []


async def test_pending_updates_can_be_dropped(api: BotApi, bot: Bot, ann: User) -> None:
    assert ann.id in api.world.users
    assert (await bot.get_webhook_info()).pending_update_count == 1
    await bot.delete_webhook(drop_pending_updates=True)
    assert (await bot.get_webhook_info()).pending_update_count == 0
