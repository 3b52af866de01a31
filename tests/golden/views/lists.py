"""/top in its orders, /new, the caption of a chart and an inline result: lively, hostile, bare and empty ones."""

from __future__ import annotations

from typing import Any

from bot.views.inline import articles, card, nothing_found
from bot.views.keyboards import token_keyboard
from bot.views.new import new
from bot.views.paging import new_keyboard, top_keyboard
from bot.views.top import chart_caption, top
from deploy.sandbox.world import mint_of
from engine.model import Episode, Status
from engine.settings import Settings
from engine.shown import Census, Order, Page, Standing
from tests.golden.views.message import message
from tests.made import NOON, OTHER_MINT, minutes, sample, token

RULES = Settings()
CENSUS = Census(initial=12, active=57, archived=900, migrations_last_hour=34, last_look_at=NOON)
HOT = Standing(
    token(
        symbol="PEPE",
        name="Pepe the Frog",
        score=2.31,
        first_price=0.0003,
        first_trade_at=NOON - minutes(15),
        created_at=NOON - minutes(11),
        activated_at=NOON - minutes(10),
        episode=Episode(1, opened_at=NOON),
    ),
    sample(ts=NOON - minutes(0.2)),
    previous_score=1.9,
    top_share=0.035,
    namesakes=2,
)
HOSTILE = Standing(
    token(
        id=2,
        mint=OTHER_MINT,
        symbol="\u202eевро\u0301\u0301\u0301\u0301://t.me/scam",
        name="$\\frac{1}{0}$ https://t.me/scam " + "🚀" * 40,
        score=0.4,
        created_at=NOON - minutes(200),
    ),
    sample(ts=NOON - minutes(4), liquidity=1.0, market_cap=5.2e12, tx_count_5m=0),
    previous_score=0.6,
    top_share=1.0,
)
HEBREW = Standing(token(id=3, mint=mint_of("hebrew"), symbol="שלום"), None)
NEAR = Standing(
    token(
        id=4,
        mint=mint_of("near"),
        symbol="NEAR",
        status=Status.INITIAL,
        activated_at=None,
        created_at=NOON - minutes(3),
    ),
    sample(tx_count_5m=62, liquidity=12_000.0),
)
HALF_KNOWN = Standing(
    token(id=5, mint=mint_of("half"), symbol="HALF", status=Status.INITIAL, activated_at=None),
    sample(tx_count_5m=None, liquidity=49_000.0),
)
UNKNOWN = Standing(
    token(id=6, mint=mint_of("unknown"), symbol="DARK", status=Status.INITIAL, activated_at=None),
    sample(tx_count_5m=None, liquidity=None),
)
UNSEEN = Standing(
    token(id=7, mint=mint_of("unseen"), symbol=None, status=Status.INITIAL, activated_at=None, created_at=NOON), None
)
OVER = Standing(
    token(id=8, mint=mint_of("over"), symbol="OVER", status=Status.ARCHIVED, score=0.2, archived_at=NOON - minutes(20)),
    sample(liquidity=900.0),
)
LIVELY = Page((HOT, HOSTILE, HEBREW), number=2, size=3, total=7)
BARE = Page((), 1, 10, 0)
FRESH = Page((UNSEEN, NEAR, HALF_KNOWN, UNKNOWN, HOT, OVER), number=1, size=6, total=421)


def messages() -> dict[str, Any]:
    """The messages by name."""
    listed = {
        f"top by {order}": message(top(LIVELY, NOON, RULES, order=order, census=CENSUS), top_keyboard(LIVELY, order))
        for order in Order
    }
    return listed | {
        "top of nothing": message(top(BARE, NOON, RULES, census=CENSUS), top_keyboard(BARE, Order.SCORE)),
        "chart": message(chart_caption(LIVELY, NOON, Order.HEAT)),
        "new": message(new(FRESH, NOON, RULES), new_keyboard(FRESH)),
        "new of nothing": message(new(BARE, NOON, RULES), new_keyboard(BARE)),
        **{f"inline {item.token.id}": _inline(item) for item in (HOT, HOSTILE, HEBREW, UNSEEN)},
        "inline of nothing": [nothing_found("").text, nothing_found("\u202eNOPE" + "!" * 99).text],
    }


def _inline(standing: Standing) -> dict[str, Any]:
    [article] = articles([standing], NOON, RULES)
    shown = message(card(standing, NOON, RULES), token_keyboard(standing.token.mint))
    return {"title": article.title, "description": article.description, **shown}
