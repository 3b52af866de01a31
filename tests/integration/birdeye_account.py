"""An account of the Birdeye stand-in and two tokens to ask about, without the program's adapter in between."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from deploy.sandbox.birdeye import BirdeyeApi
from deploy.sandbox.clock import HandClock
from deploy.sandbox.world import World, mint_of

PAYLOADS = Path(__file__).resolve().parents[3] / "shared" / "payloads" / "birdeye"
KEY = "an-account"
ONE, TWO, NOBODY = mint_of("one"), mint_of("two"), mint_of("nobody")


@dataclass
class Account:
    clock: HandClock
    world: World
    api: BirdeyeApi
    session: aiohttp.ClientSession

    async def ask(self, path: str, **query: str) -> tuple[int, dict[str, Any], dict[str, str]]:
        """Status, body and headers."""
        async with self.session.get(self.api.url + path, params=query, headers={"X-API-KEY": KEY}) as answer:
            return answer.status, await answer.json(), {name.lower(): value for name, value in answer.headers.items()}

    async def data(self, path: str, **query: str) -> Any:
        status, body, _ = await self.ask(path, **query)
        assert (status, body["success"]) == (200, True)
        return body["data"]


@asynccontextmanager
async def account() -> AsyncIterator[Account]:
    """Two tokens that migrated ten minutes ago."""
    clock = HandClock()
    world = World(7, clock)
    world.adopt(ONE, "ONE", "Number One")
    world.adopt(TWO, "TWO", "Number Two")
    clock.move(600)
    async with BirdeyeApi(world, api_key=KEY) as api, aiohttp.ClientSession() as session:
        yield Account(clock, world, api, session)


def recorded(name: str) -> Any:
    if not (PAYLOADS / name).exists():
        pytest.skip(f"the recorded answer {name} is not here")
    return json.loads((PAYLOADS / name).read_text())
