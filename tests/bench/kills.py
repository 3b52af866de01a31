"""`kill -9` at random moments under load: what was decided is sent, and only what was in flight comes twice."""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from random import Random
from typing import Any

import uvloop
from sqlalchemy import text

from bot.clock import SystemClock
from deploy.sandbox.playground import free_port
from deploy.sandbox.telegram import Wire
from deploy.sandbox.telegram.mix import Mix
from deploy.sandbox.telegram.rates import SENDS
from deploy.sandbox.world import mint_of
from storage.store import Store
from tests.bench.kills_laws import Found, Life, broken, table
from tests.bench.whole import (
    listener,
    opened,
    own_database,
    pass_leases,
    quiet,
    ring,
    rows,
    still_open,
    subscribe,
    told,
)
from tests.e2e.stage import Stage, dsn, stage
from tests.waiting import until

MAX_AGE_MINUTES = 1440.0
LATENCY_SECONDS, JITTER_SECONDS = 0.05, 0.25
FIRST_CHAT_ID = 1_000
GROUP_EACH = 40  # one chat in so many is a group
IN_THE_START_SHARE, START_SECONDS = 0.1, 2.0
LEAST_SECONDS, MOST_SECONDS = 0.3, 4.0
LOOKED_EVERY_SECONDS = 0.25
START_DEADLINE_SECONDS = 120.0
DRAIN_SECONDS = 600.0
TOLD_EACH = 10  # kills

MIGRATED = text("SELECT address FROM tokens WHERE signature IS NOT NULL")


class SlowSends(Wire):
    """Only the answers to sends take their time, so that a start is soon over."""

    async def delay(self, method: str) -> None:
        """Returns when the method's answer may go out."""
        if method.lower() in SENDS:
            await Wire.delay(self, method)


class Bench:
    """One program after another on the same rows. `hurry` lets the leases of a killed one end at once."""

    def __init__(self, scene: Stage, store: Store, chats: int, seed: int, *, hurry: bool) -> None:
        self._scene, self._store, self._seed, self._hurry = scene, store, seed, hurry
        self._random = Random(seed)
        self._mix = scene.telegram.mix = Mix(seed)
        self.chat_ids = [(-1 if (n + 1) % GROUP_EACH == 0 else 1) * (FIRST_CHAT_ID + n) for n in range(chats)]
        self.rung: list[str] = []
        self.pushed: list[str] = []
        self.lives: list[Life] = []

    async def prepare(self) -> None:
        """Let the chats listen, and no alert expire."""
        now = SystemClock().now()
        await self._store.settings.change("alert_max_age_minutes", MAX_AGE_MINUTES, self._scene.admin.id, now)
        for chat_id in self.chat_ids:
            self._enter(chat_id)
        await subscribe(self._store, [listener(i, "private" if i > 0 else "supergroup", now) for i in self.chat_ids])

    @asynccontextmanager
    async def load(self) -> AsyncIterator[None]:
        """While the block lasts, alerts are decided beside the program: as many as leave one open for each chat."""
        task = asyncio.create_task(self._decide())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def live(self) -> Life:
        """Start the program, and kill it at a random moment: in its start, or when it has worked for a while."""
        begin, sends = time.monotonic(), len(self._mix.accepted)
        async with self._scene.program(ready=False) as process:
            if self._random.random() < IN_THE_START_SHARE:
                await asyncio.sleep(self._random.uniform(0, START_SECONDS))
            else:
                await self._works(sends)
                seconds = self._random.uniform(LEAST_SECONDS, MOST_SECONDS)
                await asyncio.sleep(seconds / 2)
                self._push()
                await asyncio.sleep(seconds / 2)
            process.kill()
            await process.wait()
            life = await self._after(begin, sends)
        self.lives.append(life)
        return life

    async def drain(self) -> None:
        """Let a last program send what is left."""
        async with self._scene.program(ready=False):
            await until(self._is_empty, DRAIN_SECONDS, f"the end of the outbox; {self._scene.tail()}")

    async def found(self) -> Found:
        """What there is in the end."""
        async with self._store.database.transaction() as session:
            tokens = list(await session.scalars(MIGRATED))
        due = {(chat_id, mint) for chat_id in self.chat_ids for mint in self.rung}
        return Found(self.lives, due, told(self._mix.accepted), await rows(self._store), heard(self._scene.log), tokens)

    async def _works(self, sends: int) -> None:
        """Returns when /health is good or sends flow: kills make rows so late that it may take /health a while."""

        async def works() -> bool:
            return len(self._mix.accepted) > sends or await self._scene.healthy()

        await until(works, START_DEADLINE_SECONDS, f"a start; the log ends: {self._scene.tail()}")

    async def _after(self, begin: float, sends: int) -> Life:
        """What a killed program leaves: sends of its life that were accepted, and whose rows do not know it."""
        outcomes = await rows(self._store)
        accepted = told(self._mix.accepted[sends:])
        in_flight = frozenset(key for key in accepted if outcomes.get(key) != "sent")
        if self._hurry:
            await pass_leases(self._store)
        return Life(time.monotonic() - begin, accepted.total(), in_flight)

    def _enter(self, chat_id: int) -> None:
        world = self._scene.telegram.world
        if chat_id > 0:
            self._scene.telegram.user(chat_id, f"Trader {chat_id}")
            world.chats[chat_id].statuses[world.bot.id] = "member"
        else:
            self._scene.telegram.group(chat_id, f"Group {chat_id}", self._scene.trader)

    def _push(self) -> None:
        """A token migrates: once a program has said that it heard of it, it is a row."""
        self.pushed.append(mint_of(f"heard {self._seed}:{len(self.pushed)}"))
        self._scene.migrate(self.pushed[-1])

    async def _decide(self) -> None:
        while True:
            if await still_open(self._store) < len(self.chat_ids):
                mint = mint_of(f"rung {self._seed}:{len(self.rung)}")
                await ring(self._store, mint, SystemClock().now())
                self.rung.append(mint)
            await asyncio.sleep(LOOKED_EVERY_SECONDS)

    async def _is_empty(self) -> bool:
        await asyncio.sleep(LOOKED_EVERY_SECONDS)
        return not await still_open(self._store)


def heard(log: Path) -> list[str]:
    """The mints of the migrations that the programs said they had kept. A kill may leave half a line."""
    mints = []
    for line in log.read_text(errors="replace").splitlines():
        with suppress(ValueError):
            if '"migration.heard"' in line:
                mints.append(json.loads(line)["token"])
    return mints


async def measure(
    address: dict[str, Any], count: int, seed: int, chats: int, *, hurry: bool = False, aloud: bool = False
) -> Found:
    """Kill the program so many times under load, and let what is left be sent."""
    wire = SlowSends(LATENCY_SECONDS, JITTER_SECONDS, seed=seed)
    with tempfile.TemporaryDirectory(prefix="tothemoon-bench-") as folder:
        async with stage(Path(folder), free_port(), wire) as scene, opened(address) as store:
            scene.more |= {"DB_DSN": dsn(address), "DEXSCREENER_ENABLED": "false", "SCHED_INTERVAL_ACTIVE_SEC": "60"}
            bench = Bench(scene, store, chats, seed, hurry=hurry)
            await bench.prepare()
            async with bench.load():
                for number in range(1, count + 1):
                    await bench.live()
                    if aloud and number % TOLD_EACH == 0:
                        in_flight = sum(len(life.in_flight) for life in bench.lives)
                        print(f"{number} kills, {in_flight} sends in flight", flush=True)
            await bench.drain()
            return await bench.found()


async def _run(asked: argparse.Namespace) -> None:
    async with own_database() as address:
        found = await measure(address, asked.count, asked.seed, asked.chats, aloud=True)
    print("\n".join(table(found)), flush=True)
    if wrong := broken(found):
        raise SystemExit("\n".join(["broken:", *wrong]))
    print("nothing was lost, and nothing came twice but what was in flight at a kill")


def main(arguments: Sequence[str]) -> None:
    """Print what was in flight at the kills and what came of it; exit code 1 when a law is broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench kills", description=__doc__)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--chats", type=int, default=100)
    quiet()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_run(parser.parse_args(arguments)))
