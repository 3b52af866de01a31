"""Laws of outcomes: what an instant brought depends on the free series alone, never on when somebody looked."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.aftermath import Mark, MarkState, OpenOutcome, Progress, Quote, Span
from engine.outcomes import (
    ENTRY_AFTER,
    ENTRY_TOLERANCE,
    FOLD_EVERY,
    GRACE,
    HORIZONS,
    TOLERANCE,
    follow,
    windows_over,
)
from tests.made import NOON, minutes

TRUSTED = 500.0
THE_END = NOON + timedelta(hours=25)
SECOND = timedelta(seconds=1)

instants = st.integers(0, 25 * 3600).map(lambda seconds: NOON + seconds * SECOND)
early = st.integers(0, 30 * 60).map(lambda seconds: NOON + seconds * SECOND)
figures = st.none() | st.floats(0, 1e6)
series = st.lists(st.builds(Quote, early | instants, figures, figures), max_size=40, unique_by=lambda quote: quote.ts)
times = st.lists(instants, max_size=12).map(sorted)


def outcome(**facts: Any) -> OpenOutcome:
    """An outcome of NOON of which nothing is known yet."""
    return replace(OpenOutcome(1, 7, decided_at=NOON, followed_until=NOON, due_at=NOON), **facts)


def quote(after: float, price: float | None, liquidity: float | None = 9_000.0) -> Quote:
    """A look so many minutes after the decision."""
    return Quote(NOON + minutes(after), price, liquidity)


def told(quotes: Iterable[Quote], now: datetime = THE_END, *, heard: Iterable[Span] = ()) -> Progress:
    return follow(outcome(), quotes, set(heard), now, TRUSTED)


def resume(progress: Progress) -> OpenOutcome:
    """The outcome as it would be read again."""
    before = progress.before
    return replace(
        before,
        entry=progress.entry,
        best_price=progress.best_price,
        followed_until=progress.followed_until,
        due_at=progress.due_at or before.due_at,
        settled=before.settled | set(progress.marks),
    )


def marks(progress: Progress) -> list[Mark]:
    return [*([progress.entry] if progress.entry else []), *progress.marks.values()]


def test_a_day_by_hand() -> None:
    progress = told(
        [
            quote(1 / 6, 9.0),  # 10 s after the decision nobody has bought yet
            quote(0.5, 1.0),
            quote(5.1, 1.5),
            quote(15.1, 0.8),
            quote(40, 3.0),
            quote(60.5, 2.0),
            quote(363, 5_000.0, liquidity=100.0),
            quote(1441, 0.2),
        ]
    )
    assert progress.entry == Mark(MarkState.PRICED, 1.0, NOON + minutes(0.5))
    assert progress.marks == {
        5: Mark(MarkState.PRICED, 1.5, NOON + minutes(5.1), best_price=1.5),
        15: Mark(MarkState.PRICED, 0.8, NOON + minutes(15.1), best_price=1.5),
        60: Mark(MarkState.PRICED, 2.0, NOON + minutes(60.5), best_price=3.0),
        360: Mark(MarkState.GONE, best_price=3.0),
        1440: Mark(MarkState.PRICED, 0.2, NOON + minutes(1441), best_price=3.0),
    }
    assert (progress.best_price, progress.due_at) == (3.0, None)


@pytest.mark.parametrize(
    ("quotes", "state"),
    [
        ([quote(5, 1.0)], MarkState.PRICED),
        ([quote(12, 1.0)], MarkState.PRICED),
        ([quote(4.9, 1.0), quote(12.1, 1.0)], MarkState.OUTAGE),
        ([quote(6, 5_167.0, 0.007)], MarkState.GONE),
        ([quote(6, None, 0.0)], MarkState.GONE),
        ([quote(6, 5_167.0, 0.007), quote(7, 1.0)], MarkState.PRICED),
        ([quote(6, 1.0, None)], MarkState.UNKNOWN),
        ([quote(6, None)], MarkState.UNKNOWN),
        ([quote(6, 0.0)], MarkState.UNKNOWN),
    ],
)
def test_what_the_looks_of_a_window_say_of_its_instant(quotes: Sequence[Quote], state: MarkState) -> None:
    assert told(quotes).marks[5].state is state


def test_a_time_in_which_another_token_was_seen_is_no_outage() -> None:
    [span] = [span for span in windows_over(outcome(), THE_END) if span.begins_at == NOON + minutes(15)]
    progress = told([], heard=[span])
    assert {minutes_: mark.state for minutes_, mark in progress.marks.items()} == {
        5: MarkState.OUTAGE,
        15: MarkState.UNKNOWN,
        60: MarkState.OUTAGE,
        360: MarkState.OUTAGE,
        1440: MarkState.OUTAGE,
    }


def test_an_instant_is_settled_once_its_window_is_over_and_not_before() -> None:
    over = NOON + minutes(5) + TOLERANCE + GRACE
    assert 5 not in told([quote(5, 1.0)], over - SECOND).marks
    assert 5 in told([quote(5, 1.0)], over).marks


def test_an_outcome_is_due_when_its_next_window_is_over_and_at_least_hourly() -> None:
    first = told([], NOON)
    assert first.due_at == NOON + ENTRY_AFTER + ENTRY_TOLERANCE + GRACE
    assert told([], NOON + minutes(100)).due_at == NOON + minutes(100) + FOLD_EVERY


def test_no_price_serves_two_instants() -> None:
    assert minutes(HORIZONS[0]) > ENTRY_AFTER + ENTRY_TOLERANCE
    assert all(minutes(later - sooner) > TOLERANCE for sooner, later in pairwise(HORIZONS))


def test_without_an_entry_the_horizons_are_priced_all_the_same() -> None:
    progress = told([quote(5, 1.0)])
    assert progress.entry == Mark(MarkState.OUTAGE)
    assert progress.marks[5] == Mark(MarkState.PRICED, 1.0, NOON + minutes(5))
    assert progress.best_price is None


@given(series, instants)
def test_no_price_is_from_before_its_instant_or_after_its_window(quotes: list[Quote], now: datetime) -> None:
    progress = told(quotes, now)
    for minutes_, mark in progress.marks.items():
        if mark.priced_at is not None:
            assert minutes(minutes_) <= mark.priced_at - NOON <= minutes(minutes_) + TOLERANCE
    if progress.entry and progress.entry.priced_at:
        assert ENTRY_AFTER <= progress.entry.priced_at - NOON <= ENTRY_AFTER + ENTRY_TOLERANCE


@given(series, instants)
def test_a_price_is_one_that_was_told_with_enough_liquidity(quotes: list[Quote], now: datetime) -> None:
    trusted = {(one.ts, one.price) for one in quotes if one.liquidity is not None and one.liquidity >= TRUSTED}
    progress = told(quotes, now)
    for mark in marks(progress):
        priced = mark.state is MarkState.PRICED
        assert priced == (mark.price is not None) == (mark.priced_at is not None)
        assert not priced or (mark.priced_at, mark.price) in trusted
    assert progress.best_price is None or progress.best_price in {price for _, price in trusted}


@given(series)
def test_the_first_trusted_price_of_a_window_is_taken(quotes: list[Quote]) -> None:
    progress = told(quotes)
    for minutes_, mark in progress.marks.items():
        window = Span(NOON + minutes(minutes_), NOON + minutes(minutes_) + TOLERANCE)
        inside = [one for one in quotes if window.begins_at <= one.ts <= window.ends_at and one.price]
        good = [one.ts for one in inside if one.liquidity is not None and one.liquidity >= TRUSTED]
        assert mark.priced_at == min(good, default=None)


@given(series.flatmap(lambda quotes: st.tuples(st.just(quotes), st.permutations(quotes))), instants)
def test_the_order_of_the_looks_does_not_matter(pair: tuple[list[Quote], list[Quote]], now: datetime) -> None:
    assert told(pair[0], now) == told(pair[1], now)


@given(series, times)
def test_it_does_not_matter_when_and_how_often_somebody_looked(quotes: list[Quote], looked_at: list[datetime]) -> None:
    current, found = outcome(), dict[int, Mark]()
    for now in [*looked_at, THE_END]:
        known = [one for one in quotes if current.followed_until <= one.ts <= now]
        heard = [span for span in windows_over(current, now) if span.begins_at.minute % 2]
        progress = follow(current, known, heard, now, TRUSTED)
        current, found = resume(progress), {**found, **progress.marks}
    at_once = told(quotes, heard=[span for span in windows_over(outcome(), THE_END) if span.begins_at.minute % 2])
    assert (current.entry, found, current.best_price) == (at_once.entry, at_once.marks, at_once.best_price)


@given(series, instants)
def test_every_window_that_is_over_is_settled_and_the_rest_is_due_later(quotes: list[Quote], now: datetime) -> None:
    progress = told(quotes, now)
    assert len(marks(progress)) == len(windows_over(outcome(), now))
    assert windows_over(resume(progress), now) == []
    assert (progress.due_at is None) == (set(progress.marks) == set(HORIZONS))
    assert progress.due_at is None or now < progress.due_at <= now + FOLD_EVERY


@given(series, instants)
def test_the_best_price_is_no_less_than_entry_and_horizons(quotes: list[Quote], now: datetime) -> None:
    progress = told(quotes, now)
    entered = progress.entry is not None and progress.entry.price is not None
    assert entered == (progress.best_price is not None)
    best = progress.entry.price if progress.entry else None
    for mark in progress.marks.values():
        assert entered == (mark.best_price is not None)
        if mark.best_price is not None:
            assert mark.best_price >= max(best or 0.0, mark.price or 0.0)
            best = mark.best_price
    assert best is None or not entered or (progress.best_price or 0.0) >= best


@given(series, times)
def test_nothing_before_the_next_instant_is_given_up(quotes: list[Quote], looked_at: list[datetime]) -> None:
    current = outcome()
    for now in looked_at:
        progress = follow(current, quotes, (), now, TRUSTED)
        assert current.followed_until <= progress.followed_until <= max(current.followed_until, now - GRACE)
        waiting = [span.begins_at for span in windows_over(resume(progress), THE_END)]
        assert not waiting or progress.followed_until <= min(waiting)
        current = resume(progress)
