"""What a stretch of work asks of the database and of the event loop, counted while it runs."""

from __future__ import annotations

import asyncio
import gc
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import event

from engine.model import Verdict
from engine.settings import Settings
from storage.database import Database
from storage.looks import Looks

PROBE_SECONDS = 0.005
CHANGED = re.compile(r"\b(INSERT INTO|UPDATE|DELETE FROM) (\w+)")
READ = re.compile(r"\bFROM (\w+)")


class Tally:
    """Statements by the task that asked and what they are about; an executemany is one statement."""

    def __init__(self) -> None:
        self.statements: Counter[tuple[str, str]] = Counter()
        self.executemany = 0
        self.transactions = 0

    def of(self, task: str) -> int:
        """Statements that this kind of task asked."""
        return sum(count for (asker, _), count in self.statements.items() if asker == task)

    def by_task(self) -> list[tuple[str, int]]:
        """Each kind of task with its statements, the busiest first."""
        tasks = {task for task, _ in self.statements}
        return sorted(((task, self.of(task)) for task in tasks), key=lambda pair: -pair[1])

    def asked(self, statement: str, *, many: bool) -> None:
        """One more statement."""
        task = asyncio.current_task()
        asker = task.get_name().partition("-")[0] if task else "nobody"
        self.statements[asker, _about(statement)] += 1
        self.executemany += many

    def began(self) -> None:
        """One more transaction."""
        self.transactions += 1


@contextmanager
def counted(database: Database) -> Iterator[Tally]:
    """Count what the database is asked while the block lasts."""
    tally, pool = Tally(), database._pool.sync_engine

    def asked(_conn: Any, _cursor: Any, statement: str, _values: Any, _context: Any, executemany: bool) -> None:
        tally.asked(statement, many=executemany)

    def began(_conn: Any) -> None:
        tally.began()

    event.listen(pool, "before_cursor_execute", asked)
    event.listen(pool, "begin", began)
    try:
        yield tally
    finally:
        event.remove(pool, "before_cursor_execute", asked)
        event.remove(pool, "begin", began)


class CountedLooks(Looks):
    """The looks' rows, and how many verdicts each chunk that was recorded had."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.chunks: list[int] = []

    async def record(self, verdicts: Sequence[Verdict], now: datetime, settings: Settings) -> None:
        """As ever; remembered once it is done."""
        await super().record(verdicts, now, settings)
        self.chunks.append(len(verdicts))


class Pauses:
    """How long the event loop was busy with one thing, and its longest garbage collection, both in seconds."""

    def __init__(self) -> None:
        self.longest = 0.0
        self.longest_collection = 0.0
        self._began = 0.0

    async def probe(self) -> None:
        """Runs until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            begin = loop.time()
            await asyncio.sleep(PROBE_SECONDS)
            self.longest = max(self.longest, loop.time() - begin - PROBE_SECONDS)

    def collected(self, phase: str, _info: dict[str, int]) -> None:
        """A garbage collection starts or stops."""
        if phase == "start":
            self._began = time.monotonic()
        else:
            self.longest_collection = max(self.longest_collection, time.monotonic() - self._began)


@asynccontextmanager
async def probed() -> AsyncIterator[Pauses]:
    """Watch the event loop while the block lasts."""
    pauses = Pauses()
    task = asyncio.create_task(pauses.probe())
    gc.callbacks.append(pauses.collected)
    try:
        yield pauses
    finally:
        gc.callbacks.remove(pauses.collected)
        task.cancel()
        await asyncio.wait([task])


def _about(statement: str) -> str:
    """The verb and the first table, such as "insert alerts"."""
    if changed := CHANGED.search(statement):
        return f"{changed[1].split()[0].lower()} {changed[2]}"
    read = READ.search(statement)
    return f"select {read[1]}" if read else "other"
