"""The DexScreener stand-in by itself: both of its paths, changes of prices, and slow answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from deploy.sandbox.clock import HandClock
from deploy.sandbox.dexscreener import LATEST, TOKENS, DexScreenerApi
from deploy.sandbox.faults import DROP, Fault
from deploy.sandbox.lives import Life
from deploy.sandbox.pairs import pairs_of
from deploy.sandbox.world import World, mint_of

PAYLOADS = Path(__file__).resolve().parents[3] / "shared" / "payloads" / "dexscreener"
NOBODY = mint_of("nobody")


@dataclass
class Scene:
    clock: HandClock
    api: DexScreenerApi
    session: aiohttp.ClientSession
    mint: str
    world: World

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
        yield Scene(clock, api, session, mint, world)


async def test_the_older_path_wraps_the_same_pairs_and_has_null_for_none(scene: Scene) -> None:
    pairs = await scene.ask(TOKENS + scene.mint)
    assert {pair["baseToken"]["address"] for pair in pairs} == {scene.mint}
    assert await scene.ask(LATEST + scene.mint) == {"schemaVersion": "1.0.0", "pairs": pairs}
    assert await scene.ask(LATEST + NOBODY) == {"schemaVersion": "1.0.0", "pairs": None}
    assert await scene.ask(TOKENS + NOBODY) == []


async def test_a_change_of_the_price_is_told_since_the_pair_began_at_most_and_one_of_nothing_is_not(
    scene: Scene,
) -> None:
    prices = [(await _pool(scene))["priceUsd"]]
    for seconds in (600, 300, 86_400):
        scene.clock.move(seconds)
        pool = await _pool(scene)
        prices.append(pool["priceUsd"])
        if seconds == 300:
            since = {"m5": prices[1], "h1": prices[0], "h6": prices[0], "h24": prices[0]}
            assert pool["priceChange"] == {
                frame: pytest.approx(100 * (float(prices[2]) / float(then) - 1), abs=0.01)
                for frame, then in since.items()
            }
    idle = [frame for frame, traded in pool["txns"].items() if not sum(traded.values())]
    assert "m5" in idle
    assert not set(idle) & set(pool["priceChange"])


async def _pool(scene: Scene) -> Any:
    (pool,) = (pair for pair in await scene.ask(TOKENS + scene.mint) if pair["dexId"] == "pumpswap")
    return pool


async def test_a_pair_has_the_recorded_fields_and_others_only_where_the_recorded_ones_lack_them_too(
    scene: Scene,
) -> None:
    real = [pair for name in ("search_sol_recorded", "token_recorded_30_pairs") for pair in recorded(name)]
    always = set.intersection(*map(_fields, real))
    seen: set[str] = set()
    for pair in [pair for life in _lived(scene, 40) for pair in pairs_of(life, scene.clock.now())]:
        assert always <= _fields(pair) <= set.union(*map(_fields, real))
        seen |= _fields(pair)
    assert seen == set.union(*map(_fields, real))


def test_longer_windows_hold_the_shorter_ones_and_some_fields_are_told_of_some_pairs_only() -> None:
    clock = HandClock()
    world = World(7, clock)
    lives = [world.adopt(mint_of(str(number)), "S", "N") for number in range(40)]
    clock.move(100_000)
    pairs: list[Any] = [pair for life in lives for pair in pairs_of(life, clock.now())]
    for pair in pairs:
        counts = [sum(pair["txns"][frame].values()) for frame in ("m5", "h1", "h6", "h24")]
        assert counts == sorted(counts)
        volumes = [pair["volume"][frame] for frame in ("m5", "h1", "h6", "h24")]
        assert volumes == sorted(volumes)
    assert any(pair["txns"]["h24"] != pair["txns"]["h6"] for pair in pairs)
    for field, least, most in (("labels", 0.3, 0.7), ("info", 0.5, 0.8), ("pairCreatedAt", 0.9, 0.99)):
        assert least < sum(field in pair for pair in pairs) / len(pairs) < most
    assert all("pairCreatedAt" in pair for pair in pairs if pair["dexId"] == "pumpfun")


def test_the_depth_of_a_pool_is_half_tokens_and_half_sol() -> None:
    clock = HandClock()
    life = World(7, clock).life(0)
    clock.move(100)
    pool: Any = next(pair for pair in pairs_of(life, clock.now()) if pair["dexId"] == "pumpswap")
    half = pytest.approx(pool["liquidity"]["usd"] / 2)
    assert pool["liquidity"]["base"] * float(pool["priceUsd"]) == half
    assert pool["liquidity"]["quote"] * float(pool["priceUsd"]) / float(pool["priceNative"]) == half


def recorded(name: str) -> list[Any]:
    path = PAYLOADS / f"{name}.json"
    if not path.exists():
        pytest.skip(f"the recorded answer {name} is not here")
    body = json.loads(path.read_text())
    pairs: list[Any] = body["pairs"] if isinstance(body, dict) else body
    return pairs


def _fields(value: object, path: str = "") -> set[str]:
    """The dotted paths of all fields; what is in a list has the list's path."""
    if isinstance(value, list):
        return set[str]().union(*(_fields(item, path) for item in value))
    if not isinstance(value, dict):
        return set()
    names = {f"{path}{name}" for name in value}
    return names.union(*(_fields(item, f"{path}{name}.") for name, item in value.items()))


def _lived(scene: Scene, count: int) -> list[Life]:
    """So many tokens, most of a day after their migration."""
    lives = [scene.world.adopt(mint_of(f"lived {number}"), "S", "N") for number in range(count)]
    scene.clock.move(90_000)
    return lives


async def test_a_mint_that_is_named_three_times_has_its_pairs_once(scene: Scene) -> None:
    once = await scene.ask(TOKENS + scene.mint)
    assert await scene.ask(TOKENS + ",".join([scene.mint, NOBODY, scene.mint, scene.mint])) == once


@pytest.mark.parametrize("fault", [DROP, Fault(status=502), Fault(status=429)], ids=repr)
async def test_a_failing_answer_takes_as_long_as_a_good_one(scene: Scene, fault: Fault) -> None:
    scene.api.latency_seconds = 0.1
    scene.api.fail(fault)
    begin = asyncio.get_running_loop().time()
    with suppress(aiohttp.ClientError):
        await scene.ask(TOKENS + scene.mint)
    assert asyncio.get_running_loop().time() - begin > 0.09


async def test_only_the_latest_requests_are_remembered(scene: Scene) -> None:
    scene.api.requests += [[str(number)] for number in range(7_000)]
    scene.api.asked_at += [0.0] * 7_000
    await scene.ask(TOKENS + scene.mint)
    assert len(scene.api.requests) == len(scene.api.asked_at) == 6_000
    assert (scene.api.requests[0], scene.api.requests[-1]) == (["1001"], [scene.mint])


async def test_a_slow_answer_comes_too_late_for_the_impatient(scene: Scene) -> None:
    scene.api.slow(30, 31)
    with pytest.raises(TimeoutError):
        await scene.ask(TOKENS + scene.mint, timeout_seconds=0.05)
