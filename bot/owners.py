"""Tells somebody in private that the bot may no longer write in a chat: best effort, a failure is logged only."""

from __future__ import annotations

import structlog
from aiogram import Bot
from aiogram.exceptions import AiogramError
from aiogram.types import ChatMemberOwner, User

from bot.catalogs import Catalogs, language_of
from bot.views.replies import may_not_write
from engine.errors import DatabaseAway
from storage.chats import Chats

log = structlog.get_logger()


async def tell_user(bot: Bot, user: User, title: str | None, chats: Chats, catalogs: Catalogs) -> None:
    """Tell this person, who may never have started the bot, about the chat of that title, in their language."""
    try:
        with catalogs.speaking(language_of(await chats.language(user.id) or user.language_code)):
            words = may_not_write(title)
        await bot.send_message(user.id, **words.as_kwargs())
    except (AiogramError, DatabaseAway) as error:
        log.warning("owner.not_told", user_id=user.id, error=type(error).__name__)


async def tell_creator(bot: Bot, chat_id: int, chats: Chats, catalogs: Catalogs) -> None:
    """Tell who has created the chat, where Telegram says who that is."""
    try:
        title = (await bot.get_chat(chat_id)).title
        members = await bot.get_chat_administrators(chat_id)
    except AiogramError as error:
        log.warning("owner.not_told", chat_id=chat_id, error=type(error).__name__)
        return
    for member in members:
        if isinstance(member, ChatMemberOwner):
            await tell_user(bot, member.user, title, chats, catalogs)
