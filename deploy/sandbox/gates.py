"""Birdeye's plans as the stand-in keeps them: how often they may ask, and what. Pure."""

from __future__ import annotations

from typing import NamedTuple

OVERVIEW = "/defi/token_overview"
SECURITY = "/defi/token_security"
MARKETS = "/defi/v2/markets"
CREDITS = "/utils/v1/credits"
MULTI_PRICE = "/defi/multi_price"
TRADE_DATA = "/defi/v3/token/trade-data/single"
TRADE_DATAS = "/defi/v3/token/trade-data/multiple"
MARKET_DATA = "/defi/v3/token/market-data"
MARKET_DATAS = "/defi/v3/token/market-data/multiple"
METAS = "/defi/v3/token/meta-data/multiple"
HOLDERS = "/defi/v3/token/holder"

ENDPOINTS = (
    *(OVERVIEW, SECURITY, MARKETS, CREDITS, MULTI_PRICE),
    *(TRADE_DATA, TRADE_DATAS, MARKET_DATA, MARKET_DATAS, METAS, HOLDERS),
)
BATCHES = {MULTI_PRICE: 100, TRADE_DATAS: 20, MARKET_DATAS: 20, METAS: 50}  # mints a call may name


class Limits(NamedTuple):
    """Requests a second and a minute, and compute units a month."""

    per_second: int
    per_minute: int
    monthly: int


PLANS = {
    "standard": Limits(1, 60, 30_000),
    "lite": Limits(15, 900, 2_500_000),
    "starter": Limits(15, 900, 8_000_000),
    "premium": Limits(50, 1_000, 20_000_000),
    "business": Limits(100, 1_500, 60_000_000),
}
_NEEDS = {SECURITY: "lite", MULTI_PRICE: "lite", TRADE_DATAS: "business", MARKET_DATAS: "business", METAS: "business"}


def denied(plan: str) -> set[str]:
    """The paths that the plan lacks."""
    ranks = list(PLANS)
    return {path for path, least in _NEEDS.items() if ranks.index(plan) < ranks.index(least)}
