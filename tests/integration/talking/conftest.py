"""A running stand-in, the bot's parts over an empty database, and two people."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from deploy.sandbox.telegram import BotApi, User
from storage.database import Database
from tests.integration.talking.stage import ADMIN_ID, TOKEN, Stage
from tests.made import MINT


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi(TOKEN) as running:
        yield running


@pytest.fixture
async def stage(api: BotApi, database: Database) -> AsyncIterator[Stage]:
    made = Stage(api, database)
    yield made
    assert not api.violations


@pytest.fixture
async def polling(stage: Stage) -> AsyncIterator[None]:
    """The bot hears and answers during the whole test."""
    async with stage.polling():
        yield


@pytest.fixture
def ann(api: BotApi) -> User:
    return api.user(7, "Ann")


@pytest.fixture
def ada(api: BotApi) -> User:
    """The admin."""
    return api.user(ADMIN_ID, "Ada")


@pytest.fixture
async def pepe(stage: Stage) -> int:
    """The id of an Active token, scored, called PEPE."""
    await stage.activated(symbol="PEPE", name="Pepe")
    return (await stage.tokens.find(MINT))[0].id
