"""The time that a picture shows, and the round times within it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.shown import Point

_SHORTEST = timedelta(minutes=1)
_DAY = 1440
_MINUTE_STEPS = (1, 2, 5, 10, 15, 20, 30, 60, 120, 180, 240, 360, 720, *(_DAY * 2**power for power in range(8)))
_TICKS_AT_MOST = 3


@dataclass(frozen=True, slots=True)
class Span:
    """The time shown, from the first point until now."""

    start: datetime
    seconds: float

    def share(self, ts: datetime) -> float:
        """Where a time lies: 0 at the start, 1 now."""
        return min(max((ts - self.start).total_seconds() / self.seconds, 0.0), 1.0)


def span_of(points: Sequence[Point], now: datetime) -> Span:
    """From the earliest point until now, a minute at least."""
    end = max((point.ts for point in points), default=now)
    end = max(end, now)
    start = min((point.ts for point in points), default=end)
    shown = max(end - start, _SHORTEST)
    return Span(end - shown, shown.total_seconds())


def ticks(span: Span) -> list[tuple[float, int]]:
    """Round times before now, as (place, minutes before now); none for a span under a minute."""
    minutes = span.seconds / 60
    step = next((step for step in _MINUTE_STEPS if minutes / step < _TICKS_AT_MOST), _MINUTE_STEPS[-1])
    return [(1 - before / minutes, before) for before in range(step, int(minutes) + 1, step)][:_TICKS_AT_MOST]


def finite(points: Sequence[Point]) -> list[Point]:
    """The points that can be drawn."""
    return [point for point in points if math.isfinite(point.value)]


def priced(points: Sequence[Point]) -> list[Point]:
    """The points that can be prices."""
    return [point for point in finite(points) if point.value > 0]
