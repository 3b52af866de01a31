"""The judgement of health: one rule at a time, from facts alone, and how it reads as metrics."""

from collections import Counter
from dataclasses import replace

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.metrics import write_metrics
from bot.vitals import PULSES, WELL, Facts, Report, State, judge
from engine.heartbeat import Pulse
from engine.shown import Backlog, FeedGaps, Leader, PaidSupply, Supply, Term
from tests.made import NOON

HEALTHY = Facts(
    uptime_seconds=1000,
    pulses={name: Pulse(beat_seconds=1) for name in PULSES} | {"feed_alone": Pulse()},
    migrated_seconds=990,
    term=Term(leading=True, seconds=980.5, leader=Leader("berlin-1", NOON, 980.5)),
    ping_seconds=0.0012,
    backlog=Backlog(waiting=3, oldest_seconds=2.5),
    gaps=FeedGaps(count=2, seconds=70.5),
    supply=Supply(True, PaidSupply("lite", 2_500_000, 15, None, 900.0, None)),
)
FREE_ONLY = replace(HEALTHY, supply=Supply(True, None))
NAMES = {"glances": "ticker"}  # what a loop's part is called
PARTS = ("database", "leader", "feed", "ticker", "birdeye", "dexscreener", "delivery", "flood", "refused", "polling")
NEVER = Pulse()


def healthy_but(**pulses: Pulse) -> Facts:
    return replace(HEALTHY, pulses={**HEALTHY.pulses, **pulses})


def states(report: Report) -> dict[str, str]:
    return {name: part.state.value for name, part in report.parts.items()}


def only_failing(report: Report) -> str:
    assert report.status is State.FAILING
    assert report.waiting_for == ()
    (name,) = [name for name, part in report.parts.items() if part.state not in {*WELL, State.IDLE}]
    assert report.parts[name].state is State.FAILING
    return name


def test_when_every_part_works_the_program_is_ok() -> None:
    report = judge(HEALTHY)

    assert report.status is State.OK
    assert states(report) == dict.fromkeys(PARTS, "ok")
    assert report.parts["database"].facts == {"ping_ms": 1.2}
    assert report.parts["feed"].facts == {"subscribed": True, "gaps_24h": 2, "gap_seconds_24h": 70.5}
    assert report.parts["birdeye"].facts == {"spent_cu": 15, "monthly_cu": 2_500_000, "bound_seconds": 900.0}
    assert report.parts["leader"].facts == {
        "leading": True,
        "name": "berlin-1",
        "since": "2026-07-03T12:00:00+00:00",
        "since_seconds": 980.5,
    }
    assert report.parts["delivery"].facts == {"waiting": 3, "oldest_seconds": 2.5}
    assert report.waiting_for == ()


def test_without_the_bot_telegram_is_neither_a_part_nor_waited_for() -> None:
    without = {"delivery": NEVER, "sending": NEVER, "polling": NEVER}

    report = judge(replace(healthy_but(**without), with_bot=False, backlog=Backlog(9, 1000)))

    assert (report.status, report.waiting_for) == (State.OK, ())
    assert list(report.parts) == ["database", "leader", "feed", "ticker", "birdeye", "dexscreener"]


def test_a_fresh_start_waits_for_everything_and_says_so() -> None:
    report = judge(Facts(uptime_seconds=1, pulses=dict.fromkeys(PULSES, NEVER)))

    assert report.status is State.STARTING
    assert report.waiting_for == ("database migrations", "leadership", "feed subscription", "first answer to polling")
    assert states(report) == {
        "database": "starting",
        "leader": "starting",
        "feed": "starting",
        "ticker": "starting",
        "birdeye": "idle",
        "dexscreener": "idle",
        "delivery": "starting",
        "flood": "idle",
        "refused": "idle",
        "polling": "starting",
    }


@pytest.mark.parametrize(
    ("facts", "awaited"),
    [
        (replace(HEALTHY, migrated_seconds=None, ping_seconds=None, backlog=None), "database migrations"),
        (replace(HEALTHY, term=None), "leadership"),
        (healthy_but(feed_subscribed=NEVER), "feed subscription"),
        (healthy_but(polling=NEVER), "first answer to polling"),
    ],
)
def test_a_start_goes_on_while_one_thing_is_awaited_even_for_hours(facts: Facts, awaited: str) -> None:
    report = judge(replace(facts, uptime_seconds=7200))

    assert report.status is State.STARTING
    assert report.waiting_for == (awaited,)


def test_a_part_that_fails_during_the_start_does_not_end_the_start() -> None:
    trouble = Pulse(failing_seconds=500, last_error="refused", last_error_seconds=3)

    report = judge(healthy_but(polling=trouble, delivery=Pulse(beat_seconds=500)))

    assert report.status is State.STARTING
    assert report.parts["polling"].state is State.STARTING
    assert report.parts["polling"].pulse.last_error == "refused"
    assert report.parts["delivery"].state is State.FAILING


def test_a_database_that_does_not_answer_fails() -> None:
    report = judge(replace(HEALTHY, ping_seconds=None, backlog=None))

    assert only_failing(report) == "database"
    assert report.parts["database"].facts == {"ping_ms": None}
    assert report.parts["delivery"].facts == {"waiting": None, "oldest_seconds": None}


@pytest.mark.parametrize(
    ("part", "at_the_limit", "beyond"),
    [
        ("feed", Pulse(beat_seconds=5, failing_seconds=30), Pulse(beat_seconds=5, failing_seconds=30.1)),
        ("feed", Pulse(beat_seconds=180), Pulse(beat_seconds=180.1)),
        ("glances", Pulse(beat_seconds=30), Pulse(beat_seconds=30.1)),
        ("birdeye", Pulse(beat_seconds=5, failing_seconds=120), Pulse(beat_seconds=5, failing_seconds=120.1)),
        ("birdeye", Pulse(failing_seconds=120), Pulse(failing_seconds=120.1)),
        ("delivery", Pulse(beat_seconds=60), Pulse(beat_seconds=60.1)),
        ("polling", Pulse(beat_seconds=90), Pulse(beat_seconds=90.1)),
        ("polling", Pulse(beat_seconds=5, failing_seconds=30), Pulse(beat_seconds=5, failing_seconds=30.1)),
    ],
)
def test_a_part_fails_once_it_is_beyond_its_limit(part: str, at_the_limit: Pulse, beyond: Pulse) -> None:
    assert judge(healthy_but(**{part: at_the_limit})).status is State.OK
    assert only_failing(judge(healthy_but(**{part: beyond}))) == NAMES.get(part, part)


def test_a_dexscreener_that_fails_only_degrades_while_birdeye_stands_in() -> None:
    away = Pulse(beat_seconds=5, failing_seconds=120.1)
    report = judge(healthy_but(dexscreener=away))
    assert (report.status, report.parts["dexscreener"].state) == (State.OK, State.DEGRADED)
    alone = judge(replace(FREE_ONLY, pulses={**HEALTHY.pulses, "dexscreener": away}))
    assert (alone.status, alone.parts["dexscreener"].state) == (State.FAILING, State.FAILING)


def test_only_providers_in_use_are_parts() -> None:
    assert "birdeye" not in judge(FREE_ONLY).parts
    without_glances = replace(HEALTHY, supply=replace(HEALTHY.supply or Supply(None, None), glances=None))
    assert "dexscreener" not in judge(without_glances).parts


def test_without_paid_checks_the_ticker_works_without_them() -> None:
    silent = Pulse(beat_seconds=31)
    assert only_failing(judge(healthy_but(checks=silent))) == "ticker"
    assert judge(replace(FREE_ONLY, pulses={**HEALTHY.pulses, "checks": silent})).status is State.OK


def test_a_ticker_that_asks_but_records_nothing_fails() -> None:
    assert judge(healthy_but(recorder=Pulse(beat_seconds=30))).status is State.OK
    assert only_failing(judge(healthy_but(recorder=Pulse(beat_seconds=30.1)))) == "ticker"


def test_delivery_that_looks_for_rows_but_sends_none_fails_and_says_why() -> None:
    def refused(seconds: float) -> Facts:
        return healthy_but(sending=Pulse(failing_seconds=seconds, last_error="HTTP 500", last_error_seconds=1))

    assert judge(refused(60)).status is State.OK
    report = judge(refused(60.1))
    assert only_failing(report) == "delivery"
    assert report.parts["delivery"].pulse.last_error == "HTTP 500"


def test_a_feed_without_any_frame_fails_by_the_age_of_its_subscription() -> None:
    def silent(seconds: float) -> Facts:
        return healthy_but(feed=NEVER, feed_subscribed=Pulse(beat_seconds=seconds))

    assert judge(silent(180)).status is State.OK
    assert only_failing(judge(silent(181))) == "feed"


def test_a_feed_that_has_lost_its_connection_is_not_subscribed() -> None:
    report = judge(healthy_but(feed=Pulse(beat_seconds=5, failing_seconds=2)))

    assert report.status is State.OK
    assert report.parts["feed"].facts["subscribed"] is False


def test_a_feed_that_hears_migrations_alone_may_be_silent_for_longer() -> None:
    def alone(seconds: float) -> Facts:
        return healthy_but(feed=Pulse(beat_seconds=seconds), feed_alone=Pulse(beat_seconds=seconds + 0.001))

    assert judge(alone(960)).status is State.OK
    assert only_failing(judge(alone(961))) == "feed"


def test_a_feed_that_hears_creations_again_is_held_to_the_short_silence() -> None:
    def again(seconds: float) -> Facts:
        return healthy_but(feed=Pulse(beat_seconds=seconds), feed_alone=Pulse(beat_seconds=seconds + 2))

    assert judge(again(180)).status is State.OK
    assert only_failing(judge(again(181))) == "feed"


@pytest.mark.parametrize(("part", "limit"), [("glances", 30), ("delivery", 60)])
def test_a_loop_that_never_beat_is_given_its_limit_from_the_begin_of_the_term_on(part: str, limit: int) -> None:
    facts = healthy_but(**{part: NEVER})

    assert judge(replace(facts, term=Term(leading=True, seconds=limit))).status is State.OK
    assert only_failing(judge(replace(facts, term=Term(leading=True, seconds=limit + 1)))) == NAMES.get(part, part)


def test_a_program_that_stands_by_has_no_loops_and_is_well() -> None:
    waiting = replace(HEALTHY, pulses=dict.fromkeys(PULSES, Pulse(beat_seconds=900)))
    waiting = replace(waiting, term=Term(False, 3, Leader("berlin-1", NOON, 7.5)))

    report = judge(waiting)

    assert (report.status, report.waiting_for) == (State.STANDBY, ())
    assert states(report) == {"database": "ok", "leader": "standby"}
    told = report.parts["leader"].facts
    assert (told["leading"], told["name"], told["since_seconds"]) == (False, "berlin-1", 7.5), "who leads, since when"
    assert only_failing(judge(replace(waiting, ping_seconds=None))) == "database"
    assert b"tothemoon_up 1.0" in write_metrics(report, Counter())


def test_a_leader_that_nobody_named_is_told_as_unknown() -> None:
    standby = judge(replace(HEALTHY, term=Term(leading=False, seconds=7.5))).parts["leader"].facts
    assert standby == {"leading": False, "name": None, "since": None, "since_seconds": None}
    assert judge(replace(HEALTHY, term=Term(leading=True, seconds=7.5))).parts["leader"].facts["since_seconds"] == 7.5


@pytest.mark.parametrize("sending", [NEVER, Pulse(beat_seconds=61)])
def test_a_late_row_in_the_outbox_fails_a_delivery_that_sends_nothing(sending: Pulse) -> None:
    def late(seconds: float) -> Facts:
        return replace(healthy_but(sending=sending), backlog=Backlog(waiting=1, oldest_seconds=seconds))

    assert judge(late(120)).status is State.OK
    assert only_failing(judge(late(121))) == "delivery"


def test_late_rows_only_degrade_a_delivery_that_is_busy_with_others_and_the_reason_is_told() -> None:
    crowded = replace(healthy_but(sending=Pulse(beat_seconds=1)), backlog=Backlog(waiting=900, oldest_seconds=300))
    report = judge(crowded)
    assert report.status is State.OK
    assert report.parts["delivery"].state is State.DEGRADED
    assert "900 wait, the oldest for 5 min" in str(report.parts["delivery"].reason)


def test_birdeye_that_was_never_asked_is_idle_and_that_is_fine() -> None:
    report = judge(healthy_but(birdeye=NEVER))

    assert report.status is State.OK
    assert report.parts["birdeye"].state is State.IDLE


def test_metrics_tell_states_ages_facts_and_counts() -> None:
    counts = Counter({("frame_dropped", "bad_mint"): 2, ("frame_dropped", "no\ud800json"): 1, ("look-failed", ""): 5})

    text = write_metrics(judge(healthy_but(feed=Pulse(beat_seconds=200), birdeye=NEVER)), counts).decode()

    samples = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert samples["tothemoon_up",] == 0
    assert samples["tothemoon_uptime_seconds",] == 1000
    assert samples["tothemoon_part_state", "feed", "failing"] == 1
    assert samples["tothemoon_part_state", "feed", "ok"] == 0
    assert samples["tothemoon_part_age_seconds", "feed"] == 200
    assert ("tothemoon_part_age_seconds", "birdeye") not in samples
    assert samples["tothemoon_delivery_waiting",] == 3
    assert samples["tothemoon_feed_subscribed",] == 1
    assert samples["tothemoon_leader_since_seconds",] == 980.5
    assert not any("berlin-1" in str(name) for name in samples), "a gauge is a number"
    assert samples["tothemoon_feed_gaps_24h",] == 2
    assert samples["tothemoon_feed_gap_seconds_24h",] == 70.5
    assert samples["tothemoon_frame_dropped_total", "bad_mint"] == 2
    assert samples["tothemoon_frame_dropped_total", "no?json"] == 1
    assert samples["tothemoon_look_failed_total", ""] == 5
