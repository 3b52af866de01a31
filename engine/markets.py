"""Birdeye's v2/markets -> a token's exchange pools. Pure; the only file that knows this endpoint's fields."""

from __future__ import annotations

from typing import Any

from engine import fields
from engine.dexes import dex_name, is_curve
from engine.errors import NoDataYet
from engine.model import PoolFigures
from engine.reader import Complain, Reader, data_of

PAGE = 20  # the most pools one answer may hold


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
        if pool is not None and not is_curve(pool.dex_name):
            pools.setdefault(pool.pool_address, pool)
    return tuple(pools.values())


def _pool(item: object, mint: str, complain: Complain) -> PoolFigures | None:
    if not isinstance(item, dict):
        complain("items")
        return None
    read = Reader(item, complain)
    address, dex = read("address", fields.mint), read("source", dex_name)
    if address is None or dex is None or address == mint:
        complain("a pool without address or source")
        return None
    if not _is_of(item, mint):
        complain("a pool of another token")
        return None
    return PoolFigures(address, dex, read("liquidity", fields.amount))


def _is_of(item: dict[str, Any], mint: str) -> bool:
    sides = (item.get("base"), item.get("quote"))
    return any(isinstance(side, dict) and side.get("address") == mint for side in sides)
