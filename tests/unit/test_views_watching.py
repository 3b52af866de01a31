"""How watches and their news read, and that they fit whatever tokens are called."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from aiogram.types import InlineKeyboardMarkup
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.catalogs import Catalogs
from bot.views.alert import alert
from bot.views.phrases import CAPTION_LIMIT, TEXT_LIMIT
from bot.views.watch_buttons import (
    again_keyboard,
    choice_keyboard,
    unwatch_keyboard,
    watch_keyboard,
    watchlist_keyboard,
)
from bot.views.watching import watching, watchlist
from bot.watch_wishes import OFF, WatchWish, chosen, offered, usual_score
from engine.chats import Condition, Hearing, News, Preferences, Watch
from engine.model import AlertKind, Token
from engine.settings import Settings
from engine.shown import AlertFacts, Sight, Standing
from storage.watches import MOST
from tests.made import MINT, NOON, minutes, sample, token
from tests.unit.reading import marked, shown
from tests.unit.test_views_limits import CATALOGS, alerts, assert_sendable, figures, languages, standings, times

DEFAULTS = Settings()
WATCH = Watch(
    7,
    1,
    NOON - minutes(120),
    score=2.0,
    price_percent=25.0,
    base_price=0.00012,
    base_price_at=NOON - minutes(30),
    liquidity_percent=50.0,
    first_price=0.0005,
)
SIGHT = Sight(Standing(token(symbol="PEPE", name="Pepe the Frog", score=1.4, first_price=0.0005), sample()), WATCH)
RANG = AlertFacts(
    AlertKind.WATCHED,
    decided_at=NOON,
    token_id=1,
    mint=MINT,
    symbol="PEPE",
    migrated_at=NOON - minutes(60),
    price=0.001,
    first_price=0.0005,
    market_cap=1_000_000,
    liquidity=60_000,
    tx_count_5m=400,
)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with Catalogs().speaking("en"):
        yield


def test_a_watch_is_told_in_full() -> None:
    assert shown(watching(SIGHT, WATCH, Preferences(), NOON, DEFAULTS)).splitlines() == [
        "👁 You watch: PEPE · Pepe the Frog",
        "🟢 Active · Score 1.40",
        "MC $1M (+100%) · liq. $60K · 400 tx in 5 min",
        "+100% since you began to watch, 2h ago",
        "",
        "I tell you when:",
        "• the score reaches 2 from below",
        "• the price moves by 25%, counted from $0.00012 at 11:30 UTC",
        "• liquidity falls by 50% or is gone, counted from the next look",
        "• it comes back from the archive",
        "• it is archived",
        MINT,
    ]


def test_a_watch_of_nothing_says_so() -> None:
    bare = Watch(7, 1, NOON, revived=False, archived=False)
    text = shown(watching(replace(SIGHT, watch=bare), bare, Preferences(), NOON, DEFAULTS))
    assert "I tell you nothing of it" in text
    assert "– since you began to watch" in text


def test_prices_that_are_not_trusted_are_not_shown() -> None:
    look = sample(price=9e9, market_cap=9e9, liquidity=3.0)
    dead = replace(SIGHT, standing=replace(SIGHT.standing, sample=look))
    text = shown(watching(dead, WATCH, Preferences(), NOON, DEFAULTS)) + shown(watchlist([dead], NOON, DEFAULTS))
    assert "– since you began" in text
    assert "9B" not in text


def test_a_token_that_was_never_looked_at_has_no_change_to_tell() -> None:
    unseen, begun = Sight(Standing(token(symbol="PEPE"), None), None), Watch(7, 1, NOON, score=2.0)
    text = shown(watching(unseen, begun, Preferences(), NOON, DEFAULTS))
    assert text.splitlines()[2:4] == ["no data", "You began to watch just now"]
    with Catalogs().speaking("ru"):
        assert "Отслеживание начато только что" in shown(watching(unseen, begun, Preferences(), NOON, DEFAULTS))


def test_the_list_reads_in_two_lines_a_token() -> None:
    text = shown(watchlist([SIGHT, replace(SIGHT, watch=replace(WATCH, score=None, revived=False))], NOON, DEFAULTS))
    assert text.splitlines()[:6] == [
        "👁 Watchlist",
        "",
        "1. PEPE · ★ 1.40 · +100% · BzqY…pump",
        "    ★ 2 · ±25% · 💧 −50% · ♻️ · 🗄",
        "2. PEPE · ★ 1.40 · +100% · BzqY…pump",
        "    ±25% · 💧 −50% · 🗄",
    ]


@pytest.mark.parametrize(
    ("news", "line"),
    [
        (News(Condition.SCORE, 2.314, 2.0), "★ The score for its age reached 2.00: 2.31"),
        (
            News(Condition.PRICE, 0.00016, 25, 0.00012, NOON - minutes(55)),
            "📈 Price +33% since 11:05 UTC: $0.00012 → $0.00016",
        ),
        (News(Condition.PRICE, 0.00006, 25, 0.00012), "📉 Price −50%: $0.00012 → $0.00006"),
        (
            News(Condition.LIQUIDITY, 20_000, 50, 60_000, NOON - minutes(60)),
            "💧 Liquidity −67% since 11:00 UTC: $60K → $20K",
        ),
        (News(Condition.GONE, 0.0, 50, 60_000, NOON), "🕳 Liquidity is gone: $60K → $0"),
    ],
)
def test_an_alert_says_what_rang_with_its_numbers(news: News, line: str) -> None:
    text = alert(replace(RANG, news=(news,)), NOON, DEFAULTS)
    assert shown(text).splitlines() == [
        "👁 You watch: PEPE",
        line,
        "MC $1M (+100%) · liq. $60K · 400 tx in 5 min",
        "Migrated 1h ago",
        MINT,
    ]
    assert ("code", "PEPE") in marked(text)


def test_an_alert_of_a_check_also_tells_the_score() -> None:
    text = shown(alert(replace(RANG, score=1.2, observed_minutes=10), NOON, DEFAULTS))
    assert "Score 1.20 of 1.00" in text


def test_an_alert_reads_in_russian() -> None:
    news = (News(Condition.PRICE, 0.00016, 25, 0.00012, NOON), News(Condition.GONE, 3, 50, 60_000, NOON))
    with Catalogs().speaking("ru"):
        text = shown(alert(replace(RANG, news=news), NOON, DEFAULTS))
    assert "📈 Цена +33% с 12:00 UTC: $0.00012 → $0.00016" in text
    assert "🕳 Ликвидность исчезла: $60K → $3" in text


# --- what may be chosen


def test_what_is_watched_is_always_among_what_is_offered() -> None:
    assert offered(WatchWish.SCORE, WATCH, 2.0) == (OFF, 2.0, 3.0, 5.0)
    assert offered(WatchWish.SCORE, replace(WATCH, score=2.7), 1.8) == (OFF, 1.8, 2.0, 2.7, 3.0, 5.0)
    assert offered(WatchWish.PRICE, WATCH, 2.0) == (OFF, 10.0, 25.0, 50.0)
    assert offered(WatchWish.REVIVED, WATCH, 2.0) == (OFF, 1.0)
    for wish in WatchWish:
        assert chosen(wish, WATCH) in offered(wish, WATCH, 2.0)


def test_the_usual_score_is_the_chats_own_and_never_below_the_episodes() -> None:
    assert usual_score(Preferences(), DEFAULTS, {}) == 2.0
    assert usual_score(Preferences(threshold=3.1), DEFAULTS, {}) == 3.1
    assert usual_score(Preferences(threshold=1.0), DEFAULTS, {}) == 1.5


# --- limits

conditions = st.builds(
    News,
    condition=st.sampled_from(Condition),
    now=st.floats(),
    limit=st.floats(),
    base=figures,
    since=st.none() | times,
)
watches = st.builds(
    Watch,
    chat_id=st.just(7),
    token_id=st.just(2**63 - 1),
    created_at=times,
    score=st.none() | st.floats(0.1, 100),
    price_percent=st.none() | st.floats(1, 100),
    base_price=figures,
    base_price_at=st.none() | times,
    liquidity_percent=st.none() | st.floats(1, 100),
    base_liquidity=figures,
    base_liquidity_at=st.none() | times,
    first_price=figures,
)
sights = st.builds(Sight, standing=standings, watch=watches)
wishes = st.builds(Preferences, watched=st.sampled_from(Hearing), muted_until=st.none() | times)


@given(alerts, st.lists(conditions, max_size=9), languages)
def test_every_alert_of_a_watch_fits_into_a_caption_with_its_mint(
    facts: AlertFacts, news: list[News], language: str
) -> None:
    told = replace(facts, kind=AlertKind.WATCHED, news=tuple(news))
    with CATALOGS.speaking(language):
        text = assert_sendable(alert(told, facts.decided_at + timedelta(minutes=9), DEFAULTS), CAPTION_LIMIT)
    assert text.endswith(MINT)


@given(sights, wishes, times, languages)
def test_every_watch_fits_into_a_message(sight: Sight, wishes: Preferences, now: datetime, language: str) -> None:
    assert sight.watch is not None
    with CATALOGS.speaking(language):
        text = assert_sendable(watching(sight, sight.watch, wishes, now, DEFAULTS), TEXT_LIMIT)
        keyboards = [watch_keyboard(sight.watch, 2.0), again_keyboard(2**63 - 1)]
    assert text.endswith(MINT)
    assert_buttons(*keyboards)


@settings(max_examples=30)
@given(st.lists(sights, min_size=1, max_size=6), languages)
def test_every_watchlist_fits_into_a_message(few: list[Sight], language: str) -> None:
    many = (few * MOST)[:MOST]
    known: list[Token] = [replace(sight.standing.token, id=2**63 - 1) for sight in many]
    shown_ones = [
        replace(sight, standing=replace(sight.standing, token=one)) for sight, one in zip(many, known, strict=True)
    ]
    with CATALOGS.speaking(language):
        text = assert_sendable(watchlist(shown_ones, NOON, DEFAULTS), TEXT_LIMIT)
        assert_buttons(watchlist_keyboard(shown_ones), unwatch_keyboard(known), choice_keyboard(known, NOON))
    assert f"{MOST}. " in text


def assert_buttons(*keyboards: InlineKeyboardMarkup) -> None:
    """What Telegram checks of buttons: 1 to 64 bytes of data, at most 8 in a row and 100 in all, words on each."""
    for keyboard in keyboards:
        rows = keyboard.inline_keyboard
        assert sum(len(row) for row in rows) <= 100
        for row in rows:
            assert 1 <= len(row) <= 8
            for button in row:
                assert button.text.strip()
                assert 1 <= len(str(button.callback_data).encode()) <= 64
