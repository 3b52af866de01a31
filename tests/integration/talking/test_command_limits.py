"""Too many commands, old ones, and commands that fail."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from deploy.sandbox.telegram import BotApi, User
from engine.shown import Chat
from storage.database import Database
from tests.integration.talking.stage import ADMIN_ID, SetClock, Stage
from tests.made import NOON, minutes
from tests.waiting import until


async def test_a_flood_gets_one_notice_and_then_silence(api: BotApi, database: Database, ann: User) -> None:
    stage = Stage(api, database)
    await stage.settings.change("commands_per_user", 3, ADMIN_ID, NOON)
    async with stage.polling():
        for _ in range(8):
            api.say(ann, "/moon")
        await until(lambda: stage.heartbeat.counts["command_dropped", "flood"] == 5)
        await until(lambda: len(api.messages(7)) == 4)
    assert len(api.messages(7)) == 4
    assert len([message for message in api.messages(7) if "Too many" in str(message.text)]) == 1


async def test_a_command_older_than_two_minutes_is_dropped_and_counted(
    api: BotApi, database: Database, ann: User
) -> None:
    api.say(ann, "/moon")
    stage = Stage(api, database, wall_clock=SetClock(api.world.now() + minutes(2.1)))
    async with stage.polling():
        await until(lambda: stage.heartbeat.counts["command_dropped", "stale"] == 1)
    assert not api.messages(7)


@pytest.mark.parametrize("command", ["/top", "/token PEPE", "/subscribe", "/status"])
async def test_while_the_database_is_away_the_bot_says_so(
    api: BotApi, unused_tcp_port: int, ann: User, command: str
) -> None:
    nowhere = Database({"host": "127.0.0.1", "port": unused_tcp_port, "user": "nobody"})
    stage = Stage(api, nowhere)
    async with stage.polling():
        assert "database is away" in await stage.answer(ann, command)
        assert "/top" in await stage.answer(ann, "/help")
    await nowhere.close()


@pytest.mark.usefixtures("polling")
async def test_an_answer_waits_out_a_short_flood_wait(stage: Stage, ann: User) -> None:
    stage.api.fail_next("sendMessage", 429, "Too Many Requests: retry after 1", {"retry_after": 1})
    assert "/help" in await stage.answer(ann, "/moon")


@pytest.mark.usefixtures("polling")
async def test_a_person_who_blocks_the_bot_meanwhile_harms_nobody_else(stage: Stage, ann: User, ada: User) -> None:
    with capture_logs() as logs:
        stage.api.fail_next("sendMessage", 403, "Forbidden: bot was blocked by the user", chat_id=7)
        stage.api.say(ann, "/start")
        await stage.answer(ada, "/start")
        await until(lambda: [entry for entry in logs if entry["event"] == "command.not_answered"])
    assert not stage.api.messages(7)


@pytest.mark.usefixtures("polling")
async def test_a_fault_of_ours_is_logged_and_told(stage: Stage, ann: User, database: Database) -> None:
    async with database.transaction() as session:
        await (await session.connection()).exec_driver_sql("DROP TABLE outbox")
    with capture_logs() as logs:
        assert "went wrong" in await stage.answer(ann, "/status")
    assert [entry["event"] for entry in logs if entry["log_level"] == "error"] == ["command.failed"]


@pytest.mark.usefixtures("polling")
async def test_a_subscription_keeps_the_language_and_the_chat(stage: Stage, database: Database) -> None:
    await stage.asked(stage.api.user(8, "Яна", "ru"), "/subscribe")
    assert not await stage.chats.subscribe(Chat(8, "private"), NOON)
    async with database.transaction() as session:
        rows = await (await session.connection()).exec_driver_sql("SELECT type, title, language, thread_id FROM chats")
        assert [tuple(row) for row in rows] == [("private", "Яна", "ru", None)]
