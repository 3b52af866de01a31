"""A pretend token's pairs as DexScreener lists them: its curve and its pools. Pure.

Their figures add up to those of the life: where it was traded is the life's affair (lives.py).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from deploy.sandbox.births import address_of
from deploy.sandbox.lives import SPANS_SECONDS, Figures, Life, Venue, draw
from deploy.sandbox.quotes import SOL_USD, WRAPPED_SOL
from deploy.sandbox.trades import Window

LABELS = {"meteora": ["DLMM"], "raydium": ["CPMM"], "orca": ["wp"]}
UNDATED_EACH = 15  # so many pools to one whose beginning is not told; that of a curve always is

Pair = dict[str, object]


def pairs_of(life: Life, now: datetime, lag: timedelta = timedelta()) -> list[Pair]:
    """What is listed of the token: each pair from `lag` after its beginning on, not sorted."""
    figures = life.figures(now)
    if figures is None:
        return []
    venues = sorted(life.venues(now), key=lambda venue: venue.dex)
    return [_pair(life, figures, venue, now) for venue in venues if now >= venue.opened_at + lag]


def _pair(life: Life, figures: Figures, venue: Venue, now: datetime) -> Pair:
    """One pair under DexScreener's field names."""
    address = address_of(f"{life.mint}:{venue.dex}")
    return {
        "chainId": "solana",
        "dexId": venue.dex,
        "url": f"https://dexscreener.com/solana/{address.lower()}",
        "pairAddress": address,
        "baseToken": {"address": life.mint, "name": life.name, "symbol": life.symbol},
        "quoteToken": {"address": WRAPPED_SOL, "name": "Wrapped SOL", "symbol": "SOL"},
        "priceNative": _decimal(figures.price / SOL_USD),
        "priceUsd": _decimal(figures.price),
        **_traded(venue),
        "priceChange": _changes(life, figures, venue, now),
        "fdv": figures.market_cap,
        "marketCap": figures.market_cap,
        **_told_of_some(life, figures, venue, address),
    }


def _traded(venue: Venue) -> Pair:
    return {
        "txns": {
            "m5": _counts(venue.last_5m),
            "h1": _counts(venue.last_1h),
            "h6": _counts(venue.last_6h),
            "h24": _counts(venue.last_24h),
        },
        "volume": {
            "h24": venue.last_24h.usd,
            "h6": venue.last_6h.usd,
            "h1": venue.last_1h.usd,
            "m5": venue.last_5m.usd,
        },
    }


def _counts(window: Window) -> Pair:
    return {"buys": window.buys, "sells": window.sells}


def _changes(life: Life, figures: Figures, venue: Venue, now: datetime) -> Pair:
    """In percent; since the pair's beginning where that is later. One that rounds to nothing is absent."""
    found: Pair = {}
    for name, seconds in zip(("m5", "h1", "h6", "h24"), SPANS_SECONDS, strict=True):
        then = life.figures(max(now - timedelta(seconds=seconds), venue.opened_at))
        change = round(100 * (figures.price / then.price - 1), 2) if then is not None and then.price else 0.0
        if change:
            found[name] = change
    return found


def _told_of_some(life: Life, figures: Figures, venue: Venue, address: str) -> Pair:
    """What not every pair has: labels, its beginning, its depth, and what people wrote about the token."""
    told: Pair = {"labels": LABELS[venue.dex]} if venue.dex in LABELS else {}
    if venue.liquidity is None or draw(address) % UNDATED_EACH:
        told["pairCreatedAt"] = int(venue.opened_at.timestamp() * 1000)
    if venue.liquidity is not None:
        told["liquidity"] = _depth(venue.liquidity, figures.price)
    return told | ({"info": _info(life.mint)} if draw(life.mint) % 3 else {})


def _depth(usd: float, price: float) -> Pair:
    return {"usd": usd, "base": usd / 2 / price, "quote": usd / 2 / SOL_USD}


def _info(mint: str) -> Pair:
    site = f"https://example.com/{mint}"
    return {
        "imageUrl": f"{site}/image.png",
        "header": f"{site}/header.png",
        "openGraph": f"{site}/graph.png",
        "websites": [{"url": site, "label": "Website"}],
        "socials": [{"url": f"{site}/talk", "type": "twitter"}],
    }


def _decimal(value: float) -> str:
    """Decimal notation without an exponent."""
    return format(Decimal(repr(value)), "f")
