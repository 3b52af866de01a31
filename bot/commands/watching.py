"""/watch, /unwatch and /watchlist: single tokens that a chat hears more of."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message
from aiogram.utils.callback_answer import CallbackAnswer
from aiogram.utils.formatting import Text

from bot.answering import edit_text
from bot.commands.administrators import OnlyAdministrators
from bot.commands.arguments import argument
from bot.commands.place import chat_of
from bot.commands.typed import hear
from bot.finding import find, find_among
from bot.views import replies, watching
from bot.views.lookup import unknown_token
from bot.views.supply import lacks_scores
from bot.views.watch_buttons import (
    ChangeWatch,
    ListWatches,
    OpenWatch,
    StopWatch,
    WatchTap,
    again_keyboard,
    choice_keyboard,
    unwatch_keyboard,
    watch_keyboard,
    watchlist_keyboard,
)
from bot.watch_wishes import changes_of, usual_score
from engine.chats import Preferences
from engine.model import Sample, Source, Token
from engine.ports import Clock
from engine.settings import Settings
from engine.shown import Chat, Sight, Standing, Supply
from engine.watching import GLANCES_COME, begin
from storage.store import Store
from storage.watches import MOST

Page = tuple[Text, InlineKeyboardMarkup | None]
Supplied = Callable[[], Supply | None]


def router() -> Router:
    """The handlers of this family: everybody may read, in groups only administrators change."""
    family, changing = Router(name="watching"), Router(name="watching: changes")
    OnlyAdministrators().guard(changing)
    hear(changing, "watch", on_watch)
    hear(changing, "unwatch", on_unwatch)
    changing.callback_query.register(on_watch_tap, WatchTap.filter())
    changing.callback_query.register(on_change, ChangeWatch.filter())
    changing.callback_query.register(on_stop, StopWatch.filter())
    hear(family, "watchlist", on_watchlist)
    family.callback_query.register(on_open, OpenWatch.filter())
    family.callback_query.register(on_list, ListWatches.filter())
    family.include_router(changing)
    return family


async def on_watch(message: Message, command: CommandObject, store: Store, clock: Clock, supply: Supplied) -> None:
    """Watch the one token meant; never guess among several."""
    wanted, now = argument(command), clock.now()
    found = (await find(store.tokens, wanted)).tokens
    if len(found) == 1:
        chat = chat_of(message, message.from_user)
        text, keyboard = await _begin(store, chat, await store.watches.sight(chat.id, found[0].id), clock, supply)
        await message.answer(**text.as_kwargs(), reply_markup=keyboard)
    elif found:
        await message.answer(**watching.which_to_watch().as_kwargs(), reply_markup=choice_keyboard(found, now))
    else:
        view = unknown_token(wanted) if wanted else watching.token_wanted()
        await message.answer(**view.as_kwargs())


async def on_watch_tap(
    query: CallbackQuery,
    callback_data: WatchTap,
    callback_answer: CallbackAnswer,
    store: Store,
    clock: Clock,
    supply: Supplied,
) -> None:
    """Watch the token, or show how it is watched already."""
    if not isinstance(query.message, Message):
        return
    chat = chat_of(query.message, query.from_user)
    sight = await store.watches.sight(chat.id, callback_data.token_id)
    if sight is None:
        callback_answer.text = replies.button_out_of_date()
        return
    text, keyboard = await _begin(store, chat, sight, clock, supply)
    if keyboard is None:
        callback_answer.text = watching.too_many(MOST)
        return
    callback_answer.text = None if sight.watch else watching.begun(sight.standing.token)
    await query.message.answer(**text.as_kwargs(), reply_markup=keyboard)


async def on_change(
    query: CallbackQuery,
    callback_data: ChangeWatch,
    callback_answer: CallbackAnswer,
    store: Store,
    clock: Clock,
    supply: Supplied,
) -> None:
    """Change one wish, and show what is stored from now on."""
    if not isinstance(query.message, Message):
        return
    chat_id, token_id, now = query.message.chat.id, callback_data.token_id, clock.now()
    sight = await store.watches.sight(chat_id, token_id)
    if sight is None or sight.watch is None:
        callback_answer.text = watching.watched_no_more()
        return
    settings = await store.settings.current()
    usual = await _usual(store, await _wishes(store, chat_id), settings, now)
    wish, value, token = callback_data.wish, callback_data.value, sight.standing.token
    changes = changes_of(wish, value, sight.watch, token, usual, now, settings)
    if changes is None:
        callback_answer.text = replies.button_out_of_date()
        return
    await store.watches.change(chat_id, token_id, **changes)
    await _show(query, callback_answer, token_id, store, clock, supply)


async def on_open(
    query: CallbackQuery,
    callback_data: OpenWatch,
    callback_answer: CallbackAnswer,
    store: Store,
    clock: Clock,
    supply: Supplied,
) -> None:
    """Show one watch of the list."""
    await _show(query, callback_answer, callback_data.token_id, store, clock, supply)


async def on_stop(
    query: CallbackQuery, callback_data: StopWatch, callback_answer: CallbackAnswer, store: Store
) -> None:
    """Watch the token no more; the list of /unwatch goes on with what is left."""
    if not isinstance(query.message, Message):
        return
    chat_id, token_id = query.message.chat.id, callback_data.token_id
    sight = await store.watches.sight(chat_id, token_id)
    was_watched = await store.watches.remove(chat_id, token_id)
    callback_answer.text = None if was_watched else watching.watched_no_more()
    if callback_data.listed:
        await edit_text(query, *await _which_to_stop(store, chat_id))
    elif was_watched and sight is not None:
        await edit_text(query, watching.stopped(sight.standing.token), again_keyboard(token_id))


async def on_unwatch(message: Message, command: CommandObject, store: Store) -> None:
    """Watch the one token meant no more; without one, or with several, ask which."""
    wanted = argument(command)
    watched = [sight.standing.token for sight in await store.watches.of(message.chat.id)]
    meant = await find_among(watched, wanted, store.tokens)
    if wanted and not meant:
        await message.answer(**watching.not_watched(wanted).as_kwargs())
        return
    if wanted and len(meant) == 1:
        await store.watches.remove(message.chat.id, meant[0].id)
        await message.answer(**watching.stopped(meant[0]).as_kwargs(), reply_markup=again_keyboard(meant[0].id))
        return
    text, keyboard = _to_stop(meant if wanted else watched)
    await message.answer(**text.as_kwargs(), reply_markup=keyboard)


async def on_watchlist(message: Message, store: Store, clock: Clock) -> None:
    """List what this chat watches."""
    text, keyboard = await _listed(store, message.chat.id, clock)
    await message.answer(**text.as_kwargs(), reply_markup=keyboard)


async def on_list(query: CallbackQuery, store: Store, clock: Clock) -> None:
    """Show the list as it is now."""
    if isinstance(query.message, Message):
        await edit_text(query, *await _listed(store, query.message.chat.id, clock))


async def _begin(store: Store, chat: Chat, sight: Sight | None, clock: Clock, supply: Supplied) -> Page:
    """The watch of the token, which begins unless there is one; without buttons where there are too many."""
    if sight is None:
        return Text(watching.watched_no_more()), None
    if sight.watch is None:
        now, settings = clock.now(), await store.settings.current()
        await store.chats.meet(chat, now)
        usual = await _usual(store, await _wishes(store, chat.id), settings, now)
        look = await _look(store, sight.standing, now)
        watch = begin(chat.id, sight.standing.token, look, usual, now, settings)
        if not await store.watches.add(watch):
            return Text(watching.too_many(MOST)), None
        sight = Sight(sight.standing, watch)
    return await _page(store, sight, clock, supply)


async def _look(store: Store, standing: Standing, now: datetime) -> Sample | None:
    """The look with which a watch begins: of the source that it will follow, else the latest."""
    token_id = standing.token.id
    glances = await store.looks.latest([token_id], Source.DEXSCREENER, now - GLANCES_COME)
    return glances.get(token_id, standing.sample)


async def _page(store: Store, sight: Sight, clock: Clock, supply: Supplied) -> Page:
    """One watch in full."""
    if sight.watch is None:
        return Text(watching.watched_no_more()), None
    wishes, settings, now = await _wishes(store, sight.watch.chat_id), await store.settings.current(), clock.now()
    lacking = lacks_scores(supply(), settings)
    text = watching.watching(sight, sight.watch, wishes, now, settings, lacks_scores=lacking)
    return text, watch_keyboard(sight.watch, await _usual(store, wishes, settings, now))


async def _show(
    query: CallbackQuery, callback_answer: CallbackAnswer, token_id: int, store: Store, clock: Clock, supply: Supplied
) -> None:
    """Show the watch as it is stored, in place of what the message showed."""
    if not isinstance(query.message, Message):
        return
    sight = await store.watches.sight(query.message.chat.id, token_id)
    if sight is None or sight.watch is None:
        callback_answer.text = watching.watched_no_more()
        return
    await edit_text(query, *await _page(store, sight, clock, supply))


async def _listed(store: Store, chat_id: int, clock: Clock) -> Page:
    sights = await store.watches.of(chat_id)
    text = watching.watchlist(sights, clock.now(), await store.settings.current())
    return text, watchlist_keyboard(sights) if sights else None


async def _which_to_stop(store: Store, chat_id: int) -> Page:
    return _to_stop([sight.standing.token for sight in await store.watches.of(chat_id)])


def _to_stop(tokens: list[Token]) -> Page:
    return (watching.which_to_stop(), unwatch_keyboard(tokens)) if tokens else (watching.nothing_watched(), None)


async def _wishes(store: Store, chat_id: int) -> Preferences:
    return await store.chats.preferences(chat_id) or Preferences()


async def _usual(store: Store, wishes: Preferences, settings: Settings, now: datetime) -> float:
    """The score at which the chat hears of a high one now."""
    levels = {} if wishes.per_day is None else await store.episodes.levels(now)
    return usual_score(wishes, settings, levels)
