"""What a person hears when a command or a tap fails. Failures are logged here, so aiogram does not log them again."""

from __future__ import annotations

import textwrap
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import structlog
from aiogram import BaseMiddleware, Router
from aiogram.exceptions import AiogramError, TelegramMigrateToChat
from aiogram.filters import ExceptionTypeFilter
from aiogram.types import ErrorEvent, InlineQueryResultsButton, TelegramObject

from bot.views import replies
from engine.errors import DatabaseAway

log = structlog.get_logger()

LONGEST_HINT = 64  # characters that Telegram takes above inline results


def router() -> Router:
    """The handlers of errors, the most particular first."""
    family = Router(name="failures")
    family.error.register(on_database_away, ExceptionTypeFilter(DatabaseAway))
    family.error.register(on_no_answer, ExceptionTypeFilter(AiogramError))
    family.error.register(on_bug)
    return family


async def on_database_away(event: ErrorEvent) -> None:
    """The database is away: say so."""
    log.warning("command.database_away", error=str(event.exception))
    await _tell(event, replies.back_in_a_moment())


async def on_no_answer(event: ErrorEvent) -> None:
    """Telegram did not take the answer: nothing can be said, not even that."""
    log.warning("command.not_answered", error=type(event.exception).__name__)


async def on_bug(event: ErrorEvent) -> None:
    """A fault of ours."""
    log.error("command.failed", exc_info=event.exception)
    await _tell(event, replies.something_failed())


class TellTapper(BaseMiddleware):
    """Puts a failure into the answer to the tap, which `CallbackAnswerMiddleware` gives in any case."""

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:
        """Whatever the handler gives; its error is passed on to the handlers of errors."""
        try:
            return await handler(event, data)
        except TelegramMigrateToChat:
            data["callback_answer"].text = replies.group_moved()
            raise
        except AiogramError:
            raise
        except DatabaseAway:
            data["callback_answer"].text = replies.back_in_a_moment()
            raise
        except Exception:
            data["callback_answer"].text = replies.something_failed()
            raise


async def _tell(event: ErrorEvent, sentence: str) -> None:
    """Say it where the command was given. A tap hears it from `TellTapper`."""
    said = event.update.message or event.update.channel_post
    with suppress(AiogramError):
        if said is not None:
            await said.answer(sentence)
        elif event.update.inline_query is not None:
            await event.update.inline_query.answer([], cache_time=0, is_personal=True, button=_hint(sentence))


def _hint(sentence: str) -> InlineQueryResultsButton:
    """Stands above the results of an inline query, where there are none; it leads to the chat with the bot."""
    text = textwrap.shorten(sentence, LONGEST_HINT, placeholder="…")
    return InlineQueryResultsButton(text=text, start_parameter="away")
