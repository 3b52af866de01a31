"""What the Birdeye stand-in tells: the real field names, and figures that agree with each other and with the trades."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from deploy.sandbox.gates import (
    CREDITS,
    HOLDERS,
    MARKET_DATA,
    MARKETS,
    MULTI_PRICE,
    OVERVIEW,
    SECURITY,
    TRADE_DATA,
    TRADE_DATAS,
)
from deploy.sandbox.world import mint_of
from tests.integration.birdeye_account import NOBODY, ONE, Account, account, recorded

OTHER_FRAMES = ("1m", "30m", "2h", "4h", "6h", "8h", "12h", "24h")


@pytest.fixture
async def scene() -> AsyncIterator[Account]:
    async with account() as scene:
        yield scene


async def test_an_overview_has_the_recorded_fields_of_the_frames_that_were_asked_for(scene: Account) -> None:
    real = recorded("token_overview_recorded_active.json")["data"]
    for frames in (("5m", "1h"), ("5m",), ("1h",)):
        others = [frame for frame in (*OTHER_FRAMES, "5m", "1h") if frame not in frames]
        wanted = {name for name in real if not any(frame in name for frame in others)}
        assert set(await scene.data(OVERVIEW, address=ONE, frames=",".join(frames))) == wanted
    told = await scene.data(OVERVIEW, address=ONE)
    assert set(told) == set(real)
    assert {name: type(told[name]) for name in told if isinstance(real[name], str)} == {
        name: str for name in told if isinstance(real[name], str) and name != "logoURI"
    } | {"logoURI": type(None)}


async def test_what_was_before_a_window_is_told_beside_it_and_a_change_against_nothing_is_null(scene: Account) -> None:
    before = await scene.data(OVERVIEW, address=ONE, frames="5m")
    scene.clock.move(300)
    told = await scene.data(OVERVIEW, address=ONE, frames="5m")
    assert told["history5mPrice"] == before["price"]
    assert told["priceChange5mPercent"] == pytest.approx(100 * (told["price"] / before["price"] - 1))
    assert (told["tradeHistory5m"], told["vBuyHistory5mUSD"]) == (before["trade5m"], before["vBuy5mUSD"])
    scene.clock.move(-890)
    young = await scene.data(OVERVIEW, address=ONE)
    assert (young["tradeHistory1h"], young["trade1hChangePercent"]) == (0, None)


async def test_each_frame_is_counted_from_the_trades_and_a_longer_one_holds_the_shorter_ones(scene: Account) -> None:
    scene.clock.move(30 * 3600)
    told = await scene.data(OVERVIEW, address=ONE)
    life = scene.world.known(ONE)
    assert life is not None
    tape, counted = life.tape(), []
    for frame, minutes in (("1m", 1), ("5m", 5), ("30m", 30), ("1h", 60), ("2h", 120), ("4h", 240), ("24h", 1440)):
        now = life.lived(scene.clock.now())
        inside = (tape.at > now - 60 * minutes) & (tape.at <= now)
        counted.append(told[f"trade{frame}"])
        assert counted[-1] == told[f"buy{frame}"] + told[f"sell{frame}"] == inside.sum()
        assert told[f"v{frame}USD"] == pytest.approx(tape.usd[inside].sum(), abs=1e-6)
        assert told[f"uniqueWallet{frame}"] == (counted[-1] + 1) // 2
    assert counted == sorted(counted)


@pytest.mark.parametrize(
    ("path", "name"),
    [(SECURITY, "token_security_recorded.json"), (CREDITS, "credits_documented.json")],
)
async def test_other_answers_have_the_recorded_fields_too(scene: Account, path: str, name: str) -> None:
    told, real = await scene.data(path, address=ONE), recorded(name)["data"]
    assert set(told) == set(real)
    assert {field: set(told[field]) for field in told if isinstance(told[field], dict)} == {
        field: set(real[field]) for field in real if isinstance(real[field], dict)
    }


async def test_a_market_has_the_documented_fields(scene: Account) -> None:
    told = await scene.data(MARKETS, address=ONE)
    real = recorded("v2_markets_documented.json")["data"]
    assert set(told) == set(real)
    for market in told["items"]:
        assert set(market) == set(real["items"][0])
        assert set(market["base"]) == set(real["items"][0]["base"])
        assert market["createdAt"][-5:] == "." + market["createdAt"][-4:-1] + "Z", "as in 2024-05-28T07:19:22.813Z"


async def test_a_market_tells_of_its_day_and_of_the_change_from_the_day_before(scene: Account) -> None:
    young = await scene.data(MARKETS, address=ONE)
    overview = await scene.data(OVERVIEW, address=ONE)
    assert sum(market["trade24h"] for market in young["items"]) == overview["trade24h"] > 0
    assert sum(market["volume24h"] for market in young["items"]) == pytest.approx(overview["v24hUSD"])
    assert {market["trade24hChangePercent"] for market in young["items"]} == {None}
    scene.clock.move(86_400)
    before = {market["address"]: market for market in young["items"]}
    for market in (await scene.data(MARKETS, address=ONE))["items"]:
        for name in ("trade24h", "uniqueWallet24h"):
            was = before[market["address"]][name] if market["address"] in before else 0
            assert market[f"{name}ChangePercent"] == (100 * (market[name] - was) / was if was else None)


async def test_trade_data_has_the_documented_names_in_snake_case(scene: Account) -> None:
    (real, *_) = recorded("trade_data_multiple_documented.json")["data"].values()
    told = await scene.data(TRADE_DATA, address=ONE)
    assert set(told) == set(real)
    assert set((await scene.data(TRADE_DATAS, list_address=ONE))[ONE]) == set(real)
    overview = await scene.data(OVERVIEW, address=ONE)
    assert (told["trade_5m"], told["volume_buy_5m_usd"]) == (overview["trade5m"], overview["vBuy5mUSD"])


async def test_a_price_has_the_documented_fields(scene: Account) -> None:
    (real, *_) = recorded("multi_price_documented.json")["data"].values()
    assert set((await scene.data(MULTI_PRICE, list_address=ONE))[ONE]) == set(real)


async def test_holders_are_listed_without_a_total_and_market_data_tells_how_many(scene: Account) -> None:
    listed = await scene.data(HOLDERS, address=ONE)
    assert set(listed) == {"items"}
    assert listed["items"][0]["ui_amount"] > listed["items"][-1]["ui_amount"] > 0
    overview = await scene.data(OVERVIEW, address=ONE)
    assert (await scene.data(MARKET_DATA, address=ONE))["holder"] == overview["holder"]
    assert (await scene.ask(HOLDERS, address=NOBODY))[0] == 404


async def test_the_list_of_holders_and_the_safety_facts_tell_the_same_shares(scene: Account) -> None:
    creators = 0
    for number in range(12):
        mint = scene.world.adopt(mint_of(f"held {number}"), "HELD", "Held").mint
        scene.clock.move(600)
        facts, listed = await scene.data(SECURITY, address=mint), (await scene.data(HOLDERS, address=mint))["items"]
        assert len(listed) == 10
        held = {one["owner"]: one["ui_amount"] for one in listed}
        assert facts["top10HolderPercent"] == pytest.approx(sum(held.values()) / facts["totalSupply"])
        assert 0.149 < facts["top10HolderPercent"] < 0.55
        created = held.get(facts["creatorAddress"], 0)
        assert facts["creatorPercentage"] == pytest.approx(created / facts["totalSupply"])
        assert [int(one["amount"]) for one in listed] == [round(one["ui_amount"] * 10**6) for one in listed]
        creators += created > 0
    assert 0 < creators < 12
