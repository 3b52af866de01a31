"""The panel's further faults: each happens to whoever asks the stand-in, and is over when it is switched off."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from deploy.sandbox.chat import Outside
from deploy.sandbox.chat.switches import Switches
from deploy.sandbox.clock import HandClock
from deploy.sandbox.company import YOU
from tests.integration.sandbox_chat.conftest import TOKEN
from tests.waiting import until


async def asked(url: str, **headers: str) -> int:
    async with aiohttp.ClientSession(headers=headers) as session, session.get(url) as answer:
        return answer.status


async def call(outside: Outside, method: str, **params: Any) -> int:
    url = f"{outside.telegram.url}/bot{TOKEN}/{method}"
    async with aiohttp.ClientSession() as session, session.post(url, json=params) as answer:
        return answer.status


async def test_a_refused_key_and_a_broken_gateway_are_told_to_whoever_asks(outside: Outside) -> None:
    switches = Switches(outside)
    account = f"{outside.market.url}/utils/v1/credits"
    pairs = f"{outside.glances.url}/tokens/v1/solana/{outside.world.life(0).mint}"
    for on, statuses in ((True, (401, 502)), (False, (200, 200))):
        await switches.turn("key", on=on)
        await switches.turn("glances", on=on)
        told = await asked(account, **{"X-API-KEY": "sandbox", "x-chain": "solana"}), await asked(pairs)
        assert told == statuses


async def test_slow_markets_take_up_to_four_seconds_and_are_quick_again(outside: Outside) -> None:
    switches = Switches(outside)
    await switches.turn("slow", on=True)
    assert {(one.latency_seconds, one.jitter_seconds) for one in (outside.market, outside.glances)} == {(0.5, 3.5)}
    await switches.turn("slow", on=False)
    assert {(one.latency_seconds, one.jitter_seconds) for one in (outside.market, outside.glances)} == {(0, 0)}


async def test_a_late_birdeye_learns_of_a_token_two_minutes_after_its_migration(outside: Outside) -> None:
    switches, clock = Switches(outside), outside.world.clock
    assert isinstance(clock, HandClock)
    key = {"X-API-KEY": "sandbox", "x-chain": "solana"}
    await switches.turn("lag", on=True)
    mint = outside.migrate()
    url = f"{outside.market.url}/defi/token_overview?address={mint}"
    clock.move(119)
    assert not await is_listed(url, key)
    clock.move(1)
    assert await is_listed(url, key)
    mint = outside.migrate()
    url = f"{outside.market.url}/defi/token_overview?address={mint}"
    assert not await is_listed(url, key)
    await switches.turn("lag", on=False)
    assert await is_listed(url, key)


async def is_listed(url: str, headers: dict[str, str]) -> bool:
    """Whether Birdeye tells any figures there."""
    async with aiohttp.ClientSession(headers=headers) as session, session.get(url) as answer:
        return answer.status == 200 and "price" in ((await answer.json())["data"] or {})


@pytest.mark.parametrize(("name", "status"), [("ban", "403"), ("site", "200")])
async def test_a_banned_address_and_one_of_a_web_page_are_thrown_out_and_not_let_in(
    name: str, status: str, outside: Outside
) -> None:
    switches = Switches(outside)
    async with connect(outside.feed.url, proxy=None) as socket:
        await switches.turn(name, on=True)
        await asyncio.wait_for(socket.wait_closed(), 5)
    with pytest.raises(InvalidStatus, match=status):
        await connect(outside.feed.url, proxy=None)
    await switches.turn(name, on=False)
    async with connect(outside.feed.url, proxy=None):
        pass


async def test_half_of_the_answers_get_lost_of_messages_that_arrived(outside: Outside) -> None:
    switches = Switches(outside)
    await switches.turn("lost", on=True)
    lost = 0
    for number in range(12):
        try:
            assert await call(outside, "sendMessage", chat_id=YOU, text=str(number)) == 200
        except aiohttp.ServerDisconnectedError:
            lost += 1
    assert 1 <= lost <= 11
    assert len([one for one in outside.telegram.messages(YOU) if one.sender.is_bot]) == 12
    await switches.turn("lost", on=False)
    for number in range(12):
        assert await call(outside, "sendMessage", chat_id=YOU, text=str(number)) == 200


async def test_a_second_poller_ends_the_first_ones_poll_and_no_other_fault(outside: Outside) -> None:
    switches = Switches(outside)
    await call(outside, "getUpdates", offset=1_000_000_000)
    polling = asyncio.create_task(call(outside, "getUpdates", timeout=50))
    await until(lambda: outside.telegram.world.poller, what="the poll")
    await switches.turn("telegram", on=True)
    await switches.turn("poller", on=True)
    assert await asyncio.wait_for(polling, 5) == 409
    assert await call(outside, "getUpdates") == 409
    await switches.turn("poller", on=False)
    assert await call(outside, "getUpdates") == 200
    assert await call(outside, "sendMessage", chat_id=YOU, text="hi") == 429


async def test_birdeye_takes_one_call_a_second_and_as_many_as_before(outside: Outside) -> None:
    switches = Switches(outside)
    usual = outside.market.meter.per_second
    account = f"{outside.market.url}/utils/v1/credits"
    await switches.turn("rates", on=True)
    told = [await asked(account, **{"X-API-KEY": "sandbox", "x-chain": "solana"}) for _ in range(2)]
    assert told == [200, 429]
    await switches.turn("rates", on=False)
    assert outside.market.meter.per_second == usual


async def test_a_mute_telegram_answers_nothing_a_revoked_token_401_and_who_blocks_the_bot_403(
    outside: Outside,
) -> None:
    switches = Switches(outside)
    statuses = []
    for name in ("revoked", "block"):
        await switches.turn(name, on=True)
        statuses.append(await call(outside, "sendMessage", chat_id=YOU, text="hi"))
        await switches.turn(name, on=False)
        statuses.append(await call(outside, "sendMessage", chat_id=YOU, text="hi"))
    assert statuses == [401, 200, 403, 200]
    await switches.turn("mute", on=True)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(call(outside, "getMe"), 0.5)
    await switches.turn("mute", on=False)
    assert await call(outside, "getMe") == 200
