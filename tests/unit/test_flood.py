"""Too many alerts, and refused ones: what of it is news, when, and how it reads."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.catalogs import Catalogs
from bot.troubles import Delays, News, Trouble, judged
from bot.views.alert import alert
from bot.views.digest import digest
from bot.views.operating import health
from bot.vitals import Report, State, judge
from engine.heartbeat import Pulse
from engine.model import AlertKind
from engine.parcels import Digest
from engine.settings import Settings
from engine.shown import AlertFacts, Backlog
from tests.made import MINT, NOON, minutes
from tests.unit.reading import shown
from tests.unit.test_health import HEALTHY, healthy_but

CALM, FLOODED = Backlog(0, None, 99, 100), Backlog(700, None, 101, 100)
REFUSED = Pulse(1.0, 5.0, "high_score: Bad Request: can't parse entities", 5.0)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with Catalogs().speaking("en"):
        yield


def flooded(backlog: Backlog = FLOODED) -> Report:
    return judge(replace(HEALTHY, backlog=backlog))


def told(reports: list[Report]) -> list[tuple[int, News]]:
    """All news with its second, where a report comes every ten seconds."""
    troubles: dict[str, Trouble] = {}
    found = []
    for step, report in enumerate(reports):
        troubles, news = judged(troubles, report, NOON + timedelta(seconds=10 * step), Delays())
        found += [(10 * step, what) for what in news]
    return found


def test_as_many_alerts_as_are_allowed_are_none_too_many() -> None:
    assert flooded(Backlog(0, None, 100, 100)).parts["flood"].state is State.OK
    part = flooded().parts["flood"]
    assert (part.state, part.facts) == (State.DEGRADED, {"decided_10min": 101, "allowed": 100})
    assert flooded().status is State.OK, "held on purpose"


def test_a_database_that_is_not_asked_says_nothing_of_a_flood() -> None:
    part = judge(replace(HEALTHY, backlog=None)).parts["flood"]
    assert (part.state, part.facts) == (State.IDLE, {"decided_10min": None, "allowed": None})


def test_a_flood_is_told_at_once_and_its_end_after_a_minute_of_calm() -> None:
    course = [flooded(CALM)] + [flooded()] * 3 + [flooded(CALM)] * 5 + [flooded()] * 2 + [flooded(CALM)] * 9
    assert [(at, what.part, what.failed_seconds) for at, what in told(course)] == [
        (10, "flood", None),
        (170, "flood", 100.0),
    ]


def test_a_refused_alert_is_told_at_once_and_its_end_after_half_a_minute() -> None:
    refused = judge(healthy_but(refused=REFUSED))
    assert (refused.status, refused.parts["refused"].state) == (State.OK, State.DEGRADED)
    news = told([refused] * 2 + [judge(HEALTHY)] * 5)
    assert [(at, what.part, what.failed_seconds) for at, what in news] == [(0, "refused", None), (50, "refused", 20.0)]
    assert news[0][1].trouble.why == REFUSED.last_error


@pytest.mark.parametrize(
    ("language", "about", "begin", "end"),
    [
        (
            "en",
            "⚠️ Alarm: the flow of alerts",
            "101 alerts were decided within 10 minutes; alerts_per_10_minutes allows 100.",
            "✅ Works again: the flow of alerts\nAlerts were held for 12m.",
        ),
        (
            "ru",
            "⚠️ Тревога: поток оповещений",
            "За 10 минут набралось оповещений: 101, а alerts_per_10_minutes допускает 100.",
            "✅ Снова работает: поток оповещений\nОповещения задерживались 12 мин.",
        ),
    ],
)
def test_a_flood_reads_well_in_both_languages(language: str, about: str, begin: str, end: str) -> None:
    reason = flooded().parts["flood"].reason
    alarm = AlertFacts(AlertKind.ALARM, NOON, part="flood", reason=reason)
    over = AlertFacts(AlertKind.ALARM, NOON, part="flood", failed_seconds=720.0)
    with Catalogs().speaking(language):
        headline, said = shown(alert(alarm, NOON, Settings())).splitlines()
        assert (headline, said.startswith(begin), "/pause" in said) == (about, True, True)
        assert shown(alert(over, NOON, Settings())) == end


def test_health_says_what_is_held_and_what_is_refused() -> None:
    said = shown(health(judge(replace(healthy_but(refused=REFUSED), backlog=FLOODED))))
    assert "🟠 The flow of alerts: too many, they are held\n101 alerts were decided within 10 minutes" in said
    assert "🟠 The acceptance of alerts by Telegram: some are refused, the others go out\n" in said
    assert "🟢 The flow of alerts: works" in shown(health(flooded(CALM)))


def test_a_delivery_that_is_only_late_is_not_said_to_fail_with_another_part_standing_in() -> None:
    late = replace(healthy_but(sending=Pulse(beat_seconds=1)), backlog=Backlog(900, 300, 1, 100))
    said = shown(health(judge(late)))
    assert "🟠 The delivery of alerts: busy, but alerts come late\nMore alerts are due than may be sent" in said
    assert "stands in" not in said
    with Catalogs().speaking("ru"):
        assert "🟠 Отправка оповещений: работает, но оповещения опаздывают\n" in shown(health(judge(late)))


NEWS = (AlertKind.HIGH_SCORE, AlertKind.ACTIVATED, AlertKind.REVIVED, AlertKind.ARCHIVED, AlertKind.WATCHED)


@pytest.mark.parametrize("kind", [*NEWS, AlertKind.ALARM])
def test_what_is_late_says_how_late_whatever_its_kind(kind: AlertKind) -> None:
    facts = AlertFacts(kind, NOON, token_id=1, mint=MINT, symbol="PEPE", score=2.5, level=2.5)
    assert "🕐 Late: this was 7m ago." in shown(alert(facts, NOON + minutes(7), Settings()))
    assert "Late" not in shown(alert(facts, NOON + minutes(1), Settings()))


@pytest.mark.parametrize("kind", NEWS)
def test_a_digest_says_of_each_of_its_alerts_how_old_it_is(kind: AlertKind) -> None:
    best = tuple(AlertFacts(kind, NOON - minutes(age), token_id=1, mint=MINT, symbol="PEPE") for age in (0, 55))
    said = shown(digest(Digest({kind: 2}, best), NOON + minutes(7)))
    assert "7m ago" in said
    assert "1h 2m ago" in said
