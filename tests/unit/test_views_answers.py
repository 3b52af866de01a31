from collections.abc import Iterator
from dataclasses import replace

import pytest
from aiogram.types import InlineKeyboardMarkup

from bot.callbacks import CardPage, CardTap, HelpSection
from bot.catalogs import Catalogs
from bot.links import Link
from bot.views.help import help_, help_keyboard, section_of
from bot.views.keyboards import card_keyboard, choice_keyboard, token_keyboard
from bot.views.lookup import choose, unknown_token
from bot.views.start import start, start_keyboard
from bot.views.watch_buttons import WatchTap
from engine.model import Status
from engine.settings import Settings
from tests.made import MINT, NOON, OTHER_MINT, token
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


def test_the_owners_links_come_after_the_pages_that_everybody_has() -> None:
    own = (Link("Axiom", "https://axiom.trade/t/{mint}"), Link("Trojan", "https://t.me/bot?start={mint}"))
    for keyboard in (token_keyboard(MINT, own), card_keyboard(PEPE, CardPage.SCORE, own)):
        links = [button for row in keyboard.inline_keyboard for button in row if button.url]
        assert [button.text for button in links][4:] == ["Axiom", "Trojan"]
        assert links[5].url == f"https://t.me/bot?start={MINT}"


def test_a_card_has_its_pages_a_fresh_look_and_its_mint_to_copy() -> None:
    pages, actions = card_keyboard(PEPE, CardPage.SCORE).inline_keyboard[:2]
    assert [button.text for button in pages] == ["Overview", "• Score •", "Pools"]
    assert [CardTap.unpack(str(button.callback_data)).page for button in pages] == list(CardPage)
    assert CardTap.unpack(str(actions[0].callback_data)) == CardTap(token_id=1, page=CardPage.SCORE, fresh=True)
    assert actions[1].callback_data == WatchTap(token_id=1).pack()
    assert actions[-1].copy_text is not None


def test_the_longest_data_of_a_button_fits_into_64_bytes() -> None:
    assert len(CardTap(token_id=2**63 - 1, page=CardPage.POOLS, fresh=True).pack()) <= 64


def test_tokens_to_choose_from_are_told_apart_on_their_buttons() -> None:
    arab = replace(PEPE, id=2, symbol="\u202eلعملة", mint=OTHER_MINT)
    rows = choice_keyboard([PEPE, arab], NOON).inline_keyboard
    assert [row[0].text for row in rows] == ["PEPE · 1h · BzqY…pump", "\u2068لعملة\u2069 · 1h · 3Fdc…sXGW"]
    assert CardTap.unpack(str(rows[1][0].callback_data)) == CardTap(token_id=2, fresh=True)


def test_a_hostile_mint_cannot_leave_its_place_in_a_link() -> None:
    first = token_keyboard("x/../?a=b#c").inline_keyboard[0][0]
    assert first.url == "https://birdeye.so/solana/token/x%2F..%2F%3Fa%3Db%23c"


def test_several_tokens_of_one_name_are_told_apart_by_their_mints() -> None:
    text = choose([PEPE, replace(PEPE, mint=OTHER_MINT, status=Status.ARCHIVED, score=None)], NOON)
    assert [words for kind, words in marked(text) if kind == "code"][1::2] == [MINT, OTHER_MINT]
    assert "🟢 Active · Score 2.34 · migrated 1h ago" in shown(text)
    assert "⚪️ Archived · Score –" in shown(text)


def test_more_tokens_than_fit_are_counted() -> None:
    assert shown(choose([PEPE] * 10, NOON, total=25)).endswith("…and 15 more")
    assert shown(choose([PEPE] * 12, NOON)).endswith("…and 2 more")


def test_an_unknown_token_is_repeated_as_code() -> None:
    assert ("code", "t.me/scam") in marked(unknown_token("t.me/scam"))
    assert "for example /token PEPE" in shown(unknown_token(" \u200b "))


def test_only_admins_read_of_their_commands() -> None:
    assert "/set weight tx_accel 0.4" in shown(help_(HelpSection.ADMINS, Settings(), is_admin=True))
    for is_admin in (True, False):
        data = [button.callback_data for row in keyboard(is_admin).inline_keyboard for button in row]
        assert ("h:4" in data) is is_admin
        assert ("/help admins" in shown(help_(HelpSection.COMMANDS, Settings(), is_admin=is_admin))) is is_admin


def keyboard(is_admin: bool) -> InlineKeyboardMarkup:
    return help_keyboard(HelpSection.COMMANDS, is_admin=is_admin)


@pytest.mark.parametrize(
    ("words", "section"),
    [
        ("score", HelpSection.SCORE),
        (" The SCORE ", HelpSection.SCORE),
        ("alerts", HelpSection.ALERTS),
        ("promise", HelpSection.PROMISE),
        ("admins", HelpSection.COMMANDS),
        ("", HelpSection.COMMANDS),
        ("moon", HelpSection.COMMANDS),
    ],
)
def test_a_section_is_found_by_its_name(words: str, section: HelpSection) -> None:
    assert section_of(words, is_admin=False) is section


def test_a_section_is_found_by_its_russian_title_too() -> None:
    with Catalogs().speaking("ru"):
        assert section_of("оповещения", is_admin=False) is HelpSection.ALERTS


def test_the_help_says_what_the_score_does_not_promise() -> None:
    text = shown(help_(HelpSection.PROMISE, Settings(weight_holder_growth=0.5)))
    for sentence in ("ranks activity, not return", "say the same", "40% of the weight", "This is no advice"):
        assert sentence in text
    assert "it moves with SOL's price" in text


def test_the_help_explains_the_scale_and_the_gate_by_the_settings() -> None:
    changed = Settings(weight_tx_accel=0.5, min_active_liquidity=65_000, min_tx_count=120, alert_score_on=3)
    assert "liquidity from $65K or 120 trades in 5 min" in shown(help_(HelpSection.ALERTS, changed))
    scale = "About 0.75 is ordinary trading; 🔥 rings from 3.00, for tokens younger than 25 min from less"
    assert scale in shown(help_(HelpSection.SCORE, changed))


def test_the_help_explains_the_sign_of_every_alert_that_chats_hear() -> None:
    text = shown(help_(HelpSection.ALERTS, Settings()))
    assert [sign for sign in ("🚀", "🔥", "♻️", "👁", "🗄", "🗞") if sign not in text] == []


def test_the_start_names_the_first_commands_and_has_buttons_for_the_next() -> None:
    for command in ("/subscribe", "/token"):
        assert command in shown(start())
    buttons = [button.callback_data for row in start_keyboard().inline_keyboard for button in row]
    assert buttons == ["o:top", "ad:panel", "o:help"]
