"""How long a loop puts up with an absent database: it backs off and tries again, and gives up after ten minutes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import NoReturn, TypeVar

import structlog

from engine.errors import DatabaseAway

log = structlog.get_logger()

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 10.0

Result = TypeVar("Result")


class Patience:
    """Repeats work while the database is away. Real seconds, since it waits for a machine, not for the market."""

    def __init__(self, limit_seconds: float = 600) -> None:
        self._limit_seconds = limit_seconds

    async def keep(self, work: Callable[[], Awaitable[object]]) -> NoReturn:
        """Do the work over and over, for ever."""
        while True:
            await self.once(work)

    async def once(self, work: Callable[[], Awaitable[Result]]) -> Result:
        """Do the work, again and again while the database is away. Raises DatabaseAway when that lasts too long."""
        give_up_at = time.monotonic() + self._limit_seconds
        pause = FIRST_PAUSE_SECONDS
        while True:
            try:
                return await work()
            except DatabaseAway as error:
                if time.monotonic() + pause > give_up_at:
                    raise
                log.warning("database.waited_for", error=str(error), pause_seconds=pause)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
