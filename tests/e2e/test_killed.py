"""The panel kills the program, and starts it again: what it missed is a gap, what it had decided is sent once."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import psutil
import pytest

from deploy.sandbox.chat import Outside
from deploy.sandbox.chat.switches import Switches
from deploy.sandbox.dexscreener import DexScreenerApi
from deploy.sandbox.program import Program
from deploy.sandbox.pumpportal import migrate_frame
from deploy.sandbox.world import mint_of
from storage.server_process import is_alive
from tests.bench.whole import opened, pass_leases
from tests.e2e.playgrounds import Playground, playground
from tests.e2e.stage import Stage, dsn, words
from tests.made import MINT, OTHER_MINT
from tests.waiting import until

pytestmark = pytest.mark.timeout(120)
MISSED = mint_of("missed")


@asynccontextmanager
async def panel(stage: Stage) -> AsyncIterator[Switches]:
    """The switches of a program that runs well."""
    program = Program(stage.variables(), stage.folder, stage.log)
    async with DexScreenerApi(stage.world) as glances:
        outside = Outside(stage.world, stage.feed, stage.market, glances, stage.telegram, program=program)
        ended = asyncio.create_task(program.ended())
        try:
            await until(stage.healthy, 40, f"a 200 of /health; the log ends: {stage.tail()}")
            yield Switches(outside)
        finally:
            ended.cancel()
            await asyncio.wait([ended])


def alerts(stage: Stage) -> Counter[tuple[int, str]]:
    """How often each chat was told of each token, with a picture."""
    told: Counter[tuple[int, str]] = Counter()
    for person in (stage.admin, stage.trader):
        for message in stage.telegram.messages(person.id):
            told.update((person.id, mint) for mint in (MINT, OTHER_MINT) if message.photo and mint in words(message))
    return told


async def is_away(stage: Stage) -> bool:
    return await stage.health() == (0, {})


async def test_a_program_killed_by_the_panel_comes_back_with_a_gap_and_every_alert_once(
    stage: Stage, fresh_database: dict[str, Any]
) -> None:
    stage.more["DB_DSN"] = dsn(fresh_database)
    async with panel(stage) as switches:
        await stage.ask(stage.admin, "/subscribe")
        stage.migrate(MINT)
        await until(lambda: alerts(stage), 30, "the admin's alert")
        await stage.ask(stage.trader, "/subscribe")
        stage.telegram.fail_next("sendPhoto", 429, "Too Many Requests: retry after 4", {"retry_after": 4})
        stage.migrate(OTHER_MINT)
        await until(lambda: sends(stage) > 1, 30, "the first try of the trader's alert")
        await switches.turn("program", on=True)
        await until(lambda: is_away(stage), 5, "nobody to ask for health")
        missed_at = stage.world.clock.now()
        stage.feed.push(migrate_frame(MISSED))
        async with opened(fresh_database) as store:
            await pass_leases(store)
            await switches.turn("program", on=False)
            await until(stage.healthy, 40, "a 200 of /health")
            await until(lambda: alerts(stage)[stage.trader.id, OTHER_MINT], 30, "the alert that was a row")
            [gap] = await store.gaps.since(missed_at)
            assert await store.tokens.find(MISSED) == []
        assert gap.began_at < missed_at < gap.ended_at
        _, health = await stage.health()
        assert health["parts"]["feed"]["gaps_24h"] == 1
        assert "Feed gaps in the last 24 h: 1" in words(await stage.ask(stage.admin, "/status"))
    assert alerts(stage)[stage.admin.id, MINT] == 1
    assert set(alerts(stage).values()) == {1}
    assert stage.telegram.violations == []


def sends(stage: Stage) -> int:
    """How many alerts were tried to be sent."""
    return sum(request.method == "sendPhoto" for request in stage.telegram.requests)


async def program_of(sandbox: Playground) -> psutil.Process:
    """The process of the program, which may only have begun."""
    found: list[psutil.Process] = []

    def runs() -> bool:
        children = psutil.Process(sandbox.process.pid).children()
        found[:] = [child for child in children if is_alive(child) and child.cmdline()[-1:] == ["run"]]
        return bool(found)

    await until(runs, 30, "the program's process")
    [program] = found
    return program


async def turn(sandbox: Playground, *, on: bool) -> None:
    order = {"name": "program", "on": on}
    async with aiohttp.ClientSession(sandbox.url) as browser, browser.post("/api/switch", json=order) as answer:
        assert (await answer.json())["switches"]["program"] is on


async def test_the_sandbox_starts_the_same_program_again_and_leaves_no_process_when_closed() -> None:
    async with playground() as sandbox:
        first = await program_of(sandbox)
        facts = first.cmdline(), first.cwd(), first.environ()
        await turn(sandbox, on=True)
        await until(lambda: not is_alive(first), 5, "the end of the program")
        await turn(sandbox, on=False)
        second = await program_of(sandbox)
        assert (second.cmdline(), second.cwd(), second.environ()) == facts
        await turn(sandbox, on=True)
        await until(lambda: not is_alive(second), 5, "the end of the program")
        family = psutil.Process(sandbox.process.pid).children(recursive=True)
        assert await sandbox.interrupt() == 0
    assert [process for process in [first, second, *family] if is_alive(process)] == []


async def test_a_program_that_the_panel_has_not_killed_ends_the_sandbox_with_its_last_words() -> None:
    async with playground() as sandbox:
        (await program_of(sandbox)).kill()
        assert sandbox.process.stdout is not None
        told = await asyncio.wait_for(sandbox.process.stdout.read(), 30)
        assert f"The program ended by itself with code {-signal.SIGKILL}. Its last words:" in told.decode()
        assert await sandbox.process.wait() != 0
