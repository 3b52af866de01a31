"""`tothemoon record` as a process: a real run becomes a file without secrets, and the file becomes a run again."""

from __future__ import annotations

import asyncio
import json
import signal
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from deploy.sandbox.playback import Playback
from deploy.sandbox.program import PROGRAM, environment, stop
from deploy.sandbox.recorded import Recorded, recorded
from tests.e2e.stage import KEY, TOKEN, Stage, dsn
from tests.made import MINT
from tests.waiting import until

pytestmark = pytest.mark.timeout(120)
OUTPUT = asyncio.subprocess.PIPE


async def start(stage: Stage, file: Path, *words: str) -> asyncio.subprocess.Process:
    """The recording program."""
    command = (PROGRAM[0], "record", str(file), *words)
    variables = environment(**stage.variables())
    return await asyncio.create_subprocess_exec(*command, cwd=stage.folder, env=variables, stdout=OUTPUT, stderr=OUTPUT)


def answered(file: Path) -> bool:
    return file.exists() and f'"query":{{"address":"{MINT}"' in file.read_text()


async def test_a_recorded_run_holds_no_secret_and_is_played_again(stage: Stage, fresh_database: dict[str, Any]) -> None:
    file = stage.folder / "run.jsonl"
    address = dsn({**fresh_database, "user": f"{fresh_database['user']}:pass%40word"})
    an_hour_ago = stage.world.clock.now() - timedelta(hours=1)
    an_hour_ahead = {"TIME_SPEED": "2", "TIME_SINCE": an_hour_ago.isoformat()}
    stage.more |= {"DB_DSN": address, "ADMIN_IDS": "987654321", **an_hour_ahead}
    program = await start(stage, file)
    try:
        await until(lambda: stage.feed.subscribers, 40, "the subscription")
        stage.migrate(MINT, symbol="TAPED", name=f"repeats {KEY} and {TOKEN}")
        await until(lambda: answered(file), 20, "the answer's line")
        program.send_signal(signal.SIGINT)
        _, words = await program.communicate()
    finally:
        await stop(program)
    assert (program.returncode, b'"msg": "recording.closed"' in words) == (0, True)
    text = file.read_text()
    for secret in (
        KEY,
        TOKEN,
        TOKEN.partition(":")[2],
        address,
        "pass%40word",
        "pass@word",
        fresh_database["database"],
    ):
        assert secret not in text
    assert {json.loads(line).get("source") for line in text.splitlines()} == {None, "pumpportal", "birdeye"}
    assert stage.telegram.requests == [], "Telegram is no part of it unless asked for"

    run = recorded(str(file))
    assert isinstance(run, Recorded)
    frame_at = run.started_at + timedelta(seconds=run.first_frame_seconds)
    assert frame_at >= an_hour_ago + timedelta(hours=2), "the recording's clock is the program's"
    for name in ("DB_DSN", *an_hour_ahead):
        stage.more.pop(name)
    await play(stage, run)
    assert stage.logged("migration.heard")[0]["token"] == MINT


async def play(stage: Stage, run: Recorded) -> None:
    """The program's first steps with the recording in place of the world."""
    stage.market._told.clear()
    stage.market.playback = Playback(run, stage.world.clock, speed=10)
    async with stage.program():
        await stage.feed.replay(stage.market.playback.frames(), stage.world.clock, speed=10)
        await until(lambda: stage.logged("token.moved"), 30, "the token's activation")


async def test_a_recording_ends_by_itself_when_its_time_is_up(stage: Stage, fresh_database: dict[str, Any]) -> None:
    stage.more["DB_DSN"] = dsn(fresh_database)
    program = await start(stage, stage.folder / "run.jsonl", "--minutes", "0.05")
    try:
        assert await asyncio.wait_for(program.wait(), 60) == 0
    finally:
        await stop(program)
