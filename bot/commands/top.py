"""/top [n]: the liveliest tokens, in pages, sorted as one likes, and drawn."""

from __future__ import annotations

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message
from aiogram.utils.callback_answer import CallbackAnswer

from bot.answering import edit_text
from bot.commands.arguments import argument, count
from bot.views import replies
from bot.views.paging import HIGHEST_COUNT, TopTap, stamp, top_keyboard
from bot.views.top import top
from engine.ports import Clock
from engine.shown import Order
from storage.store import Store

DEFAULT_COUNT = 10


def router() -> Router:
    """The handlers of this family."""
    family = Router(name="top")
    family.message.register(on_top, Command("top", ignore_case=True))
    family.callback_query.register(on_top_tap, TopTap.filter())
    return family


async def on_top(message: Message, command: CommandObject, store: Store, clock: Clock) -> None:
    """List as many tokens to a page as were asked for."""
    size = count(argument(command), DEFAULT_COUNT, HIGHEST_COUNT)
    if size is None:
        await message.answer(**replies.count_wanted("top", HIGHEST_COUNT).as_kwargs())
        return
    now, settings = clock.now(), await store.settings.current()
    page = await store.listings.top(Order.SCORE, 1, size, now, settings)
    view = top(page, now, settings, census=await store.tokens.census(now))
    await message.answer(**view.as_kwargs(), reply_markup=top_keyboard(page, Order.SCORE))


async def on_top_tap(
    query: CallbackQuery, callback_data: TopTap, callback_answer: CallbackAnswer, store: Store, clock: Clock
) -> None:
    """Show the page that the button names, unless it is there already. Anybody may: it changes nothing."""
    now, settings, order = clock.now(), await store.settings.current(), callback_data.order
    page = await store.listings.top(order, callback_data.number, callback_data.size, now, settings)
    if stamp(page) == callback_data.seen:
        callback_answer.text = replies.nothing_new()
        return
    view = top(page, now, settings, order=order, census=await store.tokens.census(now))
    await edit_text(query, view, top_keyboard(page, order))
