"""The domain's clock: the only place that asks for the time. TIME_SPEED and the latest known time come in here."""

import asyncio
import time
from datetime import UTC, datetime, timedelta


def _wall() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - this file is the clock


class SystemClock:
    """Implements `engine.ports.Clock`. It never shows a time before `not_before` (aware UTC).

    At speed 1 it is the wall clock; at any other `speed` it runs from its start that many times as fast. With `since`
    (aware UTC) it has done so since then: all clocks of one speed and `since` show the same, in whichever process.
    """

    def __init__(self, speed: float = 1.0, not_before: datetime | None = None, since: datetime | None = None) -> None:
        self._since = since
        self._speed = speed
        self._not_before = not_before or datetime.min.replace(tzinfo=UTC)
        self._started_at = max(_wall(), self._not_before)
        self._base = time.monotonic()

    def now(self) -> datetime:
        """The domain's time, aware UTC."""
        if self._speed == 1:
            return max(_wall(), self._not_before)
        if self._since is not None:
            passed = max(_wall() - self._since, timedelta())
            return max(self._since + passed * self._speed, self._not_before)
        return self._started_at + timedelta(seconds=(time.monotonic() - self._base) * self._speed)

    async def sleep(self, seconds: float) -> None:
        """Sleep this many domain seconds."""
        await asyncio.sleep(seconds / self._speed)
