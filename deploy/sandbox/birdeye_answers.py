"""The `data` of the Birdeye stand-in's answers, under Birdeye's field names and with its nulls. Pure."""

from __future__ import annotations

from datetime import datetime

from deploy.sandbox.lives import SUPPLY, Figures, Life, Venue
from deploy.sandbox.quotes import WRAPPED_SOL
from deploy.sandbox.trades import Window
from deploy.sandbox.world import mint_of

CREATOR = mint_of("creator")
SOURCES = {
    "pumpfun": "Pump Dot Fun",
    "pumpswap": "Pump Amm",
    "meteora": "Meteora",
    "raydium": "Raydium",
    "orca": "Orca",
}


def overview(life: Life, figures: Figures) -> dict[str, object]:
    """The `data` of /defi/token_overview with frames=5m,1h, under Birdeye's field names."""
    return {
        "address": life.mint,
        "decimals": 6,
        "symbol": life.symbol,
        "name": life.name,
        "marketCap": figures.market_cap,
        "fdv": figures.market_cap,
        "extensions": None,
        "logoURI": None,
        "liquidity": figures.liquidity,
        "lastTradeUnixTime": int(figures.last_trade_at.timestamp()),
        "lastTradeHumanTime": figures.last_trade_at.strftime("%Y-%m-%dT%H:%M:%S"),
        "price": figures.price,
        "totalSupply": SUPPLY,
        "circulatingSupply": SUPPLY,
        "holder": figures.holders,
        **_window("5m", figures.last_5m, figures.price),
        **_window("1h", figures.last_1h, figures.price),
        "numberMarkets": figures.markets,
    }


def _window(frame: str, window: Window, price: float) -> dict[str, object]:
    return {
        f"priceChange{frame}Percent": None,
        f"uniqueWallet{frame}": window.wallets,
        f"uniqueWalletHistory{frame}": 0,
        f"uniqueWallet{frame}ChangePercent": None,
        f"trade{frame}": window.trades,
        f"tradeHistory{frame}": 0,
        f"trade{frame}ChangePercent": None,
        f"buy{frame}": window.buys,
        f"sell{frame}": window.sells,
        f"buy{frame}ChangePercent": None,
        f"sell{frame}ChangePercent": None,
        f"v{frame}": window.usd / price,
        f"v{frame}USD": window.usd,
        f"v{frame}ChangePercent": None,
        f"vBuy{frame}": window.buys_usd / price,
        f"vBuy{frame}USD": window.buys_usd,
        f"vSell{frame}": window.sells_usd / price,
        f"vSell{frame}USD": window.sells_usd,
    }


def security(life: Life) -> dict[str, object]:
    """The `data` of /defi/token_security: nobody can mint or freeze a pump.fun token, which Birdeye tells by nulls."""
    draw = sum(map(ord, life.mint))
    return {
        "creatorAddress": CREATOR,
        "ownerAddress": None,
        "creationTx": life.mint,
        "creationTime": int(life.created_at.timestamp()),
        "mintTx": life.mint,
        "ownerBalance": None,
        "ownerPercentage": None,
        "creatorPercentage": draw % 7 / 100,
        "mutableMetadata": draw % 5 == 0,
        "top10HolderPercent": 0.15 + draw % 40 / 100,
        "isTrueToken": None,
        "totalSupply": SUPPLY,
        "preMarketHolder": [],
        "lockInfo": None,
        "freezeable": None,
        "freezeAuthority": None,
        "isToken2022": False,
        "nonTransferable": None,
    }


def markets(life: Life, now: datetime) -> dict[str, object]:
    """The `data` of /defi/v2/markets: the pools once it has migrated, and the bonding curve it came from."""
    venues = sorted(life.venues(now), key=lambda venue: -(venue.liquidity or 0.0))
    figures = life.figures(now)
    on_curve = figures.liquidity if figures and len(venues) == 1 else 0.0
    items = [_market(life, venue, venue.liquidity if venue.liquidity is not None else on_curve) for venue in venues]
    return {"items": items, "total": len(items)}


def credits_left(used: int, monthly: int | None, start: datetime, end: datetime) -> dict[str, object]:
    """The `data` of /utils/v1/credits; REST calls and websockets have quotas of their own."""
    left = None if monthly is None else max(0, monthly - used)
    return {
        "start_time": int(start.timestamp()),
        "end_time": int(end.timestamp()),
        "usage": {"total": used + 7, "api": used, "ws": 7},
        "remaining": {"total": left, "api": left, "ws": 0},
        "overage_usage": {"total": 0, "api": 0, "ws": 0},
    }


def _market(life: Life, venue: Venue, liquidity: float) -> dict[str, object]:
    return {
        "address": mint_of(f"{life.mint}:{venue.dex}"),
        "base": {"address": life.mint, "decimals": 6, "symbol": life.symbol, "icon": None},
        "quote": {"address": WRAPPED_SOL, "decimals": 9, "symbol": "SOL", "icon": None},
        "createdAt": venue.opened_at.isoformat(),
        "liquidity": liquidity,
        "name": f"{life.symbol}-SOL",
        "price": None,
        "source": SOURCES[venue.dex],
        "trade24h": None,
        "volume24h": None,
    }
