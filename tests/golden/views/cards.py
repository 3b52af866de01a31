"""/token: the pages of a token of which all is known, of one that lies, and of one of which nothing is known."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.callbacks import CardPage
from bot.links import Link
from bot.views.keyboards import card_keyboard, choice_keyboard, token_keyboard
from bot.views.lookup import choose, unknown_mint, unknown_token
from bot.views.pools import pools_page
from bot.views.score import score_page
from bot.views.token import overview
from engine.card import Card
from engine.changes import Change
from engine.model import Component, Episode, PoolFigures, Reason, Safety, Score, Source, Status, Transition
from engine.settings import Settings
from engine.shown import Portrait, Standing
from tests.golden.views.message import message
from tests.made import MINT, NOON, OTHER_MINT, minutes, sample, token

RULES = Settings()
LINKS = (Link("Axiom", "https://axiom.trade/t/{mint}"),)

_COMPONENTS = (
    Component("tx_accel", 2.04, 0.25, inputs={"tx_count_5m": 400, "tx_count_1h": 1200}, age_seconds=2),
    Component("vol_momentum", 2.33, 0.25, inputs={"volume_5m": 40_000.0, "volume_1h": 120_000.0}, age_seconds=2),
    Component(
        "holder_growth",
        0.22,
        0.25,
        partial=True,
        inputs={"holders": 1000, "holders_then": 800, "minutes": 12.5},
        age_seconds=2,
    ),
    Component(
        "orderflow_imbalance",
        -0.13,
        0.25,
        inputs={"buys_volume_5m": 17_400.0, "sells_volume_5m": 22_600.0},
        age_seconds=2,
    ),
)
_SCORE = Score(NOON - minutes(0.2), 2.34, 1.06, _COMPONENTS, 1.0, 60, True, 0.1, True, 3, Source.BIRDEYE)
_REASON = Reason("liquidity ${liquidity:,.0f} reached ${gate:,.0f}", {"liquidity": 61_234.0, "gate": 50_000.0})
_MOVES = ((NOON - minutes(59), Transition(Status.INITIAL, Status.ACTIVE, _REASON)),)
_POOLS = (
    PoolFigures(OTHER_MINT, "pumpswap", 60_000.0, 35_000.0, 360, NOON - minutes(0.5)),
    PoolFigures(MINT, "raydium_clamm", 1_200.0, None, 0, NOON - minutes(130)),
    PoolFigures(MINT, "orca", None, None, None),
)
_CHANGES = (Change(5, 1.12, 0.98, 0.2), Change(15, 0.97, 1.5, -0.44), Change(60, 21.0, None, None))
_SAFETY = Safety(0.234, 0.004, False, None, True, NOON - minutes(7))


def full() -> Card:
    """All is known; its score is high, and others are called alike."""
    episode = Episode(2, opened_at=NOON - minutes(6), peak=2.8)
    pepe = token(symbol="PEPE", name="Pepe the Frog", score=2.34, first_price=0.0003, episode=episode)
    standing = Standing(pepe, sample(ts=NOON - minutes(0.2)), previous_score=1.9)
    portrait = Portrait(standing, _SCORE, transitions=_MOVES, changes=_CHANGES)
    return Card(portrait, _SAFETY, _POOLS, namesakes=2)


def hostile() -> Card:
    """Names that turn text around, link and stack; many pools, and exchanges called after anything."""
    symbol, name = "\u202eلعملة https://t.me/scam", "<b>\u200b@admin</b> /set ﷽﷽﷽﷽﷽﷽ Z̴̧̢̛̛͚͚͚͚̈́̈́̈́̈́"
    shown = full()
    standing = shown.portrait.standing
    liar = replace(standing.token, symbol=symbol, name=name, first_price=1e-300)
    absurd = sample(ts=NOON - minutes(0.2), price=1e300, market_cap=1e300, holders=10**18, volume_5m=1e300)
    reason = Reason("{words}", {"words": "ﷺ 🚀 " * 60})
    moves = ((NOON, Transition(Status.INITIAL, Status.ACTIVE, reason)),)
    portrait = replace(shown.portrait, standing=replace(standing, token=liar, sample=absurd), transitions=moves)
    pool = PoolFigures(OTHER_MINT, "https_t_me_scam_" * 4, 1e300, None, 10**9, NOON)
    return replace(shown, portrait=portrait, pools=(pool,) * 40, namesakes=10**6)


def bare() -> Card:
    """Heard of a second ago, and nothing else."""
    fresh = token(status=Status.INITIAL, created_at=NOON - minutes(0.05), activated_at=None)
    changes = tuple(Change(change.minutes) for change in _CHANGES)
    return Card(Portrait(Standing(fresh, None), None, changes=changes))


SCENES = (full, hostile, bare)


def messages() -> dict[str, Any]:
    """Each page of each card with its buttons, the choice between two of them, and what is said of unknown ones."""
    shown = {f"{page.name.lower()} {scene.__name__}": _page(scene(), page) for scene in SCENES for page in CardPage}
    few = [scene().portrait.standing.token for scene in SCENES]
    return shown | {
        "choice": message(choose(few, NOON, total=14), choice_keyboard(few, NOON)),
        "unknown symbol": message(unknown_token("\u202ehttps://t.me/scam @admin")),
        "unknown mint": message(unknown_mint(MINT), token_keyboard(MINT, LINKS)),
    }


def _page(card: Card, page: CardPage) -> dict[str, Any]:
    texts = {
        CardPage.OVERVIEW: overview(card, NOON, RULES),
        CardPage.SCORE: score_page(card, NOON, RULES),
        CardPage.POOLS: pools_page(card, NOON),
    }
    return message(texts[page], card_keyboard(card.portrait.standing.token, page, LINKS))
