"""/top [n]: the liveliest tokens, in pages, sorted as one likes, and drawn."""

from __future__ import annotations

from datetime import datetime, timedelta

from aiogram import F, Router
from aiogram.filters import CommandObject
from aiogram.types import BufferedInputFile, CallbackQuery, Message
from aiogram.utils.callback_answer import CallbackAnswer

from bot.answering import edit_text
from bot.callbacks import OpenTap
from bot.charts import Cell
from bot.commands.arguments import argument, count
from bot.commands.typed import hear
from bot.pictures import Pictures, grid_key
from bot.views import replies
from bot.views.paging import HIGHEST_COUNT, ChartTap, TopTap, stamp, top_keyboard
from bot.views.top import cells, chart_caption, top
from engine.ports import Clock
from engine.settings import Settings
from engine.shown import Order, Page
from storage.store import Store

DEFAULT_COUNT = 10


def router() -> Router:
    """The handlers of this family."""
    family = Router(name="top")
    hear(family, "top", on_top)
    family.callback_query.register(on_top_wanted, OpenTap.filter(F.command == "top"))
    family.callback_query.register(on_top_tap, TopTap.filter())
    family.callback_query.register(on_chart_tap, ChartTap.filter())
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
    await message.answer(**view.as_kwargs(), reply_markup=top_keyboard(page, Order.SCORE, stamp(view, page, now)))


async def on_top_tap(
    query: CallbackQuery, callback_data: TopTap, callback_answer: CallbackAnswer, store: Store, clock: Clock
) -> None:
    """Show the page that the button names, unless it is there already. Anybody may: it changes nothing."""
    now, settings, order = clock.now(), await store.settings.current(), callback_data.order
    page = await store.listings.top(order, callback_data.number, callback_data.size, now, settings)
    view = top(page, now, settings, order=order, census=await store.tokens.census(now))
    shown = stamp(view, page, now)
    if shown == callback_data.seen:
        callback_answer.text = replies.nothing_new()
        return
    await edit_text(query, view, top_keyboard(page, order, shown))


async def on_chart_tap(
    query: CallbackQuery,
    callback_data: ChartTap,
    callback_answer: CallbackAnswer,
    store: Store,
    pictures: Pictures,
    clock: Clock,
) -> None:
    """Answer with one picture of the tokens on the page, which may have changed since the list was made."""
    now, settings, order = clock.now(), await store.settings.current(), callback_data.order
    page = await store.listings.top(order, callback_data.number, callback_data.size, now, settings)
    if not isinstance(query.message, Message) or not page.standings:
        callback_answer.text = replies.button_out_of_date()
        return
    key = grid_key([item.token.id for item in page.standings], now, settings, page.first_rank)
    photo = pictures.known(key) or await _draw(page, store, pictures, now, settings)
    sent = await query.message.answer_photo(photo, **chart_caption(page, now, order).as_caption_kwargs())
    if sent.photo:
        pictures.remember(key, sent.photo[-1].file_id)


async def _draw(page: Page, store: Store, pictures: Pictures, now: datetime, settings: Settings) -> BufferedInputFile:
    ids, since = [item.token.id for item in page.standings], now - timedelta(hours=settings.retention_hours)

    async def read() -> dict[int, Cell]:
        return cells(page, await store.histories.of(ids, since, settings), settings)

    png = await pictures.grid_of(grid_key(ids, now, settings, page.first_rank), read, now, settings)
    return BufferedInputFile(png, "chart.png")


async def on_top_wanted(query: CallbackQuery, store: Store, clock: Clock) -> None:
    """The button of /start: answer as /top does."""
    if isinstance(query.message, Message):
        await on_top(query.message, CommandObject(command="top"), store, clock)
