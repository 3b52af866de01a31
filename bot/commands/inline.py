"""Inline mode, `@bot SYMBOL` in any chat: tokens as results that become cards. It reads rows and nothing else."""

from __future__ import annotations

from aiogram import Router
from aiogram.types import InlineQuery

from bot.answering import answer_inline
from bot.commands.arguments import safe
from bot.finding import find
from bot.views.inline import HIGHEST_COUNT, articles, nothing_found
from engine.ports import Clock
from engine.shown import Order
from storage.store import Store

TOP_COUNT = 10


def router() -> Router:
    """The handlers of this family."""
    family = Router(name="inline")
    family.inline_query.register(on_inline)
    return family


async def on_inline(query: InlineQuery, store: Store, clock: Clock) -> None:
    """Offer the tokens that the words mean; the top where there are none."""
    wanted, now, settings = safe(query.query), clock.now(), await store.settings.current()
    if wanted:
        meant = await find(store.tokens, wanted, HIGHEST_COUNT)
        standings = await store.listings.standings([token.id for token in meant.tokens], now)
    else:
        standings = list((await store.listings.top(Order.SCORE, 1, TOP_COUNT, now, settings)).standings)
    button = None if standings else nothing_found(wanted)
    await answer_inline(query, articles(standings, now, settings), button)
