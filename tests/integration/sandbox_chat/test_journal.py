"""What a stand-in was asked lately: the latest first, with its price, and how often within the minute."""

from __future__ import annotations

import aiohttp

from deploy.sandbox.birdeye import BirdeyeApi
from deploy.sandbox.clock import HandClock
from deploy.sandbox.journal import KEPT, Journal
from deploy.sandbox.world import World


def test_the_latest_requests_come_first_and_old_ones_are_forgotten() -> None:
    journal = Journal()
    for number in range(KEPT + 5):
        journal.note(f"request {number}", 200, cost=number)
    assert [asked.what for asked in journal.latest(2)] == [f"request {KEPT + 4}", f"request {KEPT + 3}"]
    assert journal.latest(1)[0].number == KEPT + 5
    assert len(journal.latest(KEPT * 2)) == journal.per_minute() == KEPT


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
