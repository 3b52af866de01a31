"""One tick over many due tokens: what it asks of the providers and of PostgreSQL, through real sockets."""

from __future__ import annotations

import argparse
import asyncio
import logging
import resource
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog
import uvloop
from sqlalchemy import text

from bot.clock import SystemClock
from bot.config import Config
from bot.looking import Lookers, Looking
from deploy.sandbox.birdeye import BirdeyeApi
from deploy.sandbox.dexscreener import DexScreenerApi
from deploy.sandbox.world import World
from engine.heartbeat import Heartbeat
from engine.http import JsonClient
from engine.patience import Patience
from storage.database import Database
from storage.embedded import embedded_postgres
from storage.store import Store
from tests.bench.counting import CountedLooks, Pauses, Tally, counted, probed
from tests.bench.due import SCENES, Scene, seed, tell
from tests.waiting import until

KEY = "sandbox"
CHATS = 100
BATCH = 10  # a glance asks about so many
FREE_RPM = 60_000  # the pace of a minute is the provider's wish, not our cost
DEADLINE_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Measured:
    """What one scene took. `chunks` are the verdicts of each chunk that was recorded."""

    scene: Scene
    tokens: int
    glances: int
    checks: int
    tally: Tally
    chunks: Sequence[int]
    seconds: float
    pauses: Pauses
    outbox: int

    @property
    def statements(self) -> int:
        """SQL statements in all."""
        return self.tally.statements.total()

    @property
    def chunk_statements(self) -> float:
        """SQL statements of the recorder per chunk."""
        return self.tally.of("recorder") / max(1, len(self.chunks))


class Stage:
    """The program's own looks, joined as the composition root does, between two stand-ins."""

    def __init__(self, database: Database, birdeye: BirdeyeApi, dexscreener: DexScreenerApi) -> None:
        self.birdeye = birdeye
        self.dexscreener = dexscreener
        self.store = Store(database)
        self.looks = self.store.looks = CountedLooks(database)
        self.heartbeat = Heartbeat()

    @asynccontextmanager
    async def looking(self) -> AsyncIterator[Looking]:
        """All loops, ready to run."""
        config, clock = _config(self.birdeye.url, self.dexscreener.url), SystemClock()
        lookers = Lookers(config, self.store, clock, self.heartbeat, Patience(5))
        async with JsonClient(self.heartbeat) as paid, JsonClient(self.heartbeat, ttl_seconds=0, attempts=1) as free:
            looking = lookers.build(paid, free, lambda: None)
            assert looking.paid is not None
            await looking.paid.till.open()
            yield looking

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """The tick's loops at work."""
        async with self.looking() as looking:
            loop = asyncio.create_task(looking.ticker.run(), name="ticker")
            try:
                yield
            finally:
                loop.cancel()
                await asyncio.wait([loop])


def _config(birdeye_url: str, dexscreener_url: str) -> Config:
    """A customer of Birdeye's largest plan; no token is due twice within a scene."""
    config = Config(
        _env_file=None,
        birdeye_api_key=KEY,
        birdeye_plan="business",
        birdeye_url=birdeye_url,
        dexscreener_url=dexscreener_url,
        dexscreener_enabled=True,
        ext_max_concurrency=8,
        sched_interval_initial_sec=600,
        sched_interval_active_sec=600,
    )
    return config.model_copy(update={"dexscreener_rpm": FREE_RPM})


async def measure(database: Database, scene: Scene, tokens: int, chats: int = CHATS) -> Measured:
    """Let so many tokens be due in a migrated database without rows, and look until each of them is recorded."""
    world = World(1, SystemClock())
    async with BirdeyeApi(world, api_key=KEY) as birdeye, DexScreenerApi(world) as dexscreener:
        mints = await seed(database, scene, tokens, chats, world.clock.now())
        tell(scene, mints, world.clock.now(), birdeye, dexscreener)
        stage, begin = Stage(database, birdeye, dexscreener), time.monotonic()
        with counted(database) as tally:
            async with probed() as pauses, stage.running():
                await until(lambda: sum(stage.looks.chunks) >= tokens, DEADLINE_SECONDS, "every token's look")
                seconds = time.monotonic() - begin
        return Measured(
            scene,
            tokens,
            len(dexscreener.requests),
            len(birdeye.requests),
            tally,
            stage.looks.chunks,
            seconds,
            pauses,
            await _outbox(database),
        )


async def _outbox(database: Database) -> int:
    async with database.transaction() as session:
        return await session.scalar(text("SELECT count(*) FROM outbox")) or 0


def line(found: Measured) -> str:
    """The scene in words and numbers."""
    tally, chunks = found.tally, found.chunks
    kinds = ", ".join(f"{task} {count:,}" for task, count in tally.by_task())
    parts = [
        f"{found.tokens:,} {found.scene.words}: {found.glances:,} glances, {found.checks:,} checks asked",
        f"{found.statements:,} statements ({kinds}; {tally.executemany:,} executemany)",
        f"{found.statements / found.tokens:.2f} a token",
        f"{found.chunk_statements:.1f} a chunk ({len(chunks)} chunks, at most {max(chunks)})",
        f"{tally.transactions:,} transactions",
        f"{found.outbox:,} rows for chats",
        f"{found.seconds:.1f} s",
        f"longest pause {1000 * found.pauses.longest:.0f} ms, garbage {1000 * found.pauses.longest_collection:.0f} ms",
        f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB",
    ]
    return " · ".join(parts)


def details(found: Measured) -> list[str]:
    """Every kind of statement with its number, the most frequent first."""
    return [f"    {count:>7,}  {task}: {about}" for (task, about), count in found.tally.statements.most_common()]


@asynccontextmanager
async def _database(config: Config) -> AsyncIterator[Database]:
    """A migrated database without tokens: the one of DB_DSN, else an embedded one that goes with the bench."""
    with tempfile.TemporaryDirectory(prefix="tothemoon-bench-") as folder:
        if config.db_dsn is not None:
            yield Database(config.db_dsn.get_secret_value())
            return
        async with embedded_postgres(Path(folder)) as address:
            yield Database(address)


async def _run(asked: argparse.Namespace) -> None:
    async with _database(_config("http://127.0.0.1", "http://127.0.0.1")) as database:
        try:
            await database.migrate()
            await _refuse_a_used_one(database)
            for name in asked.scenes:
                found = await measure(database, SCENES[name], asked.tokens, asked.chats)
                print("\n".join([line(found), *(details(found) if asked.details else [])]), flush=True)
                await _empty(database)
        finally:
            await database.close()


async def _refuse_a_used_one(database: Database) -> None:
    async with database.transaction() as session:
        if await session.scalar(text("SELECT EXISTS (SELECT FROM tokens) OR EXISTS (SELECT FROM chats)")):
            raise SystemExit("DB_DSN names a database with rows, which the bench would delete; name a new one")


async def _empty(database: Database) -> None:
    async with database.transaction() as session:
        await session.execute(text("TRUNCATE tokens, chats, outcomes, spending CASCADE"))


def main(arguments: Sequence[str]) -> None:
    """Print one line for each scene asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench tick", description=__doc__)
    parser.add_argument("--tokens", type=int, default=1_000)
    parser.add_argument("--chats", type=int, default=CHATS)
    parser.add_argument("--scenes", nargs="+", choices=SCENES, default=list(SCENES))
    parser.add_argument("--details", action="store_true", help="also print each kind of statement")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    logging.disable(logging.INFO)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_run(parser.parse_args(arguments)))
