"""What token_security, v2/markets and utils/v1/credits say, to the letter and under hostile JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from engine.credits import Credits, parse_credits
from engine.errors import NoDataYet
from engine.markets import parse_markets
from engine.model import PoolFigures, Safety
from engine.refusals import credits_used
from engine.security import NOBODY, parse_security
from tests.made import MINT, NOON, OTHER_MINT

PAYLOADS = Path(__file__).resolve().parents[3] / "shared" / "payloads" / "birdeye"
SOL = "So11111111111111111111111111111111111111112"
POOL = "FQtfy1iZrmXmQQ7HNjXLZdPUHoYZcJvJdvSVaHsPDyeZ"


def recorded(name: str) -> Any:
    path = PAYLOADS / name
    if not path.exists():
        pytest.skip(f"the recorded answer {name} is not here")
    return json.loads(path.read_text())


def security(complaints: list[str] | None = None, /, **facts: object) -> Safety:
    heard = complaints if complaints is not None else []
    body = {"success": True, "data": {"top10HolderPercent": 0.5, **facts}}
    return parse_security(body, MINT, NOON, heard.append)


def test_the_recorded_safety_facts_are_read_to_the_letter_and_nulls_stay_unknown() -> None:
    complaints: list[str] = []
    assert parse_security(recorded("token_security_recorded.json"), MINT, NOON, complaints.append) == Safety(
        top10_share=0.19932002443179883,
        creator_share=1.000104400928435e-15,
        mint_authority=None,
        freeze_authority=None,
        mutable_metadata=False,
        as_of=NOON,
    )
    assert complaints == []


@pytest.mark.parametrize("bad", [1.0001, -0.1, 20, "0.2", True, float("nan"), float("inf"), [0.2], 10**400], ids=repr)
def test_a_share_outside_of_0_to_1_is_unknown_and_complained_of(bad: object) -> None:
    complaints: list[str] = []
    safety = security(complaints, creatorPercentage=bad, mutableMetadata=True)
    assert safety.creator_share is None
    assert complaints == ["creatorPercentage"]


@pytest.mark.parametrize(
    ("holder", "said", "held"),
    [
        (None, None, None),
        (None, False, False),
        (None, True, True),
        (OTHER_MINT, None, True),
        (OTHER_MINT, False, True),
        (NOBODY, None, False),
        (NOBODY, True, True),
        ("somebody", None, None),
        ("", "no", None),
    ],
)
def test_an_authority_is_absent_only_where_that_was_said(holder: object, said: object, held: bool | None) -> None:
    assert security(freezeAuthority=holder, freezeable=said).freeze_authority is held
    assert security(ownerAddress=holder, mintable=said).mint_authority is held


@pytest.mark.parametrize(
    "data", [None, {}, [], {"top10HolderPercent": None}, {"mutableMetadata": "no"}, {"address": OTHER_MINT}]
)
def test_an_answer_without_any_safety_fact_is_no_data_yet(data: object) -> None:
    with pytest.raises(NoDataYet):
        parse_security({"success": True, "data": data}, MINT, NOON)


def item(**facts: object) -> dict[str, object]:
    usual = {
        "address": POOL,
        "source": "Pump Amm",
        "liquidity": 5.0,
        "base": {"address": MINT},
        "quote": {"address": SOL},
    }
    return {**usual, **facts}


def pools(*items: object, complaints: list[str] | None = None) -> tuple[PoolFigures, ...]:
    heard = complaints if complaints is not None else []
    return parse_markets({"success": True, "data": {"items": list(items), "total": 1}}, MINT, heard.append)


def test_the_documented_pools_are_read_to_the_letter() -> None:
    complaints: list[str] = []
    body = recorded("v2_markets_documented.json")
    found = parse_markets(body, body["data"]["items"][0]["base"]["address"], complaints.append)
    assert found[0] == PoolFigures("Jito4APyf642JPZPx3hGc6WWJ8zPKtRbRs4P815Awbb", "stake_pool", 1733225301.1348372)
    assert found[0].volume_5m is None
    assert complaints == []


@pytest.mark.parametrize("source", ["pump_dot_fun", "Pump Dot Fun", "Pump.fun", "Raydium Launchlab"])
def test_the_bonding_curve_is_no_pool(source: str) -> None:
    complaints: list[str] = []
    assert pools(item(source=source), complaints=complaints) == ()
    assert complaints == []


@pytest.mark.parametrize(
    "bad",
    [
        None,
        7,
        item(address="short"),
        item(address=MINT),
        item(source=None),
        item(source="\x00"),
        item(base={"address": OTHER_MINT}),
        item(base=None),
        item(base=[MINT]),
    ],
)
def test_a_bad_pool_or_one_of_another_token_is_dropped_and_the_others_stay(bad: object) -> None:
    complaints: list[str] = []
    assert [pool.pool_address for pool in pools(bad, item(), complaints=complaints)] == [POOL]
    assert complaints


def test_a_pool_is_listed_once_its_bad_liquidity_is_unknown_and_a_page_is_the_limit() -> None:
    assert pools(item(liquidity="much"), item()) == (PoolFigures(POOL, "pumpswap", None),)
    assert pools(*[item(address="x")] * 20, item()) == ()
    assert pools(item(base={"address": SOL}, quote={"address": MINT}))


@pytest.mark.parametrize("data", [None, [], {}, {"items": None}, {"items": {}}, {"total": 0}])
def test_an_answer_without_a_list_of_pools_is_no_data_yet(data: object) -> None:
    with pytest.raises(NoDataYet):
        parse_markets({"success": True, "data": data}, MINT)


def test_the_documented_compute_units_are_read_to_the_letter() -> None:
    complaints: list[str] = []
    units = parse_credits(recorded("credits_documented.json"), NOON, complaints.append)
    start, end = datetime.fromtimestamp(1758367608, UTC), datetime.fromtimestamp(1760959608, UTC)
    assert units == Credits(1162912, 1498837088, start, end)
    assert complaints == []


def credits_of(**data: object) -> Credits:
    start = int(NOON.timestamp()) - 86_400
    usual = {"start_time": start, "end_time": start + 30 * 86_400, "usage": {"api": 5}, "remaining": {"api": 7}}
    return parse_credits({"success": True, "data": {**usual, **data}}, NOON)


def test_compute_units_beyond_a_plain_int_fit_and_the_total_stands_in_for_the_missing_part() -> None:
    assert credits_of(remaining={"api": 60_000_000_000}).remaining == 60_000_000_000
    assert credits_of(usage={"total": 9}).used == 9
    assert credits_of(usage=[1]).used is None


@pytest.mark.parametrize(
    ("start", "end"), [(0, 0), (2, 1), (1, 1), (0, 10**9), ("a", 1), (None, 5), (-(10**9), 1), (0, 10**20)]
)
def test_a_period_that_is_none_is_unknown(start: object, end: object) -> None:
    noon = int(NOON.timestamp())
    moved = [noon + value if isinstance(value, int) else value for value in (start, end)]
    units = credits_of(start_time=moved[0], end_time=moved[1])
    assert (units.period_start, units.period_end, units.used) == (None, None, 5)


def test_a_period_may_last_until_months_after_now() -> None:
    assert credits_of().period_end == NOON + timedelta(days=29)


@pytest.mark.parametrize("data", [{"usage": None, "remaining": {}}, {"usage": {"api": -1}, "remaining": {"api": "7"}}])
def test_an_answer_without_compute_units_is_no_data_yet(data: dict[str, object]) -> None:
    with pytest.raises(NoDataYet):
        credits_of(**data)


@pytest.mark.parametrize(
    ("said", "price"), [("15", 15), ("0", 0), ("", None), ("-1", None), ("1.5", None), ("٣", None), ("9" * 99, None)]
)
def test_a_price_is_a_short_whole_number_or_not_told(said: str, price: int | None) -> None:
    assert credits_used({"x-credits-used": said}) == price
