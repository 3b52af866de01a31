"""The dispatcher: every family of commands, behind one gate, in the reader's language. One file per family."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence

from aiogram import Dispatcher, Router
from aiogram.types import Message
from aiogram.utils.callback_answer import CallbackAnswerMiddleware

from bot.access import Flood, Gate, is_plain
from bot.cards import Cards
from bot.catalogs import Catalogs
from bot.commands import (
    about,
    admin,
    alerts,
    confirming,
    failures,
    inline,
    membership,
    new,
    operating,
    pasted,
    secondhand,
    speaking,
    status,
    subscribing,
    token,
    top,
    watching,
)
from bot.commands.language import ReaderLanguage
from bot.limits import Limits
from bot.links import Link
from bot.menu import publish_menu
from bot.pictures import Pictures
from bot.polling import InFlight
from bot.vitals import Report
from engine.heartbeat import Heartbeat
from engine.ports import Clock
from engine.shown import Supply
from storage.store import Store

FAMILIES = (
    token,
    about,
    top,
    new,
    inline,
    watching,
    subscribing,
    alerts,
    speaking,
    status,
    admin,
    confirming,
    operating,
    membership,
    failures,
)


def build_dispatcher(
    *,
    store: Store,
    supply: Callable[[], Supply | None],
    report: Callable[[], Awaitable[Report]],
    pictures: Pictures,
    catalogs: Catalogs,
    clock: Clock,
    wall_clock: Clock,
    heartbeat: Heartbeat,
    admin_ids: Iterable[int],
    flood: Flood | None = None,
    links: Sequence[Link] = (),
) -> Dispatcher:
    """All handlers with what they need; `links` are the owner's own. `wall_clock` tells how old a command is."""
    dispatcher = Dispatcher(
        disable_fsm=True,
        store=store,
        tokens=store.tokens,
        looks=store.looks,
        settings_table=store.settings,
        chats=store.chats,
        outbox=store.outbox,
        gaps=store.gaps,
        supply=supply,
        report=report,
        pictures=pictures,
        catalogs=catalogs,
        clock=clock,
        wall_clock=wall_clock,
        admin_ids=frozenset(admin_ids),
        in_flight=InFlight(),
        cards=Cards(store, pictures, clock, links),
        told=pasted.Told(),
    )
    gate = Gate(flood or Flood(), Limits(store.settings), wall_clock, heartbeat)
    _stand_guard(dispatcher, gate, ReaderLanguage(catalogs, store.chats))
    dispatcher.startup.register(publish_menu)
    dispatcher.include_routers(pasted.router(), _typed_here(), secondhand.router())
    return dispatcher


def _typed_here() -> Router:
    """The families of commands: of text they hear only what people have typed here themselves."""
    typed = Router(name="typed")
    for said in (typed.message, typed.channel_post):
        said.filter(_plain)
    for family in FAMILIES:
        typed.include_router(family.router())
    typed.include_routers(admin.last_router(), about.last_router())
    return typed


def _stand_guard(dispatcher: Dispatcher, gate: Gate, language: ReaderLanguage) -> None:
    """What every update passes before its handler."""
    dispatcher.update.outer_middleware(dispatcher["in_flight"])
    language.setup(dispatcher)
    dispatcher.message.outer_middleware(membership.Moves(dispatcher["chats"]))
    for said in (dispatcher.message, dispatcher.channel_post, dispatcher.inline_query):
        said.middleware(gate)
    for tapped in (CallbackAnswerMiddleware(), gate, failures.TellTapper()):
        dispatcher.callback_query.middleware(tapped)


async def _plain(message: Message) -> bool:
    return is_plain(message)
