"""What the stand-ins of the market providers share: a server on loopback whose answers can go wrong."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable
from types import TracebackType
from typing import Self, TypeVar

from aiohttp import web

from deploy.sandbox.faults import Fault, Faults
from deploy.sandbox.journal import KEPT, Journal

_T = TypeVar("_T")


class Provider:
    """A provider on 127.0.0.1; use with `async with`, then `url` is where it listens. Port 0 takes any free one.

    Answers take `latency_seconds`, and up to `jitter_seconds` more; both are real ones.
    """

    latency_seconds = 0.0
    jitter_seconds = 0.0

    def __init__(self, port: int) -> None:
        self._port = port
        self._faults = Faults()
        self._runner: web.AppRunner | None = None
        self.journal = Journal()
        self.url = ""

    def routes(self) -> Iterable[web.RouteDef]:
        """The paths it answers."""
        raise NotImplementedError

    async def __aenter__(self) -> Self:
        app = web.Application(middlewares=[self.journal.keep])
        app.add_routes(self.routes())
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._faults.close()
        if self._runner is not None:
            await self._runner.cleanup()

    def fail(self, fault: Fault, *, mint: str | None = None, times: float = float("inf")) -> None:
        """Let the next `times` answers (about `mint`, or about any token) go wrong."""
        self._faults.plan(fault, mint, times)

    def heal(self) -> None:
        """No more faults."""
        self._faults.heal()

    def slow(self, least_seconds: float = 0.5, most_seconds: float = 4.0) -> None:
        """Answers take as long from now on; 0.5 to 4 s are what has been seen."""
        self.latency_seconds, self.jitter_seconds = least_seconds, most_seconds - least_seconds

    async def linger(self) -> None:
        """Take the time that an answer takes."""
        if seconds := self.latency_seconds + self.jitter_seconds * random.random():
            await asyncio.sleep(seconds)


def remember(asked: list[_T], latest: _T) -> None:
    """Add the latest to what was asked; a sandbox may run for weeks, so the oldest are forgotten."""
    asked.append(latest)
    del asked[:-KEPT]
