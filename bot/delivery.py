"""Loop: claim -> decide whether it is time -> write -> send or edit -> mark. Few are claimed ahead, many on their way.

A duplicate comes only from a crash or a lost answer between send and mark. What an error means stands in `verdicts`,
what is done about it in `sending`, how fast alerts go out in `pace`, what is held in engine.hearing, what they say in
`letters`.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Never

import structlog
from aiogram import Bot

from bot.catalogs import Catalogs
from bot.grace import always, grace_seconds
from bot.lasting import Lasting
from bot.letters import Letters
from bot.links import Link
from bot.pictures import Pictures
from bot.sending import Sending
from bot.telegram import DELIVERY_TIMEOUT_SECONDS
from engine.errors import DatabaseAway
from engine.hearing import NEWS, dropped, edit_is_late, held_until
from engine.heartbeat import Heartbeat
from engine.parcels import Parcel
from engine.patience import Patience
from engine.ports import Clock
from engine.settings import Settings
from storage.chats import Chats
from storage.looks import Looks
from storage.outbox import Outbox
from storage.settings import SettingsTable

log = structlog.get_logger()

CLAIM_SECONDS = 0.3  # claimed ahead, so that what is urgent waits behind few
SENDING_SECONDS = 3.0  # as many may be on their way at once as go out in so long
LEASE_SECONDS = DELIVERY_TIMEOUT_SECONDS * 2  # a row in flight at a crash waits for its end
IDLE_SECONDS = 1.0
EXPIRED_AT_ONCE = 1000
BEAT_SECONDS = 5.0
RELEASE_SECONDS = 1.0
LONGEST_WAIT_SECONDS = 3600.0  # after which what is held whole is looked at again: its chat may have changed its mind


class Delivery:
    """Sends what the outbox holds. `bell` may be rung to look at once; `bot` must have a session of its own.

    `answers` is the bot whose sends keep to the pace by themselves. `holds` says whether this program surely leads
    still: nothing is done to a row while it does not.
    """

    def __init__(
        self,
        *,
        outbox: Outbox,
        chats: Chats,
        looks: Looks,
        settings: SettingsTable,
        bot: Bot,
        answers: Bot,
        pictures: Pictures,
        catalogs: Catalogs,
        clock: Clock,
        heartbeat: Heartbeat,
        lasting: Lasting,
        links: Sequence[Link] = (),
        holds: Callable[[], bool] = always,
    ) -> None:
        self.bell = asyncio.Event()
        self._outbox, self._settings = outbox, settings
        self._clock, self._heartbeat, self._pace, self._holds = clock, heartbeat, lasting.pace, holds
        self._letters = Letters(outbox, looks, pictures, catalogs, clock, links)
        self._sending = Sending(
            outbox=outbox,
            chats=chats,
            bot=bot,
            answers=answers,
            letters=self._letters,
            catalogs=catalogs,
            clock=clock,
            heartbeat=heartbeat,
            lasting=lasting,
        )
        self._ahead = max(1, int(lasting.pace.alerts_per_second * CLAIM_SECONDS))
        self._at_once = max(8, int(lasting.pace.alerts_per_second * SENDING_SECONDS))
        self._waiting: dict[int, Parcel] = {}  # claimed rows whose turn has not come
        self._unsent: list[Parcel] = []  # claimed rows that the database's absence left as they were
        self._flights: set[asyncio.Task[None]] = set()
        self._failures: list[BaseException] = []  # of flights that have ended
        self._going: Counter[int] = Counter()  # of this claim, by chat
        self._tidied_at = 0.0

    async def run(self) -> Never:
        """Deliver until cancelled; then sends in flight get `grace_seconds`, and what was not sent is released."""
        try:
            await Patience().keep(self.deliver_once)
        finally:
            await self._land()

    async def deliver_once(self) -> None:
        """Claim a few rows and set them out; without any, wait for the bell. Raises DatabaseAway, and bugs."""
        self.bell.clear()
        await self._tidy()
        self._heartbeat.beat("delivery")
        if rest_seconds := self._pace.rest_seconds():
            await asyncio.sleep(min(rest_seconds, BEAT_SECONDS))
            return
        crowded, busy, asked_at = len(self._flights) >= self._at_once, self._pace.busy(), _now()
        ahead = self._ahead - len(self._waiting)
        parcels = await self._outbox.claim(ahead, LEASE_SECONDS, self._clock.now(), busy, alarms_alone=crowded)
        if parcels:
            await self._set_out(parcels, asked_at + LEASE_SECONDS - DELIVERY_TIMEOUT_SECONDS)
            await self._room()
        else:
            await self._wait(min([IDLE_SECONDS, *filter(None, busy.values())]))
        self._raise_failures()

    def _raise_failures(self) -> None:
        """One for all: many flights may have met the same outage."""
        failures, self._failures = self._failures, []
        for failure in sorted(failures, key=lambda one: isinstance(one, DatabaseAway)):
            raise failure

    # --- one claim

    async def _tidy(self) -> None:
        """What the database has missed; and now and then what is no news any more, or waits for a digest."""
        await self._sending.mark_late()
        if unsent := list(self._unsent):  # more may come in meanwhile
            await self._outbox.release(unsent)
            del self._unsent[: len(unsent)]
        if _now() < self._tidied_at + IDLE_SECONDS:
            return
        self._sending.calm()
        now, settings = self._clock.now(), await self._settings.current()
        await self._outbox.expire(now, timedelta(minutes=settings.alert_max_age_minutes), EXPIRED_AT_ONCE)
        await self._outbox.fold(now)
        self._tidied_at = _now()

    async def _set_out(self, parcels: Sequence[Parcel], send_by: float) -> None:
        """Raises DatabaseAway; the rows that it leaves are released later."""
        self._going.clear()
        left = deque(parcels)
        try:
            settings = await self._settings.current()
            while left:
                if self._holds() and await self._is_its_time(left[0], settings):
                    self._take_off(left[0], settings, send_by)
                left.popleft()
        finally:
            self._unsent += left

    def _take_off(self, parcel: Parcel, settings: Settings, send_by: float) -> None:
        self._waiting[parcel.id] = parcel
        flight = asyncio.create_task(self._deliver(parcel, settings, send_by))
        self._flights.add(flight)
        flight.add_done_callback(self._landed)

    async def _is_its_time(self, parcel: Parcel, settings: Settings) -> bool:
        """Whether it may be sent now, by its age and its chat's preferences; else it is given up or held."""
        facts, now = parcel.facts, self._clock.now()
        if outcome := _dropped(parcel, now, settings):
            await self._sending.give_up(parcel, outcome)
            return False
        if parcel.edits is not None:  # it makes no sound
            return True
        until = None if facts.test else self._held_until(parcel, now)
        if until is None:
            self._going[parcel.chat_id] += facts.kind in NEWS and not facts.test
            return True
        if facts.kind in NEWS:
            self._heartbeat.count("alert_held", facts.kind)
            await self._outbox.hold(parcel, until)
            if until <= now:  # to be told at once, with others
                self._tidied_at = 0.0
        else:
            wait_seconds = min((until - now).total_seconds(), LONGEST_WAIT_SECONDS)
            await self._outbox.postpone(parcel, wait_seconds, "held", may_have_arrived=False)
        return False

    def _held_until(self, parcel: Parcel, now: datetime) -> datetime | None:
        """See engine.hearing; what goes to this chat with the same claim counts as sent."""
        facts, lately = parcel.facts, parcel.lately.after(self._going[parcel.chat_id])
        return held_until(parcel.preferences, facts.kind, lately, now, watched=facts.watched)

    # --- one row

    async def _deliver(self, parcel: Parcel, settings: Settings, send_by: float) -> None:
        """Send it in its turn, at the latest by then: after that the row may be somebody else's."""
        try:
            async with self._pace.alert_to(parcel.chat_id) as is_free:
                if not (is_free and await self._written_and_sent(self._sending.fitted(parcel), settings, send_by)):
                    await self._outbox.release([parcel])
        except DatabaseAway:
            self._leave(parcel)
            raise
        except Exception as error:  # noqa: BLE001 - one row that cannot be sent never stops the others
            await self._sending.carry_out(parcel, error)
        finally:
            self._waiting.pop(parcel.id, None)

    def _leave(self, parcel: Parcel) -> None:
        if not self._sending.is_sent(parcel):
            self._unsent.append(parcel)

    async def _written_and_sent(self, parcel: Parcel, settings: Settings, send_by: float) -> bool:
        """False when its turn came too late, or may not be taken any more."""
        async with self._letters.writing(parcel, settings) as letter:
            if letter is None:
                await self._sending.give_up(parcel, "empty")
                return True
            await self._pace.turn()
            self._waiting.pop(parcel.id, None)
            self.bell.set()
            if not self._may_send(send_by):
                return False
            await to_the_end(self._sending.send_and_mark(parcel, letter), self._holds)
            return True

    def _may_send(self, send_by: float) -> bool:
        return not self._pace.rest_seconds() and self._holds() and _now() < send_by

    def _landed(self, flight: asyncio.Task[None]) -> None:
        self._flights.discard(flight)
        self.bell.set()
        if not flight.cancelled() and (failure := flight.exception()) is not None:
            self._failures.append(failure)

    # --- waiting

    async def _room(self) -> None:
        """Return when more rows may be claimed: few wait for their turn."""
        while len(self._waiting) > self._ahead // 2:
            self.bell.clear()
            await self._wait(BEAT_SECONDS)
            self._heartbeat.beat("delivery")

    async def _wait(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):  # wait_for would lose a cancellation that comes with the bell
                await self.bell.wait()

    async def _land(self) -> None:
        """End: rows whose turn has not come are free again, and those on their way come to their end."""
        waiting = [*self._waiting.values(), *self._unsent]
        for flight in self._flights:
            flight.cancel()
        if waiting:
            with suppress(DatabaseAway, TimeoutError):
                async with asyncio.timeout(min(RELEASE_SECONDS, grace_seconds(self._holds))):
                    await self._outbox.release(waiting)
        await asyncio.gather(*self._flights, return_exceptions=True)


def _dropped(parcel: Parcel, now: datetime, settings: Settings) -> str | None:
    """Why it will never be sent, in a word; None when it may be."""
    if parcel.edits is None:
        return dropped(parcel.preferences, parcel.facts, now, settings)
    return "expired" if edit_is_late(parcel.facts, now, settings) else None


async def to_the_end(work: Coroutine[Any, Any, None], holds: Callable[[], bool]) -> None:
    """Await `work`; when cancelled meanwhile, let it go on for its `grace_seconds` before passing that on."""
    task = asyncio.create_task(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task}, timeout=grace_seconds(holds))
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        raise


def _now() -> float:
    """The monotonic clock itself: the loop's is as old as the present round of callbacks."""
    return time.monotonic()
