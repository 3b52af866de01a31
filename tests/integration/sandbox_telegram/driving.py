"""What the tests of the stand-in share: a bot that talks to it, calls past aiogram, a picture."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import (
    CopyTextButton,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
)
from PIL import Image

from deploy.sandbox.telegram import BotApi

TOKEN = "123456:TEST-token-of-nobody-0123456789abcdef"
SCHEMA = Path(__file__).parents[3].parent / "shared" / "payloads" / "bot-api-10.3.json"
KEYBOARD = InlineKeyboardMarkup(
    inline_keyboard=[
        [InlineKeyboardButton(text="Refresh", callback_data="refresh:1")],
        [InlineKeyboardButton(text="Copy", copy_text=CopyTextButton(text="7YyMint"))],
    ]
)


@asynccontextmanager
async def bot_at(api: BotApi, token: str = TOKEN) -> AsyncIterator[Bot]:
    session = AiohttpSession(api=TelegramAPIServer.from_base(api.url), timeout=5)
    async with Bot(token, session=session).context() as ready:
        yield ready


@asynccontextmanager
async def polling(dispatcher: Dispatcher, bot: Bot) -> AsyncIterator[None]:
    task = asyncio.create_task(dispatcher.start_polling(bot, handle_signals=False, close_bot_session=False))
    try:
        yield
    finally:
        await dispatcher.stop_polling()
        await task


def png(width_px: int = 40, height_px: int = 30) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width_px, height_px), "navy").save(buffer, "PNG")
    return buffer.getvalue()


async def post(api: BotApi, method: str, **params: Any) -> tuple[int, dict[str, Any]]:
    """A call with any JSON, past aiogram's own checks."""
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{api.url}/bot{api.token}/{method}", json=params) as answer,
    ):
        return answer.status, await answer.json()
