"""Every request is checked: names, types, limits, and the published description as a second opinion."""

from __future__ import annotations

import json
from typing import Any

import aiohttp
import pytest
from aiogram import Bot
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramUnauthorizedError,
)
from aiogram.types import (
    BotCommand,
    BotCommandScopeChat,
    BufferedInputFile,
    InputMediaPhoto,
    MessageEntity,
)

from deploy.sandbox.telegram import BotApi, User
from tests.bot_api_schema import update_faults, validate_against_schema
from tests.integration.sandbox_telegram.driving import KEYBOARD, SCHEMA, TOKEN, bot_at, png, post


@pytest.mark.parametrize(
    ("method", "params", "reason"),
    [
        ("sendMessage", {"chat_id": 7, "text": "a", "txet": "b"}, "unknown parameter 'txet'"),
        ("sendMessage", {"chat_id": 7}, "message text is empty"),
        ("sendMessage", {"text": "a"}, "chat_id is empty"),
        ("sendMessage", {"chat_id": 7, "text": 5}, "can't parse text"),
        ("sendMessage", {"chat_id": 7, "text": "a", "entities": "nonsense"}, "can't parse parameter 'entities'"),
        ("sendMessage", {"chat_id": 7, "text": "a", "entities": [{"offset": 0}]}, "can't parse entities.0.type"),
        ("sendMessage", {"chat_id": 7, "text": "\ud83d"}, "strings must be encoded in UTF-8"),
        ("sendMessage", {"chat_id": 7, "text": "a", "parse_mode": "HTML"}, "unsupported parse_mode"),
        (
            "sendMessage",
            {
                "chat_id": 7,
                "text": "a",
                "reply_markup": {"inline_keyboard": [[{"text": "a", "url": "a.b", "colour": 1}]]},
            },
            "unknown field reply_markup.inline_keyboard.colour",
        ),
        ("sendPhoto", {"chat_id": 7}, "there is no photo in the request"),
        ("getUpdates", {"timeout": "soon"}, "can't parse parameter 'timeout'"),
        ("sendChatAction", {"chat_id": 7, "action": "dancing"}, "wrong parameter action in request"),
        ("editMessageText", {"text": "a"}, "message identifier is not specified"),
        ("setMyCommands", {"commands": [{"command": "Top", "description": "a"}]}, "BOT_COMMAND_INVALID"),
        ("setMyCommands", {"commands": [{"command": "top", "description": "a"}] * 101}, "BOT_COMMANDS_TOO_MUCH"),
        ("setMyShortDescription", {"short_description": "a" * 121}, "bot short description is too long"),
    ],
)
@pytest.mark.usefixtures("ann")
async def test_a_malformed_request_is_refused_and_written_down(
    api: BotApi, method: str, params: dict[str, Any], reason: str
) -> None:
    status, answer = await post(api, method, **params)
    assert (status, answer["error_code"], answer["ok"]) == (400, 400, False)
    assert reason in answer["description"]
    assert [violation.partition(": Bad Request: ")[0] for violation in api.violations] == [method]
    assert api.requests[-1].method == method
    assert api.messages(7) == []


@pytest.mark.parametrize(
    ("text", "entity", "reason"),
    [
        ("   ", None, "message text is empty"),
        ("a" * 4097, None, "message is too long"),
        ("hello", {"type": "bold", "offset": 5, "length": 1}, "entity begins after the end of the text"),
        ("🚀", {"type": "bold", "offset": 0, "length": 3}, "entity beginning at UTF-16 offset 0 ends after the end"),
        ("🚀", {"type": "bold", "offset": 1, "length": 1}, "entity begins in a middle of a UTF-16 symbol"),
        ("hello", {"type": "shout", "offset": 0, "length": 1}, "can't parse MessageEntity: Unsupported type specified"),
        ("hello", {"type": "bold", "offset": -1, "length": 1}, "receive an entity with incorrect offset -1"),
        ("hello", {"type": "text_link", "offset": 0, "length": 1, "url": "x"}, "entity URL 'x' is invalid"),
        ("hello", {"type": "date_time", "offset": 0, "length": 1}, "invalid unix_time specified"),
        ("hello", {"type": "date_time", "offset": 0, "length": 1, "unix_time": 0}, "invalid unix_time specified"),
        ("hello", {"type": "date_time", "offset": 0, "length": 1, "unix_time": 10**15}, "invalid unix_time specified"),
    ],
)
@pytest.mark.usefixtures("ann")
async def test_a_text_outside_of_the_limits_is_refused(
    api: BotApi, text: str, entity: dict[str, Any] | None, reason: str
) -> None:
    status, answer = await post(api, "sendMessage", chat_id=7, text=text, entities=[entity] if entity else [])
    assert (status, len(api.violations)) == (400, 1)
    assert reason in answer["description"]


async def test_the_largest_allowed_text_and_caption_pass(api: BotApi, bot: Bot, ann: User) -> None:
    whole = [MessageEntity(type="bold", offset=0, length=2 * 4096)]
    await bot.send_message(ann.id, "🚀" * 4096, entities=whole)
    await bot.send_photo(ann.id, BufferedInputFile(png(), "a.png"), caption="я" * 1024)
    with pytest.raises(TelegramBadRequest, match="message caption is too long"):
        await bot.send_photo(ann.id, BufferedInputFile(png(), "a.png"), caption="я" * 1025)
    assert len(api.messages(7)) == 2


@pytest.mark.parametrize(
    ("button", "reason"),
    [
        ({"callback_data": "я" * 33}, "BUTTON_DATA_INVALID"),
        ({"callback_data": ""}, "Text buttons are unallowed in the inline keyboard"),
        ({"copy_text": {"text": "a" * 257}}, "BUTTON_COPY_TEXT_INVALID"),
        ({"url": "ftp://example.com"}, "is invalid: Unsupported URL protocol"),
        ({"url": "http://[oops"}, "is invalid: Wrong HTTP URL"),
        ({"url": "https://example.com", "callback_data": "a"}, "exclude each other"),
    ],
)
@pytest.mark.usefixtures("ann")
async def test_a_button_outside_of_the_limits_is_refused(api: BotApi, button: dict[str, Any], reason: str) -> None:
    markup = {"inline_keyboard": [[{"text": "a", **button}]]}
    status, answer = await post(api, "sendMessage", chat_id=7, text="a", reply_markup=markup)
    assert (status, len(api.violations)) == (400, 1)
    assert reason in answer["description"]


async def test_a_removed_parameter_is_remarked_on_and_ignored(api: BotApi, ann: User) -> None:
    status, _ = await post(api, "sendMessage", chat_id=ann.id, text="a", disable_web_page_preview=True)
    assert status == 200
    assert api.violations == ["sendMessage: parameter 'disable_web_page_preview' is deprecated"]


async def test_parameters_come_as_query_form_or_json(api: BotApi, ann: User) -> None:
    url = f"{api.url}/bot{TOKEN}/sendMessage"
    async with aiohttp.ClientSession() as session:
        await session.get(url, params={"chat_id": ann.id, "text": "query"})
        await session.post(url, data={"chat_id": str(ann.id), "text": "form"})
        await session.post(url, json={"chat_id": str(ann.id), "text": "json"})
        multipart = aiohttp.FormData({"chat_id": "7", "caption": "direct"})
        multipart.add_field("photo", png(), filename="a.png")
        await session.post(url.replace("sendMessage", "sendPhoto"), data=multipart)
    assert [message.text or message.caption for message in api.messages(7)] == ["query", "form", "json", "direct"]
    assert api.violations == []


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"[1]", "application/json"),
        (b"{", "application/json"),
        (b"[" * 100_000, "application/json"),
        (b"text=%ff", "application/x-www-form-urlencoded; charset=nonsense"),
        (b"no boundary", "multipart/form-data"),
        (b"--x\r\nnonsense\r\n\r\n--x--", "multipart/form-data; boundary=x"),
    ],
)
@pytest.mark.usefixtures("ann")
async def test_an_unreadable_body_is_a_clear_refusal(api: BotApi, body: bytes, content_type: str) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.post(
            f"{api.url}/bot{TOKEN}/sendMessage", data=body, headers={"Content-Type": content_type}
        ) as response,
    ):
        assert response.status == 400
        assert (await response.json())["description"].startswith("Bad Request")
    assert len(api.violations) == 1


async def test_an_unknown_token_and_an_unknown_method_are_refused(api: BotApi) -> None:
    async with bot_at(api, "123456:another-token-0123456789abcdefghijklm") as stranger:
        with pytest.raises(TelegramUnauthorizedError, match="Unauthorized"):
            await stranger.get_me()
    assert api.requests == []
    assert await post(api, "sendSmoke") == (404, {"ok": False, "error_code": 404, "description": "Not Found"})
    assert (await post(api, "sendDice", chat_id=7))[0] == 404
    assert api.violations == ["sendSmoke: no such method", "sendDice: not played by this stand-in yet"]


@pytest.mark.skipif(not SCHEMA.exists(), reason="the Bot API's description is not at hand")
async def test_the_bots_requests_agree_with_the_published_description(api: BotApi, bot: Bot, ann: User) -> None:
    schema = json.loads(SCHEMA.read_text())
    sent = await bot.send_message(ann.id, "a", entities=[MessageEntity(type="bold", offset=0, length=1)])
    media = InputMediaPhoto(media=BufferedInputFile(png(), "chart.png"))
    await bot.edit_message_media(media, chat_id=7, message_id=sent.message_id, reply_markup=KEYBOARD)
    await bot.send_photo(ann.id, BufferedInputFile(png(), "chart.png"))
    await bot.set_my_commands([BotCommand(command="top", description="Best")], scope=BotCommandScopeChat(chat_id=7))
    await bot.get_updates(timeout=0, allowed_updates=["message"])
    faults = [fault for r in api.requests for fault in validate_against_schema(r.method, r.params, schema)]
    assert (len(api.requests), faults, api.violations) == (5, [], [])


@pytest.mark.skipif(not SCHEMA.exists(), reason="the Bot API's description is not at hand")
@pytest.mark.parametrize(
    ("params", "fault"),
    [
        ({"chat_id": 7}, "text is missing"),
        ({"chat_id": True, "text": "a"}, "chat_id is none of Integer or String"),
        ({"chat_id": 7, "text": "a", "disable_web_page_preview": True}, "disable_web_page_preview is unknown"),
        ({"chat_id": 7, "text": "a", "entities": [{"type": "bold", "offset": 0}]}, "entities[0].length is missing"),
        (
            {"chat_id": 7, "text": "a", "reply_markup": {"inline_keyboard": [[{"text": 1}]]}},
            "reply_markup is none of InlineKeyboardMarkup or ReplyKeyboardMarkup or ReplyKeyboardRemove or ForceReply",
        ),
    ],
)
def test_the_published_description_finds_faults(params: dict[str, Any], fault: str) -> None:
    schema = json.loads(SCHEMA.read_text())
    assert validate_against_schema("sendMessage", params, schema) == [f"sendMessage: {fault}"]


@pytest.mark.skipif(not SCHEMA.exists(), reason="the Bot API's description is not at hand")
@pytest.mark.parametrize(
    ("update", "fault"),
    [
        ({"update_id": 1, "massage": {}}, "massage is unknown"),
        ({"update_id": 1, "inline_query": {"id": "1", "query": "", "offset": ""}}, "inline_query.from is missing"),
        (
            {"update_id": 1, "message": {"message_id": 1, "date": 0, "chat": {"id": "7", "type": "private"}}},
            "message.chat.id is not of type Integer",
        ),
    ],
)
def test_the_published_description_finds_faults_in_updates(update: dict[str, Any], fault: str) -> None:
    assert update_faults(update, json.loads(SCHEMA.read_text())) == [fault]
