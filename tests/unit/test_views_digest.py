"""Digests, notices, broadcasts and tests: what they say, within Telegram's limits whatever is in them."""

from collections import Counter
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.catalogs import Catalogs
from bot.views.alert import alert
from bot.views.digest import digest
from bot.views.notice import notice
from bot.views.phrases import TEXT_LIMIT
from engine.model import AlertKind
from engine.notices import weights_changed
from engine.parcels import Digest
from engine.settings import Settings
from engine.shown import AlertFacts
from tests.made import MINT, NOON, minutes
from tests.unit.reading import marked, shown
from tests.unit.test_views_limits import alerts, assert_sendable, languages, times

CATALOGS = Catalogs()
HIGH = AlertFacts(
    AlertKind.HIGH_SCORE,
    NOON - minutes(25),
    mint=MINT,
    symbol="PEPE",
    name="Pepe the Frog",
    score=2.0,
    level=2.34,
    price=0.001,
    first_price=0.0005,
    market_cap=74_600,
)


def test_a_digest_counts_each_kind_and_tells_of_the_best() -> None:
    new = replace(HIGH, kind=AlertKind.ACTIVATED, symbol="NEW", name=None, level=None, score=None, market_cap=None)
    told = Digest(Counter({AlertKind.ACTIVATED: 12, AlertKind.HIGH_SCORE: 3}), (HIGH, replace(new, price=None)))
    with CATALOGS.speaking("en"):
        message = digest(told, NOON)
    assert shown(message).splitlines() == [
        "🗞 Meanwhile:",
        "🚀 Active: 12 · 🔥 High score: 3",
        "",
        "🔥 PEPE · Pepe the Frog",
        "★ 2.34 · MC $74.6K (+100%) · 25m ago · BzqY…pump",
        "🚀 NEW",
        "25m ago · BzqY…pump",
        "…and 13 more",
    ]
    assert marked(message) == [
        ("bold", "🗞 Meanwhile:"),
        ("code", "PEPE · Pepe the Frog"),
        ("text_link", "BzqY…pump"),
        ("code", "NEW"),
        ("text_link", "BzqY…pump"),
    ]


def test_a_digest_of_all_that_it_tells_counts_no_more() -> None:
    with CATALOGS.speaking("ru"):
        text = shown(digest(Digest({AlertKind.HIGH_SCORE: 1}, (HIGH,)), NOON))
    assert text.startswith("🗞 Тем временем:\n🔥 Высокая оценка: 1\n")
    assert "ещё" not in text


@settings(max_examples=40)
@given(st.lists(alerts, max_size=15), st.integers(0, 10**6), times, languages)
def test_every_digest_fits_into_a_message(few: list[AlertFacts], more: int, now: datetime, language: str) -> None:
    counts = Counter(facts.kind for facts in few) + Counter({AlertKind.ACTIVATED: more})
    with CATALOGS.speaking(language):
        assert_sendable(digest(Digest(counts, tuple(few)), now), TEXT_LIMIT)


@settings(max_examples=40)
@given(alerts, languages)
def test_every_notice_fits_into_a_message(facts: AlertFacts, language: str) -> None:
    with CATALOGS.speaking(language):
        assert_sendable(notice(facts), TEXT_LIMIT)


@pytest.mark.parametrize("text", ["x" * 9000, "🚀" * 4000, "  ", None])
def test_a_text_of_any_length_is_sent_under_its_headline(text: str | None) -> None:
    with CATALOGS.speaking("en"):
        said = assert_sendable(notice(AlertFacts(AlertKind.BROADCAST, NOON, text=text)), TEXT_LIMIT)
    assert said.startswith("📣 From the bot's admins:\n")


def test_the_lines_of_a_broadcast_stay() -> None:
    with CATALOGS.speaking("en"):
        said = shown(notice(AlertFacts(AlertKind.BROADCAST, NOON, text="One.\n\nTwo.")))
    assert said == "📣 From the bot's admins:\nOne.\n\nTwo."


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (0.5, 0.75, "Your threshold 3.00 was 6.0× that, now it is 4.0×. /alerts changes it."),
        (0.5, 0.0, "now it scores 0.00. Your threshold is 3.00. /alerts changes it."),
        (-1.0, 0.5, "Your threshold is 3.00. /alerts changes it."),
    ],
)
def test_what_new_weights_mean_to_a_threshold(before: float, after: float, said: str) -> None:
    facts = AlertFacts(AlertKind.NOTICE, NOON, reason=weights_changed(before, after, 3.0))
    with CATALOGS.speaking("en"):
        assert shown(notice(facts)).endswith(said)
    with CATALOGS.speaking("ru"):
        assert "Ваш порог" in shown(notice(facts))


def test_a_test_says_so_and_how_old_its_example_is() -> None:
    with CATALOGS.speaking("en"):
        text = shown(alert(replace(HIGH, test=True), NOON, Settings()))
    assert text.startswith("🧪 A test, with a past alert: this was 25m ago.\n🔥 High score: PEPE")
    assert "Late" not in text
