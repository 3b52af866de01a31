"""Which trouble is news: the begin and the end of what lasts, once each, and nothing of what flaps."""

from collections.abc import Iterable
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.troubles import Delays, News, Trouble, judged
from bot.vitals import Part, Report, State
from engine.heartbeat import Pulse
from tests.made import NOON

STEP_SECONDS = 10
DELAYS = Delays()
PARTS = ("birdeye", "database", "ticker")
REFUSED = Pulse(failing_seconds=130, last_error="refused", last_error_seconds=5)
STATES = (State.OK, State.FAILING, State.DEGRADED, State.IDLE)


def report(status: State = State.OK, **states: State) -> Report:
    parts = {name: Part(states.get(name, State.OK), Pulse(beat_seconds=1)) for name in PARTS}
    bad = {name: Part(state, REFUSED) for name, state in states.items() if state is not State.OK}
    return Report(status, 1000, parts | bad)


def news_of(reports: Iterable[Report], known: dict[str, Trouble] | None = None) -> list[tuple[int, News]]:
    """All news with its second, where a report comes every ten seconds."""
    troubles, told = known or {}, []
    for step, seen in enumerate(reports):
        seconds = step * STEP_SECONDS
        troubles, news = judged(troubles, seen, NOON + timedelta(seconds=seconds), DELAYS)
        told += [(seconds, what) for what in news]
    return told


def said(reports: Iterable[Report], known: dict[str, Trouble] | None = None) -> list[tuple[int, str, float | None]]:
    return [(seconds, what.part, what.failed_seconds) for seconds, what in news_of(reports, known)]


def failing(count: int, name: str = "birdeye", state: State = State.FAILING) -> list[Report]:
    return [report(State.FAILING, **{name: state})] * count


def well(count: int) -> list[Report]:
    return [report()] * count


@pytest.mark.parametrize("state", [State.FAILING, State.DEGRADED])
def test_a_part_that_fails_for_a_minute_is_told_once_and_its_end_after_half_a_minute(state: State) -> None:
    news = said(failing(30, state=state) + well(10))
    assert news == [(60, "birdeye", None), (330, "birdeye", 300)]


def test_what_fails_for_less_than_a_minute_is_no_news() -> None:
    assert said((failing(6) + well(1)) * 5) == []


def test_a_part_that_flaps_is_told_once_and_its_end_counts_from_the_first_begin() -> None:
    assert said(failing(7) + (well(3) + failing(3)) * 5 + well(4)) == [(60, "birdeye", None), (400, "birdeye", 370)]


def test_why_it_fails_is_told_with_it() -> None:
    [(_, begin), (_, end)] = news_of(failing(7) + well(4))
    assert (begin.trouble.why, end.trouble.why) == ("refused", "refused")


def test_an_error_of_long_ago_is_not_the_reason() -> None:
    old = Part(State.FAILING, Pulse(beat_seconds=40, last_error="refused", last_error_seconds=4000))
    seen = Report(State.FAILING, 1000, {"ticker": old})
    [(_, begin)] = news_of([seen] * 7)
    assert begin.trouble.why is None


def test_while_the_program_starts_nothing_is_told_and_no_time_counts() -> None:
    start = [report(State.STARTING, birdeye=State.FAILING)] * 50
    assert said(start + failing(6)) == []
    assert said(start + failing(7)) == [(560, "birdeye", None)]
    assert said(failing(6) + start + failing(6)) == []


def test_a_part_that_was_not_asked_since_it_failed_has_not_recovered() -> None:
    stale = Part(State.OK, REFUSED)  # as a provider is judged whose only failure is some minutes old
    unasked = Report(State.OK, 1000, {"birdeye": stale})
    idle = report(birdeye=State.IDLE)
    assert said(failing(7) + [unasked, idle] * 20) == [(60, "birdeye", None)]


def test_an_alarm_from_before_a_restart_is_ended_by_this_one() -> None:
    known = {"birdeye": Trouble(NOON - timedelta(seconds=600), "refused", told=True)}
    start = [report(State.STARTING)] * 5
    assert said(start + well(4), known) == [(80, "birdeye", 650)]
    assert said(start + failing(20), known) == []


def test_a_database_that_failed_is_told_when_it_is_over_and_all_else_waits_for_it() -> None:
    both = [report(State.FAILING, database=State.FAILING, ticker=State.FAILING)] * 30
    assert said(both + well(10)) == [(330, "database", 300)]
    assert said(both + failing(4, "ticker")) == [(300, "ticker", None), (330, "database", 300)]
    assert said(failing(5, "database") + well(10)) == []


@given(st.lists(st.fixed_dictionaries({name: st.sampled_from(STATES) for name in PARTS}), max_size=120))
def test_begins_and_ends_alternate_and_spans_are_those_between_reports(course: list[dict[str, State]]) -> None:
    news = news_of(report(State.OK, **states) for states in course)
    for name in PARTS:
        mine = [(seconds, what.failed_seconds) for seconds, what in news if what.part == name]
        spans = [span for _, span in mine if span is not None]
        assert all(span >= DELAYS.begin.total_seconds() for span in spans)
        if name == "database":
            assert len(spans) == len(mine)
            continue
        ends = [span is not None for _, span in mine]
        assert ends[:1] != [True]
        assert all(before is not after for before, after in pairwise(ends))
