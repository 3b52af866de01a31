"""Birdeye's calls that the program does not make: each tells in its own words what the overview tells. Pure.

They are here for whoever changes what is asked: with their prices, caps and gates (gates.py, metering.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from deploy.sandbox.birdeye_safety import Holder, largest
from deploy.sandbox.births import address_of
from deploy.sandbox.gates import HOLDERS, MARKET_DATA, MARKET_DATAS, METAS, MULTI_PRICE, TRADE_DATA, TRADE_DATAS
from deploy.sandbox.quotes import SOL_USD

Data = Mapping[str, Any]

_RENAMED = {"numberMarkets": "market", "logoURI": "logo_uri"}
_UNSCALED = {"is_scaled_ui_token": False, "multiplier": None}
_MARKET = ("address", "price", "liquidity", "totalSupply", "circulatingSupply", "fdv", "marketCap", "holder")
_META = ("address", "symbol", "name", "decimals", "extensions", "logoURI")
_NOT_TRADES = frozenset({*_MARKET, *_META}) - {"address", "price", "holder"}


def trade_data(told: Data) -> dict[str, Any]:
    """Counts, volumes and prices per window, in snake case."""
    return {_snake(name): value for name, value in told.items() if name not in _NOT_TRADES} | _UNSCALED


def market_data(told: Data) -> dict[str, Any]:
    """Price, liquidity, supply and holders."""
    return {_snake(name): told[name] for name in _MARKET} | _UNSCALED


def meta_data(told: Data) -> dict[str, Any]:
    """How it is called."""
    return {_snake(name): told[name] for name in _META}


def price(told: Data) -> dict[str, Any]:
    """Its price alone."""
    return {
        "isScaledUiToken": False,
        "value": told["price"],
        "updateUnixTime": told["lastTradeUnixTime"],
        "updateHumanTime": told["lastTradeHumanTime"],
        "priceInNative": told["price"] / SOL_USD,
        "priceChange24h": told.get("priceChange24hPercent"),
        "liquidity": told["liquidity"],
    }


def holders(told: Data) -> dict[str, Any]:
    """The first holders, without a total: how many there are is told by the overview alone."""
    return {"items": [_holder(told, holder) for holder in largest(told["address"], told["holder"])]}


def _holder(told: Data, holder: Holder) -> dict[str, Any]:
    mint, amount = told["address"], holder.share * told["totalSupply"]
    return {
        "amount": str(round(amount * 10 ** told["decimals"])),
        "decimals": told["decimals"],
        "mint": mint,
        "owner": holder.owner,
        "token_account": address_of(f"{mint}:account:{holder.owner}"),
        "ui_amount": amount,
    }


def _snake(name: str) -> str:
    """`vBuyHistory5mUSD` -> `volume_buy_history_5m_usd`."""
    if name in _RENAMED:
        return _RENAMED[name]
    spelled = re.sub(r"^v(?=[A-Z\d])", "volume", name)
    return re.sub(r"(?<=[a-z])(?=[A-Z\d])|(?<=\dm|\dh)(?=[A-Z])", "_", spelled).lower()


SINGLE: dict[str, Callable[[Data], dict[str, Any]]] = {
    TRADE_DATA: trade_data,
    MARKET_DATA: market_data,
    HOLDERS: holders,
}
MANY: dict[str, Callable[[Data], dict[str, Any]]] = {
    MULTI_PRICE: price,
    TRADE_DATAS: trade_data,
    MARKET_DATAS: market_data,
    METAS: meta_data,
}
