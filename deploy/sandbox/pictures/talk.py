"""A conversation with the real bot about the pretend hour: its dispatcher and its delivery, over rows and a stand-in.

Only the clocks are pretended, so the same code always has the same conversation.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from aiogram import Bot, Dispatcher

from bot.catalogs import Catalogs
from bot.commands import build_dispatcher
from bot.delivery import Delivery
from bot.lasting import Lasting
from bot.pace import Pace
from bot.pictures import Pictures
from bot.polling import poll
from bot.telegram import delivery_bot, polling_bot
from bot.vitals import Part, Report, State
from deploy.sandbox.clock import HandClock
from deploy.sandbox.company import YOU
from deploy.sandbox.pictures.cast import cast
from deploy.sandbox.pictures.market import Market
from deploy.sandbox.playground import TOKEN
from deploy.sandbox.telegram import BotApi, SentMessage, User
from engine.heartbeat import Heartbeat, Pulse
from engine.plans import PLANS
from engine.shown import PaidSupply, Supply
from storage.database import Database
from storage.store import Store

LOOKS_BEFORE = 106  # half a minute each
LOOKS_AT_MOST = 40  # until the hot token rings


@dataclass
class Talk:
    """One chat with the bot, in this language."""

    database: Database
    language: str = "en"
    clock: HandClock = field(default_factory=HandClock)

    def __post_init__(self) -> None:
        self.store = Store(self.database)
        self.api = BotApi(TOKEN, now=self.clock.now)
        self.you: User = self.api.user(YOU, "You", language_code=self.language)
        self._heartbeat = Heartbeat()
        self._pictures, self._catalogs = Pictures(), Catalogs()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Delivery]:
        """The stand-in is up and the bot hears and answers; what is yielded sends alerts when it is told to."""
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self.api)
            hearing, sending = polling_bot(TOKEN, self.api.url, self._heartbeat), self._sender()
            for bot in (hearing, sending):
                stack.push_async_callback(bot.session.close)
            polling = asyncio.create_task(poll(self._dispatcher(), hearing))
            stack.push_async_callback(_ended, polling)
            yield self._delivery(sending)

    async def ask(self, text: str) -> tuple[SentMessage, SentMessage]:
        """What you write, and what the bot answers."""
        self.api.say(self.you, text)
        said = list(self.api.world.messages[YOU].values())[-1]
        return said, await self.api.next_message(YOU, after=said.message_id)

    async def press(self, message: SentMessage, buttons: Iterable[str]) -> SentMessage:
        """The message as it stands once you have pressed these buttons, one after another."""
        for button in buttons:
            self.api.tap(self.you, message, button)
            message = await self.api.until(partial(self._changed, message), otherwise=f"{button} changed nothing")
        return message

    def _changed(self, before: SentMessage) -> SentMessage | None:
        now = self.api.world.message(YOU, before.message_id)
        return now if now and now.version != before.version else None

    async def live(self, delivery: Delivery) -> SentMessage:
        """The market's hour, near the end of which you subscribe; the first alert. Raises LookupError without one."""
        market = Market(cast(self.clock.now()), self.store, self.clock)
        for _ in range(LOOKS_BEFORE):
            await market.look()
        _, subscribed = await self.ask("/subscribe")
        for _ in range(LOOKS_AT_MOST):
            await market.look()
            if (await self.store.outbox.backlog(self.clock.now())).waiting:
                await delivery.deliver_once()  # which only sets it out: the next look must not overtake its chart
                return await self.api.next_message(YOU, after=subscribed.message_id)
        raise LookupError("nothing rang: the lives in deploy/sandbox/pictures/cast.py have changed")

    def _sender(self) -> Bot:
        return delivery_bot(TOKEN, self.api.url, self._heartbeat)

    def _dispatcher(self) -> Dispatcher:
        return build_dispatcher(
            store=self.store,
            supply=self._supply,
            report=_report,
            pictures=self._pictures,
            catalogs=self._catalogs,
            clock=self.clock,
            wall_clock=self.clock,
            heartbeat=self._heartbeat,
            admin_ids=(),
        )

    def _delivery(self, bot: Bot) -> Delivery:
        return Delivery(
            outbox=self.store.outbox,
            chats=self.store.chats,
            looks=self.store.looks,
            settings=self.store.settings,
            bot=bot,
            answers=bot,
            pictures=self._pictures,
            catalogs=self._catalogs,
            clock=self.clock,
            heartbeat=self._heartbeat,
            lasting=Lasting(Pace(22)),
        )

    def _supply(self) -> Supply:
        """A pretended account: nobody is paid in this hour."""
        plan, ends_at = PLANS["lite"], self.clock.now() + timedelta(days=20)
        paid = PaidSupply(plan.name, plan.monthly_cu, plan.monthly_cu // 3, ends_at, bound_seconds=60, resting=None)
        return Supply(glances=True, paid=paid)


async def _report() -> Report:
    """A program that has been well for a day."""
    leader = Part(State.OK, Pulse(), {"leading": True, "since_seconds": 93_600.0})
    return Report(State.OK, 93_600.0, {"leader": leader})


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
