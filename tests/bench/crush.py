"""Two alerts, an alarm and commands at once: what the bench of delivery does to the running program."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress

from bot.clock import SystemClock
from deploy.sandbox.pumpportal import create_frame
from deploy.sandbox.world import mint_of
from engine.model import AlertKind
from engine.settings import Settings
from engine.shown import AlertFacts
from storage.database import Database
from storage.store import Store
from tests.bench.counting import counted
from tests.bench.crowd import Crowd, person
from tests.bench.found import Fan
from tests.bench.whole import high_score, still_open
from tests.e2e.stage import ADMIN_ID, Stage, words
from tests.waiting import until

FIRST, SECOND = "FIRST", "SECOND"  # the symbols of the two tokens
ALARM = "the bench has queued this"
ASK_SECONDS = 2.0
ASKED = ("/help", "/status")
ANSWER_SECONDS = 60.0
SIGN_OF_LIFE_SECONDS = 20.0
COUNT_SECONDS = 2.0
PATIENCE_SECONDS = 120.0


class Crush:
    """What happens while the program runs; the stand-ins are on this event loop. `rate` is alerts a second."""

    def __init__(self, crowd: Crowd, rate: float, stage: Stage, database: Database) -> None:
        self.crowd, self.rate, self.database = crowd, rate, database
        self.telegram = stage.telegram
        self._feed, self._store, self._clock = stage.feed, Store(database), SystemClock()

    async def fan_out(self, symbol: str) -> Fan:
        """A token gets hot, and all hear of it: the program's own statements, counted."""
        now = self._clock.now()
        verdict = await high_score(self._store, mint_of(symbol), now, level=3.0, symbol=symbol)
        with counted(self.database) as tally:
            begin = time.monotonic()
            await self._store.looks.record([verdict], now, Settings())
            seconds = time.monotonic() - begin
        statements = sum(count for (_, about), count in tally.statements.items() if about == "insert outbox")
        return Fan(statements, seconds)

    async def sent(self, share: float) -> None:
        """Until so many pictures have gone out, as a share of the crowd."""
        enough = max(1, int(share * self.crowd.chats))
        pictures = self.telegram.answers
        await self.telegram.until(lambda: pictures["sendPhoto", 200] >= enough, self._deadline_seconds())

    async def alarm(self) -> float:
        """Queue an alarm; the seconds until the admin has it."""
        begin = time.monotonic()
        now = self._clock.now()
        facts = AlertFacts(AlertKind.ALARM, now, text=ALARM)
        await self._store.alarms.tell(facts, [ADMIN_ID])
        await self.telegram.until(
            lambda: any(ALARM in said for said in self.told()), ANSWER_SECONDS, "the alarm did not arrive"
        )
        return time.monotonic() - begin

    def told(self) -> list[str]:
        """What the admin has been told."""
        return [words(message) for message in self.telegram.messages(ADMIN_ID)]

    async def ask_now_and_then(self, answered: list[float]) -> None:
        """Runs until cancelled: people of the crowd ask, one after another; the seconds to each answer."""
        people = self.crowd.people
        for number in range(len(people)):
            chat_id = people[number * 7 % len(people)]
            answered.append(await self._ask(chat_id, ASKED[number % len(ASKED)]))
            await asyncio.sleep(ASK_SECONDS)

    async def _ask(self, chat_id: int, command: str) -> float:
        def texts() -> int:
            return sum(message.file is None for message in self.telegram.messages(chat_id))

        before, begin = texts(), time.monotonic()
        self.telegram.say(person(self.telegram, chat_id), command)
        await self.telegram.until(lambda: texts() > before, ANSWER_SECONDS, f"{command} was not answered")
        return time.monotonic() - begin

    async def live(self) -> None:
        """Runs until cancelled: the feed gives signs of life."""
        number = 0
        while True:
            number += 1
            self._feed.push(create_frame(mint_of(f"born {number}"), "BORN", "Just born"))
            await asyncio.sleep(SIGN_OF_LIFE_SECONDS)

    async def all_done(self) -> None:
        """Until no row of the outbox is open, or for so long that something must be wrong."""
        with suppress(AssertionError):  # then the rows that are left say so
            await until(self._closed, self._deadline_seconds())

    def _deadline_seconds(self) -> float:
        return 4 * self.crowd.chats / self.rate + PATIENCE_SECONDS

    async def _closed(self) -> bool:
        await asyncio.sleep(COUNT_SECONDS)  # the database has better things to do
        return not await still_open(self._store)
