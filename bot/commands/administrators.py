"""Who changes what a chat hears: in groups and channels only their administrators, by command and by tap."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from aiogram import BaseMiddleware, Bot, Router
from aiogram.exceptions import AiogramError, TelegramMigrateToChat
from aiogram.types import CallbackQuery, Message, TelegramObject

from bot.access import may_manage, may_manage_by_tap
from bot.views import replies

log = structlog.get_logger()


class OnlyAdministrators(BaseMiddleware):
    """Stands before every command, channel post and tap of a family, and asks Telegram anew each time."""

    def guard(self, family: Router) -> None:
        """Stand before all handlers of this family."""
        for observer in (family.message, family.channel_post, family.callback_query):
            observer.middleware(self)

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:
        """Whatever the handler gives; None for who may not, and who is told so."""
        bot: Bot = data["bot"]
        if isinstance(event, CallbackQuery):
            refusal = await _refusal_of_tap(event, bot)
            if refusal is None:
                return await handler(event, data)
            data["callback_answer"].text = refusal
        elif isinstance(event, Message):
            refusal = await _refusal(event, bot)
            if refusal is None:
                return await handler(event, data)
            await event.answer(refusal)
        return None


async def _refusal(message: Message, bot: Bot) -> str | None:
    """Why the sender may not change this chat's settings; None for who may."""
    try:
        if await may_manage(message, bot):
            return None
    except AiogramError as error:
        return _not_told(message.chat.id, error)
    _log(message.from_user.id if message.from_user else None, message.chat.id, message.text)
    return replies.for_chat_administrators()


async def _refusal_of_tap(query: CallbackQuery, bot: Bot) -> str | None:
    """The same of who has pressed a button."""
    if not isinstance(query.message, Message):
        return replies.button_out_of_date()
    chat_id = query.message.chat.id
    try:
        if await may_manage_by_tap(query, bot):
            return None
    except TelegramMigrateToChat:
        return replies.group_moved()
    except AiogramError as error:
        return _not_told(chat_id, error)
    _log(query.from_user.id, chat_id, query.data)
    return replies.for_chat_administrators()


def _not_told(chat_id: int, error: AiogramError) -> str:
    log.warning("access.unknown", chat_id=chat_id, error=type(error).__name__)
    return replies.administrators_unknown()


def _log(user_id: int | None, chat_id: int, wanted: str | None) -> None:
    log.warning("access.refused", user_id=user_id, chat_id=chat_id, wanted=(wanted or "")[:40])
