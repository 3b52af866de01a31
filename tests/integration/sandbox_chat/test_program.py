"""The program that the sandbox keeps: killed by the panel's switch, started again, and never left behind."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest

from deploy.sandbox import program as programs
from deploy.sandbox.chat import Outside
from deploy.sandbox.chat.switches import Switches
from deploy.sandbox.program import NO_RESTART_CODE, RESTART_SECONDS, ROOT, Program, kept
from tests.waiting import until

LASTING = "echo started; exec sleep 600"
COMMAND = "deploy.sandbox.program.PROGRAM"


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    """A shell's line in place of the whole program."""
    monkeypatch.setattr(COMMAND, ("/bin/sh", "-c", LASTING))
    return Program({}, tmp_path, tmp_path / "output")


@asynccontextmanager
async def running(program: Program) -> AsyncIterator[asyncio.Task[int]]:
    """The program, kept running while the block lasts; then it is stopped as the sandbox does, by cancelling."""
    task = asyncio.create_task(program.ended())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait([task])


def processes(folder: Path) -> list[psutil.Process]:
    """Our children that live in this folder."""
    found = []
    for child in psutil.Process().children():
        try:
            if child.status() != psutil.STATUS_ZOMBIE and child.cwd() == str(folder):
                found.append(child)
        except psutil.NoSuchProcess:
            continue
    return found


async def pass_turns(turns: int) -> None:
    """So many turns of the event loop."""
    for _ in range(turns):
        await asyncio.sleep(0)


def starts(folder: Path) -> int:
    output = folder / "output"
    return output.read_text().count("started") if output.exists() else 0


async def test_the_switch_kills_the_program_and_lets_it_run_again(
    outside: Outside, program: Program, tmp_path: Path
) -> None:
    assert "program" not in Switches(outside).state, "there is none to kill"
    outside.program = program
    switches = Switches(outside)
    async with running(program) as ended:
        await until(lambda: starts(tmp_path) == 1, what="the start")
        [first] = processes(tmp_path)
        await switches.turn("program", on=True)
        await until(lambda: not processes(tmp_path), what="the end")
        assert switches.state["program"]
        assert not ended.done(), "it was killed on purpose"
        await switches.turn("program", on=False)
        await until(lambda: starts(tmp_path) == 2, what="the second start")
        [second] = processes(tmp_path)
        assert second.pid != first.pid
    assert ended.cancelled()
    assert processes(tmp_path) == []


async def test_many_turns_at_once_leave_one_program_and_none_when_it_is_stopped(
    outside: Outside, program: Program, tmp_path: Path
) -> None:
    outside.program = program
    switches = Switches(outside)
    async with running(program) as ended:
        await until(lambda: starts(tmp_path) == 1, what="the start")
        for on in (True, False, True, False, False):
            await switches.turn("program", on=on)
        await asyncio.gather(*(switches.turn("program", on=False) for _ in range(3)))
        await until(lambda: starts(tmp_path) == 2, what="the second start")
        assert len(processes(tmp_path)) == 1
        await switches.turn("program", on=True)
        await until(lambda: not processes(tmp_path), what="the end")
        assert not ended.done()
    assert processes(tmp_path) == []
    assert starts(tmp_path) == 2


@pytest.mark.parametrize("turns", [1, 2, 3, 4])
async def test_a_kill_during_the_start_ends_what_has_only_begun(turns: int, program: Program, tmp_path: Path) -> None:
    async with running(program) as ended:
        await pass_turns(turns)
        assert processes(tmp_path)
        program.kill()
        await until(lambda: not processes(tmp_path), what="the end")
        program.start()
        await until(lambda: processes(tmp_path), what="the second process")
        assert not ended.done()


async def test_a_program_killed_before_it_is_started_waits(program: Program, tmp_path: Path) -> None:
    program.kill()
    async with running(program) as ended:
        await pass_turns(20)
        assert processes(tmp_path) == []
        assert not ended.done()
        program.start()
        await until(lambda: starts(tmp_path) == 1, what="the start")


@pytest.mark.parametrize("turns", range(8))
async def test_stopping_in_the_middle_of_a_restart_leaves_no_process(
    turns: int, program: Program, tmp_path: Path
) -> None:
    async with running(program):
        await until(lambda: starts(tmp_path) == 1, what="the start")
        program.kill()
        await until(lambda: not processes(tmp_path), what="the end")
        program.start()
        await pass_turns(turns)
    assert processes(tmp_path) == []


async def test_what_ends_by_itself_or_is_killed_by_somebody_else_has_ended(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(program) as ended:
        await until(lambda: starts(tmp_path) == 1, what="the start")
        program.kill()
        program.start()
        await until(lambda: starts(tmp_path) == 2, what="the second start")
        processes(tmp_path)[0].kill()
        assert await asyncio.wait_for(ended, 5) == -signal.SIGKILL
    monkeypatch.setattr(COMMAND, ("/bin/sh", "-c", "exit 3"))
    assert await asyncio.wait_for(program.ended(), 5) == 3


ENDS_TWICE = (
    "echo started; [ $(grep -c started output) = 1 ] && exec sleep 600; [ -e gone ] && exit 2; touch gone; exit 1"
)


async def test_what_was_killed_here_gets_another_try_as_systemd_gives_it(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed and started again it ends with 1, as without a database, and then with 2, as misconfigured."""
    monkeypatch.setattr(COMMAND, ("/bin/sh", "-c", ENDS_TWICE))
    monkeypatch.setattr(programs, "RESTART_SECONDS", 0)
    told: list[str] = []
    ended = asyncio.create_task(kept(program, told.append))
    await until(lambda: starts(tmp_path) == 1, what="the start")
    program.kill()
    program.start()
    assert await asyncio.wait_for(ended, 10) == NO_RESTART_CODE
    codes = [line.partition(". ")[0].rpartition(" ")[2] for line in told if line.startswith("The program ended")]
    assert (codes, starts(tmp_path)) == (["1", "2"], 3)


async def test_what_nobody_has_killed_ends_with_its_last_words(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(COMMAND, ("/bin/sh", "-c", "echo no such port; exit 1"))
    told: list[str] = []
    assert await asyncio.wait_for(kept(program, told.append), 10) == 1
    assert told == ["The program ended by itself with code 1. Its last words:\nno such port\n"]


def test_the_other_try_is_the_unit_files() -> None:
    unit = (ROOT / "deploy/systemd/tothemoon.service").read_text().splitlines()
    wanted = {"Restart=always", f"RestartSec={RESTART_SECONDS:.0f}", f"RestartPreventExitStatus={NO_RESTART_CODE}"}
    assert wanted <= set(unit)
