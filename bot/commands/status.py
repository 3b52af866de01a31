"""/status: whether all is well, what is being watched, and what this chat hears."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiogram import Router
from aiogram.types import Message

from bot.access import is_admin
from bot.commands.typed import hear
from bot.views.status import Here, status
from bot.views.supply import supply_lines
from bot.vitals import Report
from engine.ports import Clock
from engine.shown import Supply
from storage.store import Store


def router() -> Router:
    """The handlers of this family."""
    family = Router(name="status")
    hear(family, "status", on_status)
    return family


async def on_status(
    message: Message,
    store: Store,
    report: Callable[[], Awaitable[Report]],
    supply: Callable[[], Supply | None],
    clock: Clock,
    admin_ids: frozenset[int],
) -> None:
    """Answer in words; no provider's errors, which are for admins alone, as is the leader's name."""
    now, settings, chat_id = clock.now(), await store.settings.current(), message.chat.id
    wishes, sent = await store.chats.preferences(chat_id), await store.outbox.sent_last_hour(chat_id)
    view = status(
        await report(),
        await store.tokens.census(now),
        now,
        supply=supply_lines(supply(), settings, now),
        backlog=await store.outbox.backlog(now),
        here=Here(wishes, sent, paused=settings.alerts_paused == "yes"),
        gaps=await store.gaps.last_day(now),
        naming=is_admin(message, admin_ids),
    )
    await message.answer(**view.as_kwargs())
