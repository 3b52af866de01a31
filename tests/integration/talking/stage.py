"""The bot's parts over real rows and the stand-in for Telegram, as every test of this folder needs them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from aiogram import Bot, Dispatcher
from aiohttp import web
from sqlalchemy import text

from bot.access import Flood
from bot.catalogs import Catalogs
from bot.clock import SystemClock
from bot.commands import build_dispatcher
from bot.delivery import Delivery
from bot.lasting import Lasting
from bot.links import Link
from bot.pace import Pace
from bot.pictures import Pictures
from bot.polling import InFlight, poll
from bot.telegram import DELIVERY_TIMEOUT_SECONDS, delivery_bot, polling_bot
from bot.vitals import PULSES, Facts, Report, judge
from deploy.sandbox.telegram import BotApi, SentMessage, User
from deploy.sandbox.telegram import Chat as SandboxChat
from engine.decision import decide
from engine.heartbeat import Heartbeat, Pulse
from engine.model import Status
from engine.settings import Settings
from engine.shown import Chat, Supply
from storage.chats import Chats
from storage.database import Database
from storage.gaps import Gaps
from storage.looks import Looks
from storage.outbox import Outbox
from storage.settings import SettingsTable
from storage.store import Store
from storage.tokens import Tokens
from tests.hosting import hosting
from tests.made import MINT, NOON, migration, sample

TOKEN = "123456:TEST-token-of-nobody-0123456789abcdef"
ADMIN_ID = 1


@dataclass(slots=True)
class SetClock:
    """A clock that shows what it is set to."""

    time: datetime = NOON

    def now(self) -> datetime:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)
        await asyncio.sleep(0)


@dataclass(slots=True)
class Stage:
    """The bot's parts over one database, with a clock at noon."""

    api: BotApi
    database: Database
    clock: SetClock = field(default_factory=SetClock)
    wall_clock: Any = field(default_factory=SystemClock)
    heartbeat: Heartbeat = field(default_factory=Heartbeat)
    flood: Flood = field(default_factory=Flood)
    catalogs: Catalogs = field(default_factory=Catalogs)
    in_flight: InFlight = field(default_factory=InFlight)
    supply: Supply | None = None
    admin_ids: frozenset[int] = frozenset({ADMIN_ID})
    facts: Facts = field(default_factory=lambda: Facts(uptime_seconds=60, pulses=dict.fromkeys(PULSES, Pulse())))
    links: tuple[Link, ...] = ()

    def is_idle(self) -> bool:
        """Whether every update has been heard and handled."""
        return not self.api.world.updates and self.in_flight.count == 0

    @property
    def tokens(self) -> Tokens:
        return Tokens(self.database)

    @property
    def chats(self) -> Chats:
        return Chats(self.database)

    @property
    def outbox(self) -> Outbox:
        return Outbox(self.database, self.heartbeat.count)

    @property
    def gaps(self) -> Gaps:
        return Gaps(self.database)

    @property
    def settings(self) -> SettingsTable:
        return SettingsTable(self.database)

    def dispatcher(self) -> Dispatcher:
        return build_dispatcher(
            store=Store(self.database),
            supply=lambda: self.supply,
            report=self._report,
            pictures=Pictures(),
            catalogs=self.catalogs,
            clock=self.clock,
            wall_clock=self.wall_clock,
            heartbeat=self.heartbeat,
            admin_ids=self.admin_ids,
            flood=self.flood,
            links=self.links,
        )

    async def _report(self) -> Report:
        return judge(self.facts)

    @asynccontextmanager
    async def polling(self) -> AsyncIterator[asyncio.Task[None]]:
        """The bot hears and answers."""
        bot = polling_bot(TOKEN, self.api.url, self.heartbeat, revoked_rest_seconds=0.05)
        dispatcher = self.dispatcher()
        self.in_flight = dispatcher["in_flight"]
        task = asyncio.create_task(poll(dispatcher, bot))
        try:
            yield task
        finally:
            await ended(task)
            await bot.session.close()

    def delivery(
        self,
        bot: Bot,
        rate_per_second: float = 1000,
        receipts: dict[int, int | None] | None = None,
        pace: Pace | None = None,
        **more: Any,
    ) -> Delivery:
        return Delivery(
            outbox=self.outbox,
            chats=self.chats,
            looks=Looks(self.database),
            settings=self.settings,
            bot=bot,
            answers=bot,
            pictures=Pictures(),
            catalogs=self.catalogs,
            clock=self.clock,
            heartbeat=self.heartbeat,
            lasting=Lasting(pace or Pace(rate_per_second), receipts={} if receipts is None else receipts),
            links=self.links,
            **more,
        )

    @asynccontextmanager
    async def delivering(
        self,
        rate_per_second: float = 1000,
        url: str | None = None,
        timeout_seconds: float = DELIVERY_TIMEOUT_SECONDS,
        **more: Any,
    ) -> AsyncIterator[asyncio.Task[Any]]:
        """Alerts are sent, to the stand-in or to `url`."""
        bot = delivery_bot(TOKEN, url or self.api.url, self.heartbeat, timeout_seconds=timeout_seconds)
        task = asyncio.create_task(self.delivery(bot, rate_per_second, **more).run())
        try:
            yield task
        finally:
            await ended(task)
            await bot.session.close()

    async def listens(self, chat_id: int, **facts: Any) -> None:
        """A chat that has started the bot and subscribed an hour ago."""
        if chat_id > 0:
            self.api.say(self.api.user(chat_id, f"User {chat_id}"), "/hello")
            self.api.world.updates.clear()
        usual = {"type": "private" if chat_id > 0 else "supergroup"}
        await self.chats.subscribe(Chat(chat_id, **(usual | facts)), NOON - timedelta(hours=1))

    async def activated(self, mint: str = MINT, **facts: Any) -> None:
        """A token that migrated and is busy at the clock's time: active, scored, and an alert for whoever listens."""
        now = self.clock.now()
        await self.tokens.track(migration(mint, heard_at=now, **facts), now)
        wait = {status: timedelta(days=1) for status in Status}
        [token] = await self.tokens.claim_glances(now, wait, now, 1)
        verdict = decide(token, sample(ts=now), [], now, Settings())
        await Looks(self.database).record([verdict], now, Settings())

    async def asked(self, user: User, text: str) -> SentMessage:
        """The bot's next message to the user, who has just written this."""
        self.api.say(user, text)
        return await self.api.next_message(user.id)

    async def answer(self, user: User, text: str) -> str:
        """The text of that message."""
        return str((await self.asked(user, text)).text)

    async def group(self, chat_id: int, owner: User) -> SandboxChat:
        """A group that has let the bot in and been greeted."""
        group = self.api.group(chat_id, "Traders", owner=owner)
        await self.api.next_message(chat_id)
        return group

    async def tapped(self, user: User, message: SentMessage, button: str, *, forged: bool = False) -> str:
        """The words of the toast after the user has pressed this button, often none; `forged` sends any data."""
        before = len(self._toasts())
        (self.api.tap_forged if forged else self.api.tap)(user, message, button)
        toasts = await self.api.until(lambda: self._toasts()[before:], otherwise="the tap was not answered")
        return str(toasts[0].get("text", ""))

    def _toasts(self) -> list[dict[str, Any]]:
        return [made.params for made in self.api.requests if made.method == "answerCallbackQuery"]

    def sends(self) -> list[dict[str, Any]]:
        """What the bot has tried to send so far."""
        return [request.params for request in self.api.requests if request.method.lower().startswith("send")]

    async def all_done(self) -> bool:
        """Whether no outbox row is open."""
        return all(outcome for outcome, _ in await self.outcomes())

    async def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What a query finds."""
        async with self.database.transaction() as session:
            return [tuple(row) for row in (await session.execute(text(sql))).all()]

    async def outcomes(self) -> list[tuple[str | None, int]]:
        """(outcome, attempts) of every outbox row, in the order of their chats."""
        async with self.database.transaction() as session:
            rows = await session.connection()
            found = await rows.exec_driver_sql("SELECT outcome, attempts FROM outbox ORDER BY chat_id, id")
            return [(row.outcome, row.attempts) for row in found]


def raw_message(**facts: Any) -> dict[str, Any]:
    """A message of the admin as Telegram sends it, with whatever else it carries."""
    usual = {
        "message_id": 900,
        "date": int(NOON.timestamp()) + 10**9,
        "chat": {"id": ADMIN_ID, "type": "private", "first_name": "Ada"},
        "from": {"id": ADMIN_ID, "is_bot": False, "first_name": "Ada"},
        "text": "/set weight tx_accel 9",
    }
    return {key: value for key, value in (usual | facts).items() if value is not None}


async def ended(task: asyncio.Task[Any]) -> None:
    """Cancel the task and wait until it is over."""
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


@asynccontextmanager
async def served(answer: Callable[[web.Request], Awaitable[web.Response]]) -> AsyncIterator[str]:
    """A server on loopback that gives a bot whatever answers a test wants; yields its address."""
    app = web.Application()
    app.router.add_route("*", "/bot{token}/{method}", answer)
    async with hosting(app) as url:
        yield url
