"""A pretend token's pairs as DexScreener lists them: its curve and its pools. Pure.

Their figures add up to those of the life: where it was traded is the life's affair (lives.py).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from deploy.sandbox.lives import Figures, Life, Venue
from deploy.sandbox.quotes import SOL_USD, WRAPPED_SOL
from deploy.sandbox.world import mint_of

Pair = dict[str, object]


def pairs_of(life: Life, now: datetime, lag: timedelta = timedelta()) -> list[Pair]:
    """What is listed of the token: each pair from `lag` after its beginning on, not sorted."""
    figures = life.figures(now)
    if figures is None:
        return []
    venues = sorted(life.venues(now), key=lambda venue: venue.dex)
    return [_pair(life, figures, venue) for venue in venues if now >= venue.opened_at + lag]


def _pair(life: Life, figures: Figures, venue: Venue) -> Pair:
    """One pair under DexScreener's field names."""
    windows, liquidity = (venue.last_5m, venue.last_1h), venue.liquidity
    address = mint_of(f"{life.mint}:{venue.dex}")
    told: Pair = {
        "chainId": "solana",
        "dexId": venue.dex,
        "url": f"https://dexscreener.com/solana/{address.lower()}",
        "pairAddress": address,
        "baseToken": {"address": life.mint, "name": life.name, "symbol": life.symbol},
        "quoteToken": {"address": WRAPPED_SOL, "name": "Wrapped SOL", "symbol": "SOL"},
        "priceNative": _decimal(figures.price / SOL_USD),
        "priceUsd": _decimal(figures.price),
        "txns": {name: {"buys": w.buys, "sells": w.sells} for name, w in zip(("m5", "h1"), windows, strict=True)},
        "volume": {name: w.buys_usd + w.sells_usd for name, w in zip(("h1", "m5"), reversed(windows), strict=True)},
        "priceChange": {},
        "fdv": figures.market_cap,
        "marketCap": figures.market_cap,
        "pairCreatedAt": int(venue.opened_at.timestamp() * 1000),
    }
    return told if liquidity is None else told | {"liquidity": _depth(liquidity, figures.price)}


def _depth(usd: float, price: float) -> Pair:
    return {"usd": usd, "base": usd / 2 / price, "quote": usd / 2 / SOL_USD}


def _decimal(value: float) -> str:
    """Decimal notation without an exponent."""
    return format(Decimal(repr(value)), "f")
