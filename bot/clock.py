"""The domain's clock: the only place that asks for the time. TIME_SPEED and the latest known time come in here."""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from engine.errors import ConfigError

LAST_TIME = datetime(2100, 1, 1, tzinfo=UTC)


def _wall() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - this file is the clock


class SystemClock:
    """Implements `engine.ports.Clock`. It never shows a time before `not_before` (aware UTC).

    At speed 1 it is the wall clock; at any other `speed` it runs from its start that many times as fast. With `since`
    (aware UTC) it has done so since then: all clocks of one speed and `since` show the same, in whichever process, but
    for the moment that each needs to ask `wall` for the time.
    """

    def __init__(
        self,
        speed: float = 1.0,
        not_before: datetime | None = None,
        since: datetime | None = None,
        wall: Callable[[], datetime] = _wall,
    ) -> None:
        self._speed = speed
        self._wall = wall
        self._not_before = not_before or datetime.min.replace(tzinfo=UTC)
        self._origin = since or max(wall(), self._not_before)
        passed_seconds = (wall() - since).total_seconds() if since else 0.0
        self._base = time.monotonic() - passed_seconds  # from here on no step of the wall clock counts

    def now(self) -> datetime:
        """The domain's time, aware UTC."""
        if self._speed == 1:
            return max(self._wall(), self._not_before)
        passed_seconds = max(time.monotonic() - self._base, 0.0)
        return max(self._origin + timedelta(seconds=passed_seconds * self._speed), self._not_before)

    async def sleep(self, seconds: float) -> None:
        """Sleep this many domain seconds."""
        await asyncio.sleep(seconds / self._speed)


def refuse_impossible(since: datetime, speed: float) -> None:
    """Raises ConfigError for a clock that would stand still until `since`, or has left the years of any provider."""
    now = _wall()
    example = f"for example TIME_SINCE={now:%Y-%m-%dT%H:%M:%SZ}"
    if since > now:
        raise ConfigError(f"TIME_SINCE is in the future; {example}")
    if (now - since) * speed > LAST_TIME - since:
        raise ConfigError(f"TIME_SINCE is so long ago that at TIME_SPEED the clock is beyond 2100; {example}")
