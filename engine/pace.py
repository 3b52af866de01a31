"""Never more requests than the provider allows within any second and any minute, whenever its own windows begin."""

from __future__ import annotations

import itertools
from collections import deque
from datetime import datetime, timedelta

from engine.ports import Clock

# A little longer than the provider's, because one request may reach it faster than the one before.
SECOND = timedelta(seconds=1.1)
MINUTE = timedelta(seconds=61)
GRAIN_SECONDS = 0.05  # how soon one that waits sees that it is its turn


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
    """Turns for requests: the urgent ones first, else first come, first served."""

    def __init__(self, rps: int, rpm: int, clock: Clock) -> None:
        self._windows = Windows(rps, rpm)
        self._clock = clock
        self._numbers = itertools.count()
        self._waiting: list[tuple[bool, int]] = []

    async def turn(self, *, urgent: bool = False) -> None:
        """Wait until a request may be made, and count it."""
        ticket = (not urgent, next(self._numbers))
        self._waiting.append(ticket)
        try:
            while (seconds := self._seconds(ticket)) > 0:
                await self._clock.sleep(min(seconds, GRAIN_SECONDS))
            self._windows.note(self._clock.now())
        finally:
            self._waiting.remove(ticket)

    def _seconds(self, ticket: tuple[bool, int]) -> float:
        """How long this one has to wait at least; zero when it is its turn."""
        wait = self._windows.wait(self._clock.now()).total_seconds()
        return wait if ticket == min(self._waiting) else max(wait, GRAIN_SECONDS)
