"""The unchanged program beside the pretend world: started with other URLs, ended with it. Nothing else differs."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = (str(Path(sys.executable).parent / "tothemoon"), "run")
INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR")
STOP_SECONDS = 9.0  # the program promises 8
RESTART_SECONDS, NO_RESTART_CODE = 5.0, 2  # as in deploy/systemd/tothemoon.service
LAST_WORDS_CHARACTERS = 2000


class Program:
    """The program that a sandbox keeps running; `kill` ends it as `kill -9` does, and `start` lets it run again.

    `ended` alone starts processes and waits for them, so there is never more than one. `killed_once` tells whether one
    has been killed here.
    """

    def __init__(self, variables: Mapping[str, str], folder: Path, output: Path) -> None:
        self._running = partial(running, variables, folder, output)
        self._output = output
        self._wanted = asyncio.Event()
        self._wanted.set()
        self._process: asyncio.subprocess.Process | None = None
        self._killed = False
        self.killed_once = False

    def kill(self) -> None:
        """End the process and nothing else; none is started until `start`."""
        self._wanted.clear()
        if self._process is not None and self._process.returncode is None:
            self._killed = self.killed_once = True
            self._process.kill()

    def start(self) -> None:
        """Start it again as it was, as systemd does, once the killed process is gone."""
        self._wanted.set()

    async def ended(self) -> int:
        """Run it until it ends without having been killed here; its exit code. When cancelled, it is stopped."""
        while True:
            await self._wanted.wait()
            async with self._running() as process:
                self._process, self._killed = process, False
                if not self._wanted.is_set():  # killed while it was being started
                    self.kill()
                code = await process.wait()
            if not self._killed:
                return code

    def last_words(self) -> str:
        """The end of what it has written."""
        return self._output.read_text(errors="replace")[-LAST_WORDS_CHARACTERS:]


async def kept(program: Program, tell: Callable[[str], None]) -> int:
    """Run the program until it ends by itself, and tell its last words; its exit code.

    One that was killed here is in systemd's care from then on: it gets another try, as its unit file says.
    """
    while True:
        code = await program.ended()
        tell(f"The program ended by itself with code {code}. Its last words:\n{program.last_words()}")
        if not program.killed_once or code == NO_RESTART_CODE:
            return code
        tell(f"It is started again in {RESTART_SECONDS:.0f} s.")
        await asyncio.sleep(RESTART_SECONDS)


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
