"""The Birdeye stand-in as an account meets it: plans, prices, caps, pages, lag, latency and the real field names."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from deploy.sandbox.birdeye import BirdeyeApi
from deploy.sandbox.clock import HandClock
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
from deploy.sandbox.world import World, mint_of
from engine.errors import NoDataYet
from tests.integration.birdeye_scene import Scene as Asking
from tests.integration.birdeye_scene import birdeye_scene

PAYLOADS = Path(__file__).resolve().parents[3] / "shared" / "payloads" / "birdeye"
KEY = "an-account"
ONE, TWO, NOBODY = mint_of("one"), mint_of("two"), mint_of("nobody")


@dataclass
class Scene:
    clock: HandClock
    world: World
    api: BirdeyeApi
    session: aiohttp.ClientSession

    async def ask(self, path: str, **query: str) -> tuple[int, dict[str, Any], dict[str, str]]:
        """Status, body and headers."""
        async with self.session.get(self.api.url + path, params=query, headers={"X-API-KEY": KEY}) as answer:
            return answer.status, await answer.json(), {name.lower(): value for name, value in answer.headers.items()}

    async def data(self, path: str, **query: str) -> Any:
        status, body, _ = await self.ask(path, **query)
        assert (status, body["success"]) == (200, True)
        return body["data"]


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    """Two tokens that migrated ten minutes ago."""
    clock = HandClock()
    world = World(7, clock)
    world.adopt(ONE, "ONE", "Number One")
    world.adopt(TWO, "TWO", "Number Two")
    clock.move(600)
    async with BirdeyeApi(world, api_key=KEY) as api, aiohttp.ClientSession() as session:
        yield Scene(clock, world, api, session)


def recorded(name: str) -> Any:
    if not (PAYLOADS / name).exists():
        pytest.skip(f"the recorded answer {name} is not here")
    return json.loads((PAYLOADS / name).read_text())


OTHER_FRAMES = ("1m", "30m", "2h", "4h", "6h", "8h", "12h", "24h")


async def test_an_overview_has_the_recorded_fields_of_the_frames_that_were_asked_for(scene: Scene) -> None:
    real = recorded("token_overview_recorded_active.json")["data"]
    for frames in (("5m", "1h"), ("5m",), ("1h",)):
        others = [frame for frame in (*OTHER_FRAMES, "5m", "1h") if frame not in frames]
        wanted = {name for name in real if not any(frame in name for frame in others)}
        assert set(await scene.data(OVERVIEW, address=ONE, frames=",".join(frames))) == wanted
    told = await scene.data(OVERVIEW, address=ONE)
    assert {name: type(told[name]) for name in told if isinstance(real[name], str)} == {
        name: str for name in told if isinstance(real[name], str) and name != "logoURI"
    } | {"logoURI": type(None)}


async def test_what_was_before_a_window_is_told_beside_it_and_a_change_against_nothing_is_null(scene: Scene) -> None:
    before = await scene.data(OVERVIEW, address=ONE, frames="5m")
    scene.clock.move(300)
    told = await scene.data(OVERVIEW, address=ONE, frames="5m")
    assert told["history5mPrice"] == before["price"]
    assert told["priceChange5mPercent"] == pytest.approx(100 * (told["price"] / before["price"] - 1))
    assert (told["tradeHistory5m"], told["vBuyHistory5mUSD"]) == (before["trade5m"], before["vBuy5mUSD"])
    scene.clock.move(-890)
    young = await scene.data(OVERVIEW, address=ONE)
    assert (young["tradeHistory1h"], young["trade1hChangePercent"]) == (0, None)


@pytest.mark.parametrize(
    ("path", "name"),
    [(SECURITY, "token_security_recorded.json"), (CREDITS, "credits_documented.json")],
)
async def test_other_answers_have_the_recorded_fields_too(scene: Scene, path: str, name: str) -> None:
    told, real = await scene.data(path, address=ONE), recorded(name)["data"]
    assert set(told) == set(real)
    assert {field: set(told[field]) for field in told if isinstance(told[field], dict)} == {
        field: set(real[field]) for field in real if isinstance(real[field], dict)
    }


async def test_a_market_has_the_documented_fields(scene: Scene) -> None:
    told = await scene.data(MARKETS, address=ONE)
    real = recorded("v2_markets_documented.json")["data"]
    assert set(told) == set(real)
    for market in told["items"]:
        assert set(market) == set(real["items"][0])
        assert set(market["base"]) == set(real["items"][0]["base"])
        assert market["createdAt"][-5:] == "." + market["createdAt"][-4:-1] + "Z", "as in 2024-05-28T07:19:22.813Z"


async def test_markets_come_in_pages_of_at_most_twenty(scene: Scene) -> None:
    whole = await scene.data(MARKETS, address=ONE)
    assert whole["total"] == len(whole["items"]) >= 2
    second = await scene.data(MARKETS, address=ONE, offset="1", limit="1")
    assert (second["items"], second["total"]) == (whole["items"][1:2], whole["total"])
    for query in ({"limit": "21"}, {"limit": "0"}, {"limit": "x"}, {"offset": "-1"}):
        status, body, _ = await scene.ask(MARKETS, address=ONE, **query)
        assert (status, body["success"]) == (400, False)


async def test_trade_data_has_the_documented_names_in_snake_case(scene: Scene) -> None:
    (real, *_) = recorded("trade_data_multiple_documented.json")["data"].values()
    told = await scene.data(TRADE_DATA, address=ONE)
    others = [f"_{frame}" for frame in OTHER_FRAMES]
    wanted = {name for name in real if not any(frame in name for frame in others)}
    assert set(told) == wanted - {"is_scaled_ui_token", "multiplier"}
    overview = await scene.data(OVERVIEW, address=ONE)
    assert (told["trade_5m"], told["volume_buy_5m_usd"]) == (overview["trade5m"], overview["vBuy5mUSD"])


async def test_a_batch_tells_of_each_known_mint_and_costs_less_than_single_calls(scene: Scene) -> None:
    overview = await scene.data(OVERVIEW, address=ONE)
    expected = {MULTI_PRICE: ("value", 3), TRADE_DATAS: ("price", 12), MARKET_DATAS: ("price", 10), METAS: (None, 5)}
    for path, (field, base) in expected.items():
        status, body, headers = await scene.ask(path, list_address=f"{ONE},{TWO},{NOBODY}")
        assert (status, set(body["data"])) == (200, {ONE, TWO})
        assert field is None or body["data"][ONE][field] == overview["price"]
        assert int(headers["x-credits-used"]) == -int(-base * 3**0.8 // 1) < 3 * base
    assert (await scene.data(METAS, list_address=ONE))[ONE]["symbol"] == "ONE"


async def test_a_price_has_the_documented_fields(scene: Scene) -> None:
    (real, *_) = recorded("multi_price_documented.json")["data"].values()
    assert set((await scene.data(MULTI_PRICE, list_address=ONE))[ONE]) == set(real)


@pytest.mark.parametrize(("path", "cap"), [(MULTI_PRICE, 100), (TRADE_DATAS, 20), (MARKET_DATAS, 20), (METAS, 50)])
async def test_a_batch_has_a_cap(scene: Scene, path: str, cap: int) -> None:
    mints = [mint_of(str(number)) for number in range(cap + 1)]
    assert (await scene.ask(path, list_address=",".join(mints[:cap])))[0] == 200
    assert (await scene.ask(path, list_address=",".join(mints)))[0] == 400


async def test_holders_are_listed_without_a_total_and_market_data_tells_how_many(scene: Scene) -> None:
    listed = await scene.data(HOLDERS, address=ONE)
    assert set(listed) == {"items"}
    assert listed["items"][0]["ui_amount"] > listed["items"][-1]["ui_amount"] > 0
    overview = await scene.data(OVERVIEW, address=ONE)
    assert (await scene.data(MARKET_DATA, address=ONE))["holder"] == overview["holder"]
    assert (await scene.ask(HOLDERS, address=NOBODY))[0] == 404


@pytest.mark.parametrize(
    ("plan", "lacks"),
    [
        ("standard", {SECURITY, MULTI_PRICE, TRADE_DATAS, MARKET_DATAS, METAS}),
        ("lite", {TRADE_DATAS, MARKET_DATAS, METAS}),
        ("premium", {TRADE_DATAS, MARKET_DATAS, METAS}),
        ("business", set()),
    ],
)
async def test_a_plan_gates_what_it_lacks_and_costs_nothing_there(scene: Scene, plan: str, lacks: set[str]) -> None:
    scene.api.subscribe(plan)
    scene.api.meter.per_second = None
    paths = (OVERVIEW, SECURITY, MARKETS, MULTI_PRICE, TRADE_DATA, TRADE_DATAS, MARKET_DATAS, METAS)
    answers = {path: await scene.ask(path, address=ONE, list_address=ONE) for path in paths}
    assert {path for path, (status, _, _) in answers.items() if status == 401} == lacks
    assert all("lacks sufficient permissions" in answers[path][1]["message"] for path in lacks)
    assert all(("x-credits-used" in headers) == (path not in lacks) for path, (_, _, headers) in answers.items())


@pytest.mark.parametrize("plan", PLANS)
async def test_a_plan_limits_requests_a_second_and_a_minute_with_a_reset_header(scene: Scene, plan: str) -> None:
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


async def test_a_spent_month_is_a_400_until_it_is_raised(scene: Scene) -> None:
    scene.api.subscribe("standard")
    scene.api.meter.used = 29_990
    status, body, _ = await scene.ask(OVERVIEW, address=ONE)
    assert (status, body["message"]) == (400, "Compute units usage limit exceeded")


async def test_a_just_migrated_token_has_no_data_yet_in_four_ways_and_then_has() -> None:
    async with birdeye_scene() as asking:
        asking.api.lag_seconds = 60
        mints = [asking.world.adopt(mint_of(f"new {number}"), "NEW", "New").mint for number in range(24)]
        told = [await _kind(asking, mint) for mint in mints]
        assert set(told) == {"not_found", "no_data", "no_figures"}
        asking.clock.move(60)
        assert {await _kind(asking, mint) for mint in mints} == {""}


async def _kind(asking: Asking, mint: str) -> str:
    """Why it has no data; empty when it has."""
    try:
        await asking.birdeye.look(mint, fresh=True)
    except NoDataYet as error:
        return error.kind
    return ""


async def test_answers_take_as_long_as_was_asked_for(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
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
