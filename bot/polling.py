"""Polling as a task that can be cancelled without leaving a zombie, and the watch over how it fares.

What the updates do stands in `commands`; how a batch is read stands in `telegram`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import stamina
import structlog
from aiogram import BaseMiddleware, Bot, Dispatcher
from aiogram.client.session.middlewares.base import BaseRequestMiddleware, NextRequestMiddlewareType
from aiogram.exceptions import (
    AiogramError,
    TelegramConflictError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.methods import GetMe, GetUpdates, Response, TelegramMethod
from aiogram.methods.base import TelegramType
from aiogram.types import TelegramObject, Update
from aiogram.types.update import UpdateTypeLookupError

from bot.address import secret_path
from bot.grace import always, grace_seconds
from engine.heartbeat import Heartbeat

log = structlog.get_logger()

LONG_POLL_SECONDS = 10
COMMANDS_AT_ONCE = 8  # they share the pool of connections with the engine
REVOKED_REST_SECONDS = 300.0

REVOKED = "Telegram refuses the bot token: set BOT_TOKEN to the one that BotFather shows"
SECOND_POLLER = "another program polls with this bot token: stop it, or give each program a bot of its own"
WEBHOOK_SET = "a webhook is set for this bot, so it cannot poll: remove it with deleteWebhook"


async def poll(dispatcher: Dispatcher, bot: Bot, holds: Callable[[], bool] = always) -> None:
    """Poll until cancelled; then stop taking updates and give the handlers in flight their `grace_seconds` to end.

    Handlers run as tasks, so that a slow one holds nobody: an update is confirmed before its handler ends. A crash may
    lose a command, but never a change that was told as saved: that is said after the commit.
    Network trouble, a refused token and a second poller are outlived; the bot's session tells the heartbeat of them.
    The dispatcher must carry its `InFlight` as "in_flight".
    """
    await _until_telegram_knows_us(bot)
    await _leave_our_webhook(bot)
    polling = asyncio.create_task(
        dispatcher.start_polling(
            bot,
            polling_timeout=LONG_POLL_SECONDS,
            allowed_updates=dispatcher.resolve_used_update_types(),
            tasks_concurrency_limit=COMMANDS_AT_ONCE,
            handle_signals=False,
            close_bot_session=False,
        )
    )
    try:
        await asyncio.shield(polling)
    except asyncio.CancelledError:
        await _stop(dispatcher, polling, holds)
        raise


async def _until_telegram_knows_us(bot: Bot) -> None:
    patience = stamina.retry_context(AiogramError, attempts=None, timeout=None, wait_initial=1.0, wait_max=60.0)
    async for attempt in patience:
        with attempt:
            await bot.me()


async def _leave_our_webhook(bot: Bot) -> None:
    """Take back the webhook that an earlier run of ours has set; a foreign one is told and left alone."""
    try:
        info = await bot.get_webhook_info()
        if info.url.endswith(secret_path(bot.token)):
            log.info("webhook.left", reason="WEBHOOK_URL is not set any more")
            await bot.delete_webhook()
    except AiogramError as error:
        log.warning("webhook.unknown", error=type(error).__name__)


async def _stop(dispatcher: Dispatcher, polling: asyncio.Task[None], holds: Callable[[], bool]) -> None:
    in_flight: InFlight = dispatcher["in_flight"]
    try:
        async with asyncio.timeout(grace_seconds(holds)):
            await dispatcher.stop_polling()
            await in_flight.idle()
    except RuntimeError:
        log.debug("polling.cancelled_before_start")
    except TimeoutError:
        log.warning("polling.handlers_abandoned", count=in_flight.count)
        await in_flight.break_off()
    polling.cancel()
    await asyncio.gather(polling, return_exceptions=True)


class InFlight(BaseMiddleware):
    """Knows the tasks that handle updates, one each; bare ones, which could not be read, end here."""

    def __init__(self) -> None:
        self._handling: set[asyncio.Task[Any]] = set()
        self._none = asyncio.Event()
        self._none.set()

    @property
    def count(self) -> int:
        """How many updates are being handled."""
        return len(self._handling)

    async def idle(self) -> None:
        """Return as soon as no update is being handled."""
        await self._none.wait()

    async def break_off(self) -> None:
        """End the handlers that are left, and those that begin in their place, so that none of them answers later."""
        while left := set(self._handling):
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:
        """Whatever the handler gives."""
        if isinstance(event, Update) and not _of_known_type(event):
            return None
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine runs in one; this is for the type checker
        self._handling.add(task)
        self._none.clear()
        try:
            with structlog.contextvars.bound_contextvars(request_id=getattr(event, "update_id", None)):
                return await handler(event, data)
        finally:
            self._handling.discard(task)
            if not self._handling:
                self._none.set()


def _of_known_type(update: Update) -> bool:
    try:
        return bool(update.event_type)
    except UpdateTypeLookupError:
        return False


class PollingWatch(BaseRequestMiddleware):
    """Tells the heartbeat how polling fares, and rests where aiogram would hurry: a refused token, a flood wait.

    Until polling was answered once it asks without waiting: an idle long poll would leave us unsure for its length.
    """

    def __init__(self, heartbeat: Heartbeat, revoked_rest_seconds: float = REVOKED_REST_SECONDS) -> None:
        self._heartbeat = heartbeat
        self._revoked_rest_seconds = revoked_rest_seconds
        self._answered = False

    async def __call__(
        self, make_request: NextRequestMiddlewareType[TelegramType], bot: Bot, method: TelegramMethod[TelegramType]
    ) -> Response[TelegramType]:
        """The answer; an error of getUpdates or getMe is passed on after it was told and waited for."""
        polling, greeting = isinstance(method, GetUpdates), isinstance(method, GetMe)
        if polling and not self._answered:
            method = method.model_copy(update={"timeout": 0})
        try:
            answer = await make_request(bot, method)
        except AiogramError as error:
            if polling or greeting:
                await self._tell_and_rest(error)
            raise
        if polling:
            self._answered = True
            self._heartbeat.beat("polling")
        return answer

    async def _tell_and_rest(self, error: AiogramError) -> None:
        sentence, rest_seconds = self._trouble(error)
        self._heartbeat.fail("polling", sentence)
        log.warning("polling.failed", error=sentence, rest_seconds=rest_seconds)
        await asyncio.sleep(rest_seconds)

    def _trouble(self, error: AiogramError) -> tuple[str, float]:
        """What to tell, free of secrets, and how many seconds to rest beyond aiogram's own back-off."""
        if isinstance(error, TelegramUnauthorizedError | TelegramNotFound):
            return REVOKED, self._revoked_rest_seconds
        if isinstance(error, TelegramConflictError):
            return (WEBHOOK_SET if "webhook" in error.message.lower() else SECOND_POLLER), 0.0
        if isinstance(error, TelegramRetryAfter):
            return f"Telegram asks to wait {error.retry_after} s", float(error.retry_after)
        return f"Telegram did not answer: {type(error.__cause__ or error).__name__}", 0.0
