"""Who changes what a chat hears: in groups and channels only their administrators, by command and by tap."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from aiogram import BaseMiddleware, Bot, Router
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
            if not isinstance(event.message, Message):
                data["callback_answer"].text = replies.button_out_of_date()
            elif await may_manage_by_tap(event, bot):
                return await handler(event, data)
            else:
                _log(event.from_user.id, event.message.chat.id, event.data)
                data["callback_answer"].text = replies.for_chat_administrators()
        elif isinstance(event, Message):
            if await may_manage(event, bot):
                return await handler(event, data)
            _log(event.from_user.id if event.from_user else None, event.chat.id, event.text)
            await event.answer(replies.for_chat_administrators())
        return None


def _log(user_id: int | None, chat_id: int, wanted: str | None) -> None:
    log.warning("access.refused", user_id=user_id, chat_id=chat_id, wanted=(wanted or "")[:40])
