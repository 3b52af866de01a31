"""Answers to taps: the message under the button is changed in place. What it says stands in `views`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from aiogram.exceptions import TelegramBadRequest
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, InputMediaPhoto, Message
from aiogram.utils.formatting import Text

from bot.verdicts import Action, verdict


async def edit_text(query: CallbackQuery, text: Text, keyboard: InlineKeyboardMarkup | None = None) -> None:
    """Show this text instead; a message that Telegram does not hand out any more stays as it is."""
    if isinstance(query.message, Message):
        with _same_again():
            await query.message.edit_text(**text.as_kwargs(), reply_markup=keyboard)


async def edit_caption(query: CallbackQuery, text: Text, keyboard: InlineKeyboardMarkup | None = None) -> None:
    """Show this caption instead, under the same picture."""
    if isinstance(query.message, Message):
        with _same_again():
            await query.message.edit_caption(**text.as_caption_kwargs(), reply_markup=keyboard)


async def edit_photo(query: CallbackQuery, photo: InputMediaPhoto, keyboard: InlineKeyboardMarkup | None = None) -> str:
    """Show this picture and its caption instead; the picture's file id, empty where nothing changed."""
    if isinstance(query.message, Message):
        with _same_again():
            shown = await query.message.edit_media(photo, reply_markup=keyboard)
            return shown.photo[-1].file_id if isinstance(shown, Message) and shown.photo else ""
    return ""


@contextmanager
def _same_again() -> Iterator[None]:
    """A message that would not change is as it should be."""
    try:
        yield
    except TelegramBadRequest as error:
        if verdict(error).action is not Action.FINE:
            raise
