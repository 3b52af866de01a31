"""The webhook: updates are brought to the bot, in order, until it has taken them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramConflictError
from aiohttp import web

from deploy.sandbox.telegram import BotApi, User
from tests.bot_api_schema import validate_against_schema
from tests.hosting import hosting
from tests.integration.sandbox_telegram.driving import SCHEMA, post

SECRET = "A-secret_0"


@dataclass(slots=True)
class Ear:
    """A web server that writes down what it is told, and answers with the given statuses, then with 200."""

    api: BotApi
    url: str = ""
    statuses: list[int] = field(default_factory=list)
    body: str = ""
    heard: list[tuple[int, str | None]] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        update = await request.json()
        self.heard.append((update["update_id"], request.headers.get("X-Telegram-Bot-Api-Secret-Token")))
        self.api.world.touch()
        return web.Response(status=self.statuses.pop(0) if self.statuses else 200, text=self.body)


@pytest.fixture
async def ear(api: BotApi) -> AsyncIterator[Ear]:
    listening, app = Ear(api), web.Application()
    app.add_routes([web.post("/secret/path", listening.answer)])
    async with hosting(app) as url:
        listening.url = f"{url}/secret/path"
        yield listening


async def test_updates_are_brought_one_after_another_with_the_secret(api: BotApi, bot: Bot, ear: Ear) -> None:
    ann = api.user(7, "Ann")
    said = [api.say(ann, "one"), api.say(ann, "two")]
    await bot.set_webhook(ear.url, secret_token=SECRET)
    said.append(api.say(ann, "three"))
    await api.until(lambda: not api.world.updates)
    assert ear.heard == [(update_id, SECRET) for update_id in said]
    await bot.set_webhook(ear.url)
    later = api.say(ann, "four")
    await api.until(lambda: not api.world.updates)
    assert ear.heard[3:] == [(later, None)]
    assert api.violations == []


async def test_what_is_not_answered_well_is_brought_again(api: BotApi, bot: Bot, ann: User, ear: Ear) -> None:
    api.world.updates.clear()
    ear.statuses = [500, 302, 404]
    await bot.set_webhook(ear.url)
    first, second = api.say(ann, "one"), api.say(ann, "two")
    await api.until(lambda: not api.world.updates)
    assert [update_id for update_id, _ in ear.heard] == [first] * 4 + [second]
    info = await bot.get_webhook_info()
    assert info.last_error_message == "Wrong response from the webhook: 404 Not Found"
    assert info.last_error_date is not None


async def test_a_lost_answer_brings_the_same_update_again(api: BotApi, bot: Bot, ann: User, ear: Ear) -> None:
    api.world.updates.clear()
    await bot.set_webhook(ear.url)
    api.lose_answers(2)
    said = api.say(ann, "one")
    await api.until(lambda: not api.world.updates)
    assert [update_id for update_id, _ in ear.heard] == [said] * 3


async def test_a_bot_that_is_away_is_waited_for(api: BotApi, bot: Bot, ann: User, ear: Ear) -> None:
    nobody = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = nobody.sockets[0].getsockname()[1]
    nobody.close()
    await bot.set_webhook(f"http://127.0.0.1:{port}/")
    await api.until(lambda: api.world.webhook and api.world.webhook.last_error_message == "Connection refused")
    assert (await bot.get_webhook_info()).pending_update_count == 1
    await bot.set_webhook(ear.url)
    await api.until(lambda: not api.world.updates)
    assert (len(ear.heard), ann.id) == (1, 7)


async def test_polling_is_refused_while_a_webhook_is_set(api: BotApi, bot: Bot, ear: Ear) -> None:
    waiting = asyncio.create_task(bot.get_updates(timeout=30))
    await api.until(lambda: api.world.poller)
    await bot.set_webhook(ear.url, max_connections=1, allowed_updates=["message"])
    with pytest.raises(TelegramConflictError, match="terminated by setWebhook request"):
        await asyncio.wait_for(waiting, 15)
    with pytest.raises(TelegramConflictError, match="can't use getUpdates method while webhook is active; use delete"):
        await bot.get_updates()
    info = await bot.get_webhook_info()
    assert (info.url, info.max_connections, info.allowed_updates) == (ear.url, 1, ["message"])
    await bot.delete_webhook()
    api.say(api.user(7, "Ann"), "hi")
    assert len(await bot.get_updates()) == 1
    assert ((await bot.get_webhook_info()).url, ear.heard) == ("", [])


async def test_kinds_not_asked_for_and_updates_dropped_are_not_brought(
    api: BotApi, bot: Bot, ann: User, ear: Ear
) -> None:
    await bot.set_webhook(ear.url, drop_pending_updates=True, allowed_updates=["message"])
    api.block(ann.id)
    said = api.say(ann, "hi")
    await api.until(lambda: not api.world.updates)
    assert [update_id for update_id, _ in ear.heard] == [said]


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({"url": "http://example.com/"}, "An HTTPS URL must be provided for webhook"),
        ({"url": "https://example.com/"}, "this stand-in delivers to http://127.0.0.1 only"),
        ({"url": "http://[oops"}, "invalid webhook URL specified"),
        ({"secret_token": "секрет"}, "secret token contains unallowed characters"),
        ({"secret_token": "a b"}, "secret token contains unallowed characters"),
        ({"secret_token": "a\n"}, "secret token contains unallowed characters"),
        ({"secret_token": "a" * 257}, "secret token is too long"),
        ({"max_connections": 0}, "max_connections must be 1-100"),
        ({"max_connections": 101}, "max_connections must be 1-100"),
        ({"allowed_updates": ["messages"]}, "unknown kind of update 'messages'"),
        ({"ip_address": "127.0.0.1"}, "ip_address is not played"),
    ],
)
async def test_a_webhook_outside_of_the_limits_is_refused(api: BotApi, params: dict[str, Any], reason: str) -> None:
    status, answer = await post(api, "setWebhook", **({"url": "http://127.0.0.1:1/"} | params))
    assert (status, len(api.violations), api.world.webhook) == (400, 1, None)
    assert reason in answer["description"]


async def test_a_method_in_the_answer_is_written_down_as_not_played(api: BotApi, bot: Bot, ann: User, ear: Ear) -> None:
    ear.body = json.dumps({"method": "sendMessage", "chat_id": ann.id, "text": "hi"})
    await bot.set_webhook(ear.url)
    await api.until(lambda: not api.world.updates)
    assert api.violations == ["webhook: a method in the answer is not played by this stand-in"]


@pytest.mark.skipif(not SCHEMA.exists(), reason="the Bot API's description is not at hand")
async def test_the_webhooks_requests_agree_with_the_published_description(api: BotApi, bot: Bot, ear: Ear) -> None:
    schema = json.loads(SCHEMA.read_text())
    await bot.set_webhook(ear.url, secret_token=SECRET, max_connections=1, allowed_updates=["message"])
    await bot.get_webhook_info()
    await bot.delete_webhook(drop_pending_updates=True)
    faults = [fault for r in api.requests for fault in validate_against_schema(r.method, r.params, schema)]
    assert (faults, len(api.requests)) == ([], 3)
