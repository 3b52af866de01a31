"""Values made for tests: plausible by default, and whatever the test names otherwise."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from deploy.sandbox.quotes import WRAPPED_SOL
from deploy.sandbox.world import mint_of
from engine.events import Migration
from engine.model import Sample, Source, Status, Token

NOON = datetime(2026, 7, 3, 12, 0, tzinfo=UTC)
MINT = "BzqYzBGydDrwjnYVtWfupr8GFoSxpCQdTkjRppBKpump"
OTHER_MINT = "3FdcpibwaYYdPV9njyUYi71p8fdyS53MwQdjnToQsXGW"


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def token(**facts: Any) -> Token:
    """An Active token, migrated an hour ago, unscored."""
    usual: dict[str, Any] = {
        "id": 1,
        "mint": MINT,
        "status": Status.ACTIVE,
        "created_at": NOON - minutes(60),
        "activated_at": NOON - minutes(59),
        "first_trade_at": NOON - minutes(65),
    }
    return Token(**(usual | facts))


def sample(**facts: Any) -> Sample:
    """A busy token's look at noon, as Birdeye would tell it."""
    usual: dict[str, Any] = {
        "ts": NOON,
        "source": Source.BIRDEYE,
        "price": 0.001,
        "liquidity": 60_000.0,
        "market_cap": 1_000_000.0,
        "holders": 1000,
        "tx_count_5m": 400,
        "tx_count_1h": 1200,
        "volume_5m": 40_000.0,
        "volume_1h": 120_000.0,
        "buys_volume_5m": 25_000.0,
        "sells_volume_5m": 15_000.0,
    }
    return Sample(**(usual | facts))


def migration(mint: str = MINT, **facts: Any) -> Migration:
    usual: dict[str, Any] = {"heard_at": NOON, "signature": "5sig", "pool": "pump-amm"}
    return Migration(mint, **(usual | facts))


def pair(**changes: Any) -> dict[str, Any]:
    """A pool of `MINT` as DexScreener tells it; a change to None leaves the field out."""
    usual = {
        "chainId": "solana",
        "dexId": "pumpswap",
        "pairAddress": mint_of("pool"),
        "baseToken": {"address": MINT, "name": "Palantir Inu", "symbol": "PI"},
        "quoteToken": {"address": WRAPPED_SOL, "name": "Wrapped SOL", "symbol": "SOL"},
        "priceUsd": "0.0005",
        "txns": {"m5": {"buys": 30, "sells": 20}, "h1": {"buys": 300, "sells": 200}},
        "volume": {"m5": 1000.0, "h1": 9000.5},
        "liquidity": {"usd": 40_000, "base": 1, "quote": 2},
        "marketCap": 500_000,
        "fdv": 600_000,
        "pairCreatedAt": 1_783_078_200_000,
    }
    return {name: value for name, value in (usual | changes).items() if value is not None}


def curve(**changes: Any) -> dict[str, Any]:
    """The bonding curve of the same token."""
    return pair(**({"dexId": "pumpfun", "pairAddress": mint_of("curve"), "liquidity": None} | changes))
