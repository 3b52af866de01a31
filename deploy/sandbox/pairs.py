"""A pretend token's pairs as DexScreener lists them: its curve, its pool, and for some a second pool. Pure.

Their figures add up to those of the life: what was traded before the migration is the curve's.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from deploy.sandbox.lives import Figures, Life, Window
from deploy.sandbox.world import mint_of

WRAPPED_SOL = "So11111111111111111111111111111111111111112"
SOL_USD = 150.0
SECOND_POOL_AFTER = timedelta(minutes=10)
SECOND_SHARE = 0.2

Pair = dict[str, object]


def pairs_of(life: Life, now: datetime, lag: timedelta = timedelta()) -> list[Pair]:
    """What is listed of the token: each pair from `lag` after its beginning on, not sorted."""
    figures = life.figures(now)
    if figures is None or now < life.created_at + lag:
        return []
    migrated_at = life.migrates_at
    pools = [] if migrated_at is None or now < migrated_at + lag else _pools(life, figures, migrated_at, now)
    return [*pools, _curve(life, figures, now)]


def _curve(life: Life, figures: Figures, now: datetime) -> Pair:
    windows = [_less(figures.last_5m, life.off_curve(now, 5)), _less(figures.last_1h, life.off_curve(now, 60))]
    return _pair(life, figures, "pumpfun", life.created_at, windows)


def _pools(life: Life, figures: Figures, migrated_at: datetime, now: datetime) -> list[Pair]:
    windows = [life.off_curve(now, 5), life.off_curve(now, 60)]
    second_at = migrated_at + SECOND_POOL_AFTER
    if not _has_second_pool(life) or now < second_at:
        return [_pair(life, figures, "pumpswap", migrated_at, windows, liquidity=figures.liquidity)]
    parts = [_share(window, SECOND_SHARE) for window in windows]
    rests = [_less(window, part) for window, part in zip(windows, parts, strict=True)]
    small = figures.liquidity * SECOND_SHARE
    return [
        _pair(life, figures, "meteora", second_at, parts, liquidity=small),
        _pair(life, figures, "pumpswap", migrated_at, rests, liquidity=figures.liquidity - small),
    ]


def _has_second_pool(life: Life) -> bool:
    return sum(map(ord, life.mint)) % 3 == 0


def _pair(
    life: Life,
    figures: Figures,
    dex: str,
    created_at: datetime,
    windows: list[Window],
    *,
    liquidity: float | None = None,
) -> Pair:
    """One pair under DexScreener's field names; `windows` are the last 5 minutes and the last hour."""
    address = mint_of(f"{life.mint}:{dex}")
    told: Pair = {
        "chainId": "solana",
        "dexId": dex,
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
        "pairCreatedAt": int(created_at.timestamp() * 1000),
    }
    return told if liquidity is None else told | {"liquidity": _depth(liquidity, figures.price)}


def _depth(usd: float, price: float) -> Pair:
    return {"usd": usd, "base": usd / 2 / price, "quote": usd / 2 / SOL_USD}


def _less(whole: Window, part: Window) -> Window:
    return Window(
        whole.buys - part.buys,
        whole.sells - part.sells,
        max(0.0, whole.buys_usd - part.buys_usd),
        max(0.0, whole.sells_usd - part.sells_usd),
    )


def _share(whole: Window, share: float) -> Window:
    counts = (int(whole.buys * share), int(whole.sells * share))
    return Window(*counts, whole.buys_usd * share, whole.sells_usd * share)


def _decimal(value: float) -> str:
    """Decimal notation without an exponent."""
    return format(Decimal(repr(value)), "f")
