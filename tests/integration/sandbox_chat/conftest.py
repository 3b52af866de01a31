"""The chat page over a running stand-in, and two people who have begun with the bot."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiogram import Bot
from aiogram.types import BotCommand

from deploy.sandbox.birdeye import BirdeyeApi
from deploy.sandbox.chat import ChatPage, Outside
from deploy.sandbox.clock import HandClock
from deploy.sandbox.company import ADA, gather
from deploy.sandbox.dexscreener import DexScreenerApi
from deploy.sandbox.pictures import camera
from deploy.sandbox.pumpportal import PumpPortalSocket
from deploy.sandbox.telegram import BotApi
from deploy.sandbox.world import World
from tests.chromium import Page, chromium
from tests.integration.sandbox_telegram.driving import bot_at

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


@pytest.fixture
async def bot(outside: Outside) -> AsyncIterator[Bot]:
    """A bot with a menu of three commands."""
    async with bot_at(outside.telegram, TOKEN) as ready:
        await ready.set_my_commands(
            [BotCommand(command=name, description=f"about {name}") for name in ("top", "token", "help")]
        )
        await ready.get_updates(offset=-1)
        yield ready


@pytest.fixture
async def tab(page: ChatPage) -> AsyncIterator[Page]:
    """The page, open in a real browser."""
    try:
        program = camera.browser()
    except camera.NoPicture as error:
        pytest.skip(str(error))
    async with chromium(program) as opened:
        await opened.look(1360, 860)
        await opened.open(page.url)
        await opened.until("document.querySelector('.chat-row .badge')")  # the list has its order
        yield opened
        assert opened.complaints == []
