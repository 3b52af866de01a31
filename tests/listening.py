"""How a test listens to the feed: as the intake does, remembering what it heard."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any

from deploy.sandbox.clock import HandClock
from deploy.sandbox.pumpportal import PumpPortalSocket
from engine.events import Gap, Migration
from engine.heartbeat import Heartbeat
from engine.pumpportal import PumpPortal
from tests.waiting import until


class Listener:
    """A feed with a clock and a heartbeat of its own, and what it told: all `events`, and the migrations `heard`."""

    def __init__(self, url: str, *, silence_seconds: float | None = 30, **facts: Any) -> None:
        self.clock = HandClock()
        self.heartbeat = Heartbeat()
        self.events: list[Migration | Gap] = []
        self.feed = PumpPortal(
            url, self.clock, self.heartbeat, random.Random(1), silence_seconds=silence_seconds, **facts
        )

    async def listen(self) -> None:
        async with aclosing(self.feed.events()) as events:
            async for event in events:
                self.events.append(event)

    @property
    def heard(self) -> list[Migration]:
        return [event for event in self.events if isinstance(event, Migration)]

    @property
    def gaps(self) -> list[Gap]:
        return [event for event in self.events if isinstance(event, Gap)]

    @property
    def mints(self) -> list[str]:
        return [migration.mint for migration in self.heard]

    @property
    def last_error(self) -> str:
        return self.heartbeat.pulse("feed").last_error or ""

    def counted(self, what: str, kind: str) -> int:
        return self.heartbeat.counts[what, kind]


@asynccontextmanager
async def listening(url: str, *, silence_seconds: float | None = 30, **facts: Any) -> AsyncIterator[Listener]:
    """Listen while the context lasts; `facts` are further arguments of the feed."""
    listener = Listener(url, silence_seconds=silence_seconds, **facts)
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
