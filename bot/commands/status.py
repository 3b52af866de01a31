"""/status: what is being watched, and whether alerts get through to this chat."""

from __future__ import annotations

from collections.abc import Callable

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import Message

from bot.views.status import status
from bot.views.supply import supply_lines
from engine.ports import Clock
from engine.shown import Supply
from storage.chats import Chats
from storage.gaps import Gaps
from storage.outbox import Outbox
from storage.settings import SettingsTable
from storage.tokens import Tokens


def router() -> Router:
    """The handlers of this family."""
    family = Router(name="status")
    family.message.register(on_status, Command("status", ignore_case=True))
    return family


async def on_status(
    message: Message,
    tokens: Tokens,
    chats: Chats,
    outbox: Outbox,
    gaps: Gaps,
    settings_table: SettingsTable,
    supply: Callable[[], Supply | None],
    clock: Clock,
) -> None:
    """Answer with the counts."""
    now = clock.now()
    view = status(
        await tokens.census(now),
        now,
        supply=supply_lines(supply(), await settings_table.current(), now),
        backlog=await outbox.backlog(),
        subscribed=await chats.is_subscribed(message.chat.id),
        gaps=await gaps.last_day(now),
    )
    await message.answer(**view.as_kwargs())
