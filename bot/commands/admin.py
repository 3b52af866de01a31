"""/settings, /set, /reset, /history and /pause: for the bot's admins, in their private chats."""

from __future__ import annotations

import structlog
from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import Message

from bot.access import is_admin
from bot.commands.arguments import argument
from bot.views import replies
from bot.views.proposals import nothing_to_change, proposal_keyboard, proposed_setting
from bot.views.settings import history, setting_refused, settings_list
from engine.errors import InvalidSetting
from engine.model import Reason
from engine.notices import flood
from engine.ports import Clock
from engine.proposals import Wanted
from engine.settings import SPECS, Value, changed, parse_change, parse_name
from storage.store import Store

log = structlog.get_logger()

ADMINS_ONLY = ("settings", "set", "reset", "history", "pause", "chats", "broadcast", "health")
HISTORY_LENGTH = 15


def router() -> Router:
    """The handlers of this family."""
    family = Router(name="admin")
    family.message.register(on_settings, Command("settings", ignore_case=True), from_admin)
    family.message.register(on_set, Command("set", ignore_case=True), from_admin)
    family.message.register(on_reset, Command("reset", ignore_case=True), from_admin)
    family.message.register(on_history, Command("history", ignore_case=True), from_admin)
    family.message.register(on_pause, Command("pause", ignore_case=True), from_admin)
    return family


def last_router() -> Router:
    """The refusal of whatever admins alone may do."""
    family = Router(name="admins only")
    family.message.register(on_refused, Command(*ADMINS_ONLY, ignore_case=True))
    return family


async def from_admin(message: Message, admin_ids: frozenset[int]) -> bool | dict[str, int]:
    """The filter for admins' commands; handlers behind it get `admin_id`."""
    if message.from_user is None or not is_admin(message, admin_ids):
        return False
    return {"admin_id": message.from_user.id}


async def on_settings(message: Message, store: Store, clock: Clock) -> None:
    """List all settings."""
    settings, changes = await store.settings.current(), await store.settings.last_changes()
    for part in settings_list(settings, changes, clock.now()):
        await message.answer(**part.as_kwargs())


async def on_set(message: Message, command: CommandObject, admin_id: int, store: Store, wall_clock: Clock) -> None:
    """Ask whether a setting shall be changed."""
    try:
        name, value = parse_change(argument(command))
        await _propose(message, name, value, admin_id, store, wall_clock)
    except InvalidSetting as error:
        await message.answer(**setting_refused(error).as_kwargs())


async def on_reset(message: Message, command: CommandObject, admin_id: int, store: Store, wall_clock: Clock) -> None:
    """Ask whether a setting shall be its default again."""
    try:
        name = parse_name(argument(command))
        await _propose(message, name, SPECS[name].default, admin_id, store, wall_clock)
    except InvalidSetting as error:
        await message.answer(**setting_refused(error).as_kwargs())


async def on_pause(message: Message, admin_id: int, store: Store, clock: Clock, wall_clock: Clock) -> None:
    """Ask whether alerts shall be held, or go on if they are; and say so where they are held as too many."""
    settings, backlog = await store.settings.current(), await store.outbox.backlog(clock.now())
    value = "no" if settings.alerts_paused == "yes" else "yes"
    why = flood(backlog.decided_10min, backlog.allowed) if backlog.is_flooded else None
    await _propose(message, "alerts_paused", value, admin_id, store, wall_clock, why)


async def on_history(message: Message, store: Store, clock: Clock) -> None:
    """Show who changed what lately."""
    changes = await store.settings.history(HISTORY_LENGTH)
    await message.answer(**history(changes, clock.now()).as_kwargs())


async def on_refused(message: Message, command: CommandObject) -> None:
    """Everybody else, and admins outside of their private chats."""
    user_id = message.from_user.id if message.from_user else None
    log.warning("access.refused", user_id=user_id, chat_id=message.chat.id, command=command.command.lower())
    await message.answer(replies.for_admins())


async def _propose(
    message: Message,
    name: str,
    value: Value,
    admin_id: int,
    store: Store,
    wall_clock: Clock,
    why: Reason | None = None,
) -> None:
    """Put the question, unless nothing would change. Raises InvalidSetting for what would be refused anyway."""
    settings = await store.settings.current()
    old = getattr(settings, name)
    changed(settings, name, value)
    if value == old:
        await message.answer(**nothing_to_change(name, value).as_kwargs())
        return
    content = {"name": name, "old": old, "new": value}
    number = await store.proposals.propose(admin_id, Wanted.SET, content, wall_clock.now())
    question = proposed_setting(name, old, value, why)
    await message.answer(**question.as_kwargs(), reply_markup=proposal_keyboard(number))
