from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from deploy.sandbox.world import mint_of
from engine.model import PoolFigures, Source
from engine.pairs import listed, mints_of, parse_pairs
from tests.made import MINT, NOON, OTHER_MINT, curve, pair
from tests.unit.glances import glance, read

PAYLOADS = Path(__file__).resolve().parents[3] / "shared" / "payloads" / "dexscreener"
SOL = "So11111111111111111111111111111111111111112"
BONK = "DezXAZ8z7PnrnRJjz3wXBoRgixCa6xjnB7YaB1pPB263"


def recorded(name: str) -> Any:
    path = PAYLOADS / name
    if not path.exists():
        pytest.skip(f"the recorded answer {name} is not here")
    return json.loads(path.read_text())


def test_one_pool_is_the_glance() -> None:
    complaints: list[str] = []
    seen = glance(pair(), complaints=complaints)
    sample = seen.sample
    assert (sample.ts, sample.source) == (NOON, Source.DEXSCREENER)
    assert (sample.price, sample.liquidity, sample.market_cap) == (0.0005, 40_000, 500_000)
    assert (sample.tx_count_5m, sample.tx_count_1h) == (50, 500)
    assert (sample.volume_5m, sample.volume_1h) == (1000, 9000.5)
    assert (sample.holders, sample.buys_volume_5m, sample.sells_volume_5m) == (None, None, None)
    assert (sample.symbol, sample.name) == ("PI", "Palantir Inu")
    assert sample.first_trade_at == datetime(2026, 7, 3, 11, 30, tzinfo=UTC)
    assert seen.pools == (PoolFigures(mint_of("pool"), "pumpswap", 40_000, 1000, 50),)
    assert complaints == []


def test_pools_are_summed_and_the_deepest_tells_the_price_wherever_it_stands() -> None:
    small = pair(
        pairAddress=mint_of("small"), dexId="meteora", liquidity={"usd": 10}, priceUsd="0.0006", marketCap=600_000
    )
    seen = glance(small, pair())
    assert (seen.sample.price, seen.sample.market_cap) == (0.0005, 500_000)
    assert (seen.sample.liquidity, seen.sample.tx_count_5m, seen.sample.volume_1h) == (40_010, 100, 18_001)
    assert [pool.dex_name for pool in seen.pools] == ["pumpswap", "meteora"]


def test_the_curve_tells_the_age_and_nothing_else() -> None:
    seen = glance(curve(pairCreatedAt=1_783_077_600_000, priceUsd="7", marketCap=7), pair())
    assert seen.sample.first_trade_at == datetime(2026, 7, 3, 11, 20, tzinfo=UTC)
    assert (seen.sample.tx_count_5m, seen.sample.volume_5m, seen.sample.price) == (50, 1000, 0.0005)
    assert [pool.dex_name for pool in seen.pools] == ["pumpswap"]


def test_a_token_with_only_its_curve_has_no_glance_yet() -> None:
    assert read(curve()) is None
    assert read(curve(dexId="pump_dot_fun")) is None
    assert read(curve(dexId="PumpFun")) is None


def test_a_missing_part_leaves_the_sum_of_what_is_known_and_nothing_known_is_missing() -> None:
    other = pair(pairAddress=mint_of("other"), liquidity=None, txns={"m5": {"buys": 5}}, volume={})
    seen = glance(pair(volume={"h1": 1}), other)
    assert (seen.sample.liquidity, seen.sample.tx_count_5m, seen.sample.tx_count_1h) == (40_000, 50, 500)
    assert (seen.sample.volume_5m, seen.sample.volume_1h) == (None, 1)
    assert seen.pools[1] == PoolFigures(mint_of("other"), "pumpswap", None, None, None)


def test_a_pool_where_the_mint_is_only_the_quote_does_not_count() -> None:
    complaints: list[str] = []
    turned = pair(baseToken={"address": OTHER_MINT}, quoteToken={"address": MINT}, pairAddress=mint_of("turned"))
    assert read(turned, complaints=complaints) is None
    assert glance(turned, pair()).pools[0].pool_address == mint_of("pool")
    assert complaints == []


def test_pairs_of_other_tokens_and_other_chains_are_dropped_and_complained_of() -> None:
    complaints: list[str] = []
    assert read(pair(baseToken={"address": OTHER_MINT}), pair(chainId="base"), complaints=complaints) is None
    assert complaints == ["pair of other tokens", "chainId", "pair without identity"]


def test_each_mint_gets_its_own_pools() -> None:
    other = pair(baseToken={"address": OTHER_MINT}, pairAddress=mint_of("other"), liquidity={"usd": 7})
    found = parse_pairs([other, pair()], [MINT, OTHER_MINT, SOL], NOON)
    assert {mint: seen.sample.liquidity for mint, seen in found.items()} == {MINT: 40_000, OTHER_MINT: 7}


def test_a_pool_far_from_the_busiest_ones_price_is_not_believed() -> None:
    complaints: list[str] = []
    idle = {"m5": {"buys": 0, "sells": 1}, "h1": {"buys": 0, "sells": 1}}
    false = pair(pairAddress=mint_of("false"), priceUsd="2.4", liquidity={"usd": 112_000_000}, txns=idle)
    seen = glance(false, pair(), complaints=complaints)
    assert (seen.sample.price, seen.sample.liquidity) == (0.0005, 40_000)
    assert len(seen.pools) == 1
    assert complaints == ["priceUsd against the busiest pool"]


def test_among_unused_pools_the_first_one_is_believed() -> None:
    idle = {"h1": {"buys": 0, "sells": 0}}
    late = pair(
        pairAddress=mint_of("late"), priceUsd="9", liquidity={"usd": 10**8}, txns=idle, pairCreatedAt=1_783_079_000_000
    )
    undated = pair(
        pairAddress=mint_of("undated"), priceUsd="9", liquidity={"usd": 10**8}, txns=idle, pairCreatedAt=None
    )
    seen = glance(late, pair(txns=idle), undated)
    assert (seen.sample.price, len(seen.pools)) == (0.0005, 1)


def test_the_recorded_answer_at_the_cap_is_read_without_its_mispriced_pools() -> None:
    complaints: list[str] = []
    body = recorded("token_recorded_30_pairs.json")
    found = parse_pairs(body, [BONK], NOON, complaints.append)
    seen = found[BONK]
    assert len(body["pairs"]) == 30
    assert complaints == ["priceUsd against the busiest pool"] * 3
    assert len(seen.pools) == 27
    assert seen.sample.price == pytest.approx(0.000004502)
    assert seen.sample.market_cap == 396_173_734
    assert seen.sample.liquidity == pytest.approx(sum(pool.liquidity or 0 for pool in seen.pools))
    assert seen.sample.liquidity is not None
    assert 1e6 < seen.sample.liquidity < 2e6
    assert (seen.sample.symbol, seen.sample.name) == ("Bonk", "Bonk")
    assert {pool.dex_name for pool in seen.pools} == {"orca", "meteora", "raydium"}


def test_the_recorded_curve_and_its_absent_liquidity_are_understood() -> None:
    body = recorded("search_sol_recorded.json")
    by_dex = {raw["dexId"]: raw["baseToken"]["address"] for raw in body["pairs"] if raw["chainId"] == "solana"}
    found = parse_pairs(body, list(by_dex.values()), NOON)
    assert by_dex["pumpfun"] not in found
    assert found[by_dex["pumpswap"]].sample.liquidity == 33_934.08


def test_the_recorded_answer_about_an_unknown_token_lists_nothing() -> None:
    body = recorded("unknown_token.json")
    assert listed(body) == []
    assert parse_pairs(body, [MINT], NOON) == {}


@pytest.mark.parametrize(
    ("body", "pairs"),
    [
        ([], []),
        ([1], [1]),
        ({"pairs": None}, []),
        ({"pairs": [1]}, [1]),
        ({"pairs": 7}, None),
        ({}, None),
        (None, None),
        ("[]", None),
        (True, None),
    ],
)
def test_an_answer_is_a_list_an_object_with_pairs_or_none_at_all(body: object, pairs: list[object] | None) -> None:
    assert listed(body) == pairs


def test_a_pair_takes_room_on_both_its_sides() -> None:
    assert mints_of(pair()) == {MINT, SOL}
    nonsense: list[object] = [None, 7, [], {}, {"baseToken": MINT}, {"baseToken": {"address": 7}}]
    assert [mints_of(raw) for raw in nonsense] == [set()] * 6
