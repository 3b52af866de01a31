"""The control interface for tools: JSON over HTTP, for this machine only."""

from __future__ import annotations

import aiohttp
import pytest
from aiogram import Bot
from aiogram.types import (
    BufferedInputFile,
)

from deploy.sandbox.telegram import BotApi
from tests.integration.sandbox_telegram.driving import KEYBOARD, png


async def test_tools_can_chat_over_http(api: BotApi, bot: Bot) -> None:
    async with aiohttp.ClientSession(api.url) as session:
        async with session.post("/sandbox/say", json={"user_id": 7, "text": "/start"}) as said:
            assert (await said.json())["update_id"] == (await bot.get_updates())[0].update_id
        sent = await bot.send_photo(7, BufferedInputFile(png(), "a.png"), caption="up", reply_markup=KEYBOARD)
        async with session.get("/sandbox/messages", params={"chat_id": 7, "after": 0}) as listed:
            [message] = (await listed.json())["messages"]
        async with session.get(message["photo"]) as photo:
            assert (photo.content_type, await photo.read()) == ("image/png", png())
        tap = {"user_id": 7, "message_id": sent.message_id, "button": "Refresh"}
        async with session.post("/sandbox/tap", json=tap) as tapped:
            assert tapped.status == 200
        async with session.get("/sandbox/messages", params={"chat_id": 7, "after": sent.message_id}) as later:
            assert await later.json() == {"messages": []}
    assert (message["caption"], message["buttons"][0]["text"]) == ("up", "Refresh")


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1.evil.example"},
        {"Host": "127.0.0.1@evil.example"},
    ],
)
async def test_foreign_pages_are_turned_away(api: BotApi, headers: dict[str, str]) -> None:
    async with (
        aiohttp.ClientSession(api.url) as session,
        session.post("/sandbox/say", json={"user_id": 7, "text": "hi"}, headers=headers) as response,
    ):
        assert response.status == 403
    assert api.world.users == {}


@pytest.mark.parametrize("body", [b"", b"[]", b'{"user_id": true, "text": "a"}', b'{"user_id": 7}'])
async def test_a_bad_order_over_http_is_answered_with_a_sentence(api: BotApi, body: bytes) -> None:
    async with (
        aiohttp.ClientSession(api.url) as session,
        session.post("/sandbox/say", data=body) as response,
        session.get("/sandbox/messages", params={"chat_id": "x"}) as listed,
    ):
        assert (response.status, listed.status) == (400, 400)
