"""A clock that only moves when it is told to, for tests against the stand-ins. The running sandbox uses bot.clock."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta


class HandClock:
    """Implements `engine.ports.Clock`: a sleep moves it ahead at once and is remembered in `slept` (seconds)."""

    def __init__(self, start: datetime = datetime(2026, 7, 3, 12, tzinfo=UTC)) -> None:
        self._now = start
        self.slept: list[float] = []

    def now(self) -> datetime:
        """The time it was set to, aware UTC."""
        return self._now

    def move(self, seconds: float) -> None:
        """Set it ahead."""
        self._now += timedelta(seconds=seconds)

    async def sleep(self, seconds: float) -> None:
        """Pretend to have slept; others get their turn."""
        self.slept.append(seconds)
        self.move(seconds)
        await asyncio.sleep(0)
