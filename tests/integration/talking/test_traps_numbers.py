"""Numbers and times of Telegram that the database could not take: they end nothing, and are counted."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from aiohttp import web

from bot.health import Health
from bot.masking import Mask
from bot.pace import Pace
from bot.polling import poll
from bot.telegram import polling_bot
from bot.webhook import Mailbox
from deploy.sandbox.telegram import User
from tests.integration.talking.stage import TOKEN, Stage, ended, raw_message, served
from tests.integration.talking.test_webhook import Door
from tests.waiting import until

HUGE = 10**20
HUGE_CHAT = {"id": HUGE, "type": "private", "first_name": "Huge"}
HUGE_USER = {"id": HUGE, "is_bot": False, "first_name": "Huge"}
UNSTORABLE: tuple[dict[str, Any], ...] = (
    {"message": raw_message(text="/help", chat=HUGE_CHAT, **{"from": HUGE_USER})},
    {"message": raw_message(chat={"id": str(-HUGE), "type": "supergroup", "title": "Huge"})},
    {"message": raw_message(**{"from": HUGE_USER | {"id": 2**63}})},
    {"message": raw_message(message_id=10**400)},
    {"message": raw_message(message_thread_id=2**63, is_topic_message=True)},
    {"message": raw_message(text=None, migrate_to_chat_id=-(2**63) - 1)},
    {"message": raw_message(reply_to_message=raw_message(migrate_from_chat_id=HUGE))},
    {"message": raw_message(new_chat_members=[HUGE_USER])},
    {"message": raw_message(date="2026-07-01T12:00:00")},
    {"message": raw_message(date="9999-12-31T23:59:59-14:00")},
    {"callback_query": {"id": "1", "from": HUGE_USER, "chat_instance": "1", "data": "h:0"}},
    {"inline_query": {"id": "1", "from": HUGE_USER, "query": "", "offset": ""}},
)


@pytest.mark.parametrize("update", UNSTORABLE, ids=lambda update: json.dumps(update)[:60])
async def test_an_update_that_could_not_be_stored_is_dropped_and_counted(
    stage: Stage, ann: User, update: dict[str, Any]
) -> None:
    async with stage.polling():
        stage.api.raw_update(update)
        assert "/top" in await stage.answer(ann, "/help")
    assert stage.heartbeat.counts["update_dropped", "unparseable"] == 1
    assert {params["chat_id"] for params in stage.sends()} == {ann.id}


async def test_so_it_is_when_it_is_posted(stage: Stage, ann: User) -> None:
    mailbox = Mailbox(TOKEN, stage.heartbeat)
    async with Health(stage.heartbeat, Mask([])).serve("127.0.0.1", 0, mailbox.app()) as port:
        door = Door(stage, mailbox, f"http://127.0.0.1:{port}", stage.dispatcher())
        async with door.hearing():
            for number, update in enumerate(UNSTORABLE, start=1):
                assert await door.post(json.dumps({"update_id": number} | update).encode()) == 200
            assert "/top" in await stage.answer(ann, "/help")
    assert stage.heartbeat.counts["update_dropped", "unparseable"] == len(UNSTORABLE)
    assert {params["chat_id"] for params in stage.sends()} == {ann.id}


async def test_a_chat_with_a_number_that_does_not_fit_does_not_end_the_delivery_of_alerts(
    stage: Stage, ann: User
) -> None:
    pace = Pace(1000)
    hearer = polling_bot(TOKEN, stage.api.url, stage.heartbeat, pace=pace)
    await stage.listens(8)
    stage.api.raw_update(UNSTORABLE[0])
    polling = asyncio.create_task(poll(stage.dispatcher(), hearer))
    await stage.asked(ann, "/help")
    async with stage.delivering(pace=pace):
        await stage.activated()
        assert (await stage.api.next_message(8)).photo is not None
    await ended(polling)
    await hearer.session.close()


@pytest.mark.parametrize(
    ("status", "said", "parameters", "outcome"),
    [
        (400, "Bad Request: group chat was upgraded to a supergroup chat", {"migrate_to_chat_id": -HUGE}, "chat_off"),
        (
            400,
            "Bad Request: group chat was upgraded to a supergroup chat",
            {"migrate_to_chat_id": "9" * 30},
            "chat_off",
        ),
        (429, "Too Many Requests: retry after", {"retry_after": 10**400}, None),
        (429, "Too Many Requests: retry after", {"retry_after": 1e30}, None),
    ],
)
async def test_a_refusal_with_such_a_number_is_taken_by_its_words(
    stage: Stage, status: int, said: str, parameters: dict[str, Any], outcome: str | None
) -> None:
    await stage.listens(8)
    await stage.activated()
    stage.api.fail_next("sendPhoto", status, said, parameters)
    judged = "SELECT 1 FROM outbox WHERE coalesce(outcome, last_error) IS NOT NULL"
    async with stage.delivering() as delivery:
        await until(lambda: stage.rows(judged), what="what becomes of the alert")
        assert not delivery.done()
    assert await stage.outcomes() == [(outcome, 0)]


async def test_a_message_that_gets_such_a_number_was_sent(stage: Stage) -> None:
    await stage.listens(8)
    await stage.activated()

    async def answer(_request: web.Request) -> web.Response:
        message = {"message_id": HUGE, "date": 1, "chat": {"id": 8, "type": "private"}}
        return web.json_response({"ok": True, "result": message})

    async with served(answer) as url, stage.delivering(url=url):
        await until(stage.all_done)
    assert await stage.outcomes() == [("sent", 0)]
    assert await stage.rows("SELECT message_id FROM outbox") == [(None,)]
