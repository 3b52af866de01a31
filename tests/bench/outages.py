"""The database goes away under load and comes back: what the whole program makes of it, printed."""

from __future__ import annotations

import argparse
import asyncio
import re
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import asyncpg
import base58

from bot.clock import SystemClock
from deploy.sandbox.playground import free_port
from engine.errors import DatabaseAway
from engine.settings import Settings
from storage.database import Database
from storage.store import Store
from tests.bench.whole import high_score, opened, pass_leases
from tests.databases import execute
from tests.e2e.stage import Stage, stage, words
from tests.servers import OwnServer, dsn, own_server, replicated
from tests.waiting import until

CHATS = range(100, 105)
EVERY_SECONDS = 1.0  # a migration, and a high score that every chat hears
SETTLE_SECONDS = 90.0
WELL_SECONDS = 20.0  # after the return of the database the program is well again
# Of high scores only, since what is less urgent comes together once a minute.
UNCAP = "UPDATE chats SET hourly_cap = NULL, pictures = false, hear_activated = 'off', hear_revived = 'off'"
DONE = "SELECT count(*) = 0 FROM outbox WHERE outcome IS NULL AND action <> 'edit'"
COUNTS = """
    SELECT (SELECT count(*) FROM tokens WHERE address = ANY ($1)), count(*), count(*) FILTER (WHERE outcome = 'sent')
    FROM outbox WHERE action <> 'edit'
"""
# What was pushed while the program lost the database may have been heard and not kept: then a gap says so.
MISSED = """
    SELECT count(*) FROM unnest($1::text[], $2::timestamptz[]) AS told (mint, at)
    WHERE NOT EXISTS (SELECT FROM tokens WHERE address = mint)
        AND NOT EXISTS (SELECT FROM feed_gaps WHERE at BETWEEN began_at AND ended_at)
"""
FAILOVER = "failover"
MODES = ("fast", "immediate", FAILOVER)


@dataclass(frozen=True, slots=True)
class Outage:
    """What came of one: seconds from the return until /health was "ok" and until an alert came; then counts.

    `told` migrations were pushed to the program, `known` of them are rows, and `missed` neither rows nor in a gap that
    it tells of. An alert is `decided` for each chat.
    """

    mode: str
    away_seconds: float
    health_seconds: float
    alert_seconds: float
    told: int
    known: int
    missed: int
    decided: int
    sent: int
    lost: int
    duplicated: int
    same_process: bool

    def __str__(self) -> str:
        again = f"well after {self.health_seconds:.1f} s, the first alert after {self.alert_seconds:.1f} s"
        alerts = f"{self.decided} decided, {self.sent} sent, {self.lost} lost, {self.duplicated} duplicated"
        process = "the same process" if self.same_process else "THE PROCESS ENDED"
        return (
            f"{self.mode}, {self.away_seconds:g} s away: {again}; alerts: {alerts}; "
            f"migrations: {self.told} told, {self.known} kept, {self.missed} missed without a gap; {process}"
        )


def broken(outage: Outage) -> list[str]:
    """Every law that does not hold, in words. Twice may come only what was under way: one alert for each chat."""
    held = {
        "the process ended": outage.same_process,
        f"it was well only after {outage.health_seconds:.1f} s": outage.health_seconds < WELL_SECONDS,
        "nothing was decided": outage.decided > 0,
        f"{outage.lost} alerts were lost": outage.lost == 0,
        f"{outage.duplicated} alerts came twice": outage.duplicated <= len(CHATS),
        f"{outage.missed} migrations were missed and no gap tells of it": outage.missed == 0,
    }
    return [f"{outage.mode}: {law}" for law, holds in held.items() if not holds]


@dataclass(slots=True)
class Load:
    """Migrations, high scores of other tokens, and which of these the chats heard of."""

    world: Stage
    store: Store
    rung: int = 0
    told_at: dict[str, datetime] = field(default_factory=dict)

    async def run(self) -> None:
        """Tell of the ones while somebody listens, and record the others while there is a database, for ever."""
        while True:
            if self.world.feed.subscribers:
                mint = _mint(len(self.told_at) + 1)
                self.told_at[mint] = SystemClock().now()
                self.world.migrate(mint)
            with suppress(DatabaseAway):
                await self._ring(SystemClock().now())
            await asyncio.sleep(EVERY_SECONDS)

    async def _ring(self, now: datetime) -> None:
        self.rung += 1
        verdict = await high_score(self.store, _mint(-self.rung), now, symbol=f"T{self.rung:04}")
        await self.store.looks.record([verdict], now, Settings())

    def heard(self) -> Counter[tuple[int, str]]:
        """How often each chat was told of each token."""
        said = [(chat, words(message)) for chat in CHATS for message in self.world.telegram.messages(chat)]
        return Counter((chat, symbol) for chat, text in said for symbol in set(re.findall(r"T\d{4}", text)))


async def measure(mode: str, away_seconds: float, *, hurry: bool = False) -> Outage:
    """Stop the server in this mode for so long, and see everything sent after its return.

    "failover" stops it for good, as a crash does, and promotes its synchronous replica instead. `hurry` ends the leases
    of what was under way, which would be waited for.
    """
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(own_server())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tothemoon-outage-")))
        world = await stack.enter_async_context(stage(folder, free_port()))
        survivor = await stack.enter_async_context(replicated(server)) if mode == FAILOVER else server
        world.more["DB_DSN"] = dsn(survivor, server) if mode == FAILOVER else dsn(server)
        process = await stack.enter_async_context(world.program())
        await _subscribe(world, server)
        database = Database(world.more["DB_DSN"])
        stack.push_async_callback(database.close)
        load = Load(world, Store(database))
        flow = asyncio.create_task(load.run())
        await until(lambda: len(load.heard()) >= 2 * len(CHATS), 60, f"the first alerts; {world.tail()}")
        await server.stop("immediate" if mode == FAILOVER else mode)
        await asyncio.sleep(away_seconds)
        health_seconds, alert_seconds = await _recovered(lambda: _back(survivor, mode, hurry=hurry), load)
        flow.cancel()
        await asyncio.wait([flow])
        counts = await _counts(survivor, load)
        same = process.returncode is None and len(world.logged("program.stopped")) == 0
        return Outage(mode, away_seconds, health_seconds, alert_seconds, *counts, same_process=same)


async def _counts(server: OwnServer, load: Load) -> tuple[int, int, int, int, int, int, int]:
    """The counts of an Outage, in its order."""
    known, missed, decided, sent = await _settled(server, load)
    twice = sum(load.heard().values()) - len(load.heard())
    return len(load.told_at), known, missed, decided, sent, decided - sent, twice


async def _subscribe(world: Stage, server: OwnServer) -> None:
    """The chats hear all alerts."""
    for chat in CHATS:
        world.telegram.say(world.telegram.user(chat, f"Trader {chat}"), "/subscribe")
    await until(lambda: all(world.telegram.messages(chat) for chat in CHATS), 30, "the subscriptions")
    await execute(server.address, UNCAP)


async def _recovered(back: Callable[[], Awaitable[None]], load: Load) -> tuple[float, float]:
    """Bring a server back; the seconds until /health is "ok", and until a chat gets an alert."""
    before, began = len(load.heard()), time.monotonic()
    await back()
    await until(lambda: _at_work(load.world), SETTLE_SECONDS, f"a new term; {load.world.tail()}")
    health_seconds = time.monotonic() - began
    await until(lambda: len(load.heard()) > before, SETTLE_SECONDS, f"an alert; {load.world.tail()}")
    return health_seconds, time.monotonic() - began


async def _back(server: OwnServer, mode: str, *, hurry: bool) -> None:
    await (server.promote() if mode == FAILOVER else server.start())
    if hurry:
        async with opened(server.address) as store:
            await pass_leases(store)


async def _at_work(world: Stage) -> bool:
    """Whether the program leads again and is well; until then it stands by, which is a 200 as well."""
    return bool((await world.health())[1].get("status") == "ok")


async def _settled(server: OwnServer, load: Load) -> tuple[int, int, int, int]:
    """How many tokens are known and missed, rows decided and sent, once nothing is open or patience ends."""
    connection = await asyncpg.connect(**server.address)
    try:
        with suppress(AssertionError):  # what is open then is lost
            await until(lambda: connection.fetchval(DONE), SETTLE_SECONDS)
        known, decided, sent = await connection.fetchrow(COUNTS, list(load.told_at))
        missed = await connection.fetchval(MISSED, list(load.told_at), list(load.told_at.values()))
        return known, missed, decided, sent
    finally:
        await connection.close()


def _mint(number: int) -> str:
    return base58.b58encode(number.to_bytes(4, "big", signed=True) * 8).decode()


def main(words: Sequence[str]) -> None:
    """Measure each way to lose a server; exit code 1 when a law is broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench outages", description=__doc__)
    parser.add_argument("--away", type=float, default=120, help="seconds without the database")
    parser.add_argument("--modes", nargs="+", choices=MODES, default=MODES)
    asked = parser.parse_args(words)
    wrong: list[str] = []
    for mode in asked.modes:
        outage = asyncio.run(measure(mode, asked.away))
        print(outage, flush=True)
        wrong += broken(outage)
    if wrong:
        raise SystemExit("\n".join(["broken:", *wrong]))
