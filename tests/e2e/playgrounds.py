"""The sandbox as `deploy/start` runs it: a process that prints the address of its page."""

from __future__ import annotations

import asyncio
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from deploy.sandbox.program import ROOT, environment

START_SECONDS, STOP_SECONDS = 40, 15


@dataclass(frozen=True, slots=True)
class Playground:
    """The sandbox's process, and the address that it has printed."""

    process: Process
    url: str

    async def interrupt(self) -> int:
        """Ctrl-C; the exit code."""
        self.process.send_signal(signal.SIGINT)
        return await asyncio.wait_for(self.process.wait(), STOP_SECONDS)


@asynccontextmanager
async def playground(*words: str) -> AsyncIterator[Playground]:
    """`deploy/start` without keys; its standard output is a pipe."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "deploy.sandbox", "--seed", "1", *words),
        cwd=ROOT,
        env=environment(PYTHONPATH=str(ROOT)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        assert process.stdout is not None
        first = (await asyncio.wait_for(process.stdout.readline(), START_SECONDS)).decode()
        assert first.startswith("ToTheMoon2 sandbox: http://127.0.0.1:"), first
        yield Playground(process, first.split()[-1])
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
