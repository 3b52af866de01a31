"""A Birdeye stand-in over a small world, and the adapter that asks it; time moves by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import stamina

from deploy.sandbox.birdeye import BirdeyeApi
from deploy.sandbox.clock import HandClock
from deploy.sandbox.world import World
from engine.birdeye import Birdeye
from engine.heartbeat import Heartbeat
from engine.http import JsonClient
from engine.plans import PLANS
from engine.till import Till
from tests.markets import MadeSpending

KEY = "s3cret-key-0123456789"


@dataclass
class Scene:
    clock: HandClock
    world: World
    api: BirdeyeApi
    heartbeat: Heartbeat
    client: JsonClient
    till: Till
    birdeye: Birdeye = field(init=False)

    def __post_init__(self) -> None:
        self.birdeye = self.adapter(KEY)

    def adapter(self, key: str) -> Birdeye:
        """Another adapter to the same stand-in, with this key."""
        return Birdeye(self.client, self.api.url + "/", key, self.clock, self.heartbeat, self.till)

    @property
    def spent_cu(self) -> int:
        return self.till.purse.spent_cu if self.till.purse else 0

    @property
    def hero(self) -> str:
        return self.world.life(0).mint


@asynccontextmanager
async def birdeye_scene(clock: HandClock | None = None) -> AsyncIterator[Scene]:
    """A minute after the hero's birth; failed requests are repeated without a pause."""
    clock, heartbeat = clock or HandClock(), Heartbeat()
    world = World(7, clock)
    world.life(0)
    clock.move(60)
    with stamina.set_testing(True, attempts=100, cap=True):
        async with BirdeyeApi(world, api_key=KEY) as api, JsonClient(heartbeat, timeout_seconds=0.5) as client:
            till = Till(PLANS["business"], MadeSpending(), clock)
            await till.open()
            yield Scene(clock, world, api, heartbeat, client, till)
