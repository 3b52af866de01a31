"""What became of a token lately: its latest figures against those of some minutes before. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

SPANS_MINUTES = (5, 15, 60)
REACH = 1.5  # a look that lies further back than so many spans tells of another time
FURTHEST = timedelta(minutes=SPANS_MINUTES[-1] * REACH)

Series = Sequence[tuple[datetime, float]]  # oldest first


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a token within the `minutes` before its latest look; None where nothing was kept so far back.

    Price and liquidity are ratios (1.5 is half as much again), the score's is a difference.
    """

    minutes: int
    price: float | None = None
    liquidity: float | None = None
    score: float | None = None


def changes(prices: Series, liquidities: Series, scores: Series) -> tuple[Change, ...]:
    """One change per span. Each series is of one source and reaches back `FURTHEST` at least."""
    return tuple(
        Change(minutes, _ratio(prices, minutes), _ratio(liquidities, minutes), _difference(scores, minutes))
        for minutes in SPANS_MINUTES
    )


def _ratio(series: Series, minutes: int) -> float | None:
    then = _then(series, minutes)
    return series[-1][1] / then if then else None


def _difference(series: Series, minutes: int) -> float | None:
    then = _then(series, minutes)
    return None if then is None else series[-1][1] - then


def _then(series: Series, minutes: int) -> float | None:
    """The last value that was at least so many minutes old when the latest one came, if it was not much older."""
    if not series:
        return None
    latest, span = series[-1][0], timedelta(minutes=minutes)
    kept = (value for ts, value in reversed(series) if span <= latest - ts <= span * REACH)
    return next(kept, None)
