"""Answers to commands in their turn: they share the limits of alerts, and go before them."""

from __future__ import annotations

import asyncio

from aiogram import Bot
from aiogram.client.session.middlewares.base import BaseRequestMiddleware, NextRequestMiddlewareType
from aiogram.exceptions import TelegramRetryAfter
from aiogram.methods import GetUpdates, Response, SendChatAction, TelegramMethod
from aiogram.methods.base import TelegramType

from bot.pace import Pace

LONGEST_WAIT_SECONDS = 10
TOO_LONG_SECONDS = LONGEST_WAIT_SECONDS + 1
TOO_MUCH = "more was asked for in this chat than may be said there"
SPEAKING = ("send", "edit", "copy", "forward")


class PatientAnswers(BaseRequestMiddleware):
    """Obeys `retry_after` for answers to commands while it is short in all; a longer one is an error like any other."""

    async def __call__(
        self, make_request: NextRequestMiddlewareType[TelegramType], bot: Bot, method: TelegramMethod[TelegramType]
    ) -> Response[TelegramType]:
        """The answer, possibly of a later try."""
        waited_seconds = 0
        while True:
            try:
                return await make_request(bot, method)
            except TelegramRetryAfter as error:
                waited_seconds += max(error.retry_after, 1)
                if isinstance(method, GetUpdates) or waited_seconds > LONGEST_WAIT_SECONDS:
                    raise
                await asyncio.sleep(error.retry_after)


class PacedAnswers(BaseRequestMiddleware):
    """Lets whatever speaks into a chat wait for its turn, and tells the alerts of a flood wait.

    Raises TelegramRetryAfter also where a chat has asked for more than may be said to it.
    """

    def __init__(self, pace: Pace) -> None:
        self._pace = pace

    async def __call__(
        self, make_request: NextRequestMiddlewareType[TelegramType], bot: Bot, method: TelegramMethod[TelegramType]
    ) -> Response[TelegramType]:
        """The answer to the request, made in its turn."""
        if not _speaks(method):
            return await make_request(bot, method)
        try:
            async with self._pace.answer_turn(_chat_id(method), LONGEST_WAIT_SECONDS):
                return await make_request(bot, method)
        except TimeoutError:
            raise TelegramRetryAfter(method, TOO_MUCH, retry_after=TOO_LONG_SECONDS) from None
        except TelegramRetryAfter as error:
            self._pace.rest(error.retry_after, _chat_id(method))
            raise


def _speaks(method: TelegramMethod[TelegramType]) -> bool:
    return method.__api_method__.startswith(SPEAKING) and not isinstance(method, SendChatAction)


def _chat_id(method: TelegramMethod[TelegramType]) -> int | None:
    """The chat that the method speaks into; None for one that goes by a name, or for a message sent inline."""
    chat_id = getattr(method, "chat_id", None)
    return chat_id if isinstance(chat_id, int) else None
