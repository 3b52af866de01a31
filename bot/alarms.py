"""Loop: judges the program -> what of it is news -> rows for the admins. What is news stands in `troubles`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from functools import partial
from typing import Never

import structlog

from bot.masking import Mask
from bot.troubles import Delays, News, Trouble, judged
from bot.vitals import Report
from engine.model import AlertKind
from engine.patience import Patience
from engine.ports import Clock
from engine.shown import AlertFacts
from storage.alarms import Alarms

log = structlog.get_logger()

JUDGED_EVERY_SECONDS = 10.0
ERROR_LENGTH = 300


class Alarming:
    """Judges `report` every few real seconds and queues what is news for the admins; `on_alarm` wakes the delivery.

    Spans are measured by `wall_clock`; `clock` is the domain's, by which a message's age is told.
    """

    def __init__(
        self,
        *,
        report: Callable[[], Awaitable[Report]],
        alarms: Alarms,
        admin_ids: Collection[int],
        mask: Mask,
        clock: Clock,
        wall_clock: Clock,
        patience: Patience,
        on_alarm: Callable[[], None],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        delays: Delays | None = None,
    ) -> None:
        self._report, self._alarms, self._admin_ids, self._mask = report, alarms, admin_ids, mask
        self._clock, self._wall_clock, self._patience = clock, wall_clock, patience
        self._on_alarm, self._sleep, self._delays = on_alarm, sleep, delays or Delays()
        self._troubles: dict[str, Trouble] = {}

    async def run(self) -> Never:
        """Runs until cancelled. Raises DatabaseAway when the database stays away."""
        await self.resume()
        while True:
            await self.judge_once()
            await self._sleep(JUDGED_EVERY_SECONDS)

    async def resume(self) -> None:
        """Take up the alarms that an earlier run left open, so that their end is told."""
        for facts in await self._patience.once(self._alarms.open):
            if facts.part is not None:
                since = facts.since or facts.decided_at
                self._troubles[facts.part] = Trouble(since, facts.text, told=True, reason=facts.reason)

    async def judge_once(self) -> None:
        """One judgement, and its news in the outbox."""
        report = await self._report()
        self._troubles, news = judged(self._troubles, report, self._wall_clock.now(), self._delays)
        for what in news:
            await self._tell(what)

    async def _tell(self, what: News) -> None:
        facts = self._facts(what)
        await self._patience.once(partial(self._alarms.tell, facts, self._admin_ids))
        event = "alarm.raised" if what.failed_seconds is None else "alarm.over"
        reason = facts.text or (facts.reason and str(facts.reason))
        log.warning(event, part=what.part, reason=reason, failed_seconds=what.failed_seconds)
        self._on_alarm()

    def _facts(self, what: News) -> AlertFacts:
        why = what.trouble.why
        return AlertFacts(
            AlertKind.ALARM,
            decided_at=self._clock.now(),
            text=None if why is None else " ".join(self._mask(why).split())[:ERROR_LENGTH],
            part=what.part,
            since=what.trouble.since,
            failed_seconds=what.failed_seconds,
            reason=what.trouble.reason if what.failed_seconds is None else None,  # it tells of the present
        )
