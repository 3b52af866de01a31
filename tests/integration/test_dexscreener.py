"""The glances against the stand-in over real sockets: batches, the cap, the pace, and everything that goes wrong."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import stamina

from deploy.sandbox.clock import HandClock
from deploy.sandbox.dexscreener import DexScreenerApi
from deploy.sandbox.faults import DROP, HANG, HTML_PAGE, Fault
from deploy.sandbox.world import World, mint_of
from engine.dexscreener import DexScreener
from engine.errors import BadRequest, ProviderDown, RateLimited
from engine.heartbeat import Heartbeat
from engine.http import JsonClient
from tests.made import pair

UNPACED = 600_000


@dataclass
class Scene:
    clock: HandClock
    world: World
    api: DexScreenerApi
    heartbeat: Heartbeat
    client: JsonClient
    dexscreener: DexScreener

    @property
    def hero(self) -> str:
        return self.world.life(0).mint

    def migrants(self, count: int) -> list[str]:
        """Tokens that have just migrated."""
        return [self.world.adopt(mint_of(f"migrant {number}"), "M", "M").mint for number in range(count)]

    def crowded(self, mint: str, count: int) -> str:
        """Let the token have so many pools."""
        base = {"address": mint, "symbol": "MANY", "name": "Many"}
        pools = [pair(baseToken=base, pairAddress=mint_of(f"{mint} {number}")) for number in range(count)]
        self.api.tell(mint, pools)
        return mint

    def counted(self, kind: str) -> int:
        return self.heartbeat.counts["dexscreener_batch", kind]


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    clock, heartbeat = HandClock(), Heartbeat()
    world = World(7, clock)
    world.life(0)
    clock.move(60)
    with stamina.set_testing(True, attempts=100, cap=True):
        async with DexScreenerApi(world) as api, JsonClient(heartbeat, timeout_seconds=0.5) as client:
            dexscreener = DexScreener(client, api.url + "/", clock, heartbeat, UNPACED)
            yield Scene(clock, world, api, heartbeat, client, dexscreener)


async def test_a_glance_gives_the_worlds_figures_since_the_migration(scene: Scene) -> None:
    seen = (await scene.dexscreener.glance([scene.hero]))[scene.hero]
    life, figures = scene.world.life(0), scene.world.figures(scene.hero)
    assert figures is not None
    assert life.migrates_at is not None
    lived, migrated = life.lived(scene.clock.now()), life.lived(life.migrates_at)
    traded = life.tape().window(max(lived - 300, migrated), lived)
    assert (seen.sample.price, seen.sample.liquidity) == (figures.price, figures.liquidity)
    assert seen.sample.market_cap == figures.market_cap
    assert seen.sample.tx_count_5m == traded.buys + traded.sells > 0
    assert seen.sample.volume_5m == pytest.approx(traded.buys_usd + traded.sells_usd)
    assert (seen.sample.symbol, seen.sample.ts) == ("HERO", scene.clock.now())
    assert seen.sample.first_trade_at == life.created_at
    assert [pool.dex_name for pool in seen.pools] == ["pumpswap"]
    assert scene.heartbeat.pulse("dexscreener").beat_seconds is not None


async def test_an_hour_later_the_pools_together_have_all_that_birdeye_would_tell(scene: Scene) -> None:
    mints = scene.migrants(9)
    scene.clock.move(3600 - 60 * 4)
    for mint, seen in (await scene.dexscreener.glance(mints)).items():
        figures = scene.world.figures(mint)
        assert figures is not None
        assert seen.sample.liquidity == pytest.approx(figures.liquidity)
        assert seen.sample.tx_count_5m == figures.last_5m.buys + figures.last_5m.sells
    glances = await scene.dexscreener.glance(mints)
    assert {len(seen.pools) for seen in glances.values()} == {1, 2}


async def test_a_token_still_on_its_curve_and_an_unknown_one_have_no_glance(scene: Scene) -> None:
    born = next(life for life in map(scene.world.life, range(99)) if life.migrates_at is None)
    scene.clock.move((born.created_at - scene.clock.now()).total_seconds() + 60)
    assert await scene.dexscreener.glance([born.mint, mint_of("nobody")]) == {}
    assert scene.heartbeat.pulse("dexscreener").beat_seconds is not None


async def test_a_new_pool_is_listed_late_and_its_curve_earlier(scene: Scene) -> None:
    scene.api.lag_seconds = 100
    (mint,) = scene.migrants(1)
    for seconds, found in ((99, False), (2, True)):
        scene.clock.move(seconds)
        assert (mint in await scene.dexscreener.glance([mint])) is found


async def test_mints_are_asked_for_in_batches_of_ten_and_each_once(scene: Scene) -> None:
    mints = scene.migrants(25)
    scene.clock.move(60)
    found = await scene.dexscreener.glance(mints + mints[:5])
    assert set(found) == set(mints)
    assert sorted(len(batch) for batch in scene.api.requests) == [5, 10, 10]
    assert await scene.dexscreener.glance([]) == {}
    assert len(scene.api.requests) == 3


async def test_a_batch_at_the_cap_is_halved_until_no_pool_is_missing(scene: Scene) -> None:
    mints = [scene.crowded(mint, 8) for mint in scene.migrants(10)]
    found = await scene.dexscreener.glance(mints)
    assert {mint: len(seen.pools) for mint, seen in found.items()} == dict.fromkeys(mints, 8)
    assert [len(batch) for batch in scene.api.requests] == [10, 5, 2, 3, 5, 2, 3]
    assert (scene.counted("halved"), scene.counted("ok")) == (3, 4)


async def test_the_next_batches_are_as_small_as_the_pairs_that_are_known(scene: Scene) -> None:
    mints = [scene.crowded(mint, 8) for mint in scene.migrants(10)]
    await scene.dexscreener.glance(mints)
    scene.api.requests.clear()
    await scene.dexscreener.glance(mints)
    assert sorted(len(batch) for batch in scene.api.requests) == [1, 3, 3, 3]
    assert scene.counted("halved") == 3


async def test_one_mint_at_the_cap_is_taken_as_it_is_and_asked_for_alone(scene: Scene) -> None:
    first, *others = scene.migrants(3)
    scene.crowded(first, 40)
    scene.clock.move(60)
    found = await scene.dexscreener.glance([first, *others])
    assert len(found[first].pools) == 30
    assert set(found) == {first, *others}
    scene.api.requests.clear()
    await scene.dexscreener.glance([first, *others])
    assert sorted(scene.api.requests, key=len) == [[first], others]


async def test_requests_keep_a_steady_pace_without_bursts(scene: Scene) -> None:
    dexscreener = DexScreener(scene.client, scene.api.url, scene.clock, scene.heartbeat, requests_per_minute=3000)
    await dexscreener.glance(scene.migrants(150))
    times = sorted(scene.api.asked_at)
    assert len(times) == 15
    assert times[-1] - times[0] > 14 * 0.02 / 2, "half of it may be lost to a busy machine, a burst takes no time"


async def test_an_answer_never_comes_from_the_clients_cache(scene: Scene) -> None:
    first = (await scene.dexscreener.glance([scene.hero]))[scene.hero]
    scene.clock.move(30)
    again = (await scene.dexscreener.glance([scene.hero]))[scene.hero]
    assert len(scene.api.requests) == 2
    assert first.sample.figures != again.sample.figures


async def test_the_stand_in_repeats_its_answer_as_the_provider_does(scene: Scene) -> None:
    scene.api.cache_seconds = 60
    samples = []
    for _ in range(3):
        samples.append((await scene.dexscreener.glance([scene.hero]))[scene.hero].sample)
        scene.clock.move(59)
    assert samples[0].figures == samples[1].figures != samples[2].figures


@pytest.mark.parametrize(
    "fault",
    [
        HTML_PAGE,
        HANG,
        DROP,
        Fault(body=None),
        Fault(body={"error": "x"}),
        Fault(status=403, raw=b"<html>"),
        Fault(status=502, raw=b"<html>"),
        Fault(raw=b"[" * 100_000),
        Fault(raw=b'[{"pairs":'),
    ],
    ids=repr,
)
async def test_a_failing_provider_is_down_and_recovers(scene: Scene, fault: Fault) -> None:
    scene.api.fail(fault)
    with pytest.raises(ProviderDown):
        await scene.dexscreener.glance([scene.hero])
    assert scene.heartbeat.pulse("dexscreener").failing_seconds is not None
    assert scene.counted("ProviderDown") == 1
    scene.api.heal()
    assert scene.hero in await scene.dexscreener.glance([scene.hero])
    assert scene.heartbeat.pulse("dexscreener").failing_seconds is None


@pytest.mark.parametrize(
    "fault",
    [Fault(body=[]), Fault(body={"pairs": None}), Fault(body={"pairs": []}), Fault(status=404, raw=b"Not Found")],
    ids=repr,
)
async def test_an_answer_without_pairs_is_no_data_and_a_sign_of_life(scene: Scene, fault: Fault) -> None:
    scene.api.fail(fault)
    assert await scene.dexscreener.glance([scene.hero]) == {}
    assert scene.heartbeat.pulse("dexscreener").beat_seconds is not None
    assert scene.heartbeat.pulse("dexscreener").last_error is None


async def test_a_failing_batch_leaves_the_others_alone(scene: Scene) -> None:
    mints = scene.migrants(20)
    scene.clock.move(60)
    scene.api.fail(Fault(status=500), mint=mints[0])
    assert set(await scene.dexscreener.glance(mints)) == set(mints[10:])
    assert (scene.counted("ProviderDown"), scene.counted("ok")) == (1, 1)


@pytest.mark.parametrize(
    ("headers", "rest"), [({"Retry-After": "17"}, 17), ({}, 30), ({"Retry-After": "soon"}, 30)], ids=repr
)
async def test_after_a_429_nothing_is_asked_until_the_rest_is_over(
    scene: Scene, headers: dict[str, str], rest: int
) -> None:
    scene.api.fail(Fault(status=429, raw=b"Too many", headers=headers), times=1)
    retry_at = scene.clock.now() + timedelta(seconds=rest)
    for _ in range(2):
        with pytest.raises(RateLimited) as caught:
            await scene.dexscreener.glance([scene.hero])
        assert caught.value.retry_at == retry_at
        scene.clock.move(rest - 1)
        assert len(scene.api.requests) == 1
        retry_at = scene.clock.now() + timedelta(seconds=1)
    scene.clock.move(1)
    assert scene.hero in await scene.dexscreener.glance([scene.hero])


async def test_a_429_stops_the_batches_that_still_wait_for_their_turn(scene: Scene) -> None:
    scene.api.fail(Fault(status=429), times=1)
    slow = DexScreener(scene.client, scene.api.url, scene.clock, scene.heartbeat, requests_per_minute=300)
    with pytest.raises(RateLimited):
        await slow.glance(scene.migrants(40))
    assert len(scene.api.requests) == 1


async def test_the_stand_in_limits_the_rate_as_the_provider_does(scene: Scene) -> None:
    async with DexScreenerApi(scene.world, per_minute=2) as api:
        dexscreener = DexScreener(scene.client, api.url, scene.clock, scene.heartbeat, UNPACED)
        for _ in range(2):
            assert scene.hero in await dexscreener.glance([scene.hero])
        with pytest.raises(RateLimited) as caught:
            await dexscreener.glance([scene.hero])
        assert timedelta(seconds=58) < caught.value.retry_at - scene.clock.now() <= timedelta(seconds=61)
        scene.clock.move(61)
        assert scene.hero in await dexscreener.glance([scene.hero]), "its minute is one of the world"


async def test_a_request_called_malformed_is_our_bug_and_not_repeated(scene: Scene) -> None:
    scene.api.fail(Fault(status=400, body={"error": "bad"}))
    with pytest.raises(BadRequest):
        await scene.dexscreener.glance([scene.hero])
    assert len(scene.api.requests) == 1


async def test_two_answers_that_come_too_late_are_made_good_by_a_third(scene: Scene) -> None:
    scene.api.fail(Fault(delay_seconds=0.8), times=2)
    assert scene.hero in await scene.dexscreener.glance([scene.hero])
    assert len(scene.api.requests) == 3


async def test_hostile_pairs_are_dropped_and_counted(scene: Scene) -> None:
    base = {"address": scene.hero, "symbol": "\ud83d\x00", "name": 7}
    pairs: list[dict[str, Any]] = [pair(baseToken=base, priceUsd="1e999"), {"baseToken": base}, {}]
    scene.api.tell(scene.hero, pairs)
    seen = (await scene.dexscreener.glance([scene.hero]))[scene.hero]
    assert (seen.sample.price, seen.sample.liquidity, seen.sample.symbol) == (None, 40_000, None)
    dropped = {kind for what, kind in scene.heartbeat.counts if what == "dexscreener_field_dropped"}
    assert dropped == {
        "priceUsd",
        "baseToken.symbol",
        "baseToken.name",
        "pair without identity",
        "pair of other tokens",
    }


async def test_every_token_of_the_world_is_read_without_a_complaint(scene: Scene) -> None:
    mints = [scene.world.life(number).mint for number in range(60)]
    found: set[str] = set()
    for _ in range(20):
        scene.clock.move(90)
        found |= set(await scene.dexscreener.glance(mints))
    complaints = [kind for what, kind in scene.heartbeat.counts if what == "dexscreener_field_dropped"]
    assert set(complaints) <= {"baseToken.symbol", "baseToken.name"}
    assert len(found) > 20
