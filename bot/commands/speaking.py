"""/language: in which language this chat is answered, alerted and shown the commands. See also `language`."""

from __future__ import annotations

from aiogram import Bot, Router
from aiogram.types import CallbackQuery, Message
from aiogram.utils.formatting import Text

from bot.answering import edit_text
from bot.catalogs import Catalogs, language_of
from bot.commands.administrators import OnlyAdministrators
from bot.commands.place import chat_of
from bot.commands.typed import hear
from bot.menu import publish_chat_menu
from bot.views.language import Speak, chosen, language_keyboard, question
from engine.ports import Clock
from storage.store import Store


def router() -> Router:
    """The handlers of this family."""
    family = Router(name="speaking")
    OnlyAdministrators().guard(family)
    hear(family, "language", on_language)
    family.callback_query.register(on_speak, Speak.filter())
    return family


async def on_language(message: Message, store: Store) -> None:
    """Offer the languages."""
    language = await store.chats.language(message.chat.id)
    keyboard = language_keyboard(language_of(language) if language else None)
    await message.answer(question(), reply_markup=keyboard)


async def on_speak(
    query: CallbackQuery,
    callback_data: Speak,
    bot: Bot,
    store: Store,
    catalogs: Catalogs,
    clock: Clock,
    admin_ids: frozenset[int],
) -> None:
    """Keep the choice, say so in that language, and let the chat's menu follow."""
    if not isinstance(query.message, Message):
        return
    chat, language = chat_of(query.message, query.from_user), callback_data.language
    await store.chats.meet(chat, clock.now())
    await store.chats.prefer(chat.id, clock.now(), language=language)
    with catalogs.speaking(language):
        await edit_text(query, Text(chosen()), language_keyboard(language))
    await publish_chat_menu(bot, catalogs, chat.id, language, is_admin=chat.id in admin_ids)
