"""/start, /help, and a hint for what is no command of ours."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from aiogram import F, Router
from aiogram.enums import ChatType
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message
from aiogram.utils.callback_answer import CallbackAnswer

from bot import access
from bot.views import replies
from bot.views.help import help_
from bot.views.start import start
from engine.errors import DatabaseAway
from engine.settings import Settings
from engine.shown import Supply
from storage.settings import SettingsTable

log = structlog.get_logger()


def router() -> Router:
    """The handlers of this family."""
    family = Router(name="about")
    family.message.register(on_start, Command("start", ignore_case=True))
    family.message.register(on_help, Command("help", ignore_case=True))
    return family


def last_router() -> Router:
    """The handler for everything that no other one took; private chats only, groups are left in peace."""
    family = Router(name="unknown")
    family.message.register(on_unknown, F.chat.type == ChatType.PRIVATE)
    family.callback_query.register(on_unknown_tap)
    return family


async def on_start(message: Message) -> None:
    """Greet. What a deep link carries is chosen by strangers, so it is not looked at."""
    await message.answer(**start().as_kwargs())


async def on_help(
    message: Message,
    admin_ids: frozenset[int],
    settings_table: SettingsTable,
    supply: Callable[[], Supply | None],
) -> None:
    """Explain the commands and the score."""
    now = supply()
    free_only = now is not None and now.paid is None
    view = help_(access.is_admin(message, admin_ids), await _settings(settings_table), free_only=free_only)
    await message.answer(**view.as_kwargs())


async def _settings(settings_table: SettingsTable) -> Settings:
    """The settings in force; the defaults while the database is away, since help is always given."""
    try:
        return await settings_table.current()
    except DatabaseAway:
        return Settings()


async def on_unknown(message: Message) -> None:
    """Say where to find what I know."""
    await message.answer(replies.unknown_command())


async def on_unknown_tap(query: CallbackQuery, callback_answer: CallbackAnswer) -> None:
    """A button of an earlier release, or data that somebody made up."""
    log.info("tap.unknown", user_id=query.from_user.id)
    callback_answer.text = replies.button_out_of_date()
