from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot.catalogs import Catalogs
from bot.views.help import help_
from bot.views.keyboards import token_keyboard
from bot.views.lookup import choose, unknown_token
from bot.views.start import start
from bot.views.status import status
from engine.events import Gap
from engine.model import Status
from engine.settings import Settings
from engine.shown import Backlog, Census, FeedGaps
from tests.made import MINT, NOON, OTHER_MINT, minutes, token
from tests.unit.reading import marked, shown

PEPE = token(symbol="PEPE", name="Pepe the Frog", score=2.34)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with Catalogs().speaking("en"):
        yield


def test_the_buttons_lead_to_the_token_elsewhere_and_copy_its_mint() -> None:
    buttons = [button for row in token_keyboard(MINT).inline_keyboard for button in row]
    assert [button.text for button in buttons] == ["Birdeye", "DexScreener", "Solscan", "pump.fun", "Copy the mint"]
    assert all(button.url and button.url.split("?")[0].endswith(MINT) for button in buttons[:4])
    assert buttons[4].copy_text is not None
    assert buttons[4].copy_text.text == MINT


def test_a_hostile_mint_cannot_leave_its_place_in_a_link() -> None:
    first = token_keyboard("x/../?a=b#c").inline_keyboard[0][0]
    assert first.url == "https://birdeye.so/solana/token/x%2F..%2F%3Fa%3Db%23c"


def test_several_tokens_of_one_name_are_told_apart_by_their_mints() -> None:
    text = choose([PEPE, replace(PEPE, mint=OTHER_MINT, status=Status.ARCHIVED, score=None)], NOON)
    assert [words for kind, words in marked(text) if kind == "code"][1::2] == [MINT, OTHER_MINT]
    assert "🟢 Active · Score 2.34 · migrated 1h ago" in shown(text)
    assert "⚪️ Archived · Score –" in shown(text)


def test_more_tokens_than_fit_are_counted() -> None:
    assert shown(choose([PEPE] * 25, NOON)).endswith("…and 5 more")


def test_an_unknown_token_is_repeated_as_code() -> None:
    assert ("code", "t.me/scam") in marked(unknown_token("t.me/scam"))
    assert "for example /token PEPE" in shown(unknown_token(" \u200b "))


def test_only_admins_read_of_their_commands() -> None:
    assert "/set weight tx_accel 0.4" in shown(help_(True, Settings()))
    assert "/set " not in shown(help_(False, Settings()))


def test_the_help_says_what_the_score_does_not_promise() -> None:
    text = shown(help_(False, Settings()))
    for sentence in ("ranks activity, not return", "say the same", "This is no advice"):
        assert sentence in text


def test_the_help_explains_the_scale_and_the_gate_by_the_settings() -> None:
    changed = Settings(weight_tx_accel=0.5, min_active_liquidity=65_000, min_tx_count=120, alert_score_on=3)
    text = shown(help_(False, changed))
    assert "liquidity from $65K or 120 trades in 5 min" in text
    assert "About 0.75 is ordinary trading; 🔥 rings from 3.00, for tokens younger than 25 min from less" in text


def test_the_help_promises_no_alert_that_nobody_hears() -> None:
    assert "🗄" not in shown(help_(True, Settings()))


def test_the_start_names_the_first_commands() -> None:
    for command in ("/subscribe", "/top", "/token", "/help"):
        assert command in shown(start())


def test_the_status_counts_tokens_and_alerts() -> None:
    census = Census(3, 12, 1400, 7, NOON - minutes(1))
    assert shown(status(census, NOON, backlog=Backlog(2, 14.0, 33), subscribed=True)).splitlines() == [
        "Watching",
        "New: 3 · Active: 12 · Archived: 1400",
        "Migrations in the last hour: 7",
        "Latest figures: 1m ago",
        "",
        "Alerts sent in the last hour: 33",
        "Alerts waiting: 2, the oldest for 14s",
        "",
        "🔔 This chat gets alerts. /unsubscribe stops them.",
    ]


def test_the_status_tells_of_gaps_only_when_there_were_any() -> None:
    census = Census(3, 12, 1400, 7, NOON - minutes(1))
    told = shown(status(census, NOON, gaps=FeedGaps(3, 245.0))).splitlines()
    assert told[-1] == "Feed gaps in the last 24 h: 3, 4m in total; migrations in them were missed."
    latest = FeedGaps(1, 60.0, Gap(NOON - minutes(2), NOON - minutes(1)))
    assert shown(status(census, NOON, gaps=latest)).endswith("The latest one: 11:58 UTC – 11:59 UTC.")
    assert shown(status(census, NOON, gaps=FeedGaps(0, 0.0))) == shown(status(census, NOON))


def test_a_status_that_knows_little_leaves_the_rest_out() -> None:
    text = shown(status(Census(0, 0, 0, 0, None), NOON))
    assert text.endswith("No market figures have come in yet.")
    assert "waiting" not in shown(status(Census(0, 0, 0, 0, None), NOON, backlog=Backlog(0, None, 0)))
