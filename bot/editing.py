"""One message that was sent gets other words: its caption or its text, whichever it has."""

from __future__ import annotations

from typing import Any

from aiogram import Bot

from bot.letters import Letter
from engine.parcels import Parcel


async def edit(bot: Bot, parcel: Parcel, letter: Letter, *, has_caption: bool) -> None:
    """Put the letter's words in place of those of the message that the parcel edits. Raises Telegram's errors.

    A keyboard that is not sent again would go.
    """
    which: dict[str, Any] = {"chat_id": parcel.chat_id, "message_id": parcel.edits, "reply_markup": letter.keyboard}
    if has_caption:
        await bot.edit_message_caption(**which, **letter.text.as_caption_kwargs())
    else:
        await bot.edit_message_text(**which, **letter.text.as_kwargs())
