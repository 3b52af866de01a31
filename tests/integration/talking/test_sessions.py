"""How sessions with Telegram end."""

from __future__ import annotations

import pytest
from aiogram.exceptions import TelegramNetworkError

from bot.telegram import delivery_bot
from deploy.sandbox.telegram import BotApi
from engine.heartbeat import Heartbeat
from tests.integration.talking.stage import TOKEN


async def test_a_handler_that_outlives_its_session_does_not_open_another(api: BotApi) -> None:
    bot = delivery_bot(TOKEN, api.url, Heartbeat())
    await bot.get_me()
    await bot.session.close()
    with pytest.raises(TelegramNetworkError, match="closed"):
        await bot.get_me()
    assert [made.method for made in api.requests] == ["getMe"]
