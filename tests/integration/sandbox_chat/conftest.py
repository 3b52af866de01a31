"""The chat page over a running stand-in, and two people who have begun with the bot."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from deploy.sandbox.birdeye import BirdeyeApi
from deploy.sandbox.chat import ChatPage, Outside
from deploy.sandbox.clock import HandClock
from deploy.sandbox.company import ADA, gather
from deploy.sandbox.dexscreener import DexScreenerApi
from deploy.sandbox.pumpportal import PumpPortalSocket
from deploy.sandbox.telegram import BotApi
from deploy.sandbox.world import World

TOKEN = "123456:TEST-token-of-nobody-0123456789abcdef"


@pytest.fixture
async def outside() -> AsyncIterator[Outside]:
    """All stand-ins; nobody's health, and no line to a database."""
    world = World(1, HandClock())
    async with (
        BotApi(token=TOKEN) as telegram,
        PumpPortalSocket() as feed,
        BirdeyeApi(world) as market,
        DexScreenerApi(world) as glances,
    ):
        gather(telegram, "en")
        yield Outside(world, feed, market, glances, telegram, health_url="http://127.0.0.1:1/health")


@pytest.fixture
async def page(outside: Outside) -> AsyncIterator[ChatPage]:
    async with ChatPage(outside.telegram, admins=[ADA], outside=outside) as served:
        yield served


@pytest.fixture
async def browser(page: ChatPage) -> AsyncIterator[aiohttp.ClientSession]:
    """What speaks to the page's server."""
    async with aiohttp.ClientSession(page.url) as session:
        yield session
