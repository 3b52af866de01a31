from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot.catalogs import Catalogs
from bot.views.alert import alert
from bot.views.token import overview
from bot.views.top import top
from engine.card import Card
from engine.model import AlertKind
from engine.shown import Page
from tests.made import NOON, sample
from tests.unit.reading import shown
from tests.unit.test_views import ACTIVATED, DEFAULTS, HIGH, PEPE, PORTRAIT, STANDING


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with Catalogs().speaking("en"):
        yield


def test_a_high_score_that_comes_with_the_activation_does_not_give_its_reason() -> None:
    text = shown(alert(replace(HIGH, reason=ACTIVATED.reason), NOON, DEFAULTS))
    assert "reached" not in text
    assert "Score 2.34" in text


def test_an_alert_without_a_score_has_no_score_line() -> None:
    for kind in (AlertKind.ACTIVATED, AlertKind.REVIVED, AlertKind.HIGH_SCORE):
        assert "Score" not in shown(alert(replace(HIGH, kind=kind, score=None), NOON, DEFAULTS))


def test_what_is_of_now_has_no_age_of_0_seconds() -> None:
    fresh = replace(STANDING, token=replace(PEPE, activated_at=NOON), sample=sample(ts=NOON))
    assert "Active just now · migrated" in shown(overview(Card(replace(PORTRAIT, standing=fresh)), NOON, DEFAULTS))
    assert shown(top(Page((fresh,), number=1, size=10, total=1), NOON, DEFAULTS)).splitlines()[-1] == "As of 12:00 UTC"
