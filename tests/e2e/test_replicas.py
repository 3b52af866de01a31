"""Two programs on one database: one works, the other stands by and takes over."""

from __future__ import annotations

import signal
import time
from asyncio.subprocess import Process
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

import pytest

from deploy.sandbox.playground import free_port
from deploy.sandbox.program import running
from tests.e2e.stage import Stage, dsn, words
from tests.waiting import until

pytestmark = pytest.mark.timeout(150)
TAKEOVER_SECONDS = 10


def beside(stage: Stage) -> Stage:
    """The same outside world for a second program with a folder and a port of its own."""
    folder = stage.folder / "second"
    folder.mkdir()
    return replace(stage, folder=folder, health_url=f"http://127.0.0.1:{free_port()}/health")


async def status(stage: Stage) -> str:
    return str((await stage.health())[1].get("status"))


async def taken_over(stage: Stage, since: float, terms: int = 1) -> None:
    """Wait until this program's loops run in their n-th term, at most so long after what ended the other's."""
    remaining = TAKEOVER_SECONDS - (time.monotonic() - since)
    await until(lambda: len(stage.logged("feed.subscribed")) == terms, remaining, f"the takeover; {stage.tail()}")


async def test_the_second_program_stands_by_and_takes_over_from_one_that_was_stopped_or_killed(
    stage: Stage, fresh_database: dict[str, Any]
) -> None:
    stage.more["DB_DSN"] = dsn(fresh_database)
    other = beside(stage)
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(stage.program())
        second = await stack.enter_async_context(running(other.variables(), other.folder, other.log))
        await until(lambda: stands_by(other), 30, f"the second one's standby; {other.tail()}")
        assert words(await stage.ask(stage.admin, "/status"))
        assert (stage.feed.dials, stage.feed.connections) == (1, 1)
        assert other.logged("program.started") == []
        assert stage.logged("polling.failed") == []

        stopped_at = stop(first)
        await taken_over(other, stopped_at)
        assert words(await stage.ask(stage.admin, "/status"))
        first.send_signal(signal.SIGCONT)
        await until(lambda: stands_by(stage), 15, "the first one's standby")
        assert first.returncode is None, stage.tail()
        await until(lambda: stage.feed.connections == 1, what="the end of the first one's connection")

        killed_at = time.monotonic()
        second.kill()
        await second.wait()
        await taken_over(stage, killed_at, terms=2)
        await until(stage.healthy, 15, f"the first one's health; {stage.tail()}")
        assert words(await stage.ask(stage.admin, "/status"))
        assert stage.feed.connections == 1


def stop(program: Process) -> float:
    """Stop the process as a frozen machine would; when."""
    program.send_signal(signal.SIGSTOP)
    return time.monotonic()


async def stands_by(stage: Stage) -> bool:
    return (await stage.health())[0] == 200 and await status(stage) == "standby"
