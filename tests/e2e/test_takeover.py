"""A leader that freezes, dies or is cut off: another one takes over in time, never two at work, no alert lost."""

from __future__ import annotations

import asyncio
import re
import signal
import time
from asyncio.subprocess import Process
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any

import asyncpg
import pytest

from bot.clock import SystemClock
from deploy.sandbox.playground import free_port
from deploy.sandbox.program import running
from engine.proposals import Wanted
from storage.database import Database
from storage.proposals import Proposals
from tests.e2e.stage import Stage, words
from tests.waiting import until
from tests.wires import Wire

pytestmark = pytest.mark.timeout(120)
TAKEOVER_SECONDS = 10
ISOLATED_SECONDS = 4
LEASES_SECONDS = 40  # what one that is gone had claimed waits for the end of its lease
CHATS = range(100, 105)


@dataclass(slots=True)
class Pair:
    """Two programs on one database, each over a wire that can be cut: the first leads, and the second stands by."""

    first: Stage
    second: Stage
    processes: tuple[Process, Process]
    wires: tuple[Wire, Wire]
    connection: asyncpg.Connection
    told: int = 0
    in_flight: int = 0
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

    async def falls(self) -> float:
        """Remember what is under way as the leader falls; when that is."""
        fallen_at = time.monotonic()
        sql = "SELECT count(*) FROM outbox WHERE outcome IS NULL AND lease_until > clock_timestamp()"
        self.in_flight += await self.connection.fetchval(sql)
        return fallen_at

    def heard(self) -> Counter[tuple[int, int]]:
        """How often each chat was sent each broadcast."""
        said = [(chat, words(message)) for chat in CHATS for message in self.first.telegram.messages(chat)]
        found = ((chat, re.search(r"news-(\d+)", text)) for chat, text in said)
        return Counter((chat, int(match[1])) for chat, match in found if match)

    def conflicts(self) -> int:
        """How many polls Telegram refused because there was another one."""
        failures = [*self.first.logged("polling.failed"), *self.second.logged("polling.failed")]
        return sum("another program" in failure["error"] for failure in failures)

    def turns(self) -> list[str]:
        """Which of the two sent, in turn."""
        sent = [
            (line["ts"], stage.more["INSTANCE_NAME"])
            for stage in (self.first, self.second)
            for line in stage.logged("alert.sent")
        ]
        return [name for name, _ in groupby(name for _, name in sorted(sent))]


@asynccontextmanager
async def pair(stage: Stage, address: dict[str, Any]) -> AsyncIterator[Pair]:
    """Two programs under load, of which one alone is at work."""
    async with AsyncExitStack() as stack:
        wires = [await stack.enter_async_context(Wire(address).laid()) for _ in range(2)]
        stage.more |= {"DB_DSN": far(wires[0]), "INSTANCE_NAME": "berlin-1"}
        first = await stack.enter_async_context(stage.program())
        other = beside(stage)
        other.more = {"DB_DSN": far(wires[1]), "INSTANCE_NAME": "paris-1"}
        second = await stack.enter_async_context(running(other.variables(), other.folder, other.log))
        for chat in CHATS:
            stage.telegram.say(stage.telegram.user(chat, f"Trader {chat}"), "/subscribe")
        await until(lambda: all(stage.telegram.messages(chat) for chat in CHATS), what="the subscriptions")
        await until(lambda: stands_by(other), 30, f"the second one's standby; {other.tail()}")
        assert (stage.feed.dials, stage.feed.connections) == (1, 1)
        assert (other.logged("program.started"), stage.logged("polling.failed")) == ([], [])
        connection = await asyncpg.connect(**address)
        stack.push_async_callback(connection.close)
        two = Pair(stage, other, (first, second), (wires[0], wires[1]), connection)
        database = Database(address)
        stack.push_async_callback(database.close)
        two.load = asyncio.create_task(two.tell(Proposals(database)))
        stack.push_async_callback(two.unload)
        await until(two.heard, what="the first broadcast")
        yield two


def far(wire: Wire) -> str:
    """The database's address at the near end of the wire."""
    return f"postgresql://{wire.address['user']}@127.0.0.1:{wire.address['port']}/{wire.address['database']}"


def beside(stage: Stage) -> Stage:
    """The same outside world for a second program with a folder and a port of its own."""
    folder = stage.folder / "second"
    folder.mkdir()
    return replace(stage, folder=folder, health_url=f"http://127.0.0.1:{free_port()}/health")


async def taken_over(stage: Stage, since: float, terms: int = 1) -> None:
    """Wait until this program's loops run in their n-th term, at most so long after what ended the other's."""
    remaining = TAKEOVER_SECONDS - (time.monotonic() - since)
    await until(lambda: len(stage.logged("feed.subscribed")) == terms, remaining, f"the takeover; {stage.tail()}")


async def all_is_sent(two: Pair) -> None:
    """Everything that was queued reached every chat, twice only what was under way when a leader fell."""
    await two.unload()
    wanted = {(chat, number) for chat in CHATS for number in range(1, two.told)}
    await until(lambda: wanted <= set(two.heard()), LEASES_SECONDS, "every broadcast in every chat")
    twice = {what: count for what, count in two.heard().items() if count > 1}
    assert sum(twice.values()) - len(twice) <= two.in_flight, twice
    assert two.conflicts() <= 2, "a takeover may end one poll"
    assert two.first.telegram.violations == []


async def stands_by(stage: Stage) -> bool:
    status, told = await stage.health()
    return status == 200 and told["status"] == "standby"


def moment(stage: Stage, event: str) -> datetime:
    """When this program logged the event last."""
    return datetime.fromisoformat(stage.logged(event)[-1]["ts"])


async def leads(stage: Stage) -> bool:
    """Whether it says that it leads, and it is well."""
    name = stage.more["INSTANCE_NAME"]
    status, told = await stage.health()
    return status == 200 and told["parts"]["leader"].get("name") == name and bool(told["parts"]["leader"]["leading"])


async def test_a_leader_that_is_stopped_and_wakes_and_one_that_is_killed(
    stage: Stage, fresh_database: dict[str, Any]
) -> None:
    async with pair(stage, fresh_database) as two:
        first, second = two.processes
        assert words(await stage.ask(stage.admin, "/status"))
        first.send_signal(signal.SIGSTOP)  # as a frozen machine would
        await taken_over(two.second, await two.falls())
        assert words(await stage.ask(stage.admin, "/status"))
        first.send_signal(signal.SIGCONT)
        await until(lambda: stands_by(stage), 15, f"the first one's standby; {stage.tail()}")
        await until(lambda: stage.feed.connections == 1, what="the end of the first one's feed")
        assert (await stage.health())[1]["parts"]["leader"]["name"] == "paris-1"
        assert first.returncode is None, stage.tail()

        second.kill()
        killed_at = await two.falls()
        await second.wait()
        await taken_over(stage, killed_at, terms=2)
        await until(lambda: leads(stage), 15, f"the first one's health; {stage.tail()}")
        assert words(await stage.ask(stage.admin, "/status"))
        assert stage.feed.connections == 1
        await all_is_sent(two)


async def test_a_leader_whose_connections_are_ended_and_one_that_hears_nothing_from_the_database(
    stage: Stage, fresh_database: dict[str, Any]
) -> None:
    async with pair(stage, fresh_database) as two:
        wire, wire_of_second = two.wires
        wire.hang_up()
        ended_at = await two.falls()
        await until(lambda: stage.logged("leader.lost"), ISOLATED_SECONDS, "the end of its term")
        await taken_over(two.second, ended_at)
        await until(lambda: stage.feed.connections == 1, ISOLATED_SECONDS, "the end of its loops")
        status, told = await stage.health()
        assert (status, told["parts"]["database"]["state"]) == (503, "failing")
        wire.mend()
        await until(lambda: stands_by(stage), 20, f"the first one's standby; {stage.tail()}")

        await until(lambda: two.second.logged("alert.sent"), LEASES_SECONDS, "the second one's alerts")
        wire_of_second.cut()
        cut_at = await two.falls()
        await until(lambda: stage.feed.connections == 0, ISOLATED_SECONDS, f"the end of its loops; {two.second.tail()}")
        await taken_over(stage, cut_at, terms=2)
        assert moment(two.second, "leader.lost") < moment(stage, "leader.elected")
        assert stage.feed.connections == 1
        await all_is_sent(two)
        assert two.turns() == ["berlin-1", "paris-1", "berlin-1"], (
            "the last send of each is before the first of the other"
        )
