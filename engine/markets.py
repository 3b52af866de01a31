"""Birdeye's v2/markets -> a token's exchange pools. Pure; the only file that knows this endpoint's fields."""

from __future__ import annotations

import re
from typing import Any

from engine import fields
from engine.errors import NoDataYet
from engine.model import PoolFigures
from engine.reader import Complain, Reader, data_of

PAGE = 20  # the most pools one answer may hold
CURVES = frozenset(
    {"pump_dot_fun", "pump_fun", "pumpfun", "raydium_launchlab", "meteora_dynamic_bonding_curve", "moonshot"}
)
EXCHANGES = frozenset(
    {
        "pumpswap",
        "raydium",
        "raydium_amm",
        "raydium_clamm",
        "raydium_cp",
        "meteora",
        "meteora_amm",
        "meteora_damm",
        "meteora_damm_v2",
        "meteora_dlmm",
        "orca",
        "orca_whirlpool",
        "whirlpool",
        "fluxbeam",
        "lifinity",
        "phoenix",
        "openbook",
    }
)
OTHER_NAMES = {"pump_amm": "pumpswap", "pump_swap": "pumpswap"}


def parse_markets(body: object, mint: str, complain: Complain = lambda _: None) -> tuple[PoolFigures, ...]:
    """The pools in a v2/markets answer, as given (the most liquid first), each once; the bonding curve is no pool.

    Birdeye has no 5m figures per pool, so those are None. A pool that is not this token's, or has no good address or
    source, is dropped and complained of. Raises NoDataYet when the answer holds no list at all.
    """
    items = data_of(body).get("items")
    if not isinstance(items, list):
        raise NoDataYet("Birdeye has no list of pools for this token yet")
    pools: dict[str, PoolFigures] = {}
    for item in items[:PAGE]:
        pool = _pool(item, mint, complain)
        if pool is not None and pool.dex_name not in CURVES:
            pools.setdefault(pool.pool_address, pool)
    return tuple(pools.values())


def dex_name(source: str) -> str:
    """`Raydium Clamm` and `raydium_clamm` alike as `raydium_clamm`; a source nobody knows keeps its name."""
    snake = re.sub(r"[^a-z0-9]+", "_", source.lower()).strip("_")
    snake = OTHER_NAMES.get(snake, snake)
    return snake if snake in EXCHANGES | CURVES else source


def _pool(item: object, mint: str, complain: Complain) -> PoolFigures | None:
    if not isinstance(item, dict):
        complain("items")
        return None
    read = Reader(item, complain)
    address, source = read("address", fields.mint), read("source", lambda value: fields.text(value, 64))
    if address is None or source is None or address == mint:
        complain("a pool without address or source")
        return None
    if not _is_of(item, mint):
        complain("a pool of another token")
        return None
    return PoolFigures(address, dex_name(source), read("liquidity", fields.amount))


def _is_of(item: dict[str, Any], mint: str) -> bool:
    sides = (item.get("base"), item.get("quote"))
    return any(isinstance(side, dict) and side.get("address") == mint for side in sides)
