"""Never more requests than the provider allows within any second and any minute, whenever its own windows begin."""

from __future__ import annotations

import asyncio
from collections import deque
from datetime import datetime, timedelta

from engine.ports import Clock

# A little longer than the provider's, because one request may reach it faster than the one before.
SECOND = timedelta(seconds=1.1)
MINUTE = timedelta(seconds=61)


class Windows:
    """When requests were made, and how long the next one must wait. Knows no clock."""

    def __init__(self, rps: int, rpm: int) -> None:
        self._limits = ((rps, SECOND), (rpm, MINUTE))
        self._times: deque[datetime] = deque(maxlen=max(rps, rpm))

    def wait(self, now: datetime) -> timedelta:
        """How long from `now` until one more request is allowed; zero or more, one window at most."""
        if self._times and self._times[-1] > now:  # the clock was set back: count those as made just now
            self._times = deque((min(ts, now) for ts in self._times), self._times.maxlen)
        return max(self._wait(limit, window, now) for limit, window in self._limits)

    def note(self, now: datetime) -> None:
        """A request is made at `now`."""
        self._times.append(now)

    def _wait(self, limit: int, window: timedelta, now: datetime) -> timedelta:
        if len(self._times) < limit:
            return timedelta()
        return max(timedelta(), self._times[-limit] + window - now)


class Pace:
    """Turns for requests, first come, first served."""

    def __init__(self, rps: int, rpm: int, clock: Clock) -> None:
        self._windows = Windows(rps, rpm)
        self._clock = clock
        self._queue = asyncio.Lock()

    async def turn(self) -> None:
        """Wait until a request may be made, and count it."""
        async with self._queue:
            while wait := self._windows.wait(self._clock.now()):
                await self._clock.sleep(wait.total_seconds())
            self._windows.note(self._clock.now())
