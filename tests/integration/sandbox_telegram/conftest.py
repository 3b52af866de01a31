"""A running stand-in, a bot on it, and a user who has started that bot."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiogram import Bot

from deploy.sandbox.telegram import BotApi, User
from tests.integration.sandbox_telegram.driving import TOKEN, bot_at


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi(token=TOKEN) as running:
        yield running


@pytest.fixture
async def bot(api: BotApi) -> AsyncIterator[Bot]:
    async with bot_at(api) as ready:
        yield ready


@pytest.fixture
def ann(api: BotApi) -> User:
    person = api.user(7, "Ann")
    api.say(person, "/start")
    return person
