"""Hearing by webhook: the real dispatcher behind the health server's door, the stand-in in front of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import aiohttp
import pytest
from aiogram import Dispatcher

from bot.address import PATH, address_of, secret_path, secret_word
from bot.clock import SystemClock
from bot.health import Health
from bot.masking import Mask
from bot.polling import InFlight, poll
from bot.telegram import polling_bot
from bot.webhook import HEADER, LARGEST_UPDATE_BYTES, Mailbox, hear
from deploy.sandbox.telegram import User
from tests.integration.talking.stage import TOKEN, Stage, ended, raw_message
from tests.waiting import until

ADDRESS = f"{PATH}{secret_path(TOKEN)}"


@dataclass(slots=True)
class Door:
    """The health server with the bot behind it; `url` is what WEBHOOK_URL would be."""

    stage: Stage
    mailbox: Mailbox
    url: str
    dispatcher: Dispatcher

    async def post(self, body: bytes, path: str = ADDRESS, secret: str | bytes | None = None) -> int:
        """The status of the answer to this post, by default one with the right secret."""
        header = secret_word(TOKEN) if secret is None else secret
        given = header if isinstance(header, str) else header.decode("latin-1")
        address, headers = self.url + path, {HEADER: given}
        async with (
            aiohttp.ClientSession() as session,
            session.post(address, data=BytesIO(body), headers=headers) as it,
        ):
            return it.status

    @asynccontextmanager
    async def hearing(self, **more: Any) -> AsyncIterator[asyncio.Task[None]]:
        """The webhook is set and heard."""
        bot = polling_bot(TOKEN, self.stage.api.url, self.stage.heartbeat)
        address = address_of(self.url, TOKEN)
        work = hear(self.dispatcher, bot, self.mailbox, address, self.stage.heartbeat, SystemClock(), **more)
        task = asyncio.create_task(work)
        await until(lambda: self.stage.heartbeat.pulse("polling").beat_seconds is not None)
        try:
            yield task
        finally:
            await ended(task)
            await bot.session.close()


@pytest.fixture
async def door(stage: Stage) -> AsyncIterator[Door]:
    mailbox = Mailbox(TOKEN, stage.heartbeat)
    health = Health(stage.heartbeat, Mask([]))
    async with health.serve("127.0.0.1", 0, mailbox.app()) as port:
        yield Door(stage, mailbox, f"http://127.0.0.1:{port}", stage.dispatcher())


async def test_a_command_that_is_posted_is_answered(door: Door, ann: User) -> None:
    async with door.hearing():
        assert "/subscribe" in await door.stage.answer(ann, "/start")
        assert door.stage.api.world.webhook is not None
        await door.stage.api.until(lambda: not door.stage.api.world.updates)
    assert door.stage.api.world.webhook is not None, "Telegram keeps what comes in while the program is away"


async def test_an_update_whose_answer_was_lost_is_handled_once(door: Door, ann: User) -> None:
    update = b'{"update_id": 5, "message": %s}' % _said("/start", ann)
    async with door.hearing():
        await door.stage.answer(ann, "/help")
        statuses = [*await asyncio.gather(door.post(update), door.post(update)), await door.post(update)]
        assert "/subscribe" in str((await door.stage.api.next_message(ann.id)).text)
        await door.stage.answer(ann, "/help")
    assert statuses == [200, 200, 200]
    assert len(door.stage.api.messages(ann.id)) == 3


@pytest.mark.parametrize("secret", ["", "wrong", secret_word(TOKEN)[:-1], "ж".encode(), b"\xff\xfe", "x" * 8000])
async def test_a_post_without_the_secret_is_refused(door: Door, ann: User, secret: str | bytes) -> None:
    async with door.hearing():
        assert await door.post(b'{"update_id": 5, "message": %s}' % _said("/start", ann), secret=secret) == 403
    assert door.stage.api.messages(ann.id) == []


@pytest.mark.parametrize("path", ["/telegram/", "/telegram/x", "/telegram/" + "0" * 64, f"{ADDRESS}/x", "/telegram"])
async def test_another_path_is_not_found(door: Door, path: str) -> None:
    async with door.hearing():
        assert await door.post(b'{"update_id": 5}', path=path) == 404


async def test_a_body_that_is_too_large_is_refused(door: Door) -> None:
    async with door.hearing():
        assert await door.post(b"x" * (LARGEST_UPDATE_BYTES + 1)) == 413


@pytest.mark.parametrize(
    "body",
    [b"", b"nonsense", b"[]", b"\xff", b'{"update_id": true}', b'{"update_id": 5, "message": 1}', b'{"update_id": 6}'],
)
async def test_a_post_that_makes_no_sense_is_taken_and_the_next_one_is_answered(
    door: Door, ann: User, body: bytes
) -> None:
    async with door.hearing():
        assert await door.post(body) == 200
        assert "/subscribe" in await door.stage.answer(ann, "/start")


async def test_telegram_is_asked_to_come_again_while_nobody_hears(door: Door, ann: User) -> None:
    assert await door.post(b'{"update_id": 5, "message": %s}' % _said("/start", ann)) == 503


async def test_a_handler_in_flight_ends_before_the_program_does(door: Door, ann: User) -> None:
    in_flight: InFlight = door.dispatcher["in_flight"]
    async with door.hearing() as task:
        await door.stage.answer(ann, "/help")
        await until(lambda: not door.stage.api.world.updates and in_flight.count == 0)
        door.stage.api.silence()
        posted = asyncio.create_task(door.post(b'{"update_id": 5, "message": %s}' % _said("/start", ann)))
        await until(lambda: in_flight.count == 1)
        task.cancel()
        await until(lambda: door.mailbox._hearer is None)
        assert not task.done()
        door.stage.api.end_silence()
        await asyncio.wait({task}, timeout=10)
        assert in_flight.count == 0
        await asyncio.gather(posted, return_exceptions=True)


async def test_a_handler_in_flight_is_broken_off_when_another_program_may_lead(door: Door, ann: User) -> None:
    in_flight: InFlight = door.dispatcher["in_flight"]
    body = b'{"update_id": 5, "message": %s}' % _said("/start", ann)
    async with door.hearing(holds=lambda: False) as task:
        door.stage.api.silence()
        posted = asyncio.create_task(door.post(body))
        await until(lambda: in_flight.count == 1)
        task.cancel()
        await asyncio.wait({task}, timeout=0.5)
        assert task.cancelled()
        assert in_flight.count == 0
        door.stage.api.end_silence()
        await asyncio.gather(posted, return_exceptions=True)
    async with door.hearing():
        assert await door.post(body) == 200, "the same program may lead again, and hear it then"


async def test_a_webhook_that_somebody_else_took_away_is_set_again(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.webhook.WATCHED_EVERY_SECONDS", 0.02)
    async with door.hearing():
        door.stage.api.world.webhook = None
        await until(lambda: door.stage.api.world.webhook is not None)


async def test_a_bot_that_polls_again_takes_its_own_webhook_back(door: Door, ann: User) -> None:
    async with door.hearing():
        pass
    async with door.stage.polling():
        assert "/subscribe" in await door.stage.answer(ann, "/start")


async def test_a_foreign_webhook_is_left_alone(door: Door, ann: User) -> None:
    bot = polling_bot(TOKEN, door.stage.api.url, door.stage.heartbeat)
    await bot.set_webhook("http://127.0.0.1:9/somebody")
    task = asyncio.create_task(poll(door.dispatcher, bot))
    await until(lambda: "deleteWebhook" in (door.stage.heartbeat.pulse("polling").last_error or ""))
    await ended(task)
    await bot.session.close()
    assert door.stage.api.world.webhook is not None
    assert door.stage.api.messages(ann.id) == []


def _said(text: str, user: User) -> bytes:
    chat = {"id": user.id, "type": "private", "first_name": user.first_name}
    return json.dumps(raw_message(text=text, chat=chat, **{"from": user.as_json()})).encode()
