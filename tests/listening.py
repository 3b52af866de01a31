"""How a test listens to the feed: as the intake does, remembering what it heard."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager

from deploy.sandbox.clock import HandClock
from deploy.sandbox.pumpportal import PumpPortalSocket
from engine.events import Migration
from engine.heartbeat import Heartbeat
from engine.pumpportal import PumpPortal
from tests.waiting import until


class Listener:
    """A feed with a clock and a heartbeat of its own, and the migrations heard."""

    def __init__(self, url: str, *, silence_seconds: float = 30) -> None:
        self.clock = HandClock()
        self.heartbeat = Heartbeat()
        self.heard: list[Migration] = []
        self.feed = PumpPortal(url, self.clock, self.heartbeat, random.Random(1), silence_seconds=silence_seconds)

    async def listen(self) -> None:
        async with aclosing(self.feed.migrations()) as migrations:
            async for migration in migrations:
                self.heard.append(migration)

    @property
    def mints(self) -> list[str]:
        return [migration.mint for migration in self.heard]

    @property
    def last_error(self) -> str:
        return self.heartbeat.pulse("feed").last_error or ""

    def counted(self, what: str, kind: str) -> int:
        return self.heartbeat.counts[what, kind]


@asynccontextmanager
async def listening(url: str, *, silence_seconds: float = 30) -> AsyncIterator[Listener]:
    listener = Listener(url, silence_seconds=silence_seconds)
    task = asyncio.create_task(listener.listen())
    try:
        yield listener
        assert not task.done(), "the feed never ends by itself"
    finally:
        task.cancel()
        await asyncio.wait([task])


async def subscribed(portal: PumpPortalSocket, listener: Listener) -> None:
    """Wait until the listener knows that it is subscribed to both streams."""
    await until(lambda: portal.subscribers == 1, what="the subscription")
    await until(lambda: listener.counted("frame_heard", "ack") >= 2, what="both acks")
