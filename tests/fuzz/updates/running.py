"""Reads updates as polling and the webhook do, and feeds them to the real dispatcher over rows and sockets."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

from aiogram import Bot, Dispatcher
from aiogram.methods import GetUpdates
from aiogram.types import Update

from bot.access import Flood
from bot.telegram import TolerantSession, polling_bot
from deploy.sandbox.telegram import BotApi
from storage.database import Database
from tests.fuzz.mutations import garbled
from tests.fuzz.updates.laws import Requests, Witness, broken_laws, untouched_chats
from tests.fuzz.updates.people import ADMIN_ID, IMPERSONATED_ID, settle
from tests.fuzz.updates.shapes import Made, Shapes
from tests.integration.talking.stage import TOKEN, SetClock, Stage
from tests.registered import button_data, commands_of

BATCH = 100
AT_ONCE = 8
SECONDS_BETWEEN_COMMANDS = 0.2  # by the flood gate's clock: only the busiest are too many


@dataclass(slots=True)
class Outcome:
    """How often what was sent, what came of it, and every fault with the updates that were under way."""

    sent: Counter[str] = field(default_factory=Counter)
    made: Counter[str] = field(default_factory=Counter)
    told: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


async def run(database: Database, seed: int, numbers: range) -> Outcome:
    """Feed the updates with these numbers; the same ones for the same seed, as far as answers do not depend on time."""
    outcome, ticks = Outcome(), 0.0

    def later() -> float:
        nonlocal ticks
        ticks += SECONDS_BETWEEN_COMMANDS / 2
        return ticks

    async with BotApi(TOKEN) as api:
        admins = frozenset({ADMIN_ID, IMPERSONATED_ID})
        stage = Stage(api, database, wall_clock=SetClock(), flood=Flood(later), admin_ids=admins)
        people, dispatcher = await settle(stage), stage.dispatcher()
        shapes = Shapes(api, people, commands_of(dispatcher), button_data())
        bot = polling_bot(TOKEN, api.url, stage.heartbeat)
        try:
            await _feed_all(stage, dispatcher, bot, shapes, outcome, seed, numbers)
        finally:
            await bot.session.close()
        outcome.told.update({f"{what}: {kind}": count for (what, kind), count in stage.heartbeat.counts.items()})
    return outcome


async def _feed_all(
    stage: Stage, dispatcher: Dispatcher, bot: Bot, shapes: Shapes, outcome: Outcome, seed: int, numbers: range
) -> None:
    witness, requests = Witness(), Requests(stage.api)
    untouched = await untouched_chats(stage)
    with witness.listening():
        for start in range(numbers.start, numbers.stop, BATCH):
            batch = range(start, min(start + BATCH, numbers.stop))
            updates = list(_read(bot, shapes, outcome, seed, batch))
            faults = await _feed(dispatcher, bot, updates)
            faults += witness.faults + requests.judge()
            if not outcome.faults:
                faults += await broken_laws(stage, untouched)  # a law once broken stays so
            outcome.faults += [f"updates {batch.start} to {batch.stop - 1}: {fault}" for fault in faults]
            witness.faults.clear()
    outcome.told.update(witness.events)
    outcome.made.update(requests.made)


def _read(bot: Bot, shapes: Shapes, outcome: Outcome, seed: int, batch: range) -> Iterator[Update]:
    """The batch as a bot reads it: what is whole from getUpdates, what is garbled as bytes that were posted."""
    session = bot.session
    assert isinstance(session, TolerantSession)
    polled: list[str] = []
    for number in batch:
        random = Random(f"{seed}/updates/{number}")
        made = shapes.make(random)
        raw = _raw(number, made)
        if not made.is_strict and random.random() < 0.03:
            outcome.sent["garbled"] += 1
            update = session.read_update(bot, garbled(random, raw.encode()))
            yield from [update] if update else []
        else:
            outcome.sent[made.kind] += 1
            polled.append(raw)
    content = f'{{"ok":true,"result":[{",".join(polled)}]}}'
    yield from session.check_response(bot, GetUpdates(), 200, content).result or ()


def _raw(number: int, made: Made) -> str:
    """The update as JSON."""
    spoiled: object = made.content  # it may be anything
    content = spoiled if isinstance(spoiled, dict) else {"message": spoiled}
    return json.dumps({"update_id": number} | content)


async def _feed(dispatcher: Dispatcher, bot: Bot, updates: Sequence[Update]) -> list[str]:
    """Handle them some at a time, as polling does; what escaped the handlers of errors."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def handle(update: Update) -> str | None:
        async with turns:
            try:
                await dispatcher.feed_update(bot, update)
            except Exception as error:  # noqa: BLE001 - whatever escapes is what is looked for
                return f"update {update.update_id}: {error!r} escaped"
        return None

    return [fault for fault in await asyncio.gather(*map(handle, updates)) if fault]
