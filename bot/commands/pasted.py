"""Mints and links that people paste: answered like /token, in groups only where that is switched on, and once."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

from aiogram import Router
from aiogram.enums import ChatType
from aiogram.filters import BaseFilter
from aiogram.types import Message
from cachetools import TTLCache

from bot.access import Kind, is_plain
from bot.cards import Cards
from bot.finding import find_at, pasted
from engine.errors import DatabaseAway
from engine.model import Token
from storage.chats import Chats
from storage.tokens import Tokens

SILENT_SECONDS = 600.0
REMEMBERED_ANSWERS = 10_000


class Pasted(BaseFilter):
    """Lets through what a person pasted: in private also forwarded and as a caption, since it is only looked up.

    Commands, and what came by way of a bot such as our own inline mode, are not pasted.
    """

    async def __call__(self, message: Message, chats: Chats) -> bool | dict[str, Any]:
        """The addresses as `named`."""
        if message.via_bot or (message.text or message.caption or "").startswith("/"):
            return False
        named = pasted(message)
        if not named or not (message.chat.type == ChatType.PRIVATE or await _wanted(message, chats)):
            return False
        return {"named": named}


class Told:
    """Which tokens a group was told of within the last ten minutes, in bounded memory."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._told: TTLCache[tuple[int, int], bool] = TTLCache(REMEMBERED_ANSWERS, SILENT_SECONDS, monotonic)

    def news(self, chat_id: int, tokens: tuple[Token, ...]) -> tuple[Token, ...]:
        """Those of the tokens that it was not told of; from now on it was."""
        fresh = tuple(token for token in tokens if (chat_id, token.id) not in self._told)
        for token in fresh:
            self._told[chat_id, token.id] = True
        return fresh


def router() -> Router:
    """The handler of this family; it alone takes messages that are not plain."""
    family = Router(name="pasted")
    family.message.register(on_pasted, Pasted(), flags={"kind": Kind.PASTED})
    return family


async def on_pasted(message: Message, named: tuple[str, ...], tokens: Tokens, cards: Cards, told: Told) -> None:
    """Answer like /token; a group hears nothing of unknown mints, and of a token once in ten minutes."""
    found = await find_at(tokens, named)
    if message.chat.type != ChatType.PRIVATE:
        found = replace(found, tokens=told.news(message.chat.id, found.tokens), total=0)
        if not found.tokens:
            return
    await cards.answer(message, found)


async def _wanted(message: Message, chats: Chats) -> bool:
    """Whether this group wants answers, and a person of it typed this."""
    by_bot = message.from_user is not None and message.from_user.is_bot and message.sender_chat is None
    if by_bot or not is_plain(message):
        return False
    with suppress(DatabaseAway):
        preferences = await chats.preferences(message.chat.id)
        return preferences is not None and preferences.answers_mints
    return False
