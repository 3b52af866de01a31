from __future__ import annotations

import math
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.sandbox.world import mint_of
from engine.dexes import is_curve
from engine.model import Glance
from engine.pairs import parse_pairs
from tests.made import MINT, NOON, OTHER_MINT, pair
from tests.unit.glances import glance, read


def test_a_pool_told_twice_counts_once() -> None:
    complaints: list[str] = []
    theirs = pair(baseToken={"address": OTHER_MINT})
    found = parse_pairs([pair(), pair(), theirs], [MINT, OTHER_MINT], NOON, complaints.append)
    assert [seen.sample.liquidity for seen in found.values()] == [40_000]
    assert complaints == ["pair told twice"] * 2


@pytest.mark.parametrize("field", ["dexId", "pairAddress", "chainId"])
@pytest.mark.parametrize("bad", [None, 7, "", "\x00", ["pumpswap"], "!" * 44], ids=repr)
def test_a_pair_that_does_not_say_which_pool_it_is_is_dropped(field: str, bad: object) -> None:
    complaints: list[str] = []
    assert read(pair(**{field: bad}), complaints=complaints) is None
    assert "pair without identity" in complaints


@pytest.mark.parametrize(
    ("told", "price"),
    [("0.000004502", 0.000004502), ("12", 12), (12.5, 12.5), ("1.5e-7", 1.5e-7), ("0." + "0" * 200 + "1", 1e-201)],
)
def test_a_price_is_a_decimal_text_or_a_number(told: object, price: float) -> None:
    assert glance(pair(priceUsd=told)).sample.price == pytest.approx(price)


@pytest.mark.parametrize(
    "bad", ["0", "-1", "NaN", "Infinity", "1e999", "1,5", "0x10", "1_000", "", " 1", "9" * 400, "٣", True, [1], -1, 0]
)
def test_a_price_that_is_none_is_missing_and_complained_of(bad: object) -> None:
    complaints: list[str] = []
    assert glance(pair(priceUsd=bad), complaints=complaints).sample.price is None
    assert complaints == ["priceUsd"]


@pytest.mark.parametrize(
    ("change", "figure", "complaint"),
    [
        ({"liquidity": {"usd": "40000"}}, "liquidity", "liquidity.usd"),
        ({"liquidity": [1]}, "liquidity", "liquidity.usd"),
        ({"volume": {"m5": -1, "h1": 1}}, "volume_5m", "volume.m5"),
        ({"volume": {"m5": 1, "h1": 10**400}}, "volume_1h", "volume.h1"),
        ({"txns": {"m5": {"buys": 1.5, "sells": 1}}}, "tx_count_5m", "txns.m5.buys"),
        ({"txns": {"m5": {"buys": 2**31, "sells": 1}}}, "tx_count_5m", "txns.m5.buys"),
        ({"txns": {"h1": 7}}, "tx_count_1h", "txns.h1.buys"),
        ({"pairCreatedAt": 1_500_000_000_000}, "first_trade_at", "pairCreatedAt"),
        ({"pairCreatedAt": 10**400}, "first_trade_at", "pairCreatedAt"),
        ({"pairCreatedAt": NOON.timestamp() * 1000 + 61_000}, "first_trade_at", "pairCreatedAt"),
        ({"pairCreatedAt": NOON.timestamp()}, "first_trade_at", "pairCreatedAt"),
    ],
)
def test_a_bad_figure_is_missing_and_complained_of_never_wrong(
    change: dict[str, object], figure: str, complaint: str
) -> None:
    complaints: list[str] = []
    assert getattr(glance(pair(**change), complaints=complaints).sample, figure) is None
    assert complaint in complaints


def test_a_sum_too_large_to_store_is_missing() -> None:
    many = {"m5": {"buys": 2**31 - 1, "sells": 0}}
    seen = glance(pair(txns=many), pair(txns=many, pairAddress=mint_of("b")))
    assert seen.sample.tx_count_5m is None
    assert seen.pools[0].tx_count_5m == 2**31 - 1


def test_a_pool_born_a_moment_ahead_of_our_clock_was_born_now() -> None:
    assert glance(pair(pairCreatedAt=NOON.timestamp() * 1000 + 30_000)).sample.first_trade_at == NOON


def test_a_pool_without_any_figure_is_no_data_yet() -> None:
    assert read(pair(priceUsd=None, txns=None, volume=None, liquidity=None, marketCap=None, fdv=None)) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
NUMBERS = st.integers() | st.floats() | st.decimals().map(str)
SPOILT = st.dictionaries(st.sampled_from([*pair(), "dexId"]), JSON | NUMBERS).map(lambda changes: {**pair(), **changes})
INNER = st.builds(
    lambda usd, m5, h1, count: pair(
        liquidity={"usd": usd}, volume={"m5": m5, "h1": h1}, txns={"m5": {"buys": count, "sells": count}}
    ),
    *[JSON | NUMBERS] * 4,
)
PLACES = st.integers(0, 50).map(lambda number: mint_of(str(number)))
PAIRS = st.builds(lambda raw, place: {**raw, "pairAddress": place}, SPOILT | INNER, PLACES)


@given(JSON | st.lists(JSON | SPOILT | PAIRS, max_size=8))
def test_any_json_gives_storable_glances_or_none(body: object) -> None:
    for mint, seen in parse_pairs(body, [MINT, OTHER_MINT], NOON).items():
        assert mint in (MINT, OTHER_MINT)
        assert_storable(seen)


@given(st.lists(PAIRS, min_size=1, max_size=8))
def test_the_order_of_pairs_changes_no_figure(pairs: list[dict[str, Any]]) -> None:
    once = {raw["pairAddress"]: raw for raw in pairs}
    there, back = (parse_pairs(order, [MINT], NOON) for order in ([*once.values()], [*once.values()][::-1]))
    assert there.keys() == back.keys()
    for mint, seen in there.items():
        other = back[mint]
        assert seen.pools == other.pools
        assert seen.sample.figures == pytest.approx(other.sample.figures)


def assert_storable(seen: Glance) -> None:
    sample = seen.sample
    counts = (sample.tx_count_5m, sample.tx_count_1h, *(pool.tx_count_5m for pool in seen.pools))
    assert all(count is None or (type(count) is int and 0 <= count < 2**31) for count in counts)
    amounts = (sample.price, sample.liquidity, sample.market_cap, sample.volume_5m, sample.volume_1h)
    for amount in (*amounts, *(p.liquidity for p in seen.pools), *(p.volume_5m for p in seen.pools)):
        assert amount is None or (type(amount) is float and math.isfinite(amount) and 0 <= amount < 1e300)
    for text in (sample.symbol, sample.name, *(pool.dex_name for pool in seen.pools)):
        assert text is None or (len(text) <= 128 and "\x00" not in text and text.encode())
    assert sample.first_trade_at is None or NOON - timedelta(days=3650) < sample.first_trade_at <= NOON
    assert len({pool.pool_address for pool in seen.pools}) == len(seen.pools) > 0
    assert not any(is_curve(pool.dex_name) for pool in seen.pools)
