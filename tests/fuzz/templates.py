"""Plausible answers and frames, from which hostile ones are made."""

from __future__ import annotations

import json
from datetime import timedelta

from tests.made import MINT, NOON, OTHER_MINT

SOL = "So11111111111111111111111111111111111111112"
POOLS = ("FQtfy1iZrmXmQQ7HNjXLZdPUHoYZcJvJdvSVaHsPDyeZ", "8sLbNZoA1cfnvMJLPfp98ZLAnFSYCFApfJKMbiXNLwxj")
SECONDS = int(NOON.timestamp())


def _answer(data: object) -> str:
    return json.dumps({"success": True, "data": data})


OVERVIEW = _answer(
    {
        "address": MINT,
        "decimals": 6,
        "symbol": "PI",
        "name": "Palantir Inu",
        "marketCap": 977834.25,
        "mc": 977834.25,
        "extensions": None,
        "liquidity": 201323.06,
        "lastTradeUnixTime": SECONDS - 5,
        "price": 0.000977,
        "holder": 4183,
        "trade5m": 461,
        "buy5m": 282,
        "sell5m": 179,
        "trade1h": 2712,
        "buy1h": 1500,
        "sell1h": 1212,
        "v5mUSD": 53283.4,
        "vBuy5mUSD": 23211.5,
        "vSell5mUSD": 30071.9,
        "v1hUSD": 274290.5,
        "vBuy1hUSD": 140000.2,
        "vSell1hUSD": 134290.3,
        "uniqueWallet5m": 215,
    }
)
SPARSE = _answer({"trade5m": 3, "trade1h": 7, "v5mUSD": 50.5, "v1hUSD": 90.5, "holder": 12, "price": 1})
SECURITY = _answer(
    {
        "address": MINT,
        "creatorAddress": OTHER_MINT,
        "ownerAddress": None,
        "creatorPercentage": 1e-15,
        "ownerPercentage": None,
        "mutableMetadata": False,
        "top10HolderPercent": 0.1993,
        "mintable": False,
        "freezeable": None,
        "freezeAuthority": OTHER_MINT,
        "lockInfo": None,
    }
)
MARKETS = _answer(
    {
        "items": [
            {
                "address": POOLS[0],
                "base": {"address": MINT, "decimals": 6, "symbol": "PI"},
                "quote": {"address": SOL, "decimals": 9, "symbol": "SOL"},
                "liquidity": 51234.5,
                "price": None,
                "source": "Pump Amm",
            },
            {
                "address": POOLS[1],
                "base": {"address": SOL},
                "quote": {"address": MINT},
                "liquidity": 3.5,
                "source": "Raydium Clamm",
            },
            {"address": OTHER_MINT, "base": {"address": MINT}, "quote": {"address": SOL}, "source": "pump_dot_fun"},
        ],
        "total": 3,
    }
)
CREDITS = _answer(
    {
        "start_time": SECONDS - 9 * 86_400,
        "end_time": SECONDS + 21 * 86_400,
        "usage": {"total": 1176300, "api": 1162912, "ws": 13388},
        "remaining": {"total": 1548823700, "api": 1498837088, "ws": 49986612},
    }
)
REFUSALS = tuple(
    json.dumps({"success": False, "message": message})
    for message in (
        "Compute units usage limit exceeded",
        "Unauthorized",
        "lacks sufficient permissions to access this resource",
        "address is invalid format",
    )
)
PAIRS = json.dumps(
    [
        {
            "chainId": "solana",
            "dexId": dex,
            "pairAddress": address,
            "baseToken": {"address": mint, "name": "Palantir Inu", "symbol": "PI"},
            "quoteToken": {"address": SOL, "name": "Wrapped SOL", "symbol": "SOL"},
            "priceUsd": "0.0009779",
            "txns": {"m5": {"buys": 282, "sells": 179}, "h1": {"buys": 1500, "sells": 1212}},
            "volume": {"m5": 53283.4, "h1": 274290.5},
            "liquidity": {"usd": 201323.06, "base": 1, "quote": 2},
            "fdv": 977834,
            "marketCap": 977834,
            "pairCreatedAt": int((NOON - timedelta(minutes=30)).timestamp()) * 1000,
        }
        for dex, address, mint in (
            ("pumpswap", POOLS[0], MINT),
            ("raydium", POOLS[1], MINT),
            ("pumpfun", OTHER_MINT, MINT),
            ("meteora", SOL, OTHER_MINT),
        )
    ]
)
FRAMES = tuple(
    json.dumps(frame)
    for frame in (
        {"signature": "2C8b" * 22, "mint": MINT, "txType": "migrate", "pool": "pump-amm"},
        {"signature": "2C8b", "mint": MINT, "txType": "create", "symbol": "PI", "name": "Palantir Inu", "uri": "x"},
        {"message": "Subscribed to 'migration' events."},
        {"message": "'subscribeTokenTrade' and 'subscribeAccountTrade' methods are only available with a key"},
        {"errors": "Invalid request"},
    )
)
