"""While the database is away every command, tap, post and inline query says so, and the limits go on as they were."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.limits import READ_EVERY_SECONDS, Limits
from deploy.sandbox.telegram import BotApi, User
from storage.database import Database
from storage.settings import SettingsTable
from tests.databases import execute
from tests.integration.talking.stage import ADMIN_ID, Stage
from tests.made import NOON
from tests.registered import commands_of
from tests.waiting import until

CHANNEL_ID = -100_777
NEEDS_NO_ROWS = {"start", "help", "language", "health", "set", "broadcast"}  # they say something else that is true


@pytest.fixture
async def nowhere(unused_tcp_port: int) -> AsyncIterator[Database]:
    absent = Database({"host": "127.0.0.1", "port": unused_tcp_port, "user": "nobody"})
    yield absent
    await absent.close()


@pytest.fixture
async def stranded(api: BotApi, nowhere: Database) -> AsyncIterator[Stage]:
    """A bot without its database, hearing."""
    stage = Stage(api, nowhere)
    async with stage.polling():
        yield stage
    assert not api.violations


async def test_every_command_says_so(stranded: Stage, ada: User) -> None:
    names = [name for name in commands_of(stranded.dispatcher()) if name not in NEEDS_NO_ROWS]
    assert {"top", "status", "subscribe", "unsubscribe", "settings", "history", "pause", "chats"} <= set(names)
    for name in names:
        argument = {"token": " PEPE", "reset": " min_tx_count", "watch": " PEPE", "unwatch": " PEPE"}.get(name, "")
        assert "database is away" in await stranded.answer(ada, f"/{name}{argument}"), name


@pytest.mark.parametrize("line", ["/set min_tx_count 50", "/broadcast hello"])
async def test_so_does_a_change(stranded: Stage, ada: User, line: str) -> None:
    assert "database is away" in await stranded.answer(ada, line)


async def test_help_is_given_and_turned_over_all_the_same(stranded: Stage, ann: User) -> None:
    message = await stranded.asked(ann, "/help")
    assert await stranded.tapped(ann, message, "The score") == ""


@pytest.mark.parametrize("data", ["p:1:1", "p:1:0", "o:top"])
async def test_a_tap_says_so(stranded: Stage, ada: User, data: str) -> None:
    message = await stranded.asked(ada, "/help")
    assert "database is away" in await stranded.tapped(ada, message, data, forged=True)


async def test_a_channel_is_told(stranded: Stage, ann: User) -> None:
    stranded.api.post(stranded.api.channel(CHANNEL_ID, "Signals", owner=ann), "/top")
    assert "database is away" in str((await stranded.api.next_message(CHANNEL_ID)).text)


async def test_an_inline_query_is_told_above_its_missing_results(stranded: Stage, ann: User) -> None:
    stranded.api.ask_inline(ann, "PEPE")
    answer = await stranded.api.next_inline_answer(ann.id)
    assert answer.results == ()
    assert answer.button is not None
    assert "database is away" in answer.button["text"]
    assert (answer.cache_seconds, answer.is_personal) == (0, True)


async def test_an_added_bot_is_no_fault(stranded: Stage, ann: User) -> None:
    with capture_logs() as logs:
        stranded.api.group(-100_555, "Traders", owner=ann)
        await until(lambda: [entry for entry in logs if entry["event"] == "command.database_away"])
    assert not [entry for entry in logs if entry["event"] == "command.failed"]


async def test_the_limits_are_read_again_after_a_while_and_no_sooner(database: Database) -> None:
    table, now = SettingsTable(database), 0.0
    limits = Limits(table, lambda: now)
    assert (await limits.current()).commands_per_user == 30
    await table.change("commands_per_user", 3, ADMIN_ID, NOON)
    now = READ_EVERY_SECONDS - 0.1
    assert (await limits.current()).commands_per_user == 30
    now = READ_EVERY_SECONDS
    assert (await limits.current()).commands_per_user == 3


async def test_the_limits_known_last_hold_while_the_database_is_away(
    postgres_server: dict[str, Any], fresh_database: dict[str, Any]
) -> None:
    database, name, now = Database(fresh_database), fresh_database["database"], 0.0
    await database.migrate()
    await SettingsTable(database).change("commands_per_chat", 7, ADMIN_ID, NOON)
    limits = Limits(SettingsTable(database), lambda: now)
    assert (await limits.current()).commands_per_chat == 7
    await database.close()
    await execute(postgres_server, f'ALTER DATABASE "{name}" RENAME TO "{name}_away"')
    now = READ_EVERY_SECONDS
    assert (await limits.current()).commands_per_chat == 7
    await execute(postgres_server, f'ALTER DATABASE "{name}_away" RENAME TO "{name}"')
