"""The looks of a fast world: its providers' minutes pass with its clock, so each token is looked at as often in it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pydantic import SecretStr

from bot.clock import SystemClock
from bot.config import Config
from bot.looking import Lookers
from deploy.sandbox.birdeye import BirdeyeApi
from deploy.sandbox.dexscreener import DexScreenerApi
from deploy.sandbox.world import World, mint_of
from engine.heartbeat import Heartbeat
from engine.http import JsonClient
from engine.patience import Patience
from storage.database import Database
from storage.store import Store
from tests.made import migration
from tests.waiting import until

KEY = "the-key-of-nobody"
SPEED = 600.0


@asynccontextmanager
async def looking(database: Database, birdeye: BirdeyeApi, dexscreener: DexScreenerApi) -> AsyncIterator[None]:
    """The program's own looks with one request a minute of either provider, and a clock of 600x."""
    config = Config(
        _env_file=None,
        birdeye_url=birdeye.url,
        birdeye_api_key=SecretStr(KEY),
        birdeye_plan="custom",
        birdeye_monthly_cu=2_500_000,
        birdeye_rps=1,
        birdeye_rpm=1,
        dexscreener_url=dexscreener.url,
        dexscreener_rpm=1,
        time_speed=SPEED,
    )
    heartbeat, clock = Heartbeat(), SystemClock(SPEED)
    async with JsonClient(heartbeat) as paid, JsonClient(heartbeat) as free:
        found = Lookers(config, Store(database), clock, heartbeat, Patience(5)).build(paid, free, lambda: None)
        assert found.paid is not None
        await found.paid.till.open()
        loop = asyncio.create_task(found.ticker.run())
        try:
            yield
        finally:
            loop.cancel()
            await asyncio.wait([loop])


@asynccontextmanager
async def watched(database: Database, count: int) -> AsyncIterator[tuple[BirdeyeApi, DexScreenerApi]]:
    """So many tokens that are due, and the providers that are asked about them."""
    world = World(1, SystemClock(SPEED))
    async with BirdeyeApi(world, api_key=KEY) as birdeye, DexScreenerApi(world) as dexscreener:
        for number in range(count):
            heard = migration(mint_of(f"fast {number}"), heard_at=world.clock.now())
            await Store(database).tokens.track(heard, first_check_at=world.clock.now())
        async with looking(database, birdeye, dexscreener):
            yield birdeye, dexscreener


async def test_a_minute_of_birdeye_is_one_of_the_fast_world(database: Database) -> None:
    async with watched(database, 3) as (birdeye, _):
        await until(lambda: len(birdeye.requests) >= 3, 15, "what takes two minutes of Birdeye")


async def test_a_minute_of_dexscreener_is_one_of_the_fast_world(database: Database) -> None:
    async with watched(database, 25) as (_, dexscreener):
        await until(lambda: len(dexscreener.requests) >= 3, 15, "what takes two minutes of DexScreener")
