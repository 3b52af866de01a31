"""/start, /help with its sections, and a hint for what is no command of ours."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from aiogram import F, Router
from aiogram.enums import ChatType
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message
from aiogram.utils.callback_answer import CallbackAnswer

from bot import access
from bot.answering import edit_text
from bot.callbacks import HelpSection, HelpTap, OpenTap
from bot.commands.arguments import argument
from bot.commands.typed import hear
from bot.views import replies
from bot.views.help import help_, help_keyboard, section_of
from bot.views.start import start, start_keyboard
from engine.errors import DatabaseAway
from engine.settings import Settings
from engine.shown import Supply
from storage.settings import SettingsTable

log = structlog.get_logger()


def router() -> Router:
    """The handlers of this family."""
    family = Router(name="about")
    family.message.register(on_start, Command("start", ignore_case=True))
    hear(family, "help", on_help)
    family.callback_query.register(on_help_tap, HelpTap.filter())
    family.callback_query.register(on_help_wanted, OpenTap.filter(F.command == "help"))
    return family


def last_router() -> Router:
    """The handler for everything that no other one took; private chats only, groups are left in peace."""
    family = Router(name="unknown")
    family.message.register(on_unknown, F.chat.type == ChatType.PRIVATE)
    family.callback_query.register(on_unknown_tap)
    return family


async def on_start(message: Message) -> None:
    """Greet. What a deep link carries is chosen by strangers, so it is not looked at."""
    await message.answer(**start().as_kwargs(), reply_markup=start_keyboard())


async def on_help(
    message: Message,
    command: CommandObject,
    admin_ids: frozenset[int],
    settings_table: SettingsTable,
    supply: Callable[[], Supply | None],
) -> None:
    """Explain what was asked for, else the commands."""
    is_admin = access.is_admin(message, admin_ids)
    section = section_of(argument(command), is_admin=is_admin)
    view = help_(section, await _settings(settings_table), is_admin=is_admin, free_only=_free_only(supply))
    await message.answer(**view.as_kwargs(), reply_markup=help_keyboard(section, is_admin=is_admin))


async def on_help_tap(
    query: CallbackQuery,
    callback_data: HelpTap,
    callback_answer: CallbackAnswer,
    admin_ids: frozenset[int],
    settings_table: SettingsTable,
    supply: Callable[[], Supply | None],
) -> None:
    """Turn the message over to another section; that of the admins is for admins alone."""
    is_admin, section = access.is_admins_tap(query, admin_ids), callback_data.section
    if section is HelpSection.ADMINS and not is_admin:
        callback_answer.text = replies.button_out_of_date()
        return
    view = help_(section, await _settings(settings_table), is_admin=is_admin, free_only=_free_only(supply))
    await edit_text(query, view, help_keyboard(section, is_admin=is_admin))


async def on_help_wanted(
    query: CallbackQuery,
    admin_ids: frozenset[int],
    settings_table: SettingsTable,
) -> None:
    """The button of /start: answer as /help does."""
    if not isinstance(query.message, Message):
        return
    is_admin, section = access.is_admins_tap(query, admin_ids), HelpSection.COMMANDS
    view = help_(section, await _settings(settings_table), is_admin=is_admin)
    await query.message.answer(**view.as_kwargs(), reply_markup=help_keyboard(section, is_admin=is_admin))


def _free_only(supply: Callable[[], Supply | None]) -> bool:
    now = supply()
    return now is not None and now.paid is None


async def _settings(settings_table: SettingsTable) -> Settings:
    """The settings in force; the defaults while the database is away, since help is always given."""
    try:
        return await settings_table.current()
    except DatabaseAway:
        return Settings()


async def on_unknown(message: Message) -> None:
    """Say what I know: other commands, or what to send at all."""
    is_command = (message.text or "").startswith("/")
    await message.answer(replies.unknown_command() if is_command else replies.what_to_send())


async def on_unknown_tap(query: CallbackQuery, callback_answer: CallbackAnswer) -> None:
    """A button of an earlier release, or data that somebody made up."""
    log.info("tap.unknown", user_id=query.from_user.id)
    callback_answer.text = replies.button_out_of_date()
