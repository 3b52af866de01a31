"""The control interface for tools: JSON over HTTP, for this machine only."""

from __future__ import annotations

import aiohttp
import pytest
from aiogram import Bot
from aiogram.types import (
    BufferedInputFile,
)

from deploy.sandbox.telegram import BotApi, User
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


FOREIGN = (
    {"Host": "evil.example"},
    {"Host": "127.0.0.1@evil.example"},
    {"Host": "evil.example@127.0.0.1"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://127.0.0.1.evil.example"},
    {"Origin": "http://localhost:3000"},
    {"Origin": "http://127.0.0.1:9"},
    {"Origin": "https://[::1]"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
)


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
async def test_foreign_pages_are_turned_away(api: BotApi, headers: dict[str, str]) -> None:
    async with (
        aiohttp.ClientSession(api.url, headers=headers) as session,
        session.post("/sandbox/say", json={"user_id": 7, "text": "hi"}) as said,
        session.get("/sandbox/messages", params={"chat_id": 7}) as listed,
    ):
        assert (said.status, listed.status) == (403, 403)
    assert api.world.users == {}


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
async def test_a_foreign_page_that_knows_the_token_speaks_not_for_the_bot(
    api: BotApi, ann: User, headers: dict[str, str]
) -> None:
    route = f"/bot{api.token}/sendMessage"
    async with (
        aiohttp.ClientSession(api.url, headers=headers) as session,
        session.post(route, data={"chat_id": ann.id, "text": "hi"}) as posted,
        session.get(route, params={"chat_id": ann.id, "text": "hi"}) as got,
    ):
        assert (posted.status, got.status) == (403, 403)
    assert api.messages(ann.id) == []


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
async def test_a_bot_may_call_this_machine_by_any_name_and_through_another_port(
    api: BotApi, ann: User, name: str
) -> None:
    async with (
        aiohttp.ClientSession(api.url, headers={"Host": f"{name}:9"}) as session,
        session.post(f"/bot{api.token}/sendMessage", data={"chat_id": ann.id, "text": "hi"}) as posted,
    ):
        assert posted.status == 200


@pytest.mark.parametrize("kind", ["text/plain", "multipart/form-data", "application/x-www-form-urlencoded"])
async def test_what_a_form_of_a_foreign_page_could_send_is_no_order(api: BotApi, kind: str) -> None:
    headers = {"Content-Type": kind, "Sec-Fetch-Mode": "navigate"}
    async with (
        aiohttp.ClientSession(api.url) as session,
        session.post("/sandbox/say", data=b'{"user_id": 7, "text": "hi"}', headers=headers) as said,
    ):
        assert said.status == 415
    assert api.world.users == {}


async def test_curl_needs_no_headers(api: BotApi) -> None:
    its_own = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "*/*", "User-Agent": "curl/8.5.0"}
    async with aiohttp.ClientSession(api.url) as session:
        say = session.post("/sandbox/say", data=b'{"user_id": 7, "text": "/start"}', headers=its_own)
        async with say as said, session.get("/sandbox/messages?chat_id=7&after=0") as listed:
            assert (await said.json())["update_id"] == api.world.updates[-1]["update_id"]
            assert await listed.json() == {"messages": []}


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "send a JSON object"),
        (b"[]", "send a JSON object"),
        (b'{"user_id": true, "text": "a"}', "user_id is missing or not of type int"),
        (b'{"user_id": 7}', "text is missing"),
        (b'{"user_id": 7, "text": " \\n"}', "text is empty"),
        (b'{"user_id": 7, "text": "\\ud83d"}', "half a character"),
        (b'{"user_id": 7, "text": "%s"}' % (b"x" * 100_000), "longer than 4096"),
        (b'{"user_id": 0, "text": "a"}', "user_id 0 is not a person's"),
        (b'{"user_id": -5, "text": "a"}', "user_id -5 is not a person's"),
        (b'{"user_id": 4503599627370497, "text": "a"}', "is not a person's"),
        (b'{"user_id": %s, "text": "a"}' % (b"9" * 400), f"user_id {'9' * 39}… is"),
        (b'{"user_id": 123456, "text": "a"}', "taken by Telegram or the bot itself"),
        (b'{"user_id": 777000, "text": "a"}', "taken by Telegram or the bot itself"),
        (b'{"user_id": 7, "text": "a", "first_name": null}', "first_name is missing or not of type str"),
        (b'{"user_id": 7, "text": "a", "first_name": "%s"}' % (b"x" * 65), "longer than 64"),
        (b'{"user_id": 7, "text": "a", "language_code": ["a"]}', "language_code is missing or not of type str"),
    ],
    ids=lambda value: value[:60] if isinstance(value, bytes) else "",
)
async def test_a_bad_order_over_http_is_answered_with_a_sentence(api: BotApi, body: bytes, sentence: str) -> None:
    headers = {"Content-Type": "application/json"}
    async with (
        aiohttp.ClientSession(api.url, headers=headers) as session,
        session.post("/sandbox/say", data=body) as response,
        session.get("/sandbox/messages", params={"chat_id": "x"}) as listed,
    ):
        assert (response.status, listed.status) == (400, 400)
        assert sentence in await response.text()
    assert api.world.users == {}


@pytest.mark.parametrize("kind", ["application/json; charset=nonsense", "application/json; charset=utf-16"])
async def test_a_charset_that_is_not_that_of_the_body_gets_a_sentence(api: BotApi, kind: str) -> None:
    async with (
        aiohttp.ClientSession(api.url) as session,
        session.post("/sandbox/say", data=b'{"user_id": 7}x', headers={"Content-Type": kind}) as response,
    ):
        assert response.status == 400
