"""Hearing by webhook: Telegram posts updates to the health server.

What the updates do stands in `commands`, where Telegram posts to in `address`.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Never

import structlog
from aiogram import Bot, Dispatcher
from aiogram.exceptions import AiogramError, TelegramNotFound, TelegramUnauthorizedError
from aiogram.types import Update, WebhookInfo
from aiohttp import web
from cachetools import TTLCache

from bot.address import secret_path, secret_word
from bot.grace import always, grace_seconds
from bot.polling import COMMANDS_AT_ONCE, REVOKED, REVOKED_REST_SECONDS, InFlight
from bot.telegram import TolerantSession
from engine.heartbeat import Heartbeat
from engine.ports import Clock

log = structlog.get_logger()

HEADER = "X-Telegram-Bot-Api-Secret-Token"
LARGEST_UPDATE_BYTES = 1024 * 1024
REMEMBERED_UPDATES = 10_000
REMEMBERED_SECONDS = 86_400.0  # for so long Telegram keeps an update
WATCHED_EVERY_SECONDS = 30.0
FAILING_SECONDS = 120.0


class Mailbox:
    """The door on the health server. It is shut (503, so that Telegram comes again) while nobody hears."""

    def __init__(self, token: str, heartbeat: Heartbeat) -> None:
        self._path, self._secret = secret_path(token), secret_word(token)
        self._heartbeat = heartbeat
        self._hearer: tuple[Dispatcher, Bot] | None = None
        self._turns = asyncio.Semaphore(COMMANDS_AT_ONCE)
        self._handled: TTLCache[int, asyncio.Task[Any]] = TTLCache(REMEMBERED_UPDATES, REMEMBERED_SECONDS)

    def app(self) -> web.Application:
        """What the health server mounts at `address.PATH`."""
        app = web.Application(client_max_size=LARGEST_UPDATE_BYTES)
        app.add_routes([web.post("/{path}", self._answer)])
        return app

    @contextmanager
    def open_for(self, dispatcher: Dispatcher, bot: Bot) -> Iterator[None]:
        """While the context lasts the dispatcher hears what comes in."""
        self._hearer = (dispatcher, bot)
        try:
            yield
        finally:
            self._hearer = None

    async def _answer(self, request: web.Request) -> web.Response:
        """200 once the update has been handled, or was before; every other answer brings it again."""
        if not _same(request.match_info["path"], self._path):
            raise web.HTTPNotFound
        if not _same(request.headers.get(HEADER, ""), self._secret):
            self._heartbeat.count("update_dropped", "wrong secret")
            raise web.HTTPForbidden
        if self._hearer is None:
            raise web.HTTPServiceUnavailable
        dispatcher, bot = self._hearer
        update = _read(bot, await request.read())
        if update is None:
            self._heartbeat.count("update_dropped", "unparseable")
        else:
            await self._handle(dispatcher, bot, update)
        return web.Response()

    async def _handle(self, dispatcher: Dispatcher, bot: Bot, update: Update) -> None:
        """Handle an update once, however often it is posted; a post that is broken off does not break its handler."""
        task = self._handled.get(update.update_id)
        if task is None or task.cancelled():
            task = asyncio.create_task(self._in_turn(dispatcher, bot, update))
            self._handled[update.update_id] = task
        else:
            self._heartbeat.count("update_dropped", "posted again")
        await asyncio.shield(task)

    async def _in_turn(self, dispatcher: Dispatcher, bot: Bot, update: Update) -> None:
        async with self._turns:
            await dispatcher.feed_update(bot, update)


def _same(given: str, expected: str) -> bool:
    """Compared in constant time; a header may hold any bytes."""
    return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), expected.encode())


def _read(bot: Bot, body: bytes) -> Update | None:
    """The update, a bare one where it makes no sense, None where it is none at all."""
    session = bot.session
    assert isinstance(session, TolerantSession)  # noqa: S101 - bot.telegram makes no other; this is for the type checker
    return session.read_update(bot, body)


async def hear(
    dispatcher: Dispatcher,
    bot: Bot,
    mailbox: Mailbox,
    url: str,
    heartbeat: Heartbeat,
    clock: Clock,
    holds: Callable[[], bool] = always,
) -> None:
    """Hear by webhook until cancelled; then shut the door and give the handlers in flight their `grace_seconds` to end.

    The webhook stays set, so that Telegram keeps what comes in meanwhile. `clock` is the one on the wall.
    """
    try:
        with mailbox.open_for(dispatcher, bot):
            await _keep_set(dispatcher, bot, url, heartbeat, clock)
    except asyncio.CancelledError:
        await _drain(dispatcher["in_flight"], holds)
        raise


async def _keep_set(dispatcher: Dispatcher, bot: Bot, url: str, heartbeat: Heartbeat, clock: Clock) -> Never:
    greeted = False
    while True:
        try:
            if not greeted:
                await dispatcher.emit_startup(bot=bot, **dispatcher.workflow_data)
                greeted = True
            await _look(dispatcher, bot, url, heartbeat, clock)
        except (TelegramUnauthorizedError, TelegramNotFound):
            heartbeat.fail("polling", REVOKED)
            await asyncio.sleep(REVOKED_REST_SECONDS)
        except AiogramError as error:
            heartbeat.fail("polling", f"Telegram did not answer: {type(error.__cause__ or error).__name__}")
        await asyncio.sleep(WATCHED_EVERY_SECONDS)


async def _look(dispatcher: Dispatcher, bot: Bot, url: str, heartbeat: Heartbeat, clock: Clock) -> None:
    """Set the webhook where it is not ours, and tell the heartbeat how Telegram fares with it."""
    info = await bot.get_webhook_info()
    if info.url != url:
        allowed = dispatcher.resolve_used_update_types()
        await bot.set_webhook(
            url, secret_token=secret_word(bot.token), allowed_updates=allowed, max_connections=COMMANDS_AT_ONCE
        )
        log.info("webhook.set")
    elif _fails(info, clock):
        heartbeat.fail("polling", f"Telegram cannot reach WEBHOOK_URL: {info.last_error_message}")
        return
    heartbeat.beat("polling")


def _fails(info: WebhookInfo, clock: Clock) -> bool:
    """Whether Telegram failed lately and something still waits."""
    if info.last_error_date is None or not info.pending_update_count:
        return False
    return (clock.now() - info.last_error_date).total_seconds() < FAILING_SECONDS


async def _drain(in_flight: InFlight, holds: Callable[[], bool]) -> None:
    try:
        async with asyncio.timeout(grace_seconds(holds)):
            await in_flight.idle()
    except TimeoutError:
        log.warning("webhook.handlers_abandoned", count=in_flight.count)
        await in_flight.break_off()
