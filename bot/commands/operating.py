"""/chats, /broadcast and /health: for the bot's admins, in their private chats."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import Message

from bot.commands.admin import from_admin
from bot.views import replies
from bot.views.notice import BROADCAST_LIMIT, notice
from bot.views.operating import chats, health
from bot.views.phrases import utf16_units
from bot.views.proposals import proposal_keyboard, proposed_broadcast
from bot.vitals import Report
from engine.model import AlertKind
from engine.ports import Clock
from engine.proposals import Wanted
from engine.shown import AlertFacts
from storage.store import Store

FAILING_WITHIN = timedelta(days=1)


def router() -> Router:
    """The handlers of this family."""
    family = Router(name="operating")
    family.message.register(on_chats, Command("chats", ignore_case=True), from_admin)
    family.message.register(on_broadcast, Command("broadcast", ignore_case=True), from_admin)
    family.message.register(on_health, Command("health", ignore_case=True), from_admin)
    return family


async def on_chats(message: Message, store: Store, clock: Clock) -> None:
    """Show how many chats there are and how they are."""
    now = clock.now()
    await message.answer(**chats(await store.chats.census(now, now - FAILING_WITHIN)).as_kwargs())


async def on_broadcast(
    message: Message, command: CommandObject, admin_id: int, store: Store, clock: Clock, wall_clock: Clock
) -> None:
    """Show the message as the chats would get it, and ask whether it shall go out."""
    said = (command.args or "").replace("\0", "").strip()
    if not 0 < utf16_units(said) <= BROADCAST_LIMIT:
        await message.answer(**replies.broadcast_wanted(BROADCAST_LIMIT).as_kwargs())
        return
    now = clock.now()
    census = await store.chats.census(now, now)
    paused = (await store.settings.current()).alerts_paused == "yes"
    await message.answer(**notice(AlertFacts(AlertKind.BROADCAST, now, text=said)).as_kwargs())
    number = await store.proposals.propose(admin_id, Wanted.BROADCAST, {"text": said}, wall_clock.now())
    question = proposed_broadcast(census.subscribed, paused=paused)
    await message.answer(**question.as_kwargs(), reply_markup=proposal_keyboard(number))


async def on_health(message: Message, report: Callable[[], Awaitable[Report]]) -> None:
    """Tell how every part of the program is."""
    await message.answer(**health(await report()).as_kwargs())
