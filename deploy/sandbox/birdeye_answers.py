"""The overview of the Birdeye stand-in and its account, under Birdeye's field names and with its nulls. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from deploy.sandbox.lives import SUPPLY, Figures, Life
from deploy.sandbox.trades import Window

FRAMES: Mapping[str, timedelta] = {
    "1m": timedelta(minutes=1),
    "5m": timedelta(minutes=5),
    "30m": timedelta(minutes=30),
    "1h": timedelta(hours=1),
    "2h": timedelta(hours=2),
    "4h": timedelta(hours=4),
    "6h": timedelta(hours=6),
    "8h": timedelta(hours=8),
    "12h": timedelta(hours=12),
    "24h": timedelta(hours=24),
}
PRICE_ALONE = ("6h", "12h")  # of these frames only the price is told
COUNTED = ("uniqueWallet", "trade", "sell", "buy", "v", "vBuy", "vSell")


def overview(life: Life, figures: Figures) -> dict[str, object]:
    """The `data` of /defi/token_overview with the figures of 5m and 1h, without what was before them."""
    return {
        **_facts(life, figures),
        **_window("5m", figures.last_5m, figures.price),
        **_window("1h", figures.last_1h, figures.price),
    }


def whole_overview(life: Life, figures: Figures, now: datetime, frames: str = "") -> dict[str, object]:
    """The `data` of /defi/token_overview with the frames that were asked for ("5m,1h"), all of them if none was."""
    asked = frames.split(",") if frames else list(FRAMES)
    told = _facts(life, figures)
    for frame in FRAMES:
        if frame in asked:
            told |= _frame(frame, life, figures, now)
    return told


def credits_left(used: int, monthly: int | None, start: datetime, end: datetime) -> dict[str, object]:
    """The `data` of /utils/v1/credits; REST calls and websockets have quotas of their own."""
    left = None if monthly is None else max(0, monthly - used)
    return {
        "start_time": int(start.timestamp()),
        "end_time": int(end.timestamp()),
        "usage": {"total": used + 7, "api": used, "ws": 7},
        "remaining": {"total": left, "api": left, "ws": 0},
        "overage_usage": {"total": 0, "api": 0, "ws": 0},
        "overage_cost": {"total": 0, "api": 0, "ws": 0},
    }


def percent(now: float, then: float) -> float | None:
    """The change in percent; one against nothing is null."""
    return 100 * (now - then) / then if then else None


def _facts(life: Life, figures: Figures) -> dict[str, object]:
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
        "numberMarkets": figures.markets,
    }


def _window(frame: str, window: Window, price: float) -> dict[str, float]:
    return {
        f"uniqueWallet{frame}": window.wallets,
        f"trade{frame}": window.trades,
        f"buy{frame}": window.buys,
        f"sell{frame}": window.sells,
        f"v{frame}": window.usd / price,
        f"v{frame}USD": window.usd,
        f"vBuy{frame}": window.buys_usd / price,
        f"vBuy{frame}USD": window.buys_usd,
        f"vSell{frame}": window.sells_usd / price,
        f"vSell{frame}USD": window.sells_usd,
    }


def _frame(frame: str, life: Life, figures: Figures, now: datetime) -> dict[str, object]:
    """One frame: its window, what the window before it held, and the change from that to this."""
    length = FRAMES[frame]
    before = life.figures(now - length)
    price = figures.price if before is None else before.price
    found: dict[str, object] = {
        f"history{frame}Price": price,
        f"priceChange{frame}Percent": percent(figures.price, price),
    }
    if frame in PRICE_ALONE:
        return found
    told = _window(frame, life.traded(now - length, now), figures.price)
    was = _window(frame, life.traded(now - 2 * length, now - length), price)
    for stem in COUNTED:
        found[f"{stem}{frame}ChangePercent"] = percent(told[f"{stem}{frame}"], was[f"{stem}{frame}"])
        for unit in ("", "USD") if stem.startswith("v") else ("",):
            found[f"{stem}History{frame}{unit}"] = was[f"{stem}{frame}{unit}"]
    return found | told
