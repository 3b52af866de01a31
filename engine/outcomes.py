"""What became of what we said: entry, horizons and best price of an alert, from the free series alone. Pure.

An instant is settled once, when its whole window is over, so that the result depends on the series and not on when
somebody looked: the first trusted price in the window; else GONE, when the pool was below the trusted liquidity; else
UNKNOWN, or OUTAGE when no token at all was seen in that time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import inf
from operator import attrgetter

from engine.aftermath import Mark, MarkState, OpenOutcome, Progress, Quote, Span

HORIZONS = (5, 15, 60, 360, 1440)  # minutes after the decision
ENTRY_AFTER = timedelta(seconds=20)  # nobody buys in the second of the alert
ENTRY_TOLERANCE = timedelta(minutes=4)  # an alerted token is Active, so it is glanced at every minute
# Archived tokens are glanced at every 5 minutes, and a glance may be a minute late. Less than the 10 minutes between
# the nearest two horizons, so that no price serves both.
TOLERANCE = timedelta(minutes=7)
GRACE = timedelta(minutes=2)  # a look is recorded a little after it was taken
FOLD_EVERY = timedelta(hours=1)  # the best price is kept up this often: looks may be kept for two hours only


@dataclass(frozen=True, slots=True)
class _Series:
    """A token's free looks: all of them, and those with a trusted price, oldest first."""

    quotes: Sequence[Quote]
    trusted: Sequence[Quote]
    min_trusted_liquidity: float


def follow(
    outcome: OpenOutcome, quotes: Iterable[Quote], heard: Collection[Span], now: datetime, min_trusted_liquidity: float
) -> Progress:
    """The outcome as of `now`. `quotes` is the token's free series since `followed_until`, in any order.

    `heard` are those of `windows_over` in which any token was seen.
    """
    series = _series(quotes, min_trusted_liquidity)
    entry, best, marks = outcome.entry, outcome.best_price, {}
    for minutes, span in _unsettled(outcome):
        if _is_over(span, now):
            mark = _mark(span, series, span in heard)
            if minutes is None:
                entry, best = mark, mark.price
            else:
                best = _best(best, entry, (*_between(series, entry, span.begins_at), mark.price))
                marks[minutes] = replace(mark, best_price=best)
    waiting = [span for _, span in _unsettled(outcome) if not _is_over(span, now)]
    followed_until = _followed_until(outcome, waiting, now)
    best = _best(best, entry, _between(series, entry, followed_until)) if waiting else best
    return Progress(outcome, entry, best, followed_until, _due_at(waiting, now), marks)


def windows_over(outcome: OpenOutcome, now: datetime) -> list[Span]:
    """The windows of this outcome that are over and not settled."""
    return [span for _, span in _unsettled(outcome) if _is_over(span, now)]


def _unsettled(outcome: OpenOutcome) -> Iterator[tuple[int | None, Span]]:
    """Horizons in minutes with their windows, oldest first; None is the entry."""
    if outcome.entry is None:
        instant = outcome.decided_at + ENTRY_AFTER
        yield None, Span(instant, instant + ENTRY_TOLERANCE)
    for minutes in HORIZONS:
        if minutes not in outcome.settled:
            instant = outcome.decided_at + timedelta(minutes=minutes)
            yield minutes, Span(instant, instant + TOLERANCE)


def _is_over(span: Span, now: datetime) -> bool:
    return span.ends_at + GRACE <= now


def _series(quotes: Iterable[Quote], min_trusted_liquidity: float) -> _Series:
    ordered = sorted(quotes, key=attrgetter("ts"))
    trusted = [quote for quote in ordered if quote.liquidity is not None and quote.liquidity >= min_trusted_liquidity]
    priced = [quote for quote in trusted if quote.price is not None and 0 < quote.price < inf]
    return _Series(ordered, priced, min_trusted_liquidity)


def _mark(span: Span, series: _Series, heard: bool) -> Mark:
    first = next((quote for quote in series.trusted if _is_within(quote, span)), None)
    if first is not None:
        return Mark(MarkState.PRICED, first.price, first.ts)
    seen = [quote for quote in series.quotes if _is_within(quote, span)]
    if any(quote.liquidity is not None and quote.liquidity < series.min_trusted_liquidity for quote in seen):
        return Mark(MarkState.GONE)
    return Mark(MarkState.UNKNOWN if seen or heard else MarkState.OUTAGE)


def _is_within(quote: Quote, span: Span) -> bool:
    return span.begins_at <= quote.ts <= span.ends_at


def _between(series: _Series, entry: Mark | None, until: datetime) -> tuple[float | None, ...]:
    """The trusted prices from the entry until then."""
    begins_at = entry.priced_at if entry else None
    if begins_at is None:
        return ()
    return tuple(quote.price for quote in series.trusted if begins_at <= quote.ts <= until)


def _best(best: float | None, entry: Mark | None, prices: Iterable[float | None]) -> float | None:
    """The best price so far, None without an entry."""
    if entry is None or entry.price is None:
        return None
    return max(price for price in (best, entry.price, *prices) if price is not None)


def _followed_until(outcome: OpenOutcome, waiting: Sequence[Span], now: datetime) -> datetime:
    """Up to where nothing of the series is needed any more: never beyond the next instant to settle."""
    next_instant = min((span.begins_at for span in waiting), default=now)
    return max(outcome.followed_until, min(next_instant, now - GRACE))


def _due_at(waiting: Sequence[Span], now: datetime) -> datetime | None:
    ends_at = min((span.ends_at for span in waiting), default=None)
    return None if ends_at is None else min(ends_at + GRACE, now + FOLD_EVERY)
