"""What an alert tells of a token's safety, in both languages: what alarms first, and never more than is known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.catalogs import Catalogs
from bot.views.alert import alert
from bot.views.safety import safety_briefly
from engine.model import AlertKind, Safety
from tests.made import MINT, NOON, minutes
from tests.unit.reading import shown
from tests.unit.test_views import DEFAULTS, HIGH

HARMLESS = Safety(0.234, 0.004, mint_authority=False, freeze_authority=False, mutable_metadata=False, as_of=NOON)
UNKNOWN = Safety(None, None, mint_authority=None, freeze_authority=None, mutable_metadata=True, as_of=NOON)


def briefly(facts: Safety, age_minutes: float = 0, language: str = "en") -> str | None:
    with Catalogs().speaking(language):
        text = safety_briefly(facts, NOON + minutes(age_minutes))
        return None if text is None else shown(text)


def test_harmless_facts_stand_in_the_words_of_the_tokens_page() -> None:
    expected = "🛡 top 10 holders: 23% · creator: 0.4% · mint authority: none · freeze authority: none"
    assert briefly(HARMLESS) == expected


def test_authorities_that_are_held_come_first() -> None:
    expected = "🛡 freeze authority: ⚠️ held · top 10 holders: 23% · creator: 0.4% · mint authority: none"
    assert briefly(replace(HARMLESS, freeze_authority=True)) == expected
    both = str(briefly(replace(HARMLESS, mint_authority=True, freeze_authority=True)))
    assert both.startswith("🛡 mint authority: ⚠️ held · freeze authority: ⚠️ held · top 10")


def test_the_same_in_russian() -> None:
    expected = "🛡 право выпуска: ⚠️ есть · у 10 крупнейших держателей: 23% · создатель: 0.4% · право заморозки: нет"
    assert briefly(replace(HARMLESS, mint_authority=True), language="ru") == expected


def test_what_is_unknown_is_left_out_and_never_said_to_be_none() -> None:
    assert briefly(replace(UNKNOWN, creator_share=0.0)) == "🛡 creator: 0%"
    assert briefly(UNKNOWN) is None


@pytest.mark.parametrize(("age_minutes", "begin"), [(59, "🛡 top 10"), (60, "🛡 Safety, 1h ago: top 10")])
def test_only_old_facts_tell_their_age(age_minutes: float, begin: str) -> None:
    assert str(briefly(HARMLESS, age_minutes)).startswith(begin)


@pytest.mark.parametrize("kind", [AlertKind.HIGH_SCORE, AlertKind.ACTIVATED, AlertKind.REVIVED])
def test_the_line_stands_between_the_market_and_the_migration(kind: AlertKind) -> None:
    with Catalogs().speaking("en"):
        bare = shown(alert(replace(HIGH, kind=kind), NOON, DEFAULTS)).splitlines()
        told = shown(alert(replace(HIGH, kind=kind, safety=HARMLESS), NOON, DEFAULTS)).splitlines()
    assert told == [*bare[:-2], briefly(HARMLESS), *bare[-2:]]
    assert told[-1] == MINT


def test_facts_of_which_none_is_known_add_no_line() -> None:
    with Catalogs().speaking("en"):
        assert shown(alert(replace(HIGH, safety=UNKNOWN), NOON, DEFAULTS)) == shown(alert(HIGH, NOON, DEFAULTS))
