"""The same pretend world at several speeds, watched by the whole program: which statuses and alerts it gives."""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import uvloop
from sqlalchemy import TextClause, text

from bot.clock import SystemClock
from deploy.sandbox.birdeye import BirdeyeApi
from deploy.sandbox.dexscreener import DexScreenerApi
from deploy.sandbox.playground import PLAN, free_port, speed
from deploy.sandbox.pumpportal import PumpPortalSocket
from deploy.sandbox.telegram import BotApi
from deploy.sandbox.world import World
from storage.store import Store
from tests.bench.speeds_laws import Run, Story, broken, table
from tests.bench.whole import opened, own_database, quiet
from tests.e2e.stage import ADMIN_ID, KEY, TOKEN, TRADER_ID, Stage, dsn, words
from tests.waiting import until

DELIVERED_SECONDS = 30.0
USUAL = {"SCHED_INTERVAL_INITIAL_SEC": "", "SCHED_INTERVAL_ACTIVE_SEC": ""}  # the product's own, not those of a test
DIGEST = "🗞"  # a digest begins with it
UNLIMITED = text("UPDATE chats SET hourly_cap = NULL WHERE id = :chat_id")
TOKENS = text("SELECT address, created_at FROM tokens WHERE created_at <= :end ORDER BY created_at")
MOVES = text("""
    SELECT address, ts, status_after FROM token_transitions JOIN tokens ON tokens.id = token_id
    WHERE ts <= :end ORDER BY ts, token_transitions.id
""")
CHECKED = text("""
    SELECT token_id, ts - lag(ts) OVER (PARTITION BY token_id ORDER BY ts) FROM token_snapshots
    WHERE source = 'birdeye' AND ts <= :end
""")
ALERTS = text("""
    SELECT address, kind, decided_at FROM alerts JOIN tokens ON tokens.id = token_id
    WHERE decided_at <= :end ORDER BY decided_at
""")
# Alone or in a digest.
TOLD = text("""
    SELECT address, kind, COALESCE(own.message_id, digest.message_id), COALESCE(digest.outcome, own.outcome, 'open')
    FROM outbox AS own
    JOIN alerts ON alerts.id = own.alert_id
    JOIN tokens ON tokens.id = token_id
    LEFT JOIN outbox AS digest ON digest.id = own.digest_id
    WHERE decided_at <= :end AND own.action = 'send' AND own.chat_id = :chat_id
""")


async def measure(address: dict[str, Any], seed: int, minutes: float, times: float) -> Run:
    """Let the program watch a world of this seed `times` as fast as real time, for so many of the world's minutes."""
    with tempfile.TemporaryDirectory(prefix="tothemoon-bench-") as folder:
        async with _sandbox(Path(folder), seed, times) as (scene, glances), opened(address) as store:
            scene.more |= {"DB_DSN": dsn(address), "DEXSCREENER_URL": glances.url, **USUAL}
            async with scene.program():
                await _subscribe(scene, store)
                began_at = await _live(scene, minutes)
                end = began_at + timedelta(minutes=minutes)
                await until(lambda: _is_told(store, end), DELIVERED_SECONDS, f"the last alerts; {scene.tail()}")
                return await _found(scene, store, times, end)


@asynccontextmanager
async def _sandbox(folder: Path, seed: int, times: float) -> AsyncIterator[tuple[Stage, DexScreenerApi]]:
    """The stand-ins as the sandbox has them, and one clock for them and the program."""
    async with AsyncExitStack() as stack:
        since = SystemClock().now()
        world = World(seed, SystemClock(times, since=since))
        feed = await stack.enter_async_context(PumpPortalSocket(ban_seconds=3600))
        market = await stack.enter_async_context(BirdeyeApi(world, api_key=KEY, plan=PLAN))
        glances = await stack.enter_async_context(DexScreenerApi(world, lag_seconds=10, cache_seconds=10))
        telegram = await stack.enter_async_context(BotApi(TOKEN))
        people = telegram.user(ADMIN_ID, "Ada"), telegram.user(TRADER_ID, "Tim")
        time = {"TIME_SPEED": str(times), "TIME_SINCE": since.isoformat(), "BIRDEYE_PLAN": PLAN}
        url = f"http://127.0.0.1:{free_port()}/health"
        yield Stage(folder, feed, market, telegram, world, *people, more=time, health_url=url), glances


async def _subscribe(scene: Stage, store: Store) -> None:
    """Two people subscribe before the world begins; one of them wants to hear every alert by itself."""
    for person in (scene.admin, scene.trader):
        await scene.ask(person, "/start")
        await scene.ask(person, "/subscribe")
    async with store.database.transaction() as session:
        await session.execute(UNLIMITED, {"chat_id": scene.trader.id})


async def _live(scene: Stage, minutes: float) -> datetime:
    """Let the world live for so long. When it began."""
    telling = asyncio.create_task(scene.feed.live(scene.world))
    try:
        await until(lambda: scene.world.began_at, 30, "the begin of the world")
        end = scene.world.begin() + timedelta(minutes=minutes)
        await scene.world.clock.sleep((end - scene.world.clock.now()).total_seconds())
    finally:
        telling.cancel()
        with suppress(asyncio.CancelledError):
            await telling
    return scene.world.begin()


async def _is_told(store: Store, end: datetime) -> bool:
    """Whether the one who wants every alert has been told what was decided until the end, or never will be."""
    return all(outcome not in ("open", "held", "digested") for *_, outcome in await _rows(store, TOLD, end))


async def _rows(store: Store, query: TextClause, end: datetime) -> Sequence[Any]:
    async with store.database.transaction() as session:
        return (await session.execute(query, {"end": end, **({"chat_id": TRADER_ID} if query is TOLD else {})})).all()


async def _found(scene: Stage, store: Store, times: float, end: datetime) -> Run:
    began_at = scene.world.begin()
    queries = (TOKENS, MOVES, ALERTS, TOLD, CHECKED)
    mints, moves, alerts, told, checked = [await _rows(store, query, end) for query in queries]
    seen = {message.message_id for message in scene.telegram.messages(TRADER_ID)}
    return Run(
        times,
        (end - began_at).total_seconds(),
        {mint: _story(scene.world, (mint, at, "Initial"), moves, alerts, began_at) for mint, at in mints},
        frozenset((mint, kind) for mint, kind, message_id, _ in told if message_id in seen),
        sum(words(message).startswith(DIGEST) for message in scene.telegram.messages(ADMIN_ID)),
        tuple(sorted(pause.total_seconds() for _, pause in checked if pause is not None)),
    )


def _story(
    world: World, heard: tuple[str, datetime, str], moves: Sequence[Any], alerts: Sequence[Any], began_at: datetime
) -> Story:
    """What became of a token that was `heard` of: its mint, when, and its first status."""
    mint, life = heard[0], world.known(heard[0])
    *_, (_, moved_at, status) = [heard, *(move for move in moves if move[0] == mint)]
    news: dict[str, tuple[float, ...]] = {}
    for address, kind, at in alerts:
        if address == mint:
            news[kind] = (*news.get(kind, ()), (at - began_at).total_seconds())
    return Story(life.symbol if life else "?", str(status), (moved_at - began_at).total_seconds(), news)


async def _run(asked: argparse.Namespace) -> list[str]:
    runs: list[Run] = []
    for times in asked.speeds:
        async with own_database() as address:
            runs.append(await measure(address, asked.seed, asked.minutes, times))
    laws: list[str] = []
    for fast in runs[1:]:
        print(table(runs[0], fast), flush=True)
        laws += broken(runs[0], fast)
    return laws


def _speeds(asked: str) -> list[float]:
    """Two or more numbers. Raises argparse's error for anything else."""
    found = [speed(word) for word in asked.split(",")]
    if len(found) < 2:
        raise argparse.ArgumentTypeError("name two speeds at least, such as 1,60")
    return found


def main(arguments: Sequence[str]) -> None:
    """Print what agrees; fail when it is too little."""
    quiet()
    parser = argparse.ArgumentParser(prog="python -m tests.bench speeds", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=25.0, help="of the world's time")
    parser.add_argument(
        "--speeds", type=_speeds, default=[1.0, 60.0], help="such as 1,60: the others are held against the first"
    )
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        laws = runner.run(_run(parser.parse_args(arguments)))
    if laws:
        raise SystemExit("\n".join(laws))
