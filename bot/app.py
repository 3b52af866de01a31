"""The composition root: opens what the program needs, starts its loops, waits for a signal, closes in reverse."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any

import structlog
import uvloop
from aiogram import Bot, Dispatcher

from bot.address import address_of
from bot.alarms import Alarming
from bot.catalogs import Catalogs
from bot.clock import SystemClock
from bot.commands import build_dispatcher
from bot.config import Config
from bot.delivery import Delivery
from bot.ending import gave_up, judge, stopping
from bot.health import Health
from bot.lasting import Lasting
from bot.looking import Lookers, Looking, Loops
from bot.masking import Mask
from bot.pace import Pace
from bot.pictures import Pictures
from bot.polling import poll
from bot.recording import Recording
from bot.telegram import delivery_bot, polling_bot
from bot.webhook import Mailbox, hear
from engine.accountant import Accountant
from engine.errors import DatabaseAway
from engine.events import Gap, Migration
from engine.heartbeat import Heartbeat
from engine.http import JsonClient, Overhear, nobody
from engine.intake import Intake
from engine.janitor import Janitor
from engine.levels import Levels
from engine.patience import Patience
from engine.ports import Clock
from engine.pumpportal import PumpPortal
from engine.shown import Supply
from engine.ticker import Ticker
from storage.database import Database
from storage.embedded import embedded_postgres
from storage.leader import Leadership
from storage.store import Store

log = structlog.get_logger()

DATABASE_START_SECONDS = 30


def run(
    config: Config, *, with_bot: bool, recording: Recording | None = None, after_seconds: float | None = None
) -> int:
    """Run until SIGINT or SIGTERM, or for that long; the exit code. Raises ConfigError before anything was started.

    Without the bot Telegram is neither polled nor sent anything: alerts stay rows. What providers say goes into the
    recording, if there is one.
    """
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_run(Program(config, with_bot=with_bot, recording=recording), after_seconds))


async def _run(built: Program, after_seconds: float | None) -> int:
    program = asyncio.create_task(built.run())
    with stopping(program, after_seconds):
        try:
            await program
        except asyncio.CancelledError:
            log.info("program.stopped")
            return 0
        except DatabaseAway as error:
            return gave_up(error)
        except BaseExceptionGroup as group:
            return judge(group)
    raise AssertionError("the loops end by cancellation or by an error only")


class Program:
    """Everything that runs, built from one configuration."""

    def __init__(self, config: Config, *, with_bot: bool, recording: Recording | None = None) -> None:
        self._config = config
        self._with_bot = with_bot
        self._recording = recording
        self._heartbeat = Heartbeat()
        self._patience = Patience()
        self._pictures = Pictures()
        self._catalogs = Catalogs()
        self._lasting = Lasting(Pace(config.delivery_rate))
        self._unsaved: deque[Migration | Gap] = deque()
        self._looking: Looking | None = None
        by_webhook = with_bot and config.webhook_url is not None
        self._mailbox = Mailbox(config.token(), self._heartbeat) if by_webhook else None

    async def run(self) -> None:
        """Runs until cancelled. Raises ConfigError, or DatabaseAway when the database stays away."""
        async with AsyncExitStack() as stack:
            if self._recording is not None:
                stack.enter_context(self._recording)
            health = Health(self._heartbeat, Mask(self._config.secrets()), with_bot=self._with_bot)
            address = (self._config.health_host, self._config.health_port)
            await stack.enter_async_context(health.serve(*address, self._mailbox.app() if self._mailbox else None))
            store = Store(await stack.enter_async_context(self._database()), self._heartbeat.count)
            leadership = Leadership(store.database, self._patience.once, self._config.name())
            clock = await self._clock(store)
            if self._recording is not None:
                self._recording.clock = clock
            health.watch(
                store.database.ping,
                lambda: store.outbox.backlog(clock.now()),
                lambda: store.gaps.last_day(clock.now()),
                self._supply,
                leadership.term,
            )
            await leadership.lead(partial(self._term, store, clock, health, leadership.holds))

    async def _term(self, store: Store, clock: Clock, health: Health, holds: Callable[[], bool]) -> None:
        """One term of office: every loop, built anew. Runs until cancelled."""
        self._heartbeat.forget()
        async with AsyncExitStack() as stack:
            paid, free = [await stack.enter_async_context(client) for client in self._http_clients()]
            talking, on_alert = await self._talking(stack, store, clock, health, holds)
            lookers = Lookers(self._config, store, clock, self._heartbeat, self._patience)
            self._looking = looking = lookers.build(paid, free, on_alert)
            loops: Loops = {
                "intake": (await self._intake(store, clock, looking.ticker)).run,
                **looking.loops(),
                "janitor": self._janitor(store, clock).run,
                "levels": Levels(store.episodes, store.settings, clock, self._heartbeat, self._patience).run,
                "outcomes": Accountant(store.outcomes, store.settings, clock, self._heartbeat, self._patience).run,
                **talking,
            }
            async with asyncio.TaskGroup() as group:
                for name, loop in loops.items():
                    group.create_task(loop(), name=name)
                self._tell_start()

    async def _intake(self, store: Store, clock: Clock, ticker: Ticker) -> Intake:
        feed = PumpPortal(
            self._config.pumpportal_ws_url,
            clock,
            self._heartbeat,
            creations=self._config.pumpportal_creates,
            heard_until=await self._patience.once(store.gaps.heard_until),
            overhear=self._recording.frame if self._recording else lambda _: None,
        )
        own = (clock, self._heartbeat, self._patience)
        return Intake(feed, store.tokens, store.gaps, *own, ticker.wake, self._unsaved)

    def _tell_start(self) -> None:
        config = self._config
        log.info("program.started", admins=len(config.admin_ids), time_speed=config.time_speed)
        if config.birdeye_api_key is None:
            missing = "holder growth and buyers against sellers are missing, coverage .5: no high_score alerts"
            log.warning("figures.free_only", reason="BIRDEYE_API_KEY is not set", consequence=missing)

    def _supply(self) -> Supply | None:
        """Where figures come from now; None before anybody looks."""
        return self._looking.supply() if self._looking else None

    async def _talking(
        self, stack: AsyncExitStack, store: Store, clock: Clock, health: Health, holds: Callable[[], bool]
    ) -> tuple[Loops, Callable[[], None]]:
        """Delivery, polling and alarms, and what tells delivery of alerts; none of it without the bot."""
        if not self._with_bot:
            return {}, lambda: None
        polling, sending = [await stack.enter_async_context(_open(bot)) for bot in self._bots()]
        delivery = self._delivery(store, clock, sending, polling, holds)
        dispatcher = self._dispatcher(store, clock, health)
        alarming = self._alarming(store, clock, health, delivery.bell.set)
        hearing = self._hearing(dispatcher, polling, holds)
        loops: Loops = {"delivery": delivery.run, "polling": hearing, "alarms": alarming.run}
        return loops, delivery.bell.set

    def _hearing(
        self, dispatcher: Dispatcher, bot: Bot, holds: Callable[[], bool]
    ) -> Callable[[], Coroutine[Any, Any, None]]:
        """By a long poll, or by webhook where its address is set."""
        if self._mailbox is None or self._config.webhook_url is None:
            return partial(poll, dispatcher, bot, holds)
        url = address_of(self._config.webhook_url, bot.token)
        return partial(hear, dispatcher, bot, self._mailbox, url, self._heartbeat, SystemClock(), holds)

    def _alarming(self, store: Store, clock: Clock, health: Health, on_alarm: Callable[[], None]) -> Alarming:
        return Alarming(
            report=health.report,
            alarms=store.alarms,
            admin_ids=self._config.admin_ids,
            mask=Mask(self._config.secrets()),
            clock=clock,
            wall_clock=SystemClock(),
            patience=self._patience,
            on_alarm=on_alarm,
        )

    def _janitor(self, store: Store, clock: Clock) -> Janitor:
        own = (clock, self._heartbeat, self._patience)
        return Janitor(store.looks, store.outbox, store.episodes, store.settings, *own)

    def _delivery(self, store: Store, clock: Clock, bot: Bot, answers: Bot, holds: Callable[[], bool]) -> Delivery:
        return Delivery(
            outbox=store.outbox,
            chats=store.chats,
            looks=store.looks,
            settings=store.settings,
            bot=bot,
            answers=answers,
            pictures=self._pictures,
            catalogs=self._catalogs,
            clock=clock,
            heartbeat=self._heartbeat,
            lasting=self._lasting,
            links=self._config.trade_links,
            holds=holds,
        )

    def _dispatcher(self, store: Store, clock: Clock, health: Health) -> Dispatcher:
        return build_dispatcher(
            store=store,
            supply=self._supply,
            report=health.report,
            pictures=self._pictures,
            catalogs=self._catalogs,
            clock=clock,
            wall_clock=SystemClock(),
            heartbeat=self._heartbeat,
            admin_ids=self._config.admin_ids,
            links=self._config.trade_links,
        )

    @asynccontextmanager
    async def _database(self) -> AsyncIterator[Database]:
        """The database of DB_DSN or the embedded one, open and migrated."""
        async with AsyncExitStack() as stack:
            if self._config.db_dsn is None:
                database = Database(await stack.enter_async_context(embedded_postgres(self._config.data_dir)))
            else:
                database = Database(self._config.db_dsn.get_secret_value())
            stack.push_async_callback(database.close)
            await Patience(DATABASE_START_SECONDS).once(database.migrate)
            yield database

    def _http_clients(self) -> tuple[JsonClient, JsonClient]:
        """One for paid calls, and one for free ones, which come again soon by themselves."""
        config = self._config
        usual = partial(JsonClient, self._heartbeat, max_concurrency=config.ext_max_concurrency)
        overhear_paid = self._overhear("birdeye", config.birdeye_url)
        overhear_free = self._overhear("dexscreener", config.dexscreener_url)
        paid = usual(ttl_seconds=config.birdeye_cache_ttl, overhear=overhear_paid)
        return paid, usual(ttl_seconds=0, attempts=1, overhear=overhear_free)

    def _overhear(self, source: str, base_url: str) -> Overhear:
        return self._recording.answers(source, base_url) if self._recording else nobody

    def _bots(self) -> tuple[Bot, Bot]:
        """The bot that polls and answers, and the one that sends alerts: a long poll must not starve the latter."""
        where = (self._config.token(), self._config.telegram_api_url, self._heartbeat)
        return polling_bot(*where, pace=self._lasting.pace), delivery_bot(*where)

    async def _clock(self, store: Store) -> Clock:
        """The domain's clock. A fast one starts behind what it has written before, so it begins where that ends."""
        speed = self._config.time_speed
        known = None if speed == 1 else await store.tokens.latest_time()
        return SystemClock(speed, not_before=known, since=self._config.time_since)


@asynccontextmanager
async def _open(bot: Bot) -> AsyncIterator[Bot]:
    try:
        yield bot
    finally:
        await bot.session.close()
