"""/token <mint|symbol>: one token in full, with its chart."""

from __future__ import annotations

import re
from datetime import timedelta

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.types import BufferedInputFile, Message

from bot.commands.arguments import argument
from bot.commands.typed import hear
from bot.pictures import Pictures
from bot.views.keyboards import token_keyboard
from bot.views.lookup import choose, unknown_token
from bot.views.token import token
from engine.model import Token
from engine.ports import Clock
from storage.looks import Looks
from storage.settings import SettingsTable
from storage.tokens import Tokens

MINT = re.compile(r"(?<![1-9A-HJ-NP-Za-km-z])[1-9A-HJ-NP-Za-km-z]{32,44}(?![1-9A-HJ-NP-Za-km-z])")


def router() -> Router:
    """The handlers of this family."""
    family = Router(name="token")
    hear(family, "token", on_token)
    return family


async def on_token(
    message: Message,
    command: CommandObject,
    tokens: Tokens,
    looks: Looks,
    settings_table: SettingsTable,
    pictures: Pictures,
    clock: Clock,
) -> None:
    """Show the one token meant; never guess among several."""
    wanted = argument(command)
    found, now = await find(tokens, wanted), clock.now()
    if len(found) != 1:
        view = choose(found, now) if found else unknown_token(wanted)
        await message.answer(**view.as_kwargs())
        return
    settings = await settings_table.current()
    portrait = await looks.portrait(found[0].id, now - timedelta(hours=settings.retention_hours), settings)
    if portrait is None:
        await message.answer(**unknown_token(wanted).as_kwargs())
        return
    photo = BufferedInputFile(await pictures.chart(portrait, now, settings), "chart.png")
    caption = token(portrait, now, settings).as_caption_kwargs()
    await message.answer_photo(photo, **caption, reply_markup=token_keyboard(found[0].mint))


async def find(tokens: Tokens, wanted: str, limit: int = 10) -> list[Token]:
    """The tokens of this mint, link or symbol; people also write symbols with a dollar sign before them."""
    if not wanted:
        return []
    found = await tokens.find(wanted, limit)
    for mint in [] if found else MINT.findall(wanted)[:3]:
        found = found or await tokens.find(mint)
    return found or await tokens.find(wanted.removeprefix("$"), limit)
