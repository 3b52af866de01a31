"""/new [n]: the latest migrations, in pages."""

from __future__ import annotations

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.types import CallbackQuery, Message
from aiogram.utils.callback_answer import CallbackAnswer

from bot.answering import edit_text
from bot.commands.arguments import argument, count
from bot.commands.typed import hear
from bot.views import replies
from bot.views.new import new
from bot.views.paging import HIGHEST_COUNT, NewTap, new_keyboard, stamp
from engine.ports import Clock
from storage.store import Store

DEFAULT_COUNT = 10


def router() -> Router:
    """The handlers of this family."""
    family = Router(name="new")
    hear(family, "new", on_new)
    family.callback_query.register(on_new_tap, NewTap.filter())
    return family


async def on_new(message: Message, command: CommandObject, store: Store, clock: Clock) -> None:
    """List as many migrations to a page as were asked for."""
    size = count(argument(command), DEFAULT_COUNT, HIGHEST_COUNT)
    if size is None:
        await message.answer(**replies.count_wanted("new", HIGHEST_COUNT).as_kwargs())
        return
    now = clock.now()
    page = await store.listings.newest(1, size, now)
    view = new(page, now, await store.settings.current())
    await message.answer(**view.as_kwargs(), reply_markup=new_keyboard(page, stamp(view, page, now)))


async def on_new_tap(
    query: CallbackQuery, callback_data: NewTap, callback_answer: CallbackAnswer, store: Store, clock: Clock
) -> None:
    """Show the page that the button names, unless it is there already. Anybody may: it changes nothing."""
    now = clock.now()
    page = await store.listings.newest(callback_data.number, callback_data.size, now)
    view = new(page, now, await store.settings.current())
    shown = stamp(view, page, now)
    if shown == callback_data.seen:
        callback_answer.text = replies.nothing_new()
        return
    await edit_text(query, view, new_keyboard(page, shown))
