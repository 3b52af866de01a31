"""Which alerts a chat hears and when: quiet hours whatever the clocks do, caps, and what is told late."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.chats import Hearing, Lately, Preferences
from engine.hearing import LESS_URGENT, DailyLevel, Day, Heard, Ring, dropped, heard_in, hearing_of, held_until
from engine.model import AlertKind
from engine.quiet import quiet_until
from engine.settings import Settings
from engine.shown import AlertFacts
from tests.made import NOON, minutes

DEFAULTS = Settings()
NIGHT = Preferences(quiet_from=23 * 60, quiet_until=8 * 60, time_zone="Europe/Berlin")
TEN_BELOW = NOON - minutes(600)


def berlin(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC)  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("now", "ends_at"),
    [
        (berlin(2026, 7, 3, 22, 59), None),
        (berlin(2026, 7, 3, 23, 0), berlin(2026, 7, 4, 8, 0)),
        (berlin(2026, 7, 4, 0, 0), berlin(2026, 7, 4, 8, 0)),
        (berlin(2026, 7, 4, 7, 59, 59), berlin(2026, 7, 4, 8, 0)),
        (berlin(2026, 7, 4, 8, 0), None),
        (berlin(2026, 3, 28, 23, 30), berlin(2026, 3, 29, 8, 0)),
        (berlin(2026, 10, 24, 23, 30), berlin(2026, 10, 25, 8, 0)),
    ],
)
def test_quiet_hours_span_midnight_and_the_changes_of_the_clocks(now: datetime, ends_at: datetime | None) -> None:
    assert quiet_until(NIGHT, now) == ends_at


def test_quiet_hours_within_a_day_end_on_that_day() -> None:
    siesta = Preferences(quiet_from=13 * 60, quiet_until=15 * 60)
    assert quiet_until(siesta, NOON) is None
    assert quiet_until(siesta, NOON + minutes(60)) == NOON + minutes(180)


def test_the_hour_that_comes_twice_ends_both_times() -> None:
    early = Preferences(quiet_from=60, quiet_until=150, time_zone="Europe/Berlin")
    second_time = datetime(2026, 10, 25, 1, 10, tzinfo=UTC)  # 02:10 for the second time
    assert quiet_until(early, second_time) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


@given(
    st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - as hypothesis wants them
    st.integers(0, 1439),
    st.integers(0, 1439),
    st.sampled_from(["UTC", "Europe/Berlin", "America/St_Johns", "Asia/Kathmandu", "Australia/Lord_Howe", "no/such"]),
)
def test_quiet_hours_end_within_a_day_and_not_before_now(now: datetime, begin: int, end: int, zone: str) -> None:
    wishes = Preferences(quiet_from=begin, quiet_until=end, time_zone=zone)
    ends_at = quiet_until(wishes, now)
    assert ends_at is None or now < ends_at <= now + timedelta(hours=25)


@pytest.mark.parametrize("zone", ["../../etc/passwd", "", "x" * 5000, "\0"])
def test_a_hostile_time_zone_is_utc(zone: str) -> None:
    assert quiet_until(replace(NIGHT, time_zone=zone), NOON + minutes(11.5 * 60)) == NOON + timedelta(hours=20)


def test_quiet_hours_hold_everything_but_alarms() -> None:
    night = berlin(2026, 7, 4, 2, 0)
    held = {kind for kind in AlertKind if held_until(NIGHT, kind, Lately(0), night) is not None}
    assert held == set(AlertKind) - {AlertKind.ALARM}


def test_the_cap_holds_what_is_about_tokens_until_the_full_hour() -> None:
    capped = Preferences(hourly_cap=2)
    now = NOON + minutes(12.5)
    held = {kind for kind in AlertKind if held_until(capped, kind, Lately(2), now) == NOON + minutes(60)}
    assert held == {
        AlertKind.HIGH_SCORE,
        AlertKind.WATCHED,
        AlertKind.REVIVED,
        AlertKind.ACTIVATED,
        AlertKind.ARCHIVED,
    }
    assert held_until(capped, AlertKind.HIGH_SCORE, Lately(1), now) is None
    assert held_until(Preferences(hourly_cap=None), AlertKind.ACTIVATED, Lately(999), now) is None


def test_a_full_hour_within_quiet_hours_is_waited_out() -> None:
    wishes = replace(NIGHT, hourly_cap=1)
    assert held_until(wishes, AlertKind.ACTIVATED, Lately(1), berlin(2026, 7, 3, 22, 30)) == berlin(2026, 7, 4, 8, 0)


def test_who_is_muted_hears_alarms_alone() -> None:
    muted = Preferences(muted_until=NOON + minutes(60))
    facts = AlertFacts(AlertKind.HIGH_SCORE, NOON)
    assert dropped(muted, facts, NOON, DEFAULTS) == "unwanted"
    assert dropped(muted, facts, NOON + minutes(60), replace(DEFAULTS, alert_max_age_minutes=90)) is None
    assert held_until(muted, AlertKind.NOTICE, Lately(0), NOON) == NOON + minutes(60)
    assert held_until(muted, AlertKind.ALARM, Lately(0), NOON) is None


def test_news_grow_old_and_all_else_in_a_day_and_an_example_never_does() -> None:
    later = NOON + minutes(11)
    old = {kind for kind in AlertKind if dropped(Preferences(), AlertFacts(kind, NOON), later, DEFAULTS) == "expired"}
    assert AlertKind.HIGH_SCORE in old
    assert old.isdisjoint({AlertKind.ALARM, AlertKind.DIGEST, AlertKind.NOTICE, AlertKind.BROADCAST})
    day = NOON + timedelta(hours=24)
    old = {kind for kind in AlertKind if dropped(Preferences(), AlertFacts(kind, NOON), day, DEFAULTS) == "expired"}
    assert old.isdisjoint({AlertKind.ALARM, AlertKind.DIGEST, AlertKind.NOTICE, AlertKind.BROADCAST})
    assert all(dropped(Preferences(), AlertFacts(kind, NOON), day + minutes(1), DEFAULTS) for kind in AlertKind)
    example = AlertFacts(AlertKind.HIGH_SCORE, TEN_BELOW, test=True)
    assert dropped(Preferences(high_score=Hearing.OFF), example, NOON, DEFAULTS) is None


def test_a_kind_that_was_switched_off_meanwhile_is_not_sent() -> None:
    off = Preferences(revived=Hearing.OFF)
    assert dropped(off, AlertFacts(AlertKind.REVIVED, NOON), NOON, DEFAULTS) == "unwanted"
    watched = AlertFacts(AlertKind.REVIVED, NOON, watched=True)
    assert dropped(off, watched, NOON, DEFAULTS) is None
    assert hearing_of(off, watched) is Hearing.ON


def ring(token_id: int, level: float, minute: float, **facts: object) -> Ring:
    at = NOON + minutes(minute)
    usual = {"episode": 1, "opened_at": at, "liquidity": 9000.0, "level": level}
    return Ring(AlertKind.HIGH_SCORE, at, token_id, **(usual | facts))  # type: ignore[arg-type]


def test_a_day_is_heard_by_the_threshold_the_filters_and_the_cooldown() -> None:
    day = Day(
        (
            ring(1, 2.2, 0),
            ring(1, 3.2, 1, opened_at=NOON),
            ring(2, 3.5, 2, liquidity=10.0),
            ring(3, 3.5, 3, liquidity=None),
            ring(1, 4.0, 30, episode=2),
            ring(1, 4.0, 89, episode=3),
        )
    )
    assert heard_in(day, Preferences(), DEFAULTS) == Heard({AlertKind.HIGH_SCORE: 4}, 0)
    assert heard_in(day, Preferences(threshold=3.0), DEFAULTS).sent == {AlertKind.HIGH_SCORE: 4}
    assert heard_in(day, Preferences(threshold=3.3), DEFAULTS).sent == {AlertKind.HIGH_SCORE: 3}
    assert heard_in(day, Preferences(min_liquidity_usd=5000), DEFAULTS).sent == {AlertKind.HIGH_SCORE: 2}
    assert heard_in(day, Preferences(high_score=Hearing.OFF), DEFAULTS) == Heard({}, 0)


def test_the_level_of_a_day_is_the_one_in_force_when_an_episode_opened() -> None:
    levels = (DailyLevel(5, NOON - minutes(60), 5.0), DailyLevel(5, NOON, 3.0), DailyLevel(60, NOON, 1.0))
    day = Day((ring(1, 4.0, 1, opened_at=NOON - minutes(1)), ring(2, 4.0, 1), ring(3, 1.4, 1)), levels)
    assert heard_in(day, Preferences(per_day=5), DEFAULTS).sent == {AlertKind.HIGH_SCORE: 1}
    assert heard_in(day, Preferences(per_day=60), DEFAULTS).sent == {AlertKind.HIGH_SCORE: 2}, "never below the floor"
    assert heard_in(day, Preferences(per_day=20), DEFAULTS).sent == {AlertKind.HIGH_SCORE: 2}, "the common threshold"


def test_activations_never_crowd_out_a_high_score() -> None:
    busy = [Ring(AlertKind.ACTIVATED, NOON + minutes(n), n, 0, NOON + minutes(n)) for n in range(5)]
    day = Day((*busy, ring(9, 3.0, 10)))
    heard = heard_in(day, Preferences(hourly_cap=2), DEFAULTS)
    assert heard == Heard({AlertKind.ACTIVATED: 1, AlertKind.HIGH_SCORE: 1}, 4)


def test_the_cap_is_one_for_all_kinds_and_half_of_it_is_kept_for_urgent_ones() -> None:
    hour = [ring(n, 3.0, 20 + n) for n in range(6)]
    hour += [Ring(AlertKind.ACTIVATED, NOON + minutes(n), n, 0, NOON + minutes(n)) for n in range(6)]
    heard = heard_in(Day(tuple(hour)), Preferences(hourly_cap=5), DEFAULTS)
    assert heard == Heard({AlertKind.ACTIVATED: 3, AlertKind.HIGH_SCORE: 2}, 7)
    capped = Preferences(hourly_cap=5)
    assert held_until(capped, AlertKind.REVIVED, Lately(3), NOON) is not None
    assert held_until(capped, AlertKind.REVIVED, Lately(4), NOON, watched=True) is None
    assert held_until(capped, AlertKind.REVIVED, Lately(5), NOON, watched=True) is not None


LATELY = st.builds(Lately, st.just(0), st.integers(0, 3), st.integers(0, 3), st.integers(1, 9))
SECONDS = st.integers(0, 7200).map(lambda seconds: NOON + timedelta(seconds=seconds))


@given(LATELY, SECONDS, st.sampled_from([kind for kind in AlertKind if kind not in LESS_URGENT]))
def test_a_burst_holds_nothing_urgent(lately: Lately, now: datetime, kind: AlertKind) -> None:
    assert held_until(Preferences(), kind, lately, now) is None


@given(LATELY, SECONDS, st.sampled_from(sorted(LESS_URGENT)))
def test_what_may_wait_waits_for_the_full_minute_at_most(lately: Lately, now: datetime, kind: AlertKind) -> None:
    until = held_until(Preferences(), kind, lately, now)
    assert held_until(Preferences(), kind, lately, now, watched=True) is None
    if lately.sent_last_minute or (lately.going and lately.waiting < 3):
        assert until is not None
        assert (until.second, until - now <= minutes(1), until > now) == (0, True, True)
    else:
        assert until == (now if lately.waiting >= 3 else None)


@given(st.lists(st.integers(0, 3000), max_size=60))
def test_no_two_activations_are_sent_within_a_minute_and_none_is_lost(seconds: list[int]) -> None:
    day = Day(
        tuple(Ring(AlertKind.ACTIVATED, NOON + timedelta(seconds=at), n, 0, NOON) for n, at in enumerate(seconds))
    )
    heard = heard_in(day, Preferences(hourly_cap=None), DEFAULTS)
    sent = heard.sent.get(AlertKind.ACTIVATED, 0)
    assert sent + heard.held == len(seconds)
    assert sent <= 1 + (max(seconds) - min(seconds)) // 60 if seconds else sent == 0


def test_a_burst_is_one_message_and_what_follows_on_it_another() -> None:
    burst = [Ring(AlertKind.REVIVED, NOON, n, 0, NOON) for n in range(3)]
    later = [Ring(AlertKind.ACTIVATED, NOON + minutes(at), 9, n, NOON) for n, at in enumerate((0.5, 2, 70.5, 131))]
    heard = heard_in(Day((*burst, *later)), Preferences(), replace(DEFAULTS, alert_cooldown_minutes=0))
    assert heard == Heard({AlertKind.ACTIVATED: 3}, 4)


def test_the_digests_of_bursts_count_towards_the_cap() -> None:
    burst = [Ring(AlertKind.REVIVED, NOON, n, 0, NOON) for n in range(3)]
    day = Day((*burst, Ring(AlertKind.ACTIVATED, NOON + minutes(9), 9, 0, NOON)))
    assert heard_in(day, Preferences(hourly_cap=2), DEFAULTS) == Heard({}, 4)


def test_a_mute_of_now_says_nothing_of_the_day_before() -> None:
    muted = Preferences(muted_until=NOON + timedelta(days=2))
    assert heard_in(Day((ring(1, 3.0, 0),)), muted, DEFAULTS).sent == {AlertKind.HIGH_SCORE: 1}
