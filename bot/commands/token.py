"""/token <mint|symbol|link>: one token in full, with its chart; the pages behind it, and links that open it."""

from __future__ import annotations

from aiogram import F, Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message
from aiogram.utils.callback_answer import CallbackAnswer

from bot.callbacks import CardTap
from bot.cards import Cards
from bot.commands.typed import hear
from bot.finding import find, find_at
from engine.fields import mint
from storage.tokens import Tokens

START_WITH = "t_"  # t.me/<bot>?start=t_<mint>


def router() -> Router:
    """The handlers of this family."""
    family = Router(name="token")
    hear(family, "token", on_token)
    family.message.register(on_start_with_token, Command("start", ignore_case=True, magic=F.args.func(_linked)))
    family.callback_query.register(on_card_tap, CardTap.filter())
    return family


async def on_token(message: Message, command: CommandObject, tokens: Tokens, cards: Cards) -> None:
    """Show the one token meant; never guess among several."""
    await cards.answer(message, await find(tokens, command.args or ""))


async def on_start_with_token(message: Message, command: CommandObject, tokens: Tokens, cards: Cards) -> None:
    """Show the token of a deep link. Strangers choose what it carries, so nothing but a mint is looked up."""
    await cards.answer(message, await find_at(tokens, [_linked(command.args) or ""]))


async def on_card_tap(
    query: CallbackQuery, callback_data: CardTap, callback_answer: CallbackAnswer, cards: Cards
) -> None:
    """Turn to another page, or look again. Reading is for everybody who sees the message."""
    callback_answer.text = await cards.turn(query, callback_data)


def _linked(payload: str | None) -> str | None:
    """The mint of a deep link's payload; None when it carries anything else."""
    return mint(payload.removeprefix(START_WITH)) if payload and payload.startswith(START_WITH) else None
