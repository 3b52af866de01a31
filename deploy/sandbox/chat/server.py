"""The page's server on loopback: its files, the stream of news, the orders of people and of the panel."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from aiohttp import web

from deploy.sandbox.chat.outside import Outside
from deploy.sandbox.chat.panel import Panel
from deploy.sandbox.chat.stream import Stream
from deploy.sandbox.chat.talking import Talking
from deploy.sandbox.guard import add_headers, refuse_strangers
from deploy.sandbox.telegram import BotApi
from deploy.sandbox.telegram.values import Json

PAGE = Path(__file__).with_name("page")
TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
LARGEST_BODY_BYTES = 64 * 1024
PANEL_SECONDS = 1.0
GATHER_SECONDS = 0.03  # changes that come together are told together


class ChatPage:
    """The chat page on 127.0.0.1; use with `async with`, then `url` is where it is. Port 0 takes any free one.

    `admins` are marked as such. Without `outside` there is no panel.
    """

    def __init__(
        self, telegram: BotApi, *, admins: Collection[int] = (), outside: Outside | None = None, port: int = 0
    ) -> None:
        self._telegram = telegram
        self._admins = frozenset(admins)
        self._talking = Talking(telegram)
        self._panel = Panel(outside) if outside is not None else None
        self._port = port
        self._files = {f"/{path.name}": path for path in PAGE.iterdir() if path.suffix in TYPES}
        self._runner: web.AppRunner | None = None
        self._watch: asyncio.Task[None] | None = None
        self.url = ""

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=LARGEST_BODY_BYTES, middlewares=[refuse_strangers])
        app.on_response_prepare.append(add_headers)
        app.add_routes([web.get("/events", self._events), *self._talking.routes()])
        if self._panel is not None:
            app.add_routes(self._panel.routes())
            self._watch = asyncio.create_task(self._panel.watch())
        app.add_routes([web.get("/", self._file), web.get("/{name}", self._file)])
        self._runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.wait([self._watch])
        if self._runner is not None:
            await self._runner.cleanup()

    async def _file(self, request: web.Request) -> web.Response:
        path = self._files.get("/index.html" if request.path == "/" else request.path)
        if path is None:
            raise web.HTTPNotFound(text="there is no such page\n")
        return web.Response(body=path.read_bytes(), content_type=TYPES[path.suffix], charset="utf-8")

    async def _events(self, request: web.Request) -> web.StreamResponse:
        """Everything as it stands, and then what changes, until the page is closed."""
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
        await response.prepare(request)
        with suppress(ConnectionResetError):
            await self._tell(response)
        return response

    async def _tell(self, response: web.StreamResponse) -> None:
        stream = Stream(self._telegram, self._admins)
        panel, panel_due = "", 0.0
        loop = asyncio.get_running_loop()
        while True:
            events = list(stream.news())
            for name, facts in events:
                await response.write(_event(name, json.dumps(facts)))
            if self._panel is not None and loop.time() >= panel_due:
                panel_due = loop.time() + PANEL_SECONDS
                panel = await _tell_panel(response, self._panel.state(), panel)
            if events:
                await asyncio.sleep(GATHER_SECONDS)
            else:
                await self._change(PANEL_SECONDS)

    async def _change(self, seconds: float) -> None:
        """Returns at Telegram's next change, or after this time."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._telegram.world.change()


async def _tell_panel(response: web.StreamResponse, state: Json, told: str) -> str:
    """Tell the panel's state unless it is what was told last; gives what is told now."""
    now = json.dumps(state)
    if now != told:
        await response.write(_event("panel", now))
    return now


def _event(name: str, data: str) -> bytes:
    return f"event: {name}\ndata: {data}\n\n".encode()
