"""One message that was sent gets other words: its caption or its text, whichever it has."""

from __future__ import annotations

from typing import Any

from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest

from bot.letters import Letter
from bot.pace import Pace
from engine.parcels import Parcel

_OTHER = ("there is no caption in the message to edit", "there is no text in the message to edit")


async def edit(bot: Bot, pace: Pace, parcel: Parcel, letter: Letter) -> None:
    """Put the letter's words in place of those of the message that the parcel edits. Raises Telegram's errors.

    Whether that has a picture is guessed by the chat's preferences, which it may have changed since.
    """
    has_caption = parcel.preferences.pictures
    try:
        await _edit(bot, parcel, letter, has_caption=has_caption)
    except TelegramBadRequest as error:
        if not any(words in error.message.lower() for words in _OTHER):
            raise
        await pace.once_more()
        await _edit(bot, parcel, letter, has_caption=not has_caption)


async def _edit(bot: Bot, parcel: Parcel, letter: Letter, *, has_caption: bool) -> None:
    """A keyboard that is not sent again would go."""
    which: dict[str, Any] = {"chat_id": parcel.chat_id, "message_id": parcel.edits, "reply_markup": letter.keyboard}
    if has_caption:
        await bot.edit_message_caption(**which, **letter.text.as_caption_kwargs())
    else:
        await bot.edit_message_text(**which, **letter.text.as_kwargs())
