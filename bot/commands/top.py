"""/top [n]: the tokens with the highest score."""

from __future__ import annotations

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import Message

from bot.commands.arguments import argument, count
from bot.views import replies
from bot.views.top import top
from engine.ports import Clock
from storage.settings import SettingsTable
from storage.tokens import Tokens

DEFAULT_COUNT = 10
HIGHEST_COUNT = 20


def router() -> Router:
    """The handlers of this family."""
    family = Router(name="top")
    family.message.register(on_top, Command("top", ignore_case=True))
    return family


async def on_top(
    message: Message, command: CommandObject, tokens: Tokens, settings_table: SettingsTable, clock: Clock
) -> None:
    """List as many tokens as were asked for."""
    wanted = count(argument(command), DEFAULT_COUNT, HIGHEST_COUNT)
    if wanted is None:
        await message.answer(**replies.count_wanted(HIGHEST_COUNT).as_kwargs())
        return
    standings = await tokens.top(wanted)
    view = top(standings, clock.now(), await settings_table.current())
    await message.answer(**view.as_kwargs())
