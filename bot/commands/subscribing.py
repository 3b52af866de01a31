"""/subscribe and /unsubscribe: whether this chat hears alerts."""

from __future__ import annotations

import structlog
from aiogram import Bot, Router
from aiogram.filters import Command
from aiogram.types import Message
from aiogram.utils.formatting import Text

from bot.access import may_manage
from bot.catalogs import language_of
from bot.views import replies
from bot.views.phrases import lines
from bot.views.top import top
from engine.ports import Clock
from engine.shown import Chat, Order
from storage.chats import Chats
from storage.settings import SettingsTable
from storage.store import Store

log = structlog.get_logger()

HOT_COUNT = 5
GENERAL_TOPIC = 1


def router() -> Router:
    """The handlers of this family."""
    family = Router(name="subscribing")
    family.message.register(on_subscribe, Command("subscribe", ignore_case=True))
    family.message.register(on_unsubscribe, Command("unsubscribe", ignore_case=True))
    return family


async def on_subscribe(
    message: Message, bot: Bot, chats: Chats, store: Store, settings_table: SettingsTable, clock: Clock
) -> None:
    """Switch alerts on, and show once what is hot already: alerts tell only of what begins from now on."""
    if not await may_manage(message, bot):
        await _refuse(message, "subscribe")
        return
    now, settings = clock.now(), await settings_table.current()
    is_new = await chats.subscribe(_chat(message), now)
    answer: Text = Text(replies.subscribed(is_new))
    hot = await store.listings.top(Order.SCORE, 1, HOT_COUNT, now, settings) if is_new else None
    if hot and hot.standings:
        answer = lines(answer, "", top(hot, now, settings))
    await message.answer(**answer.as_kwargs())


async def on_unsubscribe(message: Message, bot: Bot, chats: Chats) -> None:
    """Switch alerts off."""
    if not await may_manage(message, bot):
        await _refuse(message, "unsubscribe")
        return
    await message.answer(replies.unsubscribed(await chats.unsubscribe(message.chat.id)))


async def _refuse(message: Message, command: str) -> None:
    user_id = message.from_user.id if message.from_user else None
    log.warning("access.refused", user_id=user_id, chat_id=message.chat.id, command=command)
    await message.answer(replies.for_chat_administrators())


def _chat(message: Message) -> Chat:
    """The chat as we keep it: alerts come in the language, and to the topic, in which it was subscribed."""
    thread_id = message.message_thread_id if message.is_topic_message else None
    title = (message.chat.title or message.chat.full_name or "").replace("\0", "")
    return Chat(
        id=message.chat.id,
        type=message.chat.type,
        title=title or None,
        language=language_of(message.from_user.language_code if message.from_user else None),
        thread_id=None if thread_id == GENERAL_TOPIC else thread_id,
    )
