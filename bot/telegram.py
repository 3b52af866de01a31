"""The way to Telegram: bots with their sessions, and answers read so that no foreign content can stop the program.

What is done with updates stands in `polling` and `commands`, what is done with failed sends in `verdicts`.
"""

from __future__ import annotations

import json
import math
from typing import Any

import structlog
from aiogram import Bot
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.session.middlewares.base import BaseRequestMiddleware, NextRequestMiddlewareType
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.methods import GetUpdates, Response, TelegramMethod
from aiogram.methods.base import TelegramType
from aiogram.types import LinkPreviewOptions, Update
from pydantic import ValidationError

from bot.pace import Pace
from bot.paced import PacedAnswers, PatientAnswers
from bot.polling import REVOKED_REST_SECONDS, PollingWatch
from bot.storable import UnstorableError, storable
from bot.verdicts import Unnumbered
from engine.heartbeat import Heartbeat

log = structlog.get_logger()

COMMAND_TIMEOUT_SECONDS = 30.0
DELIVERY_TIMEOUT_SECONDS = 15.0
GENERAL_TOPIC = 1


def polling_bot(
    token: str,
    api_url: str,
    heartbeat: Heartbeat,
    *,
    revoked_rest_seconds: float = REVOKED_REST_SECONDS,
    pace: Pace | None = None,
) -> Bot:
    """The bot that polls and answers commands; its session beats "polling". The caller closes `bot.session`.

    With a `pace` answers keep to it.
    """
    bot = _bot(token, api_url, COMMAND_TIMEOUT_SECONDS, heartbeat)
    bot.session.middleware(PollingWatch(heartbeat, revoked_rest_seconds))
    bot.session.middleware(PatientAnswers())
    if pace is not None:
        bot.session.middleware(PacedAnswers(pace))
    return bot


def delivery_bot(
    token: str, api_url: str, heartbeat: Heartbeat, *, timeout_seconds: float = DELIVERY_TIMEOUT_SECONDS
) -> Bot:
    """The bot that sends alerts, in a session of its own: a long poll cannot starve it. The caller closes it."""
    return _bot(token, api_url, timeout_seconds, heartbeat)


def _bot(token: str, api_url: str, timeout_seconds: float, heartbeat: Heartbeat) -> Bot:
    session = TolerantSession(heartbeat, api=TelegramAPIServer.from_base(api_url), timeout=timeout_seconds)
    session.middleware(GeneralTopic())
    properties = DefaultBotProperties(link_preview=LinkPreviewOptions(is_disabled=True))
    return Bot(token, session=session, default=properties)


class TolerantSession(AiohttpSession):
    """Reads a batch of updates one by one: a bad one becomes a bare `Update(update_id=…)`, so it is confirmed and gone.

    Errors about unreadable answers never carry the answer: it may hold private messages.
    """

    def __init__(self, heartbeat: Heartbeat, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._heartbeat = heartbeat
        self._is_over = False

    async def close(self) -> None:
        """Close for good, at once where there is no TLS, whose end aiogram waits for."""
        if self._session is None:
            return
        self._is_over = True
        if self.api.base.startswith("https:"):
            await super().close()
        else:
            await self._session.close()

    async def make_request(
        self,
        bot: Bot,
        method: TelegramMethod[TelegramType],
        timeout: int | None = None,  # noqa: ASYNC109 - aiogram's signature
    ) -> TelegramType:
        """The answer. A handler that outlives the session gets an error: aiogram would open another, and leave it."""
        if self._is_over:
            raise TelegramNetworkError(method=method, message="the session is closed")
        return await super().make_request(bot, method, timeout)

    def check_response(
        self, bot: Bot, method: TelegramMethod[TelegramType], status_code: int, content: str
    ) -> Response[TelegramType]:
        """The answer, or aiogram's error for it; ClientDecodeError when it is unreadable."""
        answer = self._object(method, status_code, content)
        if isinstance(method, GetUpdates) and answer["ok"] is True:
            updates = [self._update(bot, raw) for raw in _batch(answer)]
            return Response[Any].model_construct(ok=True, result=updates)
        try:
            return storable(super().check_response(bot, method, status_code, self.json_dumps(answer)))
        except (TelegramRetryAfter, TelegramMigrateToChat) as error:
            if _is_storable(error):
                raise
        except (ClientDecodeError, UnstorableError):
            if answer["ok"] is True:
                raise Unnumbered("unreadable answer", ValueError(f"HTTP {status_code}"), "") from None
        try:  # the status and the words say enough
            return super().check_response(bot, method, status_code, self.json_dumps(_without_nonsense(answer)))
        except ClientDecodeError:
            raise _unreadable(status_code) from None

    def read_update(self, bot: Bot, body: bytes) -> Update | None:
        """One update as a webhook gets it: a bare one where it makes no sense, None where it is no update at all."""
        try:
            raw = self.json_loads(body)
        except (ValueError, RecursionError):
            return None
        readable = isinstance(raw, dict) and type(raw.get("update_id")) is int
        return self._update(bot, raw) if readable else None

    def _object(self, method: TelegramMethod[Any], status_code: int, content: str) -> dict[str, Any]:
        try:
            answer = self.json_loads(content)
        except (ValueError, RecursionError):
            answer = None
        if isinstance(answer, dict) and "ok" in answer:
            described = isinstance(answer.get("description"), str)
            return answer if described else answer | {"description": f"HTTP {status_code}"}
        if status_code >= 500:
            raise TelegramServerError(method, f"unreadable answer, HTTP {status_code}")
        raise _unreadable(status_code)

    def _update(self, bot: Bot, raw: dict[str, Any]) -> Update:
        try:
            json.dumps(raw, ensure_ascii=False).encode()  # half a character could be neither stored nor sent back
            return storable(Update.model_validate(raw, context={"bot": bot}))
        except (ValidationError, UnstorableError, RecursionError, UnicodeEncodeError) as error:
            self._heartbeat.count("update_dropped", "unparseable")
            log.warning("update.dropped", update_id=raw["update_id"], fields=_bad_fields(error))
            return Update(update_id=raw["update_id"])


class GeneralTopic(BaseRequestMiddleware):
    """Never names a forum's general topic: messages there carry its number 1, and Telegram refuses to take it back."""

    async def __call__(
        self, make_request: NextRequestMiddlewareType[TelegramType], bot: Bot, method: TelegramMethod[TelegramType]
    ) -> Response[TelegramType]:
        """The answer to the request without that number."""
        if getattr(method, "message_thread_id", None) == GENERAL_TOPIC:
            method = method.model_copy(update={"message_thread_id": None})
        return await make_request(bot, method)


def _without_nonsense(answer: dict[str, Any]) -> dict[str, Any]:
    """A refusal without parameters of the wrong kind; a part of a second to wait is a second."""
    parameters = answer.get("parameters")
    seconds = parameters.get("retry_after") if isinstance(parameters, dict) else None
    if isinstance(seconds, float) and abs(seconds) < 2**63:
        return answer | {"parameters": {"retry_after": math.ceil(seconds)}}
    return answer | {"parameters": None}


def _batch(answer: dict[str, Any]) -> list[dict[str, Any]]:
    raw = answer.get("result")
    if not isinstance(raw, list) or not all(isinstance(u, dict) and type(u.get("update_id")) is int for u in raw):
        raise ClientDecodeError("getUpdates: the answer is not a list of updates", TypeError("result"), "")
    return raw


def _is_storable(error: TelegramRetryAfter | TelegramMigrateToChat) -> bool:
    try:
        storable([getattr(error, name, 0) for name in ("retry_after", "migrate_to_chat_id")])
    except UnstorableError:
        return False
    return True


def _bad_fields(error: Exception) -> list[str]:
    """Where the update is bad, never what stands there."""
    if isinstance(error, UnstorableError):
        return error.fields[:5]
    if not isinstance(error, ValidationError):
        return []
    return [".".join(map(str, fault["loc"])) for fault in error.errors(include_input=False)[:5]]


def _unreadable(status_code: int) -> ClientDecodeError:
    return ClientDecodeError("unreadable answer", ValueError(f"HTTP {status_code}"), "")
