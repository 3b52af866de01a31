from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot.catalogs import Catalogs
from bot.views.alert import alert
from bot.views.token import overview
from bot.views.top import top
from engine.card import Card
from engine.model import AlertKind, Component, Episode, Reason, Score, Source, Status, Transition
from engine.settings import Settings
from engine.shown import AlertFacts, Census, Order, Page, Point, Portrait, Standing
from tests.made import MINT, NOON, OTHER_MINT, minutes, sample, token
from tests.unit.reading import marked, shown

DEFAULTS = Settings()
PEPE = token(symbol="PEPE", name="Pepe the Frog", score=2.34, first_price=0.0003)
STANDING = Standing(PEPE, sample(ts=NOON - minutes(0.2)), previous_score=1.9)
COMPONENTS = (
    Component("tx_accel", 2.0398, 0.25, inputs={"tx_count_5m": 400, "tx_count_1h": 1200}),
    Component("vol_momentum", 2.3311, 0.25),
    Component("holder_growth", None, 0.25),
    Component("orderflow_imbalance", -0.1288, 0.25, partial=True),
)
SCORE = Score(NOON, 2.34, 1.06, COMPONENTS, 0.75, 60, True, 0.1, True, 3, Source.BIRDEYE)
ACTIVATED = Transition(
    Status.INITIAL,
    Status.ACTIVE,
    Reason("liquidity ${liquidity:,.0f} reached ${gate:,.0f}", {"liquidity": 61_234.0, "gate": 50_000.0}),
)
PORTRAIT = Portrait(STANDING, SCORE, (), (), ((NOON - minutes(59), ACTIVATED),))
HIGH = AlertFacts(
    AlertKind.HIGH_SCORE,
    decided_at=NOON - minutes(0.5),
    token_id=1,
    mint=MINT,
    symbol="PEPE",
    name="Pepe the Frog",
    migrated_at=NOON - minutes(60),
    score=2.34,
    coverage=0.75,
    price=0.001,
    first_price=0.0003,
    market_cap=1_000_000,
    liquidity=60_000,
    tx_count_5m=400,
    tx_count_1h=1200,
    volume_5m=40_000,
)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with Catalogs().speaking("en"):
        yield


def test_a_token_is_told_in_full() -> None:
    assert shown(overview(Card(PORTRAIT), NOON, DEFAULTS)).splitlines() == [
        "PEPE · Pepe the Frog",
        "🟢 Active for 59m · migrated 1h ago",
        "liquidity $61.2K reached $50K",
        "",
        "Market cap $1M · +233% since migration",
        "Price $0.001",
        "Liquidity $60K",
        "Transactions 400 in 5 min · 1200 in 1 h",
        "Volume $40K in 5 min · 62% buys",
        "Holders 1000",
        "",
        "Score 2.34 ↑",
        "Trades 0.25 × 2.04 = +0.51 · 400 in 5 min, 1200 in 1 h",
        "Volume 0.25 × 2.33 = +0.58 · – in 5 min, – in 1 h",
        "Holders: no data",
        "Buyers 0.25 × −0.13 = −0.03 (short history) · – bought, – sold",
        "Now 1.06 → smoothed 2.34",
        "3 of 4 measures known · observed ≈60 min",
        "",
        "🛡 Safety: unknown, nobody has told yet",
        "Data: 12s ago · Birdeye",
        MINT,
    ]


def test_a_tokens_name_and_mint_are_code_and_its_figures_bold() -> None:
    parts = marked(overview(Card(PORTRAIT), NOON, DEFAULTS))
    assert parts[0] == ("code", "PEPE · Pepe the Frog")
    assert parts[-1] == ("code", MINT)
    assert ("bold", "2.34 ↑") in parts
    assert ("bold", "+233%") in parts
    assert ("italic", "no data") in parts


@pytest.mark.parametrize(
    ("liquidity", "sentence"),
    [(0.007, "price not shown: liquidity too low"), (None, "price not shown: liquidity unknown")],
)
def test_an_untrusted_price_is_not_shown(liquidity: float | None, sentence: str) -> None:
    dead = sample(price=5167.0, market_cap=5.2e12, liquidity=liquidity)
    text = shown(overview(Card(replace(PORTRAIT, standing=replace(STANDING, sample=dead))), NOON, DEFAULTS))
    assert sentence in text
    assert "5.17K" not in text
    assert "Market cap" not in text
    assert "since migration" not in text


def test_the_trusted_liquidity_is_a_setting() -> None:
    text = shown(overview(Card(PORTRAIT), NOON, replace(DEFAULTS, min_trusted_liquidity=60_001)))
    assert "price not shown: liquidity too low" in text


def test_a_token_heard_a_second_ago_has_a_page_too() -> None:
    fresh = token(status=Status.INITIAL, created_at=NOON - minutes(0.05), activated_at=None)
    assert shown(overview(Card(Portrait(Standing(fresh, None), None)), NOON, DEFAULTS)).splitlines() == [
        "(unnamed)",
        "🟡 Initial just now · migrated just now",
        "",
        "No market figures yet.",
        "",
        "Score –",
        "No check with a score yet.",
        "",
        "🛡 Safety: unknown, nobody has told yet",
        MINT,
    ]


def test_a_check_with_too_little_coverage_says_that_the_score_stood_still() -> None:
    still = replace(PORTRAIT, score=replace(SCORE, moved=False))
    assert "the score did not move" in shown(overview(Card(still), NOON, DEFAULTS))


def test_the_series_gives_the_arrow_where_the_standing_does_not() -> None:
    unknown = replace(PORTRAIT, standing=replace(STANDING, previous_score=None))
    falling = replace(unknown, scores=(Point(NOON - minutes(6), 3.0), Point(NOON, 2.34)))
    young = replace(unknown, scores=(Point(NOON - minutes(2), 3.0), Point(NOON, 2.34)))
    assert "Score 2.34 ↓" in shown(overview(Card(falling), NOON, DEFAULTS))
    assert "Score 2.34\n" in shown(overview(Card(young), NOON, DEFAULTS))


def test_an_archived_tokens_score_is_its_last_and_heads_nowhere() -> None:
    archived = replace(STANDING, token=replace(PEPE, status=Status.ARCHIVED, archived_at=NOON - minutes(5)))
    text = shown(overview(Card(replace(PORTRAIT, standing=archived)), NOON, DEFAULTS))
    assert "⚪️ Archived for 5m" in text
    assert "Last score 2.34\n" in text


def test_the_same_page_in_russian() -> None:
    with Catalogs().speaking("ru"):
        text = shown(overview(Card(PORTRAIT), NOON, DEFAULTS))
    assert "🟢 Активен уже 59 мин · миграция: 1 ч назад\nликвидность $61.2K достигла порога $50K" in text
    assert "Сейчас 1.06 → сглажено 2.34" in text
    assert "Данные: 12 с назад · Birdeye" in text


def page(*standings: Standing, number: int = 1, total: int | None = None) -> Page:
    return Page(standings, number, 10, len(standings) if total is None else total)


def test_the_list_has_three_lines_a_token_and_says_how_old_it_is() -> None:
    unknown = Standing(token(symbol="NEW", mint=OTHER_MINT, score=None), None)
    text = top(page(replace(STANDING, top_share=0.031), unknown), NOON, DEFAULTS)
    assert shown(text).splitlines() == [
        "🏆 Top by score",
        "",
        "1. PEPE · Pepe the Frog",
        "★ 2.34 ↑ · top 4% · MC $1M (+233%)",
        "liq. $60K · 400 tx · 1h · BzqY…pump",
        "2. NEW",
        "★ –",
        "no data · 1h · 3Fdc…sXGW",
        "",
        "As of 12:00 UTC · figures up to 12s old",
    ]
    links = [entity for entity in text.render()[1] if entity.type == "text_link"]
    assert [link.url for link in links] == [f"https://dexscreener.com/solana/{mint}" for mint in (MINT, OTHER_MINT)]


def test_the_list_tells_of_the_market_around_it() -> None:
    one, many = Census(3, 57, 900, 1, NOON), Census(3, 57, 900, 34, NOON)
    assert "Last hour: 1 migration · Active now: 57" in shown(top(page(STANDING), NOON, DEFAULTS, census=one))
    assert "Last hour: 34 migrations · Active now: 57" in shown(top(page(), NOON, DEFAULTS, census=many))


def test_a_list_sorted_by_heat_shows_it() -> None:
    young = replace(STANDING, token=replace(PEPE, first_trade_at=NOON - minutes(10)))
    text = shown(top(page(young), NOON, DEFAULTS, order=Order.HEAT))
    assert "🏆 Top by heat" in text
    assert "★ 2.34 ↑ · 🌡 4.68 · MC" in text
    assert "🌡" not in shown(top(page(young), NOON, DEFAULTS))


def test_a_later_page_counts_on() -> None:
    assert "11. PEPE" in shown(top(page(STANDING, number=2, total=11), NOON, DEFAULTS))


def test_a_name_that_others_have_too_is_marked() -> None:
    assert "1. PEPE · Pepe the Frog ⧉3\n" in shown(top(page(replace(STANDING, namesakes=2)), NOON, DEFAULTS))


def test_a_token_whose_score_stays_high_has_a_flame_in_the_list() -> None:
    hot = replace(STANDING, token=replace(PEPE, episode=Episode(1, opened_at=NOON)))
    assert "1. 🔥 PEPE" in shown(top(page(hot, STANDING), NOON, DEFAULTS))
    assert "2. PEPE" in shown(top(page(hot, STANDING), NOON, DEFAULTS))


def test_the_list_shows_no_untrusted_market_cap() -> None:
    dead = replace(STANDING, sample=sample(liquidity=1.0, market_cap=5.2e12))
    assert "MC $" not in shown(top(page(dead), NOON, DEFAULTS))
    assert "%" not in shown(top(page(dead), NOON, DEFAULTS))


def test_the_time_of_the_list_is_one_that_clients_show_in_their_zone() -> None:
    times = [entity for entity in top(page(STANDING), NOON, DEFAULTS).render()[1] if entity.type == "date_time"]
    assert [(time.unix_time, time.date_time_format) for time in times] == [(int(NOON.timestamp()), "t")]


def test_an_empty_list_says_what_to_do() -> None:
    assert "/subscribe" in shown(top(page(), NOON, DEFAULTS))


def test_a_high_score_is_told_with_its_figures_and_mint() -> None:
    assert shown(alert(HIGH, NOON, DEFAULTS)).splitlines() == [
        "🔥 High score: PEPE · Pepe the Frog",
        "",
        "Score 2.34 · 75% of the measures known",
        "Market cap $1M · +233% since migration",
        "Price $0.001",
        "Liquidity $60K",
        "Transactions 400 in 5 min · 1200 in 1 h",
        "Volume $40K in 5 min",
        "Migrated 1h ago",
        MINT,
    ]
    assert marked(alert(HIGH, NOON, DEFAULTS))[-1] == ("code", MINT)


@pytest.mark.parametrize(
    ("kind", "headline"),
    [
        (AlertKind.ACTIVATED, "🚀 Active: PEPE"),
        (AlertKind.REVIVED, "♻️ Active again: PEPE"),
        (AlertKind.ARCHIVED, "🗄 Archived: PEPE"),
    ],
)
def test_a_status_change_is_told_with_its_reason(kind: AlertKind, headline: str) -> None:
    assert shown(alert(replace(HIGH, kind=kind, reason=ACTIVATED.reason), NOON, DEFAULTS)).splitlines() == [
        f"{headline} · Pepe the Frog",
        "MC $1M (+233%) · liq. $60K · 400 tx in 5 min",
        "Score 2.34 of 2.00 · 75% of the measures known",
        "liquidity $61.2K reached $50K",
        "Migrated 1h ago",
        MINT,
    ]


def test_a_token_of_the_last_minute_is_new_and_has_not_come_far() -> None:
    for kind in (AlertKind.ACTIVATED, AlertKind.HIGH_SCORE):
        fresh = replace(HIGH, kind=kind, migrated_at=NOON - minutes(0.6), tx_count_1h=400)
        text = shown(alert(fresh, NOON, DEFAULTS))
        assert ("· new" in text) == (kind is AlertKind.ACTIVATED)
        assert "+233%" not in text
        assert "in 1 h" not in text


def test_a_young_tokens_high_score_is_told_with_what_it_counts_as() -> None:
    assert "Score 2.34 · age-adjusted 4.68" in shown(alert(replace(HIGH, level=4.68), NOON, DEFAULTS))
    assert "age-adjusted" not in shown(alert(replace(HIGH, level=2.34), NOON, DEFAULTS))


def test_only_a_late_alert_says_that_it_is_late() -> None:
    assert "Late" not in shown(alert(HIGH, NOON, DEFAULTS))
    assert "Late: this was 4m ago." in shown(alert(HIGH, NOON + minutes(4), DEFAULTS))


def test_an_alert_without_a_trusted_price_says_so() -> None:
    text = shown(alert(replace(HIGH, price=None, market_cap=None), NOON, DEFAULTS))
    assert "price not shown: unknown, or liquidity too low" in text


def test_an_alarm_is_its_text() -> None:
    text = shown(alert(AlertFacts(AlertKind.ALARM, NOON, text="Birdeye refuses the key"), NOON, DEFAULTS))
    assert text == "⚠️ Alarm:\nBirdeye refuses the key"


def test_an_alarm_about_a_part_names_it_and_its_end_tells_how_long_it_failed() -> None:
    begin = AlertFacts(AlertKind.ALARM, NOON, text="no frame", part="feed", since=NOON)
    assert shown(alert(begin, NOON, DEFAULTS)) == "⚠️ Alarm: the feed of migrations\nno frame"
    end = replace(begin, failed_seconds=3700)
    text = "✅ Works again: the feed of migrations\nIt failed for 1h 1m.\nno frame"
    assert shown(alert(end, NOON, DEFAULTS)) == text
    with Catalogs().speaking("ru"):
        assert shown(alert(replace(end, text=None), NOON, DEFAULTS)) == (
            "✅ Снова работает: лента миграций\nСбой длился 1 ч 1 мин."
        )
