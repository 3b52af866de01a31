"""A leader that dies, freezes or is cut off: another one takes over in time, never two at work, no alert lost."""

from __future__ import annotations

import asyncio
import re
import signal
import time
from asyncio.subprocess import Process
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg
import pytest

from bot.clock import SystemClock
from deploy.sandbox.program import running
from engine.proposals import Wanted
from storage.database import Database
from storage.proposals import Proposals
from tests.e2e.stage import Stage, dsn, words
from tests.e2e.test_replicas import beside, stands_by, taken_over
from tests.waiting import until
from tests.wires import Wire

pytestmark = pytest.mark.timeout(90)
ISOLATED_SECONDS = 4
CHATS = range(100, 105)
# What the one that is gone had claimed waits for the end of its lease, which is not what these tests are about.
END_LEASES = """
    UPDATE outbox SET lease_until = clock_timestamp()
    WHERE outcome IS NULL AND lease_until < $1::timestamptz + interval '25 s'
"""


@dataclass(slots=True)
class Pair:
    """Two programs on one database: the first leads, over a wire that can be cut, and the second stands by."""

    first: Stage
    second: Stage
    process: Process
    wire: Wire
    connection: asyncpg.Connection
    told: int = 0
    load: asyncio.Task[None] | None = None

    async def tell(self, proposals: Proposals) -> None:
        """Queue one broadcast after the other for all chats, for ever."""
        while True:
            now = SystemClock().now()
            self.told += 1
            number = await proposals.propose(1, Wanted.BROADCAST, {"text": f"news-{self.told}."}, now)
            await proposals.carry_out(number, 1, now, now)
            await asyncio.sleep(3)  # a chat takes one message a second

    async def unload(self) -> None:
        """Queue nothing more."""
        if self.load is not None:
            self.load.cancel()
            await asyncio.wait([self.load])

    def heard(self) -> Counter[tuple[int, int]]:
        """How often each chat was sent each broadcast."""
        said = [(chat, words(message)) for chat in CHATS for message in self.first.telegram.messages(chat)]
        found = ((chat, re.search(r"news-(\d+)", text)) for chat, text in said)
        return Counter((chat, int(match[1])) for chat, match in found if match)

    def conflicts(self) -> int:
        """How many polls Telegram refused because there was another one."""
        failures = [*self.first.logged("polling.failed"), *self.second.logged("polling.failed")]
        return sum("another program" in failure["error"] for failure in failures)


@asynccontextmanager
async def pair(stage: Stage, address: dict[str, Any]) -> AsyncIterator[Pair]:
    """Two programs under load."""
    async with AsyncExitStack() as stack:
        wire = await stack.enter_async_context(Wire(address).laid())
        far = f"postgresql://{address['user']}@127.0.0.1:{wire.address['port']}/{address['database']}"
        stage.more |= {"DB_DSN": far, "INSTANCE_NAME": "berlin-1"}
        process = await stack.enter_async_context(stage.program())
        other = beside(stage)
        other.more = {"DB_DSN": dsn(address), "INSTANCE_NAME": "paris-1"}
        await stack.enter_async_context(running(other.variables(), other.folder, other.log))
        for chat in CHATS:
            stage.telegram.say(stage.telegram.user(chat, f"Trader {chat}"), "/subscribe")
        await until(lambda: all(stage.telegram.messages(chat) for chat in CHATS), what="the subscriptions")
        await until(lambda: stands_by(other), 30, f"the second one's standby; {other.tail()}")
        connection = await asyncpg.connect(**address)
        stack.push_async_callback(connection.close)
        two = Pair(stage, other, process, wire, connection)
        database = Database(address)
        stack.push_async_callback(database.close)
        two.load = asyncio.create_task(two.tell(Proposals(database)))
        stack.push_async_callback(two.unload)
        await until(two.heard, what="the first broadcast")
        yield two


async def all_is_sent(two: Pair, fallen_at: datetime, in_flight: int) -> None:
    """Everything that was queued reached every chat, twice only what was under way when the leader fell."""
    await two.connection.execute(END_LEASES, fallen_at)
    await two.unload()
    wanted = {(chat, number) for chat in CHATS for number in range(1, two.told)}
    await until(lambda: wanted <= set(two.heard()), 20, "every broadcast in every chat")
    twice = {what: count for what, count in two.heard().items() if count > 1}
    assert sum(twice.values()) - len(twice) <= in_flight, twice
    assert two.conflicts() <= 1, "a takeover may end one poll"
    assert two.first.telegram.violations == []


async def claimed(two: Pair) -> int:
    """How many rows are under way just now."""
    sql = "SELECT count(*) FROM outbox WHERE outcome IS NULL AND lease_until > clock_timestamp()"
    return int(await two.connection.fetchval(sql))


async def database_now(two: Pair) -> datetime:
    now: datetime = await two.connection.fetchval("SELECT clock_timestamp()")
    return now


def moment(stage: Stage, event: str) -> datetime:
    """When this program logged the event last."""
    return datetime.fromisoformat(stage.logged(event)[-1]["ts"])


async def leads(stage: Stage) -> bool:
    """Whether both say that this one leads, and it is well."""
    name = stage.more["INSTANCE_NAME"]
    status, told = await stage.health()
    return status == 200 and told["parts"]["leader"].get("name") == name and bool(told["parts"]["leader"]["leading"])


async def test_a_leader_that_is_killed(stage: Stage, fresh_database: dict[str, Any]) -> None:
    async with pair(stage, fresh_database) as two:
        two.process.kill()
        killed_at, fallen_at, in_flight = time.monotonic(), await database_now(two), await claimed(two)
        await two.process.wait()
        await taken_over(two.second, killed_at)
        await until(lambda: leads(two.second), 15, "the second one's health")
        await all_is_sent(two, fallen_at, in_flight)


async def test_a_leader_that_is_stopped_and_wakes(stage: Stage, fresh_database: dict[str, Any]) -> None:
    async with pair(stage, fresh_database) as two:
        two.process.send_signal(signal.SIGSTOP)
        stopped_at, fallen_at, in_flight = time.monotonic(), await database_now(two), await claimed(two)
        await taken_over(two.second, stopped_at)
        two.process.send_signal(signal.SIGCONT)
        await until(lambda: stands_by(stage), 15, f"the first one's standby; {stage.tail()}")
        await until(lambda: stage.feed.connections == 1, what="the end of the first one's feed")
        assert (await stage.health())[1]["parts"]["leader"]["name"] == "paris-1"
        await all_is_sent(two, fallen_at, in_flight)


async def test_a_leader_that_hears_nothing_from_the_database(stage: Stage, fresh_database: dict[str, Any]) -> None:
    async with pair(stage, fresh_database) as two:
        two.wire.cut()
        cut_at, fallen_at, in_flight = time.monotonic(), await database_now(two), await claimed(two)
        await until(lambda: stage.feed.connections == 0, ISOLATED_SECONDS, f"the end of its loops; {stage.tail()}")
        await taken_over(two.second, cut_at)
        assert moment(stage, "leader.lost") < moment(two.second, "leader.elected")
        assert stage.feed.connections == 1
        await all_is_sent(two, fallen_at, in_flight)


async def test_a_leader_whose_connections_are_ended(stage: Stage, fresh_database: dict[str, Any]) -> None:
    async with pair(stage, fresh_database) as two:
        two.wire.hang_up()
        cut_at, fallen_at, in_flight = time.monotonic(), await database_now(two), await claimed(two)
        await until(lambda: stage.logged("leader.lost"), ISOLATED_SECONDS, "the end of its term")
        await taken_over(two.second, cut_at)
        await until(lambda: stage.feed.connections == 1, ISOLATED_SECONDS, "the end of its loops")
        status, told = await stage.health()
        assert (status, told["parts"]["database"]["state"]) == (503, "failing")
        two.wire.mend()
        await until(lambda: stands_by(stage), 20, f"the first one's standby; {stage.tail()}")
        await all_is_sent(two, fallen_at, in_flight)
