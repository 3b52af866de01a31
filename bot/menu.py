"""The menu of commands that Telegram's clients show, per scope and language. What they do stands in `commands`."""

from __future__ import annotations

from typing import get_args

import structlog
from aiogram import Bot
from aiogram.exceptions import AiogramError, TelegramNetworkError
from aiogram.types import BotCommand, BotCommandScopeChat, BotCommandScopeDefault
from aiogram.utils.i18n import lazy_gettext as __

from bot.catalogs import DEFAULT_LANGUAGE, Catalogs, Language

log = structlog.get_logger()

REQUEST_SECONDS = 5

COMMANDS = {
    "top": __("the liveliest tokens now"),
    "new": __("the latest migrations"),
    "token": __("one token in full, with a chart"),
    "watch": __("alerts about one token"),
    "unwatch": __("no more alerts about one token"),
    "watchlist": __("the tokens this chat watches"),
    "subscribe": __("alerts in this chat"),
    "unsubscribe": __("no more alerts here"),
    "alerts": __("how many alerts, which, and when"),
    "language": __("English or Russian"),
    "status": __("what is being watched, and whether all is well"),
    "help": __("the commands and the score explained"),
    "start": __("what this bot does"),
}
ADMIN_COMMANDS = {
    "settings": __("all settings with their bounds"),
    "set": __("change one; in effect from the next check"),
    "reset": __("a setting's default again"),
    "history": __("who changed which setting"),
    "chats": __("how many chats listen, and which are out of reach"),
    "broadcast": __("a message to every chat that hears alerts"),
    "pause": __("hold all alerts, or let them go on"),
    "health": __("how every part of the program is"),
}

Scope = BotCommandScopeDefault | BotCommandScopeChat


async def publish_menu(bot: Bot, catalogs: Catalogs, admin_ids: frozenset[int]) -> None:
    """Tell Telegram the commands. A menu that cannot be told is logged and missed, nothing more."""
    scopes: list[Scope] = [BotCommandScopeDefault()]
    scopes += [BotCommandScopeChat(chat_id=admin_id) for admin_id in sorted(admin_ids)]
    for scope in scopes:
        for language in get_args(Language):
            try:
                await _publish(bot, catalogs, scope, language)
            except TelegramNetworkError as error:
                log.warning("menu.not_published", error=type(error.__cause__ or error).__name__)
                return
            except AiogramError as error:
                log.warning("menu.not_published", scope=scope.type, language=language, error=str(error))


async def publish_chat_menu(bot: Bot, catalogs: Catalogs, chat_id: int, language: Language, *, is_admin: bool) -> None:
    """Tell Telegram the commands of one chat in the language chosen there, whatever its clients speak."""
    commands = _commands(catalogs, language, is_admin=is_admin)
    scope = BotCommandScopeChat(chat_id=chat_id)
    codes = (None, *(code for code in get_args(Language) if code != DEFAULT_LANGUAGE and is_admin))
    try:
        for code in codes:  # an admin's chat has a menu for each language already
            await bot.set_my_commands(commands, scope=scope, language_code=code, request_timeout=REQUEST_SECONDS)
    except AiogramError as error:
        log.warning("menu.not_published", scope=scope.type, language=language, error=type(error).__name__)


async def _publish(bot: Bot, catalogs: Catalogs, scope: Scope, language: str) -> None:
    commands = _commands(catalogs, language, is_admin=not isinstance(scope, BotCommandScopeDefault))
    code = None if language == DEFAULT_LANGUAGE else language
    await bot.set_my_commands(commands, scope=scope, language_code=code, request_timeout=REQUEST_SECONDS)


def _commands(catalogs: Catalogs, language: str, *, is_admin: bool) -> list[BotCommand]:
    shown = COMMANDS | ADMIN_COMMANDS if is_admin else COMMANDS
    with catalogs.speaking(language):
        return [BotCommand(command=name, description=str(text)) for name, text in shown.items()]
