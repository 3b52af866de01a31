"""What DexScreener's pairs say of tokens. Pure; the only file that knows their shape.

A pair is a pool seen from one side. The bonding curve is a pair too, but no exchange pool: it only tells a token's age.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from engine import fields
from engine.dexes import dex_name, is_curve
from engine.model import Glance, PoolFigures, Sample, Source

PRICE_RATIO = 3  # pools of one token are kept this close together by arbitrage; others are mispriced
CLOCK_SKEW = timedelta(minutes=1)

_T = TypeVar("_T")
_N = TypeVar("_N", int, float)
_Complain = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class _Pair:
    """One pair whose base is a wanted mint; None is "not told"."""

    mint: str
    address: str
    dex: str
    price: float | None
    market_cap: float | None
    liquidity: float | None
    tx_count_5m: int | None
    tx_count_1h: int | None
    volume_5m: float | None
    volume_1h: float | None
    created_at: datetime | None
    symbol: str | None
    name: str | None

    @property
    def depth(self) -> tuple[float, str]:
        """Sorts pools by liquidity; the address makes it unambiguous."""
        return self.liquidity or 0.0, self.address

    @property
    def bustle(self) -> tuple[int, float, tuple[float, str]]:
        """Sorts pools by how much they are used, and unused ones by age: the migration made the first pool."""
        youth = self.created_at.timestamp() if self.created_at else math.inf
        return self.tx_count_1h or 0, -youth, self.depth


def listed(body: object) -> list[object] | None:
    """The raw pairs of an answer: a bare array, or an object with `pairs` (null is none). None: no such answer."""
    if isinstance(body, dict) and "pairs" in body:
        body = body["pairs"] if body["pairs"] is not None else []
    return body if isinstance(body, list) else None


def mints_of(raw: object) -> set[str]:
    """The mints on both sides of a raw pair: it takes room in the answer to either."""
    tokens = [raw.get(side) for side in ("baseToken", "quoteToken")] if isinstance(raw, dict) else []
    addresses = [token.get("address") for token in tokens if isinstance(token, dict)]
    return {address for address in addresses if isinstance(address, str)}


def parse_pairs(
    body: object, mints: Collection[str], now: datetime, complain: _Complain = lambda _: None
) -> dict[str, Glance]:
    """A glance per mint that has an exchange pool; others are absent: not listed yet, or only their curve is.

    What is wrong is dropped and complained of, by a field's path or a few words. Never raises.
    """
    by_mint: dict[str, list[_Pair]] = {}
    for pair in _read(listed(body) or [], frozenset(mints), now, complain):
        by_mint.setdefault(pair.mint, []).append(pair)
    glances = {mint: _glance(pairs, now, complain) for mint, pairs in by_mint.items()}
    return {mint: glance for mint, glance in glances.items() if glance is not None}


def _read(raws: list[object], mints: frozenset[str], now: datetime, complain: _Complain) -> Iterator[_Pair]:
    seen: set[str] = set()
    for raw in raws:
        if not mints & mints_of(raw):
            complain("pair of other tokens")
            continue
        pair = _pair(raw, mints, now, complain)
        if pair is not None and pair.address in seen:
            complain("pair told twice")
        elif pair is not None:
            seen.add(pair.address)
            yield pair


def _pair(raw: object, mints: frozenset[str], now: datetime, complain: _Complain) -> _Pair | None:
    """The pair; None where the mint is only its quote, and where it is not told which pool it is."""
    read = _Reader(raw, complain)
    mint = read("baseToken.address", lambda value: value if isinstance(value, str) else None)
    if mint is None or mint not in mints:
        return None
    address, dex = read("pairAddress", fields.mint), read("dexId", dex_name)
    if address is None or dex is None or read("chainId", lambda chain: chain == "solana" or None) is None:
        complain("pair without identity")
        return None
    trades = fields.nested(read.trades("m5"), read.trades("h1"), lambda: complain("txns.m5 against txns.h1"))
    volume = read("volume.m5", fields.amount), read("volume.h1", fields.amount)
    volume = fields.nested(*volume, lambda: complain("volume.m5 against volume.h1"))
    return _Pair(
        mint=mint,
        address=address,
        dex=dex,
        price=read("priceUsd", fields.price),
        market_cap=read("marketCap", fields.positive) or read("fdv", fields.positive),
        liquidity=read("liquidity.usd", fields.amount),
        tx_count_5m=trades[0],
        tx_count_1h=trades[1],
        volume_5m=volume[0],
        volume_1h=volume[1],
        created_at=read("pairCreatedAt", lambda value: _created(value, now)),
        symbol=read("baseToken.symbol", lambda value: fields.text(value, 64)),
        name=read("baseToken.name", lambda value: fields.text(value, 128)),
    )


class _Reader:
    """Reads fields by dotted path out of a raw pair; a missing field is None, a wrong one also, and complained of."""

    def __init__(self, raw: object, complain: _Complain) -> None:
        self._raw = raw
        self._complain = complain

    def __call__(self, path: str, kind: Callable[[object], _T | None]) -> _T | None:
        value = self._raw
        for name in path.split("."):
            if not isinstance(value, dict):
                self._complain(path)
                return None
            value = value.get(name)
            if value is None:
                return None
        good = kind(value)
        if good is None:
            self._complain(path)
        return good

    def trades(self, window: str) -> int | None:
        """Buys and sells together; one of them alone is not the number of trades."""
        buys = self(f"txns.{window}.buys", fields.count)
        sells = self(f"txns.{window}.sells", fields.count)
        return None if buys is None or sells is None else fields.count(buys + sells)


def _created(value: object, now: datetime) -> datetime | None:
    """Milliseconds since 1970 as aware UTC, at the latest `now`; None when that is more than a clock's error off."""
    milliseconds = fields.amount(value)
    created = None if milliseconds is None else fields.moment(milliseconds / 1000, now)
    return None if created is None or created > now + CLOCK_SKEW else min(created, now)


def _glance(pairs: Sequence[_Pair], now: datetime, complain: _Complain) -> Glance | None:
    """One token's pairs as a glance; None without an exchange pool, or when none of them tells any figure."""
    pools = _agreeing([pair for pair in pairs if not is_curve(pair.dex)], complain)
    pools.sort(key=lambda pool: pool.depth, reverse=True)
    priced = next((pool for pool in pools if pool.price is not None), None)
    sample = Sample(
        ts=now,
        source=Source.DEXSCREENER,
        price=priced.price if priced else None,
        liquidity=_sum(fields.amount, (pool.liquidity for pool in pools)),
        market_cap=priced.market_cap if priced else None,
        tx_count_5m=_sum(fields.count, (pool.tx_count_5m for pool in pools)),
        tx_count_1h=_sum(fields.count, (pool.tx_count_1h for pool in pools)),
        volume_5m=_sum(fields.amount, (pool.volume_5m for pool in pools)),
        volume_1h=_sum(fields.amount, (pool.volume_1h for pool in pools)),
        first_trade_at=min((pair.created_at for pair in pairs if pair.created_at), default=None),
        symbol=next((pair.symbol for pair in (*pools, *pairs) if pair.symbol), None),
        name=next((pair.name for pair in (*pools, *pairs) if pair.name), None),
    )
    if all(figure is None for figure in sample.figures):
        return None
    figures = (PoolFigures(p.address, p.dex, p.liquidity, p.volume_5m, p.tx_count_5m) for p in pools)
    return Glance(sample, tuple(figures))


def _agreeing(pools: list[_Pair], complain: _Complain) -> list[_Pair]:
    """The pools whose price is near that of the busiest one.

    A pool against a worthless quote token tells any price and liquidity: one recorded answer has $112,792,311 in a
    pool at 4,800 times the price of its 27 honest ones. Trades cost fees, so the busiest pool is believed.
    """
    priced = [pool for pool in pools if pool.price is not None]
    if not priced:
        return pools
    price = max(priced, key=lambda pool: pool.bustle).price or 0.0
    kept = [p for p in pools if p.price is None or price / PRICE_RATIO <= p.price <= price * PRICE_RATIO]
    for _ in range(len(pools) - len(kept)):
        complain("priceUsd against the busiest pool")
    return kept


def _sum(kind: Callable[[object], _N | None], parts: Iterable[_N | None]) -> _N | None:
    """The sum of the parts that are told; None when none is, or when it cannot be stored."""
    known = [part for part in parts if part is not None]
    return kind(sum(known)) if known else None
