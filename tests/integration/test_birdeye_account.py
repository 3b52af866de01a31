"""The Birdeye stand-in as an account meets it: plans, prices, caps, pages, lag and latency."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from deploy.sandbox.gates import (
    CREDITS,
    HOLDERS,
    MARKET_DATA,
    MARKET_DATAS,
    MARKETS,
    METAS,
    MULTI_PRICE,
    OVERVIEW,
    PLANS,
    SECURITY,
    TRADE_DATA,
    TRADE_DATAS,
)
from deploy.sandbox.world import mint_of
from engine.errors import NoDataYet
from tests.integration.birdeye_account import NOBODY, ONE, TWO, Account, account
from tests.integration.birdeye_scene import Scene as Asking
from tests.integration.birdeye_scene import birdeye_scene


@pytest.fixture
async def scene() -> AsyncIterator[Account]:
    async with account() as scene:
        yield scene


async def test_markets_come_in_pages_of_at_most_twenty(scene: Account) -> None:
    whole = await scene.data(MARKETS, address=ONE)
    assert whole["total"] == len(whole["items"]) >= 2
    second = await scene.data(MARKETS, address=ONE, offset="1", limit="1")
    assert (second["items"], second["total"]) == (whole["items"][1:2], whole["total"])
    for query in ({"limit": "21"}, {"limit": "0"}, {"limit": "x"}, {"offset": "-1"}):
        status, body, _ = await scene.ask(MARKETS, address=ONE, **query)
        assert (status, body["success"]) == (400, False)


async def test_a_batch_tells_of_each_known_mint_and_costs_less_than_single_calls(scene: Account) -> None:
    overview = await scene.data(OVERVIEW, address=ONE)
    expected = {MULTI_PRICE: ("value", 3), TRADE_DATAS: ("price", 12), MARKET_DATAS: ("price", 10), METAS: (None, 5)}
    for path, (field, base) in expected.items():
        status, body, headers = await scene.ask(path, list_address=f"{ONE},{TWO},{NOBODY}")
        assert (status, set(body["data"])) == (200, {ONE, TWO})
        assert field is None or body["data"][ONE][field] == overview["price"]
        assert int(headers["x-credits-used"]) == -int(-base * 3**0.8 // 1) < 3 * base
    assert (await scene.data(METAS, list_address=ONE))[ONE]["symbol"] == "ONE"


@pytest.mark.parametrize(("path", "cap"), [(MULTI_PRICE, 100), (TRADE_DATAS, 20), (MARKET_DATAS, 20), (METAS, 50)])
async def test_a_batch_has_a_cap(scene: Account, path: str, cap: int) -> None:
    mints = [mint_of(str(number)) for number in range(cap + 1)]
    assert (await scene.ask(path, list_address=",".join(mints[:cap])))[0] == 200
    assert (await scene.ask(path, list_address=",".join(mints)))[0] == 400


@pytest.mark.parametrize(
    ("plan", "lacks"),
    [
        ("standard", {SECURITY, MULTI_PRICE, TRADE_DATAS, MARKET_DATAS, METAS}),
        ("lite", {TRADE_DATAS, MARKET_DATAS, METAS}),
        ("premium", {TRADE_DATAS, MARKET_DATAS, METAS}),
        ("business", set()),
    ],
)
async def test_a_plan_gates_what_it_lacks_and_costs_nothing_there(scene: Account, plan: str, lacks: set[str]) -> None:
    scene.api.subscribe(plan)
    scene.api.meter.per_second = None
    paths = (OVERVIEW, SECURITY, MARKETS, MULTI_PRICE, TRADE_DATA, TRADE_DATAS, MARKET_DATAS, METAS)
    answers = {path: await scene.ask(path, address=ONE, list_address=ONE) for path in paths}
    assert {path for path, (status, _, _) in answers.items() if status == 401} == lacks
    assert all("lacks sufficient permissions" in answers[path][1]["message"] for path in lacks)
    assert all(("x-credits-used" in headers) == (path not in lacks) for path, (_, _, headers) in answers.items())


def test_the_plans_have_the_limits_of_autumn_2026() -> None:
    assert PLANS == {
        "standard": (1, 60, 30_000),
        "lite": (15, 900, 2_500_000),
        "starter": (15, 900, 8_000_000),
        "premium": (50, 1_000, 20_000_000),
        "business": (100, 1_500, 60_000_000),
    }


@pytest.mark.parametrize(
    ("path", "price"),
    [
        (OVERVIEW, 15),
        (SECURITY, 50),
        (MARKETS, 30),
        (CREDITS, 1),
        (MULTI_PRICE, 3),
        (TRADE_DATA, 12),
        (TRADE_DATAS, 12),
        (MARKET_DATA, 10),
        (MARKET_DATAS, 10),
        (METAS, 5),
        (HOLDERS, 50),
    ],
)
async def test_each_call_costs_what_the_header_says(scene: Account, path: str, price: int) -> None:
    _, _, headers = await scene.ask(path, address=ONE, list_address=ONE)
    assert int(headers["x-credits-used"]) == scene.api.credits_used == price


@pytest.mark.parametrize("plan", PLANS)
async def test_a_plan_limits_requests_a_second_and_a_minute_with_a_reset_header(scene: Account, plan: str) -> None:
    scene.api.subscribe(plan)
    limits = PLANS[plan]
    for limit, pause in ((limits.per_second, 1), (limits.per_minute, 60)):
        scene.clock.move(60)
        if pause == 60:
            scene.api.meter.per_second = None
        asked = [scene.api.meter.refusal(CREDITS) for _ in range(limit)]
        assert asked == [None] * limit
        status, _, headers = await scene.ask(CREDITS)
        reset = int(headers["x-ratelimit-reset"]) - scene.clock.now().timestamp()
        assert (status, headers["x-ratelimit-remaining"], reset) == (429, "0", pause)
        assert "x-credits-used" not in headers


async def test_a_spent_month_is_a_400_until_it_is_raised(scene: Account) -> None:
    scene.api.subscribe("standard")
    scene.api.meter.used = 29_990
    status, body, _ = await scene.ask(OVERVIEW, address=ONE)
    assert (status, body["message"]) == (400, "Compute units usage limit exceeded")


async def test_only_the_latest_requests_are_remembered(scene: Account) -> None:
    scene.api.requests += [TWO] * 7_000
    await scene.data(OVERVIEW, address=ONE)
    assert (len(scene.api.requests), scene.api.requests[-1]) == (6_000, ONE)


async def test_a_new_month_begins_with_all_compute_units_and_says_when_it_ends(scene: Account) -> None:
    scene.api.subscribe("standard")
    began_at, month = scene.clock.now().timestamp(), 30 * 86_400
    scene.api.meter.used = 30_000
    scene.clock.move(month - 1)
    assert (await scene.ask(OVERVIEW, address=ONE))[0] == 400
    for later, months, used in ((1, 1, 1), (5, 1, 2), (2 * month, 3, 1)):
        scene.clock.move(later)
        told = await scene.data(CREDITS)
        assert (told["start_time"], told["end_time"]) == (began_at + months * month, began_at + (months + 1) * month)
        assert told["usage"]["api"] == scene.api.credits_used == used


async def test_a_just_migrated_token_has_no_data_yet_in_four_ways_and_then_has() -> None:
    async with birdeye_scene() as asking:
        asking.api.lag_seconds = 60
        mints = [asking.world.adopt(mint_of(f"new {number}"), "NEW", "New").mint for number in range(24)]
        told = [await _kind(asking, mint) for mint in mints]
        assert set(told) == {"not_found", "no_data", "no_figures"}
        asking.clock.move(60)
        assert {await _kind(asking, mint) for mint in mints} == {""}


@pytest.mark.parametrize("path", [MULTI_PRICE, TRADE_DATAS, MARKET_DATAS, METAS])
async def test_a_batch_leaves_out_a_just_migrated_token_for_as_long(scene: Account, path: str) -> None:
    scene.api.lag_seconds = 60
    new = scene.world.adopt(mint_of("new"), "NEW", "New").mint
    for seconds, listed in ((0, {ONE}), (59, {ONE}), (1, {ONE, new})):
        scene.clock.move(seconds)
        assert set(await scene.data(path, list_address=f"{ONE},{new}")) == listed


async def _kind(asking: Asking, mint: str) -> str:
    """Why it has no data; empty when it has."""
    try:
        await asking.birdeye.look(mint, fresh=True)
    except NoDataYet as error:
        return error.kind
    return ""


async def test_answers_take_as_long_as_was_asked_for(scene: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr("deploy.sandbox.provider.asyncio.sleep", sleep)
    await scene.api.linger()
    scene.api.slow()
    for _ in range(50):
        await scene.api.linger()
    assert len(slept) == 50
    assert 0.5 <= min(slept) < 1.5
    assert 3 < max(slept) <= 4.0
