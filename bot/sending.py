"""One alert to one chat: send, mark, and what to do about every error. What an error means stands in `verdicts`."""

from __future__ import annotations

import time
from typing import Any

import structlog
from aiogram import Bot
from aiogram.types import Message

from bot.breaker import Course, Key
from bot.catalogs import Catalogs
from bot.editing import edit
from bot.forms import Forms
from bot.lasting import Lasting
from bot.letters import Letter, Letters
from bot.owners import tell_creator
from bot.polling import REVOKED, REVOKED_REST_SECONDS
from bot.verdicts import NO_RIGHTS, THREAD_GONE, Action, Verdict, verdict
from engine.heartbeat import Heartbeat
from engine.model import AlertKind
from engine.parcels import Parcel
from engine.ports import Clock
from storage.chats import Chats
from storage.outbox import Outbox

log = structlog.get_logger()

LONGEST_BACK_OFF_SECONDS = 60.0
LONGEST_ABSENCE_SECONDS = 10.0  # for a Telegram that cannot be reached at all: trying costs nothing
LOST_IN_A_ROW = 3  # answers, after which all alerts rest: each further try may be one message more


class Sending:
    """Sends claimed rows through `bot`. People are told of lost rights by `answers`, a bot that keeps to the pace."""

    def __init__(
        self,
        *,
        outbox: Outbox,
        chats: Chats,
        bot: Bot,
        answers: Bot,
        letters: Letters,
        catalogs: Catalogs,
        clock: Clock,
        heartbeat: Heartbeat,
        lasting: Lasting,
    ) -> None:
        self._outbox, self._chats, self._bot, self._answers, self._letters = outbox, chats, bot, answers, letters
        self._catalogs, self._clock, self._heartbeat = catalogs, clock, heartbeat
        self._pace, self._breaker, self._receipts = lasting.pace, lasting.breaker, lasting.receipts
        self._forms = Forms()
        self._lost = 0
        self._outage_seconds = 0.0

    # --- what goes well

    async def send_and_mark(self, parcel: Parcel, letter: Letter) -> None:
        """Raises Telegram's errors, and DatabaseAway when it was sent and is yet to be marked: see `is_sent`."""
        done = "sent" if parcel.edits is None else "edited"
        message_id = await self._tell(parcel, letter)
        self._lost, self._outage_seconds = 0, 0.0
        self._heartbeat.beat("sending")
        self._heartbeat.count(f"alert_{done}", parcel.facts.kind)
        if self._breaker.accepted(_key(parcel)) and not self._breaker.is_open:
            self._heartbeat.beat("refused")
        log.info(f"alert.{done}", kind=parcel.facts.kind, token=parcel.facts.mint, chat_id=parcel.chat_id)
        await self._mark(parcel.id, message_id)
        if parcel.edits is None and parcel.facts.told_at is not None and parcel.facts.safety is None:
            await self._outbox.edit_late(parcel.id)

    def fitted(self, parcel: Parcel) -> Parcel:
        """The row as its chat can take it."""
        return self._forms.fitted(parcel)

    def is_sent(self, parcel: Parcel) -> bool:
        """Whether Telegram has this row's message although the row could not be marked."""
        return parcel.id in self._receipts

    async def mark_late(self) -> None:
        """Mark what was sent while the database was away. Raises DatabaseAway."""
        for parcel_id in list(self._receipts):
            await self._mark(parcel_id, self._receipts.pop(parcel_id))
            await self._outbox.edit_late(parcel_id)

    def calm(self) -> None:
        """Let go of refusals that are over."""
        was_open = self._breaker.is_open
        self._breaker.forget(_now())
        if was_open and not self._breaker.is_open:
            self._heartbeat.beat("refused")

    async def give_up(self, parcel: Parcel, outcome: str) -> None:
        """This row will not be sent; it is counted."""
        self._heartbeat.count("alert_given_up", outcome)
        await self._outbox.give_up(parcel, outcome)

    async def _mark(self, parcel_id: int, message_id: int | None) -> None:
        try:
            was_open = await self._outbox.mark_sent(parcel_id, message_id)
        except BaseException:  # a cancellation too: it was sent
            self._receipts[parcel_id] = message_id
            raise
        if not was_open:
            self._heartbeat.count("alert_duplicate", "sent_by_another")

    async def _tell(self, parcel: Parcel, letter: Letter) -> int:
        """Send it, or edit the message that it is for; the number of that message."""
        if parcel.edits is not None:
            await edit(self._bot, parcel, letter, has_caption=self._forms.has_caption(parcel))
            return parcel.edits
        message = await self._post(parcel.chat_id, self._forms.thread(parcel), letter)
        self._letters.keep_photo(parcel, message)
        return message.message_id

    async def _post(self, chat_id: int, thread_id: int | None, letter: Letter) -> Message:
        extra: dict[str, Any] = {"message_thread_id": thread_id, "reply_markup": letter.keyboard}
        extra["disable_notification"] = letter.silent
        if letter.photo is None:
            return await self._bot.send_message(chat_id, **letter.text.as_kwargs(), **extra)
        return await self._bot.send_photo(chat_id, letter.photo, **letter.text.as_caption_kwargs(), **extra)

    # --- what does not

    async def carry_out(self, parcel: Parcel, error: Exception) -> None:
        """Do what the error asks for: try again, rest, move, switch the chat off or give up. Raises DatabaseAway."""
        what = verdict(error)
        log.warning("alert.not_sent", action=what.action.name, reason=what.reason, chat_id=parcel.chat_id)
        match what.action:
            case Action.GONE:
                await self._switch_off(parcel, what.reason)
            case Action.MOVED if what.new_chat_id is not None:
                await self._chats.move(parcel.chat_id, what.new_chat_id)
                await self._postpone(parcel, 0, what)
            case Action.AMBIGUOUS:
                await self._try_again(what, parcel)
            case Action.WAIT_ALL | Action.RETRY | Action.REVOKED:
                await self._rest_all(what, parcel)
            case Action.WITHOUT_THREAD | Action.WITHOUT_PHOTO | Action.OTHER_FORM:
                await self._try_otherwise(what, parcel)
            case Action.ARRIVED:
                self._heartbeat.count("alert_sent", parcel.facts.kind)
                await self._mark(parcel.id, None)
            case Action.FINE:
                await self.give_up(parcel, "fine")
            case _:
                await self._refused(what, parcel, error)

    async def _switch_off(self, parcel: Parcel, reason: str) -> None:
        fresh = await self._chats.switch_off(parcel.chat_id, reason, self._clock.now())
        await self.give_up(parcel, "chat_off")
        if fresh and reason == NO_RIGHTS:
            await tell_creator(self._answers, parcel.chat_id, self._chats, self._catalogs)

    async def _try_otherwise(self, what: Verdict, parcel: Parcel) -> None:
        """In another form: see `forms`. A topic that is gone is forgotten."""
        thread_id = self._forms.thread(parcel)
        if what.reason == THREAD_GONE and thread_id is not None:
            await self._chats.forget_topic(parcel.chat_id, thread_id)
        if self._forms.learn(what, parcel):
            await self._postpone(parcel, 0, what)
        elif what.action is Action.WITHOUT_PHOTO:
            await self._switch_off(parcel, NO_RIGHTS)
        else:
            await self.give_up(parcel, what.reason)

    async def _refused(self, what: Verdict, parcel: Parcel, error: Exception) -> None:
        """Telegram would refuse the same again: see `breaker`."""
        ruling = self._breaker.refused(_key(parcel), parcel.chat_id, what.reason, _now())
        match ruling.course:
            case Course.GIVE_UP:
                self._heartbeat.fail("sending", what.reason)
                log.error("alert.refused", alert_id=parcel.alert_id, chat_id=parcel.chat_id, exc_info=error)
                await self.give_up(parcel, "our_bug")
            case Course.RETRY:
                await self._postpone(parcel, ruling.seconds, what)
            case Course.REST:
                self._heartbeat.fail("refused", f"{_refused_kind(parcel)}: {what.reason}")
                self._heartbeat.count("alert_stopped", _refused_kind(parcel))
                await self._postpone(parcel, ruling.seconds, what)
                rows = await self._outbox.rest(parcel.id, ruling.seconds)
                log.error("alert.stopped", alert_id=parcel.alert_id, rows=rows, seconds=ruling.seconds, exc_info=error)

    async def _try_again(self, what: Verdict, parcel: Parcel) -> None:
        self._heartbeat.fail("sending", what.reason)
        if parcel.edits is None:  # an edit that is made twice is one
            self._heartbeat.count("alert_possible_duplicate", what.reason)
        self._lost += 1
        if self._lost >= LOST_IN_A_ROW:
            self._rest_longer(LONGEST_BACK_OFF_SECONDS)
        seconds = min(2.0 ** (parcel.attempts + 1), LONGEST_BACK_OFF_SECONDS)
        await self._postpone(parcel, seconds, what, may_have_arrived=True)

    async def _rest_all(self, what: Verdict, parcel: Parcel) -> None:
        match what.action:
            case Action.WAIT_ALL:
                self._heartbeat.fail("sending", f"Telegram asks to wait for {what.seconds:g} s")
                self._pace.rest(what.seconds, parcel.chat_id)
            case Action.REVOKED:
                self._heartbeat.fail("sending", REVOKED)
                self._pace.rest(REVOKED_REST_SECONDS)
            case _:
                self._heartbeat.fail("sending", what.reason)
                self._rest_longer(LONGEST_ABSENCE_SECONDS)
        await self._postpone(parcel, 0, what)

    def _rest_longer(self, longest_seconds: float) -> None:
        if self._pace.rest_seconds() == 0:  # else another send has met the same outage
            self._outage_seconds = min(max(2.0, self._outage_seconds * 2), longest_seconds)
            self._pace.rest(self._outage_seconds)

    async def _postpone(self, parcel: Parcel, seconds: float, what: Verdict, *, may_have_arrived: bool = False) -> None:
        await self._outbox.postpone(parcel, seconds, what.reason, may_have_arrived=may_have_arrived)


def _key(parcel: Parcel) -> Key:
    """What is refused together: an alert, or its edits; digests are of many alerts and made by the same code."""
    if parcel.edits is not None:
        return f"edit {parcel.alert_id}"
    return "digest" if parcel.facts.kind is AlertKind.DIGEST else parcel.alert_id


def _refused_kind(parcel: Parcel) -> str:
    return parcel.facts.kind if parcel.edits is None else "edit"


def _now() -> float:
    return time.monotonic()
