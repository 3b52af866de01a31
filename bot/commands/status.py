"""/status: what is being watched, and whether alerts get through to this chat."""

from __future__ import annotations

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import Message

from bot.views.status import status
from engine.ports import Clock
from storage.chats import Chats
from storage.gaps import Gaps
from storage.outbox import Outbox
from storage.tokens import Tokens


def router() -> Router:
    """The handlers of this family."""
    family = Router(name="status")
    family.message.register(on_status, Command("status", ignore_case=True))
    return family


async def on_status(message: Message, tokens: Tokens, chats: Chats, outbox: Outbox, gaps: Gaps, clock: Clock) -> None:
    """Answer with the counts."""
    now = clock.now()
    census = await tokens.census(now)
    subscribed = await chats.is_subscribed(message.chat.id)
    deaf = await gaps.last_day(now)
    view = status(census, now, backlog=await outbox.backlog(), subscribed=subscribed, gaps=deaf)
    await message.answer(**view.as_kwargs())
