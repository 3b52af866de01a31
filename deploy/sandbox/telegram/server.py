"""The Bot API over HTTP on loopback: one route, and the steps every call goes through."""

from __future__ import annotations

import asyncio
import inspect
import re
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web_request import FileField

from deploy.sandbox.journal import Journal
from deploy.sandbox.telegram import control
from deploy.sandbox.telegram.checks import METHODS, check, loggable
from deploy.sandbox.telegram.courier import Courier
from deploy.sandbox.telegram.faults import Faults
from deploy.sandbox.telegram.mix import CutOff
from deploy.sandbox.telegram.people import People
from deploy.sandbox.telegram.rates import Pace, RateLimits
from deploy.sandbox.telegram.refused import Refused, violation
from deploy.sandbox.telegram.table import HANDLERS
from deploy.sandbox.telegram.values import Json, Request, User
from deploy.sandbox.telegram.wire import Wire
from deploy.sandbox.telegram.world import World, wall_clock

LARGEST_BODY_BYTES = 50 * 1024 * 1024
OK = 200
UNAUTHORIZED = Refused(401, "Unauthorized")


class BotApi(People, Faults):
    """A pretend api.telegram.org for one bot: `async with BotApi(token="123456:TEST") as api: api.url`.

    Rate limits are off unless given, and answers come at once unless `wire`, which may be changed, says otherwise.
    `port` 0 means any free one. `requests` logs every call of the known token, `violations` what no correct
    bot would send.
    """

    def __init__(
        self,
        token: str,
        port: int = 0,
        *,
        username: str = "tothemoon2_bot",
        rate_limits: RateLimits | None = None,
        wire: Wire | None = None,
        now: Callable[[], datetime] = wall_clock,
    ) -> None:
        bot = User(int(token.partition(":")[0]), "ToTheMoon2", username=username, is_bot=True)
        People.__init__(self, World(bot, now))
        Faults.__init__(self)
        self.token = token
        self.journal = Journal()
        self._port = port
        self._pace = Pace(rate_limits) if rate_limits else None
        self.wire = wire or Wire()
        self._runner: web.AppRunner | None = None
        self._courier: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Begins to listen on 127.0.0.1. Raises OSError when the port is taken."""
        app = web.Application(client_max_size=LARGEST_BODY_BYTES)
        app.add_routes(
            [
                web.route("*", "/bot{token}/{method}", self._answer),
                web.get("/file/bot{token}/{path:.+}", self._file),
            ]
        )
        control.add_routes(app, self)
        app.on_shutdown.append(self._end_waits)
        # No access log: every path holds the token.
        self._runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=2)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        courier = Courier(self.world, self.take_lost_answer, self.violations.append)
        self._courier = asyncio.create_task(courier.run())

    async def stop(self) -> None:
        """Ends waiting polls and deliveries, and closes all connections."""
        if self._courier:
            self._courier.cancel()
            with suppress(asyncio.CancelledError):
                await self._courier
            self._courier = None
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    @property
    def url(self) -> str:
        """What the bot gets as TELEGRAM_API_URL."""
        if self._runner is None:
            raise RuntimeError("the stand-in is not running; use `async with BotApi(...)`")
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def _end_waits(self, _app: web.Application) -> None:
        self.world.closing = True
        self.end_silence()
        self.world.touch()

    # --- one call

    async def _answer(self, request: web.Request) -> web.Response:
        if self.silent:
            await self.silence_to_end()
            return _cut(request)
        response = await self._hear(request)
        self.world.touch()
        if self.silent:  # it began while this call waited
            await self.silence_to_end()
            return _cut(request)
        return response

    async def _hear(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        cut = self.take_drop(method)
        if cut == "before":
            return _cut(request)
        try:
            body: Json = {"ok": True, "result": await self._call(request, method)}
            status = OK
        except CutOff:
            return _cut(request)
        except Refused as refused:
            body, status = refused.as_json(), refused.status
            if refused.violation:
                self.violations.append(f"{method}: {refused.description}")
        self.answers[method, status] += 1
        self.journal.note(method, status)
        if status == OK and self.wire.loses(method):
            self.lost.append(body["result"])
            cut = "after"
        await self.wire.delay(method)
        return _cut(request) if cut == "after" else web.json_response(body, status=status)

    async def _call(self, request: web.Request, method: str) -> Any:
        self._check_token(request)
        handler = HANDLERS.get(method.lower())
        if handler is None:
            known = method.lower() in METHODS
            self.violations.append(f"{method}: {'not played by this stand-in yet' if known else 'no such method'}")
            raise Refused(404, "Not Found")
        params = await self._params(request, method)
        self.take_failure(method, params)
        if self._pace and "chat_id" in params and method.lower() in self._pace.limits.counted:
            self._pace.admit(self.world.chat(params["chat_id"]), time.monotonic())
        result = handler(self.world, params)
        done = await result if inspect.isawaitable(result) else result
        self.take_loss(method, params)
        return done

    def _check_token(self, request: web.Request) -> None:
        if self.revoked or request.match_info["token"] != self.token:
            raise UNAUTHORIZED

    async def _params(self, request: web.Request, method: str) -> Json:
        raw: Json = {}
        try:
            raw, files = await _read(request)
            params, remarks = check(method, raw, files)
        except Refused:
            self._log(method, raw)
            raise
        self.violations.extend(f"{method}: {remark}" for remark in remarks)
        self._log(method, params)
        return params

    def _log(self, method: str, params: Json) -> None:
        self.log(Request(method, loggable(params), time.monotonic()))

    async def _file(self, request: web.Request) -> web.Response:
        for file in self.world.files.values():
            if file.path == request.match_info["path"] and request.match_info["token"] == self.token:
                return web.Response(body=file.content, content_type="application/octet-stream")
        return web.json_response(Refused(404, "Not Found").as_json(), status=404)


async def _read(request: web.Request) -> tuple[Json, dict[str, bytes]]:
    """The parameters of query and body as they came, and the uploaded files by field name."""
    try:
        if request.content_type == "application/json":
            body = await request.json() if request.can_read_body else {}
        else:
            body = dict(await request.post())
    except web.HTTPRequestEntityTooLarge:
        raise Refused(413, "Request Entity Too Large") from None
    except (ValueError, LookupError, RecursionError, HttpProcessingError):
        raise violation("can't parse the request's body") from None
    if not isinstance(body, dict):
        raise violation("can't parse the request's body: it is not an object")
    files = {name: field.file.read() for name, field in body.items() if isinstance(field, FileField)}
    plain = {name: value for name, value in body.items() if name not in files}
    attached = set(re.findall(r"attach://([\w-]+)", str(plain)))
    direct = {name: f"attach://{name}" for name in files if name not in attached}
    return dict(request.query) | plain | direct, files


def _cut(request: web.Request) -> web.Response:
    """Breaks the connection; the response that aiohttp wants goes nowhere."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
