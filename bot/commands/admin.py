"""/settings and /set: for the bot's admins, in their private chats."""

from __future__ import annotations

import structlog
from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import Message

from bot.access import is_admin
from bot.commands.arguments import argument
from bot.views import replies
from bot.views.settings import setting_refused, setting_saved, settings_list
from engine.errors import InvalidSetting
from engine.ports import Clock
from engine.settings import parse_change
from storage.settings import SettingsTable

log = structlog.get_logger()


def router() -> Router:
    """The handlers of this family."""
    family = Router(name="admin")
    family.message.register(on_settings, Command("settings", ignore_case=True), from_admin)
    family.message.register(on_set, Command("set", ignore_case=True), from_admin)
    family.message.register(on_refused, Command("settings", "set", ignore_case=True))
    return family


async def from_admin(message: Message, admin_ids: frozenset[int]) -> bool | dict[str, int]:
    """The filter for admins' commands; handlers behind it get `admin_id`."""
    if message.from_user is None or not is_admin(message, admin_ids):
        return False
    return {"admin_id": message.from_user.id}


async def on_settings(message: Message, settings_table: SettingsTable) -> None:
    """List all settings."""
    for part in settings_list(await settings_table.current()):
        await message.answer(**part.as_kwargs())


async def on_set(
    message: Message, command: CommandObject, admin_id: int, settings_table: SettingsTable, clock: Clock
) -> None:
    """Change one setting; "saved" is said only after the commit."""
    before = await settings_table.current()
    try:
        name, value = parse_change(argument(command))
        after = await settings_table.change(name, value, admin_id, clock.now())
    except InvalidSetting as error:
        await message.answer(**setting_refused(error).as_kwargs())
        return
    log.info("setting.changed", name=name, value=value, user_id=admin_id, version=after.version)
    await message.answer(**setting_saved(name, getattr(before, name), getattr(after, name)).as_kwargs())


async def on_refused(message: Message, command: CommandObject) -> None:
    """Everybody else, and admins outside of their private chats."""
    user_id = message.from_user.id if message.from_user else None
    log.warning("access.refused", user_id=user_id, chat_id=message.chat.id, command=command.command.lower())
    await message.answer(replies.for_admins())
