"""Answers to taps, which change the message under the button in place, and to inline queries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from aiogram.exceptions import TelegramBadRequest
from aiogram.types import (
    CallbackQuery,
    InlineKeyboardMarkup,
    InlineQuery,
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InputMediaPhoto,
    Message,
)
from aiogram.utils.formatting import Text

from bot.verdicts import Action, verdict

INLINE_CACHE_SECONDS = 10


async def edit_text(query: CallbackQuery, text: Text, keyboard: InlineKeyboardMarkup | None = None) -> None:
    """Show this text instead; a message that Telegram does not hand out any more stays as it is."""
    if isinstance(query.message, Message):
        with _unless_needless():
            await query.message.edit_text(**text.as_kwargs(), reply_markup=keyboard)


async def edit_caption(query: CallbackQuery, text: Text, keyboard: InlineKeyboardMarkup | None = None) -> None:
    """Show this caption instead, under the same picture."""
    if isinstance(query.message, Message):
        with _unless_needless():
            await query.message.edit_caption(**text.as_caption_kwargs(), reply_markup=keyboard)


async def edit_photo(query: CallbackQuery, photo: InputMediaPhoto, keyboard: InlineKeyboardMarkup | None = None) -> str:
    """Show this picture and its caption instead; the picture's file id, empty where nothing changed."""
    if isinstance(query.message, Message):
        with _unless_needless():
            shown = await query.message.edit_media(photo, reply_markup=keyboard)
            return shown.photo[-1].file_id if isinstance(shown, Message) and shown.photo else ""
    return ""


async def answer_inline(
    query: InlineQuery, results: Sequence[InlineQueryResultArticle], button: InlineQueryResultsButton | None = None
) -> None:
    """Offer these results to who asks, in their language, for a few seconds; one who has typed on is not waited for."""
    with _unless_needless():
        await query.answer(list(results), cache_time=INLINE_CACHE_SECONDS, is_personal=True, button=button)


@contextmanager
def _unless_needless() -> Iterator[None]:
    """A message that would not change is as it should be, and so is a query that nobody waits for any more."""
    try:
        yield
    except TelegramBadRequest as error:
        if verdict(error).action is not Action.FINE:
            raise
