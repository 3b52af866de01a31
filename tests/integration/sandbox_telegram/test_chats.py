"""Where the bot may speak, what it may change, and who it may ask about."""

from __future__ import annotations

import pytest
from aiogram import Bot, Dispatcher
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramForbiddenError,
)
from aiogram.types import (
    BotCommand,
    BotCommandScopeChat,
    ChatMemberUpdated,
)

from deploy.sandbox.telegram import BotApi, User
from tests.integration.sandbox_telegram.driving import KEYBOARD, polling


async def test_a_chat_must_exist_be_started_and_not_have_blocked_the_bot(api: BotApi, bot: Bot) -> None:
    bob = api.user(8, "Bob")
    with pytest.raises(TelegramBadRequest, match="chat not found"):
        await bot.send_message(404, "hi")
    with pytest.raises(TelegramForbiddenError, match="bot can't initiate conversation with a user"):
        await bot.send_message(bob.id, "hi")
    api.say(bob, "hello")
    await bot.send_message(bob.id, "hi")
    api.block(bob.id)
    with pytest.raises(TelegramForbiddenError, match="bot was blocked by the user"):
        await bot.send_message(bob.id, "hi")
    api.unblock(bob.id)
    await bot.send_message(bob.id, "hi")
    api.deactivate(bob.id)
    with pytest.raises(TelegramForbiddenError, match="user is deactivated"):
        await bot.send_message(bob.id, "hi")
    assert (len(api.messages(8)), api.violations) == (2, [])


async def test_blocking_tells_the_bot(api: BotApi, bot: Bot, ann: User) -> None:
    heard: list[tuple[str, str]] = []
    dispatcher = Dispatcher()

    @dispatcher.my_chat_member()
    async def changed(event: ChatMemberUpdated) -> None:
        heard.append((event.old_chat_member.status, event.new_chat_member.status))

    async with polling(dispatcher, bot):
        api.block(ann.id)
        api.say(ann, "back again")
        await api.until(lambda: len(heard) == 2)
    assert heard == [("member", "kicked"), ("kicked", "member")]


async def test_in_a_group_the_bot_sees_who_rules_and_can_leave(api: BotApi, bot: Bot, ann: User) -> None:
    group = api.group(-100, "Traders", owner=ann)
    api.say(ann, "/top", chat=group)
    await bot.send_message(group.id, "here")
    assert (await bot.get_chat_member(group.id, ann.id)).status == "creator"
    assert (await bot.get_chat(group.id)).title == "Traders"
    await bot.leave_chat(group.id)
    with pytest.raises(TelegramForbiddenError, match="bot is not a member of the supergroup chat"):
        await bot.send_message(group.id, "still here?")
    with pytest.raises(TelegramBadRequest, match="chat member status can't be changed in private chats"):
        await bot.leave_chat(ann.id)


async def test_edits_and_answers_that_come_to_nothing_are_refused(api: BotApi, bot: Bot, ann: User) -> None:
    sent = await bot.send_message(ann.id, "same", reply_markup=KEYBOARD)
    chat_id, message_id = 7, sent.message_id
    with pytest.raises(TelegramBadRequest, match="message is not modified"):
        await bot.edit_message_text("same", chat_id=chat_id, message_id=message_id, reply_markup=KEYBOARD)
    with pytest.raises(TelegramBadRequest, match="message is not modified"):
        await bot.edit_message_reply_markup(chat_id=chat_id, message_id=message_id, reply_markup=KEYBOARD)
    with pytest.raises(TelegramBadRequest, match="query is too old"):
        await bot.answer_callback_query("1")
    await bot.delete_message(chat_id=chat_id, message_id=message_id)
    with pytest.raises(TelegramBadRequest, match="message to edit not found"):
        await bot.edit_message_text("other", chat_id=chat_id, message_id=message_id)
    with pytest.raises(TelegramBadRequest, match="message to delete not found"):
        await bot.delete_message(chat_id=chat_id, message_id=message_id)
    assert (api.messages(7), api.violations) == ([], [])


async def test_menus_are_kept_per_scope_and_language(bot: Bot, ann: User) -> None:
    scope = BotCommandScopeChat(chat_id=ann.id)
    for_all, for_ann = BotCommand(command="top", description="Лучшие"), BotCommand(command="set", description="Set")
    await bot.set_my_commands([for_all], language_code="ru")
    await bot.set_my_commands([for_ann], scope=scope)
    assert [c.description for c in await bot.get_my_commands(language_code="ru")] == ["Лучшие"]
    assert [c.command for c in await bot.get_my_commands(scope=scope)] == ["set"]
    assert await bot.get_my_commands() == []
    await bot.delete_my_commands(scope=scope)
    assert await bot.get_my_commands(scope=scope) == []
    await bot.set_my_description("Hears migrations")
    assert (await bot.get_my_description(language_code="ru")).description == "Hears migrations"
