"""Everything that can go wrong with sends, together: who got each alert, what came twice, who was switched off."""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import uvloop
from sqlalchemy import text

from bot.clock import SystemClock
from deploy.sandbox.playground import free_port
from deploy.sandbox.telegram.mix import Mix
from deploy.sandbox.telegram.values import Json
from deploy.sandbox.world import mint_of
from storage.store import Store
from tests.bench.fates import Troubled
from tests.bench.faults_laws import ALARM, HEALTH, Found, Systemic, broken, table
from tests.bench.whole import counts, opened, own_database, quiet, ring, rows, still_open, subscribe, told
from tests.e2e.stage import Stage, dsn, stage, words
from tests.waiting import until

REFUSED_SHARE, LOST_SHARE = 0.12, 0.04
SYSTEMIC_SECONDS = 45.0
BETWEEN_ALERTS_SECONDS = 1.0
LOOKED_EVERY_SECONDS = 0.5
DEADLINE_SECONDS = 900.0

CHATS = text("SELECT id, off_reason, thread_id FROM chats")


async def measure(
    address: dict[str, Any], chats: int, alerts: int, seed: int, systemic_seconds: float | None = SYSTEMIC_SECONDS
) -> Found:
    """Send so many alerts to so many chats through all faults; `systemic_seconds` None leaves out the systemic one."""
    with tempfile.TemporaryDirectory(prefix="tothemoon-bench-") as folder:
        async with stage(Path(folder), free_port()) as scene, opened(address) as store:
            scene.more |= {"DB_DSN": dsn(address), "DEXSCREENER_ENABLED": "false"}
            mints = [mint_of(f"faults {seed}:{number}") for number in range(alerts)]
            systemic = None if systemic_seconds is None else Systemic(mints[alerts // 2], systemic_seconds)
            troubled = Troubled(scene.telegram, chats, alerts, seed, scene.trader)
            return await _through(scene, store, troubled, mints, seed, systemic)


async def _through(
    scene: Stage, store: Store, troubled: Troubled, mints: Sequence[str], seed: int, systemic: Systemic | None
) -> Found:
    mix = scene.telegram.mix = Mix(seed, REFUSED_SHARE, LOST_SHARE, lambda send: _strike(send, troubled, systemic))
    for person in (scene.admin, scene.trader):
        scene.telegram.world.chats[person.id].statuses[scene.telegram.world.bot.id] = "member"
    await subscribe(store, troubled.rows(SystemClock().now()))
    begin = time.monotonic()
    async with scene.program(), _listening(scene) as heard:
        for mint in mints:
            await ring(store, mint, SystemClock().now())
            await asyncio.sleep(BETWEEN_ALERTS_SECONDS)
        await until(lambda: _settled(store), DEADLINE_SECONDS, f"the end of the outbox; {scene.tail()}")
        counted = await counts(scene)
    possible = sum(count for (what, _), count in counted.items() if what == "alert_possible_duplicate")
    return Found(
        mints,
        list(troubled.members.values()),
        told(mix.accepted),
        told(mix.lost),
        await rows(store),
        await _chats(store),
        mix.met,
        possible,
        scene.telegram.violations,
        time.monotonic() - begin,
        systemic,
        heard,
    )


def _strike(send: Json, troubled: Troubled, systemic: Systemic | None) -> None:
    troubled.send_arrives(send)
    if systemic is not None:
        systemic.look(send)


@asynccontextmanager
async def _listening(scene: Stage) -> AsyncIterator[set[str]]:
    """What /health and alarms say of a refused alert while the block lasts."""
    heard: set[str] = set()
    task = asyncio.create_task(_listen(scene, heard))
    try:
        yield heard
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        heard |= {ALARM for m in scene.telegram.messages(scene.admin.id) if _alarms(words(m))}


def _alarms(said: str) -> bool:
    return said.startswith("⚠") and ("parse" in said or "refus" in said)


async def _listen(scene: Stage, heard: set[str]) -> None:
    while True:
        _, body = await scene.health()
        for name, part in body.get("parts", {}).items():
            if name == "refused" and part["state"] == "degraded" and "parse" in (part["last_error"] or ""):
                heard.add(HEALTH)
        await asyncio.sleep(LOOKED_EVERY_SECONDS)


async def _settled(store: Store) -> bool:
    await asyncio.sleep(LOOKED_EVERY_SECONDS)
    return not await still_open(store)


async def _chats(store: Store) -> dict[int, tuple[str | None, int | None]]:
    async with store.database.transaction() as session:
        return {chat_id: (reason, thread_id) for chat_id, reason, thread_id in await session.execute(CHATS)}


async def _run(asked: argparse.Namespace) -> None:
    async with own_database() as address:
        found = await measure(address, asked.chats, asked.alerts, asked.seed)
    print("\n".join(table(found)), flush=True)
    if wrong := broken(found):
        raise SystemExit("\n".join(["broken:", *wrong]))
    print("every reachable chat got every alert; nothing came twice but where an answer was lost")


def main(arguments: Sequence[str]) -> None:
    """Print what became of the alerts; exit code 1 when a law is broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench faults", description=__doc__)
    parser.add_argument("--chats", type=int, default=400)
    parser.add_argument("--alerts", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    quiet()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_run(parser.parse_args(arguments)))
