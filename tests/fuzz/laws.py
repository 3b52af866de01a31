"""What holds for everything that the engine makes of a provider's words, whatever these were."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import base58

from engine.credits import LONGEST_PERIOD, Credits
from engine.dexes import CURVES
from engine.errors import ProviderError, RateLimited
from engine.fields import MAX_BIG_COUNT, MAX_COUNT
from engine.frames import QUOTE_MINTS, Ack, Dropped, Frame, Refusal, Stream
from engine.markets import PAGE
from engine.model import PoolFigures, Safety, Sample, Verdict
from engine.scoring import ABSURD

DROPS = {"not_json", "not_object", "unknown_type", "unknown_message", "bad_mint", "quote_mint"}
TOLD = {
    "price": ("price",),
    "liquidity": ("liquidity",),
    "market_cap": ("marketCap", "mc"),
    "holders": ("holder",),
    "tx_count_5m": ("trade5m",),
    "tx_count_1h": ("trade1h",),
    "volume_5m": ("v5mUSD",),
    "volume_1h": ("v1hUSD",),
    "buys_volume_5m": ("vBuy5mUSD",),
    "sells_volume_5m": ("vSell5mUSD",),
}


def storable(text: str | None, limit: int) -> bool:
    """Whether a text is None or can be stored: not empty, not too long, without NUL and surrogates."""
    return text is None or (0 < len(text) <= limit and "\x00" not in text and bool(text.encode()))


def is_address(text: str) -> bool:
    """Whether a text is base58 of 32 bytes."""
    return re.fullmatch(r"[1-9A-HJ-NP-Za-km-z]+", text) is not None and len(base58.b58decode(text)) == 32


def check_about(data: Mapping[str, Any], asked: str) -> None:
    """An answer that names another token than the one asked for is never used."""
    assert data.get("address", asked) == asked


def check_sample(sample: Sample, now: datetime) -> None:
    for count in (sample.holders, sample.tx_count_5m, sample.tx_count_1h):
        assert count is None or (type(count) is int and 0 <= count <= MAX_COUNT)
    amounts = (sample.price, sample.liquidity, sample.market_cap)
    volumes = (sample.volume_5m, sample.volume_1h, sample.buys_volume_5m, sample.sells_volume_5m)
    assert all(amount is None or (type(amount) is float and 0 <= amount < 1e18) for amount in amounts + volumes)
    assert sample.price != 0
    assert sample.market_cap != 0
    assert sample.ts == now
    for at in (sample.last_trade_at, sample.first_trade_at):
        assert at is None or (at.tzinfo is not None and at <= now + timedelta(days=1))
    assert storable(sample.symbol, 64)
    assert storable(sample.name, 128)


def check_told(sample: Sample, data: Mapping[str, Any], complaints: list[str]) -> None:
    """Every figure is the provider's own; one that was told and is missing was complained of."""
    for attribute, keys in TOLD.items():
        figure, told = getattr(sample, attribute), [data[key] for key in keys if data.get(key) is not None]
        assert figure is None or any(figure == one and type(one) is not bool for one in told)
        assert figure is not None or not told or complaints
    total, buys, sells = sample.volume_5m, sample.buys_volume_5m, sample.sells_volume_5m
    if total is not None and buys is not None and sells is not None:
        assert math.isclose(buys + sells, total, rel_tol=0.0501, abs_tol=1.01)


def check_verdict(verdict: Verdict) -> None:
    """What would be stored is finite, in bounds, and JSON to the letter."""
    score = verdict.score
    numbers = [verdict.after.score, verdict.after.first_price, verdict.after.episode.peak, verdict.after.episode.floor]
    numbers += [alert.level for alert in verdict.alerts]
    if score is not None:
        assert 0 <= score.coverage <= 1 + 1e-9
        assert 0 <= score.alpha <= 1
        assert 5 <= score.observed_minutes <= 60
        numbers += [score.value, score.raw, *(part.contribution for part in score.components)]
        assert all(part.value is None or abs(part.value) <= ABSURD for part in score.components)
        json.dumps([dict(part.inputs) for part in score.components], allow_nan=False)
    assert all(number is None or math.isfinite(number) for number in numbers)
    if verdict.transition is not None:
        assert storable(str(verdict.transition.reason), 400)


def check_safety(safety: Safety, now: datetime) -> None:
    for share in (safety.top10_share, safety.creator_share):
        assert share is None or (type(share) is float and 0 <= share <= 1)
    for power in (safety.mint_authority, safety.freeze_authority, safety.mutable_metadata):
        assert power is None or power is True or power is False
    assert safety.as_of == now


def check_pools(pools: tuple[PoolFigures, ...], items: list[Any], asked: str) -> None:
    """Each pool once, and each told as a pool of the token asked for."""
    assert len({pool.pool_address for pool in pools}) == len(pools) <= PAGE
    told = [(item["address"], item.get("base"), item.get("quote")) for item in items if _is_named(item)]
    for pool in pools:
        check_pool(pool)
        assert any(address == pool.pool_address and asked in (_of(base), _of(quote)) for address, base, quote in told)


def _is_named(item: object) -> bool:
    return isinstance(item, dict) and "address" in item


def _of(side: object) -> object:
    return side.get("address") if isinstance(side, dict) else None


def check_pool(pool: PoolFigures) -> None:
    assert is_address(pool.pool_address)
    assert pool.dex_name is not None
    assert storable(pool.dex_name, 64)
    assert pool.dex_name not in CURVES
    for amount in (pool.liquidity, pool.volume_5m):
        assert amount is None or (type(amount) is float and 0 <= amount < 1e18)
    assert pool.tx_count_5m is None or (type(pool.tx_count_5m) is int and 0 <= pool.tx_count_5m <= MAX_COUNT)


def check_credits(units: Credits, now: datetime) -> None:
    for count in (units.used, units.remaining):
        assert count is None or (type(count) is int and 0 <= count <= MAX_BIG_COUNT)
    assert (units.period_start is None) == (units.period_end is None)
    if units.period_start is not None and units.period_end is not None:
        assert timedelta() < units.period_end - units.period_start <= LONGEST_PERIOD
        assert units.period_end <= now + LONGEST_PERIOD


def check_refusal(error: ProviderError, now: datetime) -> None:
    assert storable(str(error), 300)
    if isinstance(error, RateLimited):
        assert now < error.retry_at <= now + timedelta(hours=1)


def check_frame(frame: Frame, now: datetime) -> None:
    if isinstance(frame, Dropped):
        assert frame.kind in DROPS
    elif isinstance(frame, Ack | Refusal):
        assert frame.stream in Stream
        assert storable(frame.text if isinstance(frame, Refusal) else None, 200)
    else:
        assert is_address(frame.mint)
        assert frame.mint not in QUOTE_MINTS
        assert frame.heard_at == now
        assert storable(frame.symbol, 64)
        assert storable(frame.name, 128)
        assert storable(getattr(frame, "signature", None), 128)
        assert storable(getattr(frame, "pool", None), 64)
