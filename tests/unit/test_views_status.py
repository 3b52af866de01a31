"""/status in words: the verdict first, then what this chat hears."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot.catalogs import Catalogs
from bot.views.status import Here, status
from bot.vitals import PULSES, Facts, Part, Report, State, judge
from engine.chats import Preferences
from engine.events import Gap
from engine.heartbeat import Pulse
from engine.shown import Backlog, Census, FeedGaps, Leader, Term
from tests.made import NOON, minutes
from tests.unit.reading import shown

CENSUS = Census(3, 12, 1400, 7, NOON - minutes(1))
WELL = Report(State.OK, 60, {"leader": Part(State.OK, Pulse(), {"leading": True, "since_seconds": 7500.0})})
SUBSCRIBED = Preferences(subscribed=True)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with Catalogs().speaking("en"):
        yield


def said(report: Report = WELL, here: Here | None = None) -> list[str]:
    return shown(status(report, CENSUS, NOON, here=here)).splitlines()


def failing(name: str, pulse: Pulse, **facts: float) -> Report:
    return Report(State.FAILING, 60, {name: Part(State.FAILING, pulse, facts)})


def test_the_status_gives_its_verdict_first_and_then_the_counts() -> None:
    here = Here(SUBSCRIBED, 33)
    assert shown(status(WELL, CENSUS, NOON, backlog=Backlog(2, 14.0), here=here)).splitlines() == [
        "🟢 All is well",
        "At work for 2h 5m",
        "",
        "Watching",
        "New: 3 · Active: 12 · Archived: 1400",
        "Migrations in the last hour: 7",
        "Latest figures: 1m ago",
        "",
        "🔔 This chat gets alerts. /unsubscribe stops them.",
        "Alerts in this chat in the last hour: 33",
        "Alerts waiting for all chats: 2, the oldest for 14s",
    ]


def test_the_status_tells_since_when_somebody_leads_and_admins_read_who() -> None:
    led = replace(WELL, leader=Leader("berlin-1", NOON - minutes(125), 7500.0))
    assert said(led)[1] == "At work since 09:55 UTC (2h 5m)"
    assert shown(status(led, CENSUS, NOON, naming=True)).splitlines()[1] == "Led by berlin-1 since 09:55 UTC (2h 5m)"
    hostile = replace(WELL, leader=Leader("\u202e\n" * 99, NOON, 1.0))
    assert shown(status(hostile, CENSUS, NOON, naming=True)).splitlines()[1] == "At work since 12:00 UTC (1s)"


@pytest.mark.parametrize(
    ("report", "sentence"),
    [
        (failing("feed", Pulse(beat_seconds=240)), "the feed of migrations has been silent for 4m"),
        (failing("feed", Pulse(beat_seconds=500, failing_seconds=60)), "the feed of migrations has been silent for 1m"),
        (failing("ticker", Pulse(beat_seconds=1)), "tokens have not been looked at"),
        (failing("delivery", Pulse(beat_seconds=1), oldest_seconds=180.0), "alerts have been held up for 3m"),
        (failing("birdeye", Pulse(failing_seconds=130)), "Birdeye has given no figures for 2m"),
    ],
)
def test_what_fails_is_named_in_the_first_line(report: Report, sentence: str) -> None:
    assert said(report)[0] == f"🔴 Something is wrong: {sentence}"


def test_all_that_fails_is_named() -> None:
    parts = {name: Part(State.FAILING, Pulse()) for name in ("database", "polling")}
    assert said(Report(State.FAILING, 60, parts))[0].endswith(
        "the database has not answered; Telegram has not let me hear commands"
    )


def test_a_providers_own_words_are_not_for_strangers() -> None:
    pulse = Pulse(failing_seconds=60, last_error="api key 12345 refused", last_error_seconds=1)
    assert "12345" not in "".join(said(failing("birdeye", pulse)))


def test_a_start_says_what_is_missing() -> None:
    starting = judge(Facts(60, dict.fromkeys(PULSES, Pulse()), term=Term(leading=True, seconds=5), migrated_seconds=5))
    assert said(Report(State.STARTING, 60, {}, starting.waiting_for))[0] == (
        "🟡 I am just starting; not here yet: the feed of migrations, hearing commands"
    )


@pytest.mark.parametrize("wishes", [None, Preferences()])
def test_a_chat_that_hears_nothing_reads_how_to_change_that(wishes: Preferences | None) -> None:
    assert said(here=Here(wishes, 0))[-1] == "🔕 This chat gets no alerts. /subscribe turns them on."


def test_what_keeps_alerts_from_this_chat_is_told() -> None:
    wishes = Preferences(
        subscribed=True, muted_until=NOON + minutes(60), quiet_from=23 * 60, quiet_until=450, time_zone="Europe/Berlin"
    )
    assert said(here=Here(wishes, 0, paused=True))[-3:] == [
        "⏸ The bot's admins have paused all alerts.",
        "🔇 Muted until 13:00 UTC",
        "🌙 Quiet from 23:00 to 07:30 (Europe/Berlin)",
    ]


def test_a_mute_that_is_over_is_not_told() -> None:
    assert "Muted" not in "".join(said(here=Here(Preferences(subscribed=True, muted_until=NOON), 0)))


def test_the_status_tells_of_gaps_only_when_there_were_any() -> None:
    told = shown(status(WELL, CENSUS, NOON, gaps=FeedGaps(3, 245.0))).splitlines()
    assert told[-1] == "Feed gaps in the last 24 h: 3, 4m in total; migrations in them were missed."
    latest = FeedGaps(1, 60.0, Gap(NOON - minutes(2), NOON - minutes(1)))
    assert shown(status(WELL, CENSUS, NOON, gaps=latest)).endswith("The latest one: 11:58 UTC – 11:59 UTC.")
    assert shown(status(WELL, CENSUS, NOON, gaps=FeedGaps(0, 0.0))) == shown(status(WELL, CENSUS, NOON))


def test_a_status_that_knows_little_leaves_the_rest_out() -> None:
    empty = Census(0, 0, 0, 0, None)
    assert shown(status(WELL, empty, NOON)).endswith("No market figures have come in yet.")
    assert "waiting" not in shown(status(WELL, empty, NOON, backlog=Backlog(0, None)))
