"""The unchanged program beside the pretend world: started with other URLs, ended with it. Nothing else differs."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = (str(Path(sys.executable).parent / "tothemoon"), "run")
INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR")
STOP_SECONDS = 9.0  # the program promises 8


def environment(**variables: str) -> dict[str, str]:
    """An environment of these variables alone: what is set for the real bot must not leak into a pretend world."""
    kept = {name: os.environ[name] for name in INHERITED if name in os.environ}
    return {**kept, "PYTHONUNBUFFERED": "1", **variables}


@asynccontextmanager
async def running(
    variables: Mapping[str, str], folder: Path, output: Path, *words: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """`tothemoon run` and `words`, in a session of its own, in `folder`, writing to `output`; stopped at the end.

    It must not see this terminal's Ctrl-C: it is asked to stop once, by us.
    """
    with output.open("ab") as sink:
        process = await asyncio.create_subprocess_exec(
            *PROGRAM,
            *words,
            cwd=folder,
            env=environment(**variables),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        await asyncio.shield(stop(process))


async def stop(process: asyncio.subprocess.Process) -> int:
    """Ask the program to stop, and end it when it does not; its exit code."""
    with suppress(ProcessLookupError):
        process.send_signal(signal.SIGTERM)
    try:
        return await asyncio.wait_for(process.wait(), STOP_SECONDS)
    except TimeoutError:
        process.kill()
        return await process.wait()
