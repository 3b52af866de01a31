"""The markets of the Birdeye stand-in: a token's pools and the bonding curve it came from, page by page. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from deploy.sandbox.birdeye_answers import percent
from deploy.sandbox.births import address_of
from deploy.sandbox.lives import Life, Venue
from deploy.sandbox.quotes import WRAPPED_SOL
from deploy.sandbox.trades import Window

SOURCES = {
    "pumpfun": "Pump Dot Fun",
    "pumpswap": "Pump Amm",
    "meteora": "Meteora",
    "raydium": "Raydium",
    "orca": "Orca",
}
PAGE_AT_MOST = 20
DAY = timedelta(hours=24)
NOTHING = Window(0, 0, 0.0, 0.0)


def markets(life: Life, now: datetime, offset: int = 0, limit: int = PAGE_AT_MOST) -> dict[str, object]:
    """One page of the `data` of /defi/v2/markets, the deepest first; `total` counts all of them."""
    figures = life.figures(now)
    venues = sorted(life.venues(now), key=lambda venue: -(venue.liquidity or 0.0))
    before = {venue.dex: venue.last_24h for venue in life.venues(now - DAY)}
    on_curve = figures.liquidity if figures and len(venues) == 1 else 0.0
    items = [_market(life, venue, before.get(venue.dex, NOTHING), on_curve) for venue in venues]
    return {"items": items[offset : offset + limit], "total": len(items)}


def _market(life: Life, venue: Venue, before: Window, on_curve: float) -> dict[str, object]:
    """One of them; `before` is what it saw on the day before this one, `on_curve` the money of a curve."""
    day = venue.last_24h
    return {
        "address": address_of(f"{life.mint}:{venue.dex}"),
        "base": {"address": life.mint, "decimals": 6, "symbol": life.symbol, "icon": None},
        "quote": {"address": WRAPPED_SOL, "decimals": 9, "symbol": "SOL", "icon": None},
        "createdAt": venue.opened_at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{venue.opened_at.microsecond // 1000:03}Z",
        "liquidity": on_curve if venue.liquidity is None else venue.liquidity,
        "name": f"{life.symbol}-SOL",
        "price": None,
        "source": SOURCES[venue.dex],
        "trade24h": day.trades,
        "trade24hChangePercent": percent(day.trades, before.trades),
        "uniqueWallet24h": day.wallets,
        "uniqueWallet24hChangePercent": percent(day.wallets, before.wallets),
        "volume24h": day.usd,
    }
