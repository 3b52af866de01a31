"""What became of a token lately: its latest figures against those of some minutes before. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from engine.shown import Change, Point

SPANS_MINUTES = (5, 15, 60)
REACH = 1.5  # a look that lies further back than so many spans tells of another time
FURTHEST = timedelta(minutes=SPANS_MINUTES[-1] * REACH)


def changes(prices: Sequence[Point], liquidities: Sequence[Point], scores: Sequence[Point]) -> tuple[Change, ...]:
    """One change per span. Each series is of one source, oldest first, and reaches back `FURTHEST` at least."""
    return tuple(
        Change(minutes, _ratio(prices, minutes), _ratio(liquidities, minutes), _difference(scores, minutes))
        for minutes in SPANS_MINUTES
    )


def _ratio(series: Sequence[Point], minutes: int) -> float | None:
    then = _then(series, minutes)
    return series[-1].value / then if then else None


def _difference(series: Sequence[Point], minutes: int) -> float | None:
    then = _then(series, minutes)
    return None if then is None else series[-1].value - then


def _then(series: Sequence[Point], minutes: int) -> float | None:
    """The last value that was at least so many minutes old when the latest one came, if it was not much older."""
    if not series:
        return None
    latest, span = series[-1].ts, timedelta(minutes=minutes)
    kept = (point.value for point in reversed(series) if span <= latest - point.ts <= span * REACH)
    return next(kept, None)
