"""Commands that nobody typed here: forwarded ones, captions, what another bot has sent. They do nothing.

In a private chat the sender is told; elsewhere the bot keeps silent.
"""

from __future__ import annotations

from aiogram import F, Router
from aiogram.enums import ChatType
from aiogram.types import Message

from bot.views import replies


def router() -> Router:
    """The handler of this family; it comes after those for what was typed."""
    family = Router(name="secondhand")
    looks_like_command = F.text.startswith("/") | F.caption.startswith("/")
    family.message.register(on_secondhand, F.chat.type == ChatType.PRIVATE, looks_like_command)
    return family


async def on_secondhand(message: Message) -> None:
    """Say why nothing happens."""
    await message.answer(replies.type_it_yourself())
