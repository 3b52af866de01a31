"""Whatever tokens are called and whatever figures they report, every message stays within Telegram's limits."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiogram.utils.formatting import Text
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.catalogs import Catalogs
from bot.views.alert import alert
from bot.views.inline import articles, card
from bot.views.lookup import choose, unknown_mint, unknown_token
from bot.views.new import new
from bot.views.phrases import CAPTION_LIMIT, ENTITY_LIMIT, TEXT_LIMIT, age, ago, fill, fitting, lines
from bot.views.pools import pools_page
from bot.views.score import score_page
from bot.views.settings import setting_refused
from bot.views.status import Here, status
from bot.views.token import overview
from bot.views.top import chart_caption, top
from bot.vitals import PULSES, Part, Report, State
from engine.card import Card
from engine.changes import Change
from engine.chats import Preferences
from engine.errors import InvalidSetting
from engine.heartbeat import Pulse
from engine.model import (
    AlertKind,
    Component,
    Episode,
    PoolFigures,
    Reason,
    Safety,
    Sample,
    Score,
    Source,
    Status,
    Token,
    Transition,
)
from engine.settings import Settings
from engine.shown import AlertFacts, Backlog, Census, FeedGaps, Order, Page, Portrait, Standing
from tests.made import MINT, NOON

CATALOGS = Catalogs()
DEFAULTS = Settings()

names = st.none() | st.text(st.characters(exclude_categories=()), max_size=80) | st.sampled_from(["🚀" * 40, "﷽" * 40])
figures = st.none() | st.floats()
counts = st.none() | st.integers(min_value=-(10**20), max_value=10**20)
times = st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis wants naive bounds
reasons = st.builds(lambda words: Reason("{words}", {"words": words}), st.text(max_size=300))
languages = st.sampled_from(["en", "ru"])

tokens = st.builds(
    Token,
    id=st.integers(),
    mint=st.just(MINT),
    status=st.sampled_from(Status),
    created_at=times,
    symbol=names,
    name=names,
    activated_at=st.none() | times,
    score=figures,
    first_price=figures,
    episode=st.builds(Episode, opened_at=st.none() | times, peak=figures),
)
samples = st.builds(
    Sample,
    ts=times,
    source=st.sampled_from(Source),
    price=figures,
    liquidity=figures,
    market_cap=figures,
    holders=counts,
    tx_count_5m=counts,
    tx_count_1h=counts,
    volume_5m=figures,
    buys_volume_5m=figures,
    sells_volume_5m=figures,
)
standings = st.builds(
    Standing,
    token=tokens,
    sample=st.none() | samples,
    previous_score=figures,
    top_share=st.none() | st.floats(0, 1),
    namesakes=st.integers(0, 10**20),
)
components = st.builds(
    Component,
    name=st.sampled_from(["tx_accel", "vol_momentum", "holder_growth", "orderflow_imbalance"]),
    value=figures,
    weight=st.floats(-10, 10),
    partial=st.booleans(),
    inputs=st.dictionaries(
        st.sampled_from(["tx_count_5m", "volume_1h", "holders", "minutes", "sells_volume_5m"]), counts, max_size=5
    ),
    age_seconds=st.floats(),
)
scores = st.builds(
    Score,
    ts=times,
    value=figures,
    raw=st.floats(),
    components=st.tuples(components, components, components, components),
    coverage=st.floats(),
    observed_minutes=st.floats(),
    observed_partial=st.booleans(),
    alpha=st.floats(),
    moved=st.booleans(),
    settings_version=st.integers(),
    source=st.sampled_from(Source),
)
transitions = st.builds(Transition, before=st.sampled_from(Status), after=st.sampled_from(Status), reason=reasons)
portraits = st.builds(
    Portrait,
    standing=standings,
    score=st.none() | scores,
    transitions=st.lists(st.tuples(times, transitions), max_size=2).map(tuple),
    changes=st.just(()) | st.tuples(*(st.builds(Change, st.just(span), figures, figures, figures) for span in (5, 60))),
)
safeties = st.builds(Safety, figures, figures, *[st.none() | st.booleans()] * 3, as_of=times)
pools = st.builds(PoolFigures, st.text(max_size=50), st.text(max_size=64), figures, figures, counts, st.none() | times)
cards = st.builds(
    Card, portraits, st.none() | safeties, st.lists(pools, max_size=3).map(lambda few: tuple(few * 5)), st.integers()
)
alerts = st.builds(
    AlertFacts,
    kind=st.sampled_from(AlertKind),
    decided_at=times,
    mint=st.just(MINT),
    symbol=names,
    name=names,
    migrated_at=st.none() | times,
    reason=st.none() | reasons,
    score=figures,
    coverage=figures,
    price=figures,
    first_price=figures,
    market_cap=figures,
    liquidity=figures,
    tx_count_5m=counts,
    tx_count_1h=counts,
    volume_5m=figures,
    text=st.none() | st.text(max_size=900) | st.just("🚀" * 900),
    safety=st.none() | safeties,
)


def assert_sendable(message: Text, limit: int) -> str:
    """The text, after checking what Telegram checks."""
    text, entities = message.render()
    size = len(text.encode("utf-16-le")) // 2
    assert 0 < size <= limit
    assert len(entities) <= ENTITY_LIMIT
    for entity in entities:
        assert entity.length > 0
        assert 0 <= entity.offset <= entity.offset + entity.length <= size
    return text


@given(cards, times, languages)
def test_every_page_of_a_token_fits_into_a_caption_with_its_mint(card: Card, now: datetime, language: str) -> None:
    with CATALOGS.speaking(language):
        for page in (overview(card, now, DEFAULTS), score_page(card, now, DEFAULTS), pools_page(card, now)):
            assert assert_sendable(page, CAPTION_LIMIT).endswith(MINT)


@given(alerts, times, languages)
def test_every_alert_fits_into_a_caption_with_its_mint(facts: AlertFacts, now: datetime, language: str) -> None:
    with CATALOGS.speaking(language):
        text = assert_sendable(alert(facts, now, DEFAULTS), CAPTION_LIMIT)
    assert text.endswith(MINT)


@settings(max_examples=40)
@given(st.lists(standings, max_size=12), st.integers(1, 12), times, languages, st.sampled_from(Order))
def test_every_list_fits_into_a_message(
    few: list[Standing], times_over: int, now: datetime, language: str, order: Order
) -> None:
    page = Page(tuple(few * times_over)[:20], 99_999, 20, 10**9)
    with CATALOGS.speaking(language):
        assert_sendable(top(page, now, DEFAULTS, order=order, census=Census(0, 10**20, 0, 10**20, now)), TEXT_LIMIT)
        assert_sendable(new(page, now, DEFAULTS), TEXT_LIMIT)
        assert_sendable(chart_caption(page, now, order), CAPTION_LIMIT)


@pytest.mark.parametrize("language", ["en", "ru"])
def test_twenty_of_the_longest_names_fit_and_none_is_left_out(language: str) -> None:
    longest = Token(
        1,
        MINT,
        Status.ACTIVE,
        NOON,
        symbol="🚀" * 40,
        name="🌕" * 40,
        score=-123.456,
        first_price=0.9,
        episode=Episode(1, NOON),
    )
    sample = Sample(NOON, Source.BIRDEYE, 1.0, 1.23e11, 1.23e11, tx_count_5m=123_456)
    page = Page((Standing(longest, sample, 1.0, 1.0, 123_456),) * 20, 99_999, 20, 10**9)
    with CATALOGS.speaking(language):
        listed = assert_sendable(top(page, NOON, DEFAULTS, order=Order.HEAT), TEXT_LIMIT)
        migrated = assert_sendable(new(page, NOON, DEFAULTS), TEXT_LIMIT)
        caption = assert_sendable(chart_caption(page, NOON, Order.HEAT), CAPTION_LIMIT)
    assert [text.count("🚀🚀🚀") >= 20 for text in (listed, migrated, caption)] == [True] * 3


@settings(max_examples=40)
@given(standings, times, languages)
def test_every_inline_result_can_be_offered_and_sent(standing: Standing, now: datetime, language: str) -> None:
    with CATALOGS.speaking(language):
        text = assert_sendable(card(standing, now, DEFAULTS), TEXT_LIMIT)
        [article] = articles([standing], now, DEFAULTS)
    assert MINT in text
    assert article.title.strip()


@settings(max_examples=30)
@given(st.lists(tokens, min_size=2, max_size=10), st.integers(1, 4), languages)
def test_every_choice_fits_into_a_message(few: list[Token], times_over: int, language: str) -> None:
    with CATALOGS.speaking(language):
        text = assert_sendable(choose(few * times_over, NOON), TEXT_LIMIT)
    assert MINT in text


@given(st.text(st.characters(exclude_categories=()), max_size=10_000), languages)
def test_whatever_people_ask_for_can_be_answered(words: str, language: str) -> None:
    with CATALOGS.speaking(language):
        assert_sendable(unknown_token(words), TEXT_LIMIT)
        assert_sendable(unknown_mint(MINT), TEXT_LIMIT)
        assert_sendable(setting_refused(InvalidSetting("“{text}” {name}", text=words, name=words)), TEXT_LIMIT)


@given(st.builds(Census, *[st.integers()] * 4, st.none() | times), st.integers(), figures, times)
def test_every_status_fits_into_a_message(census: Census, waiting: int, oldest: float | None, now: datetime) -> None:
    backlog, gaps = Backlog(waiting, oldest), FeedGaps(waiting, oldest or 0.0)
    parts = dict.fromkeys((*PULSES, "💥" * 9), Part(State.FAILING, Pulse(oldest, oldest, "x" * 999, oldest)))
    report = Report(State.FAILING, 60, parts)
    with CATALOGS.speaking("ru"):
        here = Here(Preferences(subscribed=True, muted_until=now, quiet_from=-1, quiet_until=waiting), waiting)
        assert_sendable(status(report, census, now, backlog=backlog, here=here, gaps=gaps), TEXT_LIMIT)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0s"),
        (-5, "0s"),
        (59.9, "59s"),
        (60, "1m"),
        (3599, "59m"),
        (3600, "1h"),
        (7500, "2h 5m"),
        (86_400 * 3 + 4 * 3600, "3d 4h"),
        (86_400 * 3 + 59, "3d"),
        (86_400 * 99_999, "9999d"),
        (float("nan"), "–"),
        (float("inf"), "–"),
        (None, "–"),
    ],
)
def test_ages_are_short(seconds: float | None, shown: str) -> None:
    with CATALOGS.speaking("en"):
        assert age(seconds) == shown


@pytest.mark.parametrize(("seconds", "shown"), [(-3, "just now"), (4.9, "just now"), (5, "5s ago"), (60, "1m ago")])
def test_what_was_a_moment_ago_was_just_now(seconds: float, shown: str) -> None:
    with CATALOGS.speaking("en"):
        assert ago(NOON, NOON + timedelta(seconds=seconds)) == shown
        assert ago(None, NOON) == "–"


def test_hostile_words_in_a_template_are_not_templates_themselves() -> None:
    assert fill("{one} and {other}", one="{other}", other="{0.__class__}").render()[0] == "{other} and {0.__class__}"


def test_lines_leave_out_what_is_missing_and_keep_what_is_empty() -> None:
    assert lines("a", None, "", Text("b")).render()[0] == "a\n\nb"
    assert lines().render()[0] == ""


def test_the_richest_form_that_fits_is_taken() -> None:
    candidates: list[Any] = [Text("long" * 10), Text("short"), Text("s")]
    assert fitting(candidates, 5).render()[0] == "short"
    with pytest.raises(ValueError, match="no form"):
        fitting(candidates, 0)
