"""The DexScreener stand-in by itself: both of its paths, changes of prices, and slow answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from deploy.sandbox.clock import HandClock
from deploy.sandbox.dexscreener import LATEST, TOKENS, DexScreenerApi
from deploy.sandbox.world import World, mint_of

NOBODY = mint_of("nobody")


@dataclass
class Scene:
    clock: HandClock
    api: DexScreenerApi
    session: aiohttp.ClientSession
    mint: str

    async def ask(self, path: str, timeout_seconds: float = 5) -> Any:
        timeout = aiohttp.ClientTimeout(total=timeout_seconds)
        async with self.session.get(self.api.url + path, timeout=timeout) as answer:
            return await answer.json()


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    """A token that has just migrated, two minutes ago at most."""
    clock = HandClock()
    world = World(7, clock)
    mint = world.adopt(mint_of("one"), "ONE", "Number One").mint
    async with DexScreenerApi(world) as api, aiohttp.ClientSession() as session:
        yield Scene(clock, api, session, mint)


async def test_the_older_path_wraps_the_same_pairs_and_has_null_for_none(scene: Scene) -> None:
    pairs = await scene.ask(TOKENS + scene.mint)
    assert {pair["baseToken"]["address"] for pair in pairs} == {scene.mint}
    assert await scene.ask(LATEST + scene.mint) == {"schemaVersion": "1.0.0", "pairs": pairs}
    assert await scene.ask(LATEST + NOBODY) == {"schemaVersion": "1.0.0", "pairs": None}
    assert await scene.ask(TOKENS + NOBODY) == []


async def test_a_change_of_the_price_is_told_for_the_time_that_there_was_a_price(scene: Scene) -> None:
    told = []
    for seconds in (600, 3600):
        scene.clock.move(seconds)
        told.append((await scene.ask(TOKENS + scene.mint))[0]["priceChange"])
    assert [list(changes) for changes in told] == [["m5"], ["m5", "h1"]]


async def test_a_slow_answer_comes_too_late_for_the_impatient(scene: Scene) -> None:
    scene.api.slow(30, 31)
    with pytest.raises(TimeoutError):
        await scene.ask(TOKENS + scene.mint, timeout_seconds=0.05)
