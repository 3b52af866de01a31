"""What a stand-in was asked lately: the latest first, with its price, and how often within the minute."""

from __future__ import annotations

import asyncio
import time

import aiohttp
import pytest

from deploy.sandbox.birdeye import BirdeyeApi
from deploy.sandbox.clock import HandClock
from deploy.sandbox.dexscreener import TOKENS, DexScreenerApi
from deploy.sandbox.faults import DROP, HANG, Fault
from deploy.sandbox.journal import Journal
from deploy.sandbox.world import World, mint_of
from tests.waiting import until


def test_the_latest_requests_come_first_and_old_ones_are_forgotten() -> None:
    journal = Journal()
    for number in range(6_005):
        journal.note(f"request {number}", 200, cost=number)
    assert [asked.what for asked in journal.latest(2)] == ["request 6004", "request 6003"]
    assert len(journal.latest(12_000)) == journal.per_minute() == 6_000


async def test_a_provider_notes_what_it_was_asked_how_it_answered_and_what_that_cost() -> None:
    world = World(1, HandClock())
    world.begin()
    mint = world.life(0).mint
    async with BirdeyeApi(world) as market, aiohttp.ClientSession(market.url) as session:
        for headers in ({"X-API-KEY": "sandbox"}, {}):
            async with session.get("/defi/token_overview", params={"address": mint}, headers=headers):
                pass
        refused, answered = market.journal.latest(2)
    assert (answered.what, answered.status, answered.cost) == (f"token_overview {mint[:4]}…{mint[-4:]}", 200, 15)
    assert (refused.status, refused.cost) == (401, 0)


async def test_a_request_is_noted_when_it_comes_and_one_that_is_not_answered_yet_has_no_status() -> None:
    async with DexScreenerApi(World(1, HandClock())) as glances, aiohttp.ClientSession(glances.url) as session:
        glances.fail(DROP)
        with pytest.raises(aiohttp.ClientError):
            await session.get(TOKENS + mint_of("dropped"))
        assert {asked.status for asked in glances.journal.latest(9)} == {0}, "the client may have tried twice"
        glances.heal()
        glances.fail(HANG, times=1)
        dropped = len(glances.journal.latest(9))
        hung = asyncio.create_task(session.get(TOKENS + mint_of("hung")))
        await until(lambda: len(glances.journal.latest(9)) > dropped, what="the request that hangs")
        async with session.get(TOKENS + mint_of("good")):
            pass
        assert [asked.status for asked in glances.journal.latest(2)] == [200, None]
        hung.cancel()


async def test_a_request_is_noted_with_the_time_at_which_it_came() -> None:
    async with DexScreenerApi(World(1, HandClock())) as glances, aiohttp.ClientSession(glances.url) as session:
        glances.fail(Fault(delay_seconds=0.2, body=[]), times=1)
        async with session.get(TOKENS + mint_of("slow")):
            pass
        answered_at = time.time()  # noqa: TID251 - people watch by the machine's time
        assert answered_at - glances.journal.latest(1)[0].at > 0.15
