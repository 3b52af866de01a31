"""A recorded run of two tokens, and both markets that play it again."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import stamina

from bot.masking import Mask
from bot.recording import Recording
from deploy.sandbox.birdeye import BirdeyeApi
from deploy.sandbox.clock import HandClock
from deploy.sandbox.dexscreener import DexScreenerApi
from deploy.sandbox.faults import Fault
from deploy.sandbox.metering import too_many
from deploy.sandbox.playback import Playback
from deploy.sandbox.pumpportal import migrate_frame
from deploy.sandbox.recorded import Recorded, recorded
from deploy.sandbox.world import World, mint_of
from engine.birdeye import Birdeye
from engine.dexscreener import DexScreener
from engine.errors import ProviderDown, RateLimited
from engine.heartbeat import Heartbeat
from engine.http import JsonClient, Overhear, nobody
from engine.model import Sample
from tests.made import NOON
from tests.markets import OpenTill

KEY = "s3cret-key-0123456789"
LATER = timedelta(days=40, hours=1, seconds=7)
ONE, TWO = mint_of("one"), mint_of("two")


@dataclass
class Scene:
    """Both markets and who asks them."""

    clock: HandClock
    world: World
    birdeye_api: BirdeyeApi
    dexscreener_api: DexScreenerApi
    birdeye: Birdeye
    dexscreener: DexScreener

    def play(self, playback: Playback) -> None:
        """From now on the playback answers, from its first frame on."""
        self.birdeye_api.playback = self.dexscreener_api.playback = playback
        with suppress(StopIteration):
            next(playback.frames())

    async def look(self, mint: str) -> Sample:
        return await self.birdeye.look(mint, fresh=True)

    async def glance(self, *mints: str) -> dict[str, Sample]:
        return {mint: glance.sample for mint, glance in (await self.dexscreener.glance(mints)).items()}


@asynccontextmanager
async def scene(clock: HandClock, recording: Recording | None = None) -> AsyncIterator[Scene]:
    async with AsyncExitStack() as stack:
        stack.enter_context(stamina.set_testing(True, attempts=1))
        world = World(7, clock)
        paid = await stack.enter_async_context(BirdeyeApi(world, api_key=KEY))
        free = await stack.enter_async_context(DexScreenerApi(world))

        async def client(source: str, url: str) -> JsonClient:
            overhear: Overhear = recording.answers(source, url) if recording else nobody
            made = JsonClient(Heartbeat(), attempts=1, overhear=overhear)
            return await stack.enter_async_context(made)

        birdeye = Birdeye(await client("birdeye", paid.url), paid.url, KEY, clock, Heartbeat(), OpenTill())
        client_ = await client("dexscreener", free.url)
        dexscreener = DexScreener(client_, free.url, clock, Heartbeat(), requests_per_minute=600_000)
        yield Scene(clock, world, paid, free, birdeye, dexscreener)


@dataclass
class Run:
    """A recorded run, and what its looks had told."""

    recorded: Recorded
    looks: list[Sample]
    glances: list[dict[str, Sample]]


async def run(path: Path) -> Run:
    """A frame at 10 s; looks at one token at 20 s and 50 s, and glances at two of them then."""
    clock = HandClock(NOON)
    looks, glances = [], []
    with Recording(path, Mask([KEY]), clock) as recording:
        async with scene(clock, recording) as told:
            clock.move(10)
            recording.frame(json.dumps(migrate_frame(ONE)).encode())
            told.world.adopt(ONE, "ONE", "Number One")
            told.world.adopt(TWO, "TWO", "Number Two")
            for seconds in (10, 30):
                clock.move(seconds)
                looks.append(await told.look(ONE))
                glances.append(await told.glance(ONE, TWO))
            await told.birdeye.safety(ONE)
            await told.birdeye.credits()
            clock.move(10)
            told.birdeye_api.fail(too_many(clock.now() + timedelta(seconds=30)), times=1)
            told.dexscreener_api.fail(Fault(502, raw=b"<html>"), times=1)
            with pytest.raises(RateLimited):
                await told.look(ONE)
            with pytest.raises(ProviderDown):
                await told.glance(ONE)
            clock.move(10)
            glances.append(await told.glance(TWO))
    found = recorded(str(path))
    assert isinstance(found, Recorded)
    return Run(found, looks, glances)
