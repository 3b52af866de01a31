"""Loop: claim -> render -> send -> mark. A duplicate comes only from a crash or a lost answer between send and mark.

What an error means stands in `verdicts`, how fast alerts go out in `pace`, what is held in engine.hearing, what they
say in `letters`.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, Never

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import Message

from bot.catalogs import Catalogs
from bot.letters import Letter, Letters
from bot.links import Link
from bot.owners import tell_creator
from bot.pace import Pace
from bot.pictures import Pictures
from bot.polling import REVOKED, REVOKED_REST_SECONDS
from bot.telegram import GENERAL_TOPIC
from bot.verdicts import NO_RIGHTS, THREAD_GONE, Action, Verdict, verdict
from engine.errors import DatabaseAway
from engine.hearing import NEWS, dropped, held_until
from engine.heartbeat import Heartbeat
from engine.patience import Patience
from engine.ports import Clock
from engine.settings import Settings
from engine.shown import Parcel
from storage.chats import Chats
from storage.looks import Looks
from storage.outbox import Outbox
from storage.settings import SettingsTable

log = structlog.get_logger()

CLAIM_SECONDS = 0.3
LEASE_SECONDS = 25.0  # longer than a send may take; a row in flight at a crash waits for its end
IDLE_SECONDS = 1.0
BEAT_SECONDS = 5.0
GRACE_SECONDS = 4.0
LONGEST_BACK_OFF_SECONDS = 60.0
LONGEST_WAIT_SECONDS = 3600.0  # after which what is held whole is looked at again: its chat may have changed its mind


class Delivery:
    """Sends what the outbox holds. `bell` may be rung to look at once; `bot` must have a session of its own."""

    def __init__(
        self,
        *,
        outbox: Outbox,
        chats: Chats,
        looks: Looks,
        settings: SettingsTable,
        bot: Bot,
        pictures: Pictures,
        catalogs: Catalogs,
        clock: Clock,
        heartbeat: Heartbeat,
        rate_per_second: float = 22,
        links: Sequence[Link] = (),
    ) -> None:
        self.bell = asyncio.Event()
        self._outbox, self._chats, self._settings, self._bot = outbox, chats, settings, bot
        self._letters = Letters(outbox, looks, pictures, catalogs, clock, links)
        self._catalogs, self._clock, self._heartbeat = catalogs, clock, heartbeat
        self._pace = Pace(rate_per_second)
        self._claim_limit = max(1, int(rate_per_second * CLAIM_SECONDS))
        self._unmarked: dict[int, int] = {}
        self._going: Counter[int] = Counter()  # in this pass, by chat
        self._resting_until = 0.0
        self._outage_seconds = 0.0

    async def run(self) -> Never:
        """Deliver until cancelled; then sends in flight get `GRACE_SECONDS`, and what is left stays claimed."""
        await Patience().keep(self.deliver_once)

    async def deliver_once(self) -> None:
        """One pass over at most 0.3 s worth of rows; without any it waits for the bell. Raises DatabaseAway."""
        await self._rest()
        for parcel_id in list(self._unmarked):  # sent by an earlier pass, which then lost the database
            await self._mark(parcel_id)
        self.bell.clear()
        await self._outbox.fold(self._clock.now())
        parcels = await self._outbox.claim(self._claim_limit, LEASE_SECONDS)
        self._heartbeat.beat("delivery")
        if not parcels:
            with suppress(TimeoutError):
                await asyncio.wait_for(self.bell.wait(), IDLE_SECONDS)
            return
        settings = await self._settings.current()
        self._going.clear()
        results = await asyncio.gather(*(self._deliver(p, settings) for p in parcels), return_exceptions=True)
        for error in filter(None, results):
            raise error

    # --- one parcel

    async def _deliver(self, parcel: Parcel, settings: Settings) -> None:
        if not await self._is_its_time(parcel, settings):
            return
        if wait_seconds := await self._pace.chat_turn(parcel.chat_id):
            await self._outbox.postpone(parcel.id, wait_seconds, "paced", may_have_arrived=False)
            return
        try:
            letter = await self._letters.write(parcel, settings)
            if letter is None:
                await self._give_up(parcel, "empty")
                return
            await self._pace.turn()
            if rest_seconds := self._rest_seconds():
                await self._outbox.postpone(parcel.id, rest_seconds, "resting", may_have_arrived=False)
                return
            await to_the_end(self._send_and_mark(parcel, letter), GRACE_SECONDS)
        except DatabaseAway:
            raise
        except Exception as error:  # noqa: BLE001 - one row that cannot be sent never stops the others
            await self._carry_out(verdict(error), parcel, error)

    async def _is_its_time(self, parcel: Parcel, settings: Settings) -> bool:
        """Whether it may be sent now, by its age and its chat's preferences; else it is given up or held."""
        facts, now = parcel.facts, self._clock.now()
        if outcome := dropped(parcel.preferences, facts, now, settings):
            await self._give_up(parcel, outcome)
            return False
        until = None if facts.test else self._held_until(parcel, now)
        if until is None:
            self._going[parcel.chat_id] += facts.kind in NEWS and not facts.test
            return True
        if facts.kind in NEWS:
            self._heartbeat.count("alert_held", facts.kind)
            await self._outbox.hold(parcel.id, until)
        else:
            wait_seconds = min((until - now).total_seconds(), LONGEST_WAIT_SECONDS)
            await self._outbox.postpone(parcel.id, wait_seconds, "held", may_have_arrived=False)
        return False

    def _held_until(self, parcel: Parcel, now: datetime) -> datetime | None:
        """See engine.hearing; what goes to this chat in the same pass counts as sent."""
        facts, sent = parcel.facts, parcel.sent_last_hour + self._going[parcel.chat_id]
        return held_until(parcel.preferences, facts.kind, sent, now, watched=facts.watched)

    async def _send_and_mark(self, parcel: Parcel, letter: Letter) -> None:
        message = await self._send(parcel, letter)
        self._outage_seconds = 0.0
        self._unmarked[parcel.id] = message.message_id
        self._letters.keep_photo(parcel, message)
        self._heartbeat.beat("sending")
        self._heartbeat.count("alert_sent", parcel.facts.kind)
        log.info("alert.sent", kind=parcel.facts.kind, token=parcel.facts.mint, chat_id=parcel.chat_id)
        await self._mark(parcel.id)

    async def _mark(self, parcel_id: int) -> None:
        await self._outbox.mark_sent(parcel_id, self._unmarked[parcel_id])
        del self._unmarked[parcel_id]

    async def _send(self, parcel: Parcel, letter: Letter) -> Message:
        thread_id = parcel.thread_id if parcel.thread_id != GENERAL_TOPIC else None
        try:
            return await self._post(parcel.chat_id, thread_id, letter)
        except TelegramBadRequest as error:
            what = verdict(error)
            if thread_id is None or what.action is not Action.WITHOUT_THREAD:
                raise
            if what.reason == THREAD_GONE:
                await self._chats.forget_topic(parcel.chat_id, thread_id)
        await self._pace.turn()
        return await self._post(parcel.chat_id, None, letter)

    async def _post(self, chat_id: int, thread_id: int | None, letter: Letter) -> Message:
        extra: dict[str, Any] = {"message_thread_id": thread_id, "reply_markup": letter.keyboard}
        extra["disable_notification"] = letter.silent
        if letter.photo is None:
            return await self._bot.send_message(chat_id, **letter.text.as_kwargs(), **extra)
        return await self._bot.send_photo(chat_id, letter.photo, **letter.text.as_caption_kwargs(), **extra)

    # --- what became of it

    async def _carry_out(self, what: Verdict, parcel: Parcel, error: Exception) -> None:
        bug = error if what.action is Action.OUR_BUG else None
        log.warning("alert.not_sent", action=what.action.name, reason=what.reason, chat_id=parcel.chat_id, exc_info=bug)
        match what.action:
            case Action.GONE:
                fresh = await self._chats.switch_off(parcel.chat_id, what.reason, self._clock.now())
                await self._give_up(parcel, "chat_off")
                if fresh and what.reason == NO_RIGHTS:
                    await self._pace.turn()
                    await tell_creator(self._bot, parcel.chat_id, self._chats, self._catalogs)
            case Action.MOVED if what.new_chat_id is not None:
                await self._chats.move(parcel.chat_id, what.new_chat_id)
                await self._outbox.postpone(parcel.id, 0, what.reason, may_have_arrived=False)
            case Action.AMBIGUOUS:
                self._heartbeat.fail("sending", what.reason)
                self._heartbeat.count("alert_possible_duplicate", what.reason)
                seconds = min(2.0 ** (parcel.attempts + 1), LONGEST_BACK_OFF_SECONDS)
                await self._outbox.postpone(parcel.id, seconds, what.reason, may_have_arrived=True)
            case Action.WAIT_ALL | Action.RETRY | Action.REVOKED:
                await self._rest_all(what, parcel)
            case Action.FINE:
                await self._give_up(parcel, "fine")
            case _:
                self._heartbeat.fail("sending", what.reason)
                await self._give_up(parcel, "our_bug")

    async def _give_up(self, parcel: Parcel, outcome: str) -> None:
        self._heartbeat.count("alert_given_up", outcome)
        await self._outbox.give_up(parcel.id, outcome)

    # --- rests of the whole loop

    async def _rest_all(self, what: Verdict, parcel: Parcel) -> None:
        self._resting_until = max(self._resting_until, _now() + self._rest_for(what))
        await self._outbox.postpone(parcel.id, self._rest_seconds(), what.reason, may_have_arrived=False)

    def _rest_for(self, what: Verdict) -> float:
        if what.action is Action.WAIT_ALL:
            return what.seconds
        self._heartbeat.fail("sending", REVOKED if what.action is Action.REVOKED else what.reason)
        if what.action is Action.REVOKED:
            return REVOKED_REST_SECONDS
        if self._rest_seconds() == 0:  # else another send of this pass has met the same outage
            self._outage_seconds = min(max(2.0, self._outage_seconds * 2), LONGEST_BACK_OFF_SECONDS)
        return self._outage_seconds

    def _rest_seconds(self) -> float:
        return max(0.0, self._resting_until - _now())

    async def _rest(self) -> None:
        while remaining := self._rest_seconds():
            await asyncio.sleep(min(remaining, BEAT_SECONDS))
            self._heartbeat.beat("delivery")


async def to_the_end(work: Coroutine[Any, Any, None], grace_seconds: float) -> None:
    """Await `work`; when cancelled meanwhile, let it go on for at most `grace_seconds` before passing that on."""
    task = asyncio.create_task(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task}, timeout=grace_seconds)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        raise


def _now() -> float:
    return asyncio.get_running_loop().time()
