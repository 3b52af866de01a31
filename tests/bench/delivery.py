"""Alerts for very many chats through the whole program, against a Telegram whose limits are strict."""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import uvloop
from sqlalchemy import text

from bot.clock import SystemClock
from deploy.sandbox.birdeye import BirdeyeApi
from deploy.sandbox.playground import free_port
from deploy.sandbox.pumpportal import PumpPortalSocket
from deploy.sandbox.telegram import STRICT, BotApi, Wire
from deploy.sandbox.world import World
from storage.database import Database
from tests.bench.counting import Pauses, probed
from tests.bench.crowd import Crowd, enter, subscribe
from tests.bench.crush import ALARM, FIRST, SECOND, Crush
from tests.bench.flow import flow_of
from tests.bench.found import Fan, Found, floors, heard_by, lines, pictures
from tests.bench.whole import counts, own_database
from tests.e2e.stage import ADMIN_ID, KEY, TOKEN, TRADER_ID, Stage, dsn

SECOND_AT = 0.1  # of the first alert's chats have heard it
ALARM_AT = 0.5
OUTCOMES = text("""
    SELECT COALESCE(token.symbol, alert.kind), COALESCE(queued.outcome, 'open'), count(*)
    FROM outbox AS queued
    JOIN alerts AS alert ON alert.id = queued.alert_id
    LEFT JOIN tokens AS token ON token.id = alert.token_id
    WHERE queued.action <> 'edit'
    GROUP BY 1, 2
""")


async def measure(crowd: Crowd, rate: float, latency_seconds: float) -> Found:
    """Two alerts for the crowd, an alarm and commands between them, until all is sent or given up."""
    async with own_database() as address, _stage(crowd, address, rate, latency_seconds) as stage:
        database = Database(address)
        try:
            await subscribe(database, crowd, SystemClock().now())
            async with stage.program(), probed() as pauses:
                crush = Crush(crowd, rate, stage, database)
                fans, alarm_seconds, answered = await _played(crush)
                counted = await counts(stage)
            return await _found(crush, fans, alarm_seconds, answered, counted, pauses)
        finally:
            await database.close()


async def _played(crush: Crush) -> tuple[list[Fan], float, list[float]]:
    """The fan-outs, and the seconds until the alarm and each command's answer arrived."""
    answered: list[float] = []
    beside = [asyncio.create_task(crush.live()), asyncio.create_task(crush.ask_now_and_then(answered))]
    try:
        fans = [await crush.fan_out(FIRST)]
        await crush.sent(SECOND_AT)
        fans.append(await crush.fan_out(SECOND))
        await crush.sent(ALARM_AT)
        alarm_seconds = await crush.alarm()
        await crush.all_done()
    finally:
        for task in beside:
            task.cancel()
        ended = await asyncio.gather(*beside, return_exceptions=True)
    for error in ended:
        if isinstance(error, Exception):
            raise error
    return fans, alarm_seconds, answered


async def _found(
    crush: Crush,
    fans: Sequence[Fan],
    alarm_seconds: float,
    answered: Sequence[float],
    counted: dict[tuple[str, str], int],
    pauses: Pauses,
) -> Found:
    telegram, crowd = crush.telegram, crush.crowd
    heard, twice = heard_by(telegram, crowd, (FIRST, SECOND))
    photos = [str(made.params.get("photo")) for made in telegram.requests if made.method == "sendPhoto"]
    uploads = sum(photo.startswith("attach://") for photo in photos)
    async with crush.database.transaction() as session:
        outcomes = {(symbol, outcome): count for symbol, outcome, count in await session.execute(OUTCOMES)}
    return Found(
        rate=crush.rate,
        fans=fans,
        flow=flow_of([message.date.timestamp() for message in pictures(telegram, crowd.ids)]),
        refused=Counter({method: count for (method, status), count in telegram.answers.items() if status == 429}),
        violations=len(telegram.violations),
        uploads=uploads,
        reuses=len(photos) - uploads,
        alarm_seconds=alarm_seconds,
        answered=answered,
        heard=heard,
        twice=twice,
        outcomes=outcomes,
        counts=counted,
        own_alarms=[said for said in crush.told() if ALARM not in said],
        pause_seconds=pauses.longest,
        garbage_seconds=pauses.longest_collection,
    )


@asynccontextmanager
async def _stage(crowd: Crowd, address: dict[str, object], rate: float, latency_seconds: float) -> AsyncIterator[Stage]:
    """The stand-ins, with the crowd in Telegram, and what starts the program between them."""
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="tothemoon-bench-"))
        world = World(1, SystemClock())
        feed = await stack.enter_async_context(PumpPortalSocket())
        market = await stack.enter_async_context(BirdeyeApi(world, api_key=KEY))
        wire = Wire(latency_seconds=latency_seconds)
        telegram = await stack.enter_async_context(BotApi(TOKEN, rate_limits=STRICT, wire=wire))
        admin, trader = telegram.user(ADMIN_ID, "Ada"), telegram.user(TRADER_ID, "Bob")
        telegram.world.chats[ADMIN_ID].statuses[telegram.world.bot.id] = "member"
        enter(telegram, crowd)
        more = {"DB_DSN": dsn(address), "DELIVERY_RATE": f"{rate:g}"}
        url = f"http://127.0.0.1:{free_port()}/health"
        yield Stage(Path(folder), feed, market, telegram, world, admin, trader, more, health_url=url)


def main(arguments: Sequence[str]) -> None:
    """Print what was found; exit 1 when a floor is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench delivery", description=__doc__)
    parser.add_argument("--chats", type=int, default=10_000, help="all that have subscribed")
    parser.add_argument("--groups", type=int, default=200, help="how many of them are groups or channels")
    parser.add_argument("--rate", type=float, default=22, help="alerts a second that the program is told to send")
    parser.add_argument("--latency", type=float, default=0.05, help="seconds before each answer of Telegram")
    asked = parser.parse_args(arguments)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        found = runner.run(measure(Crowd(asked.chats, asked.groups), asked.rate, asked.latency))
    print("\n".join(lines(found)))
    if missed := list(floors(found)):
        raise SystemExit(f"missed: {', '.join(missed)}")
