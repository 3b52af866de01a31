"""Polling against the stand-in: what must not stop it, what must be told, and how it ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiogram import Dispatcher
from aiohttp import web
from structlog.testing import capture_logs

from bot.polling import REVOKED, SECOND_POLLER, WEBHOOK_SET, poll
from bot.telegram import polling_bot
from deploy.sandbox.telegram import BotApi
from engine.heartbeat import Heartbeat
from storage.database import Database
from tests.integration.talking.stage import TOKEN, Stage, ended, raw_message, served
from tests.waiting import until


async def test_an_answered_poll_beats(stage: Stage) -> None:
    async with stage.polling():
        stage.api.say(stage.api.user(7, "Ann"), "/start")
        await stage.api.next_message(7)
        await until(lambda: stage.heartbeat.pulse("polling").beat_seconds is not None)
    assert stage.heartbeat.pulse("polling").last_error is None


@pytest.mark.parametrize(
    "update",
    [
        {"message": {"message_id": 1, "date": "yesterday", "chat": {"id": 7, "type": "private"}}},
        {
            "message": {
                "message_id": 1,
                "date": 1,
                "chat": {"id": 7, "type": "private"},
                "forward_origin": {"type": "?"},
            }
        },
        {"message": []},
        {"message": None},
        {"callback_query": {"id": 5}},
        {"brand_new_kind": {"x": 1}},
        {"message": raw_message(text="/token \ud800")},
        {"message": raw_message(text="/subscribe", chat={"id": 7, "type": "private", "first_name": "\udfff"})},
        {},
    ],
    ids=str,
)
async def test_an_update_that_makes_no_sense_does_not_stop_the_next_one(
    stage: Stage, update: dict[str, object]
) -> None:
    async with stage.polling():
        stage.api.raw_update(update)
        stage.api.say(stage.api.user(7, "Ann"), "/help")
        assert "/top" in str((await stage.api.next_message(7)).text)
        await stage.api.until(lambda: not stage.api.world.updates, otherwise="the bad update stays unconfirmed")


async def test_an_unparseable_update_is_counted_and_its_content_stays_out_of_the_log(stage: Stage) -> None:
    with capture_logs() as logs:
        async with stage.polling():
            stage.api.raw_update({"message": {"message_id": "private words", "text": "private words"}})
            await until(lambda: stage.heartbeat.counts["update_dropped", "unparseable"] == 1)
    dropped = [entry for entry in logs if entry["event"] == "update.dropped"]
    assert len(dropped) == 1
    assert "private words" not in str(logs)


async def test_a_second_poller_is_told(stage: Stage) -> None:
    other = polling_bot(TOKEN, stage.api.url, Heartbeat())
    async with stage.polling():
        await stage.api.until(lambda: stage.api.world.poller)
        await other.get_updates(timeout=0)
        await until(lambda: stage.heartbeat.pulse("polling").last_error == SECOND_POLLER)
    await other.session.close()


async def test_a_webhook_left_behind_is_told_apart_from_a_second_poller(stage: Stage) -> None:
    said = (
        "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
    )
    stage.api.fail_next("getUpdates", 409, said)
    async with stage.polling():
        await until(lambda: stage.heartbeat.pulse("polling").last_error == WEBHOOK_SET)


async def test_a_revoked_token_is_told_and_outlived(stage: Stage) -> None:
    stage.api.revoke()
    async with stage.polling() as task:
        await until(lambda: stage.heartbeat.pulse("polling").last_error == REVOKED)
        assert stage.heartbeat.pulse("polling").failing_seconds is not None
        assert not task.done()
        stage.api.restore()
        stage.api.say(stage.api.user(7, "Ann"), "/start")
        await stage.api.next_message(7)


async def test_a_token_revoked_while_polling_rests_instead_of_asking_again_and_again(stage: Stage) -> None:
    bot = polling_bot(TOKEN, stage.api.url, stage.heartbeat, revoked_rest_seconds=300)
    task = asyncio.create_task(poll(stage.dispatcher(), bot))
    await stage.api.until(lambda: stage.api.world.poller)
    with capture_logs() as logs:
        stage.api.fail_next("getUpdates", 401, "Unauthorized")
        stage.api.say(stage.api.user(7, "Ann"), "/start")
        await until(lambda: stage.heartbeat.pulse("polling").last_error == REVOKED)
        await ended(task)
    assert [entry["rest_seconds"] for entry in logs if entry["event"] == "polling.failed"] == [300]
    await bot.session.close()


async def test_telegram_out_of_reach_at_the_start_is_outlived(database: Database) -> None:
    api = BotApi(TOKEN)
    await api.start()
    port = int(api.url.rpartition(":")[2])
    stage, url = Stage(api, database), api.url
    await api.stop()
    bot = polling_bot(TOKEN, url, stage.heartbeat)
    task = asyncio.create_task(poll(stage.dispatcher(), bot))
    await until(lambda: stage.heartbeat.pulse("polling").last_error is not None)
    assert TOKEN not in str(stage.heartbeat.pulse("polling").last_error)
    async with BotApi(TOKEN, port) as back:
        back.say(back.user(7, "Ann"), "/start")
        await back.next_message(7)
        await ended(task)
    await bot.session.close()


async def test_a_cancelled_poll_answers_no_further_update(stage: Stage) -> None:
    ann = stage.api.user(7, "Ann")
    async with stage.polling() as task:
        stage.api.say(ann, "/start")
        await stage.api.next_message(7)
        await ended(task)
        polls = len([request for request in stage.api.requests if request.method == "getUpdates"])
        stage.api.say(ann, "/help")
        others = asyncio.all_tasks() - {asyncio.current_task()}
        assert not [other for other in others if "polling" in str(other.get_coro())]
        await until(lambda: stage.api.world.poller is None, what="Telegram to see that nobody polls")
        assert len([request for request in stage.api.requests if request.method == "getUpdates"]) == polls
        assert len(stage.api.messages(7)) == 1


async def test_a_poll_cancelled_before_it_began_leaves_nothing_behind(stage: Stage) -> None:
    async with stage.polling() as task:
        await ended(task)
        assert task.cancelled()
    assert not [request for request in stage.api.requests if request.method == "getUpdates"]


async def test_a_command_in_flight_is_answered_before_polling_ends(stage: Stage) -> None:
    stage.api.user(7, "Ann")
    async with held(stage) as (task, release):
        task.cancel()
        await asyncio.wait({task}, timeout=0.05)
        assert not task.done()
        release.set()
        await asyncio.wait({task}, timeout=5)
        assert task.cancelled()


async def test_a_command_in_flight_is_broken_off_when_another_program_may_lead(stage: Stage) -> None:
    stage.api.user(7, "Ann")
    dispatcher = stage.dispatcher()
    async with in_handler(stage, dispatcher, holds=lambda: False) as (task, _):
        task.cancel()
        await asyncio.wait({task}, timeout=0.5)
        assert task.cancelled()
        assert dispatcher["in_flight"].count == 0
    assert not stage.api.messages(7)


async def test_a_menu_is_published_per_scope_and_language(stage: Stage) -> None:
    stage.api.say(stage.api.user(1, "Ada"), "/start")
    async with stage.polling():
        await stage.api.next_message(1)
    menus = stage.api.world.commands
    names = {key: [command["command"] for command in commands] for key, commands in menus.items()}
    assert len(names) == 4
    assert sorted("set" in commands for commands in names.values()) == [False, False, True, True]
    assert any("а" in command["description"] for commands in menus.values() for command in commands)
    assert not stage.api.violations


async def test_an_admin_who_has_not_started_the_bot_does_not_stop_it(stage: Stage) -> None:
    stage.api.fail_next("setMyCommands", 400, "Bad Request: chat not found", times=9)
    with capture_logs() as logs:
        async with stage.polling():
            stage.api.say(stage.api.user(7, "Ann"), "/start")
            await stage.api.next_message(7)
    assert {entry["event"] for entry in logs if entry["log_level"] == "warning"} == {"menu.not_published"}


async def test_garbage_instead_of_updates_is_an_error_and_not_the_end() -> None:
    bodies = iter(['{"ok":true,"result":[5]}', "[]", "<html>", '{"ok":true,"result":{"update_id":1}}', '{"ok":true}'])
    heartbeat, answered = Heartbeat(), []

    async def answer(request: web.Request) -> web.Response:
        if request.match_info["method"].lower() == "getme":
            return web.json_response({"ok": True, "result": {"id": 123456, "is_bot": True, "first_name": "T"}})
        answered.append(body := next(bodies, '{"ok":true,"result":[]}'))
        return web.Response(text=body)

    async with served(answer) as url:
        bot = polling_bot(TOKEN, url, heartbeat)
        for _ in range(5):
            with pytest.raises(Exception, match="answer"):
                await bot.get_updates()
            assert heartbeat.pulse("polling").failing_seconds is not None
        assert await bot.get_updates() == []
        assert heartbeat.pulse("polling").failing_seconds is None
        await bot.session.close()


@asynccontextmanager
async def held(stage: Stage) -> AsyncIterator[tuple[asyncio.Task[None], asyncio.Event]]:
    """The same, and the command is answered once."""
    async with in_handler(stage, stage.dispatcher()) as both:
        yield both
    assert len(stage.api.messages(7)) == 1


@asynccontextmanager
async def in_handler(
    stage: Stage, dispatcher: Dispatcher, **more: Any
) -> AsyncIterator[tuple[asyncio.Task[None], asyncio.Event]]:
    """Polling with one command in its handler, which ends when the event is set."""
    begun, release = asyncio.Event(), asyncio.Event()

    async def hold(handler, event, data):  # type: ignore[no-untyped-def]
        begun.set()
        await release.wait()
        return await handler(event, data)

    dispatcher.message.middleware(hold)
    bot = polling_bot(TOKEN, stage.api.url, stage.heartbeat)
    task = asyncio.create_task(poll(dispatcher, bot, **more))
    stage.api.say(stage.api.world.users[7], "/start")
    await begun.wait()
    yield task, release
    await bot.session.close()
