"""In which language a person is answered."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from aiogram.types import Chat, TelegramObject, User
from aiogram.utils.i18n.middleware import I18nMiddleware

from bot.catalogs import Catalogs, language_of
from engine.errors import BadData, DatabaseAway
from storage.chats import Chats


class ReaderLanguage(I18nMiddleware):
    """The language that was chosen in the chat, else that of the sender's Telegram client, where we speak it."""

    def __init__(self, catalogs: Catalogs, chats: Chats) -> None:
        super().__init__(catalogs)
        self._chats = chats

    async def get_locale(self, event: TelegramObject, data: dict[str, Any]) -> str:  # noqa: ARG002 - aiogram's signature
        """One of our languages."""
        user: User | None = data.get("event_from_user")
        chat: Chat | None = data.get("event_chat")
        chosen: str | None = None
        if place := chat or user:
            with suppress(DatabaseAway, BadData):  # nobody goes unanswered for want of a language
                chosen = await self._chats.language(place.id)
        return language_of(chosen or (user.language_code if user else None))
