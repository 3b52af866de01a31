"""/subscribe and /unsubscribe: whether this chat hears alerts."""

from __future__ import annotations

from aiogram import Router
from aiogram.types import CallbackQuery, Message
from aiogram.utils.callback_answer import CallbackAnswer
from aiogram.utils.formatting import Text

from bot.answering import edit_text
from bot.commands.administrators import OnlyAdministrators
from bot.commands.place import chat_of
from bot.commands.typed import hear
from bot.views import leaving, replies
from bot.views.alerts_buttons import settings_keyboard
from bot.views.phrases import lines
from bot.views.top import top
from engine.chats import Hearing, Preferences, Subscription
from engine.ports import Clock
from engine.shown import Chat, Order
from storage.store import Store

HOT_COUNT = 5


def router() -> Router:
    """The handlers of this family."""
    family = Router(name="subscribing")
    OnlyAdministrators().guard(family)
    hear(family, "subscribe", on_subscribe)
    hear(family, "unsubscribe", on_unsubscribe)
    family.callback_query.register(on_leave, leaving.Leave.filter())
    return family


async def on_subscribe(message: Message, store: Store, clock: Clock) -> None:
    """Switch alerts on, say what a new subscriber hears, and offer to change it."""
    chat = chat_of(message, message.from_user)
    outcome, hot = await subscribe(chat, store, clock)
    usual = outcome is Subscription.NEW and _as_usual(await store.chats.preferences(chat.id))
    sentence = replies.usual_kinds() if usual else None
    answer = lines(replies.subscribed(outcome), sentence, *(() if hot is None else ("", hot)))
    await message.answer(**answer.as_kwargs(), reply_markup=settings_keyboard())


async def subscribe(chat: Chat, store: Store, clock: Clock) -> tuple[Subscription, Text | None]:
    """Switch alerts on; with what is hot already for a new subscriber: alerts tell only of what begins from now on."""
    now = clock.now()
    if not await store.chats.subscribe(chat, now):
        moved = await store.chats.move_topic(chat.id, chat.thread_id)
        return (Subscription.MOVED if moved else Subscription.ALREADY), None
    settings = await store.settings.current()
    hot = await store.listings.top(Order.SCORE, 1, HOT_COUNT, now, settings)
    return Subscription.NEW, top(hot, now, settings) if hot.standings else None


async def on_unsubscribe(message: Message, store: Store) -> None:
    """Switch alerts off and forget the chat; ask first where it has settings or a watchlist to lose."""
    watch_count = await store.chats.watch_count(message.chat.id)
    wishes = await store.chats.preferences(message.chat.id)
    if watch_count or (wishes is not None and wishes.are_changed):
        anonymous = message.sender_chat is not None or message.from_user is None
        asker_id = 0 if anonymous or message.from_user is None else message.from_user.id
        await message.answer(leaving.question(watch_count), reply_markup=leaving.question_keyboard(asker_id))
        return
    await message.answer(replies.unsubscribed(await store.chats.unsubscribe(message.chat.id)))


async def on_leave(
    query: CallbackQuery, callback_data: leaving.Leave, callback_answer: CallbackAnswer, store: Store
) -> None:
    """Do what the asker has answered."""
    if not isinstance(query.message, Message):
        return
    if callback_data.asker_id not in (0, query.from_user.id):
        callback_answer.text = leaving.asked_by_somebody_else()
        return
    if callback_data.sure:
        said = replies.unsubscribed(await store.chats.unsubscribe(query.message.chat.id))
    else:
        said = leaving.kept()
    await edit_text(query, Text(said))


def _as_usual(wishes: Preferences | None) -> bool:
    """Whether the chat hears what a new one does."""
    kinds = (Hearing.ON, Hearing.SILENT, Hearing.SILENT)
    return wishes is not None and (wishes.high_score, wishes.activated, wishes.revived) == kinds
