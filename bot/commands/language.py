"""In which language a person is answered."""

from __future__ import annotations

from typing import Any

from aiogram.types import TelegramObject, User
from aiogram.utils.i18n.middleware import I18nMiddleware

from bot.catalogs import language_of


class ReaderLanguage(I18nMiddleware):
    """The language of the sender's Telegram client, where we speak it."""

    async def get_locale(self, event: TelegramObject, data: dict[str, Any]) -> str:  # noqa: ARG002 - aiogram's signature
        """One of our languages."""
        user: User | None = data.get("event_from_user")
        return language_of(user.language_code if user else None)
