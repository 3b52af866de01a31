"""The arithmetic of the bench of delivery: a flow's rate, its worst window, and the floors."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from tests.bench.flow import flow_of
from tests.bench.found import Fan, Found, floors, lines
from tests.bench.whole import counts_of

EVEN = [number / 20 for number in range(1_001)]  # 20 a second for 50 s
GOOD = Found(
    rate=20,
    fans=[Fan(1, 0.1), Fan(1, 0.2)],
    flow=flow_of(EVEN),
    refused=Counter(),
    violations=0,
    uploads=2,
    reuses=999,
    alarm_seconds=0.4,
    answered=[0.1, 0.2],
    heard=Counter({("FIRST", "SECOND"): 500}),
    twice=0,
    outcomes={("FIRST", "sent"): 500, ("SECOND", "sent"): 498, ("SECOND", "expired"): 2},
    counts={("alert_given_up", "expired"): 2},
    own_alarms=[],
    pause_seconds=0.03,
    garbage_seconds=0.01,
)


def test_an_even_flow_has_its_rate_in_every_window() -> None:
    flow = flow_of(EVEN)
    assert (flow.messages, flow.seconds, flow.rate) == (1_001, 50, 20)
    assert flow.worst_rate == pytest.approx(20, rel=0.01)


def test_a_pause_shows_in_the_worst_window_and_hides_in_the_average() -> None:
    flow = flow_of([at + 5 * (at > 25) for at in EVEN])
    assert flow.rate == pytest.approx(20 * 50 / 55)
    assert flow.worst_rate == pytest.approx(10, rel=0.02)


def test_few_messages_have_no_window() -> None:
    assert (flow_of([]).rate, flow_of([3.0]).rate) == (0, 0)
    assert flow_of([3.0, 1.0]).worst_rate is None


def test_a_good_run_misses_no_floor_and_prints_all_it_found() -> None:
    assert list(floors(GOOD)) == []
    said = "\n".join(lines(GOOD))
    assert all(words in said for words in ("1.000", "429: none", "FIRST and SECOND 500", "SECOND expired 2"))


@pytest.mark.parametrize(
    ("change", "missed"),
    [
        ({"fans": [Fan(2, 0.1)]}, "fan-out in one statement"),
        ({"rate": 21.0}, "0.97 of the rate"),
        ({"refused": Counter(sendPhoto=1)}, "no 429"),
        ({"alarm_seconds": 1.1}, "the alarm within 1 s"),
        ({"twice": 1}, "nothing twice in one chat"),
        ({"outcomes": {("FIRST", "open"): 1}, "counts": {}}, "no row left open"),
        ({"counts": {}}, "what expired is counted"),
    ],
)
def test_each_floor_that_is_missed_is_named(change: dict[str, object], missed: str) -> None:
    assert missed in list(floors(replace(GOOD, **change)))  # type: ignore[arg-type]


def test_the_programs_own_counters_are_read_from_its_metrics() -> None:
    metrics = 'tothemoon_alert_sent_total{kind="activated"} 7.0\ntothemoon_up 1.0\n'
    assert counts_of(metrics) == {("alert_sent", "activated"): 7}
