"""One exchange has one name, whichever source tells of it and however it spells it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.dexes import ALIASES, CURVES, LONGEST_NAME, dex_name, is_curve
from engine.markets import parse_markets
from tests.made import MINT, curve, pair
from tests.unit.glances import glance, read

POOL = "FQtfy1iZrmXmQQ7HNjXLZdPUHoYZcJvJdvSVaHsPDyeZ"
CURVE_NAMES = ["pumpfun", "pump_dot_fun", "Pump Dot Fun", "Pump.fun", "launchlab", "Raydium Launchlab", "moonshot"]
CURVE_NAMES += ["meteoradbc", "meteora_dynamic_bonding_curve", "Meteora Dynamic Bonding Curve"]


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ("raydium", "raydium"),
        ("Raydium Clamm", "raydium_clamm"),
        ("raydium_clamm", "raydium_clamm"),
        ("Raydium CLMM", "raydium_clamm"),
        ("Raydium CP", "raydium_cp"),
        ("Pump Amm", "pumpswap"),
        ("pump_amm", "pumpswap"),
        ("Pump.fun AMM", "pumpswap"),
        ("PumpSwap", "pumpswap"),
        ("Whirlpool", "orca"),
        ("Stake Pool", "stake_pool"),
        (" Some-New__DEX! ", "some_new_dex"),
        ("NUL\x00\ud800", "nul"),
        ("x" * 500, "x" * 64),
    ],
)
def test_an_exchange_has_one_name_and_an_unknown_one_its_own_in_snake_case(told: str, name: str) -> None:
    assert dex_name(told) == name
    assert not is_curve(name)


@pytest.mark.parametrize("told", [None, 7, "", "\x00", "!" * 44, ["pumpswap"], "_"], ids=repr)
def test_what_is_no_name_is_none(told: object) -> None:
    assert dex_name(told) is None


@pytest.mark.parametrize("told", ["Pump Amm", "pumpswap", "Raydium Clamm", "Orca", "Some New Dex", "Мечта"])
def test_both_sources_call_a_pool_by_the_same_name(told: str) -> None:
    [listed] = parse_markets(markets(told), MINT)
    [glanced] = glance(pair(dexId=told)).pools
    assert listed.dex_name == glanced.dex_name == dex_name(told)


@pytest.mark.parametrize("told", CURVE_NAMES)
def test_a_curve_is_no_pool_in_either_source(told: str) -> None:
    assert parse_markets(markets(told), MINT) == ()
    assert read(curve(dexId=told)) is None


def markets(source: str) -> object:
    item = {"address": POOL, "source": source, "liquidity": 5.0, "base": {"address": MINT}}
    return {"success": True, "data": {"items": [item]}}


def test_aliases_lead_to_final_names() -> None:
    assert not set(ALIASES) & (set(ALIASES.values()) | CURVES)


@given(st.text(max_size=100) | st.sampled_from([*ALIASES, *CURVES]))
def test_a_name_is_short_storable_and_its_own_name(told: str) -> None:
    name = dex_name(told)
    if name is not None:
        assert dex_name(name) == name
        assert 0 < len(name) <= LONGEST_NAME
        assert "\x00" not in name
        assert name.encode()
