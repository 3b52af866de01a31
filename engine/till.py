"""The account's month at work: each call waits for its turn, is charged before it is sent, and corrected by its answer.

What may be spent is decided in engine/budget.py; this keeps the purse, and the rows from which it is opened again.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

from engine.budget import SAVED_HOURS, Allowance, Purse, allowance, charged, cycle_at, open_purse
from engine.credits import Credits
from engine.errors import BudgetHeld, DatabaseAway
from engine.memory import Spending
from engine.pace import Pace
from engine.plans import Plan, Prices, is_price
from engine.ports import Clock

NOTHING = Allowance(0.0, 0.0, 0.0)
ELSEWHERE = "elsewhere"  # what the account spent without us, as a row beside the endpoints'
TURNED_AWAY = frozenset({401, 403, 429})  # refused at the door, so not billed


class Till:
    """Pays for Birdeye's calls. Until it is opened nothing may be spent.

    Both the month and the limits of a second and a minute go by the domain's clock.
    """

    def __init__(self, plan: Plan, spending: Spending, clock: Clock) -> None:
        self.plan = plan
        self.prices = Prices()
        self._spending = spending
        self._clock = clock
        self._pace = Pace(plan.rps, plan.rpm, clock)
        self._purse: Purse | None = None
        self._unsaved: dict[str, tuple[int, int]] = {}  # calls and CU by endpoint
        self._saving = asyncio.Lock()

    @property
    def purse(self) -> Purse | None:
        """The purse of the cycle as of now; None until it is open."""
        self._turn_over()
        return self._purse

    async def open(self) -> None:
        """Open the purse from what the rows tell; the first call ever began the first cycle. Raises DatabaseAway."""
        now, told = self._clock.now(), await self._spending.cycle()
        if told is None:
            await self._open(cycle_at(await self._spending.first_hour() or now, now))
        else:
            await self._open(told if told[0] <= now < told[1] else cycle_at(told[1], now))

    async def reconcile(self, told: Credits) -> None:
        """Take over the account's own cycle and count; a count without its cycle says nothing. Raises DatabaseAway."""
        now = self._clock.now()
        start, end = told.period_start, told.period_end
        if start is None or end is None or not start <= now < end:
            return
        await self._spending.keep_cycle(start, end)
        if self._differs(start, end):
            await self._open((start, end))
        if self._purse is not None and told.used is not None and told.used > self._purse.spent_cu:
            self._book(ELSEWHERE, told.used - self._purse.spent_cu)  # a lower count of theirs may lag
            await self.save()

    def allowance(self) -> Allowance:
        """What may be spent now."""
        return allowance(self.purse, self._clock.now()) if self.purse else NOTHING

    def may(self, endpoint: str, urgent: bool) -> bool:
        """Whether a call of the endpoint may be paid now; what is not urgent only from a well-filled purse."""
        allowed = self.allowance()
        return self.prices.of(endpoint) <= (allowed.now_cu if urgent else allowed.routine_cu)

    async def pay(self, endpoint: str, *, urgent: bool = False) -> int:
        """Wait for a turn and charge one attempt: the CU that it is thought to cost, a row before it is sent.

        Raises BudgetHeld, also when the row cannot be written: then nothing is charged.
        """
        await self._pace.turn(urgent=urgent)
        price = self.prices.of(endpoint)
        if self._purse is None or price > self.allowance().now_cu:
            raise BudgetHeld("the budget allows no call of Birdeye now")
        self._book(endpoint, price, calls=1)
        try:
            await self.save()
        except DatabaseAway:
            self._book(endpoint, -price, calls=-1)
            raise BudgetHeld("what a call costs cannot be written now") from None
        return price

    def settle(self, endpoint: str, charged_cu: int, told_cu: int | None, status: int) -> None:
        """Correct an attempt by its answer. Without a price it cost what was charged, unless it was turned away."""
        known = told_cu is not None and is_price(told_cu)
        if known and status == 200:
            self.prices = self.prices.corrected(endpoint, told_cu or 0)
        real_cu = (told_cu or 0) if known else 0 if status in TURNED_AWAY else charged_cu
        self._book(endpoint, real_cu - charged_cu)

    def refund(self, endpoint: str, charged_cu: int) -> None:
        """An attempt that was paid was not sent after all."""
        self._book(endpoint, -charged_cu, calls=-1)

    async def save(self) -> None:
        """Write what was spent since the last time; what could not be written is kept. Raises DatabaseAway."""
        async with self._saving:
            now = self._clock.now()
            for endpoint, (calls, units) in list(self._unsaved.items()):
                if calls or units:
                    await self._spending.add(endpoint, calls, units, now)
                    later_calls, later_units = self._unsaved[endpoint]
                    self._unsaved[endpoint] = (later_calls - calls, later_units - units)

    def _book(self, endpoint: str, units: int, calls: int = 0) -> None:
        told_calls, told_units = self._unsaved.get(endpoint, (0, 0))
        self._unsaved[endpoint] = (told_calls + calls, told_units + units)
        if self._purse is not None:
            self._purse = charged(self._purse, units, self._clock.now())

    def _differs(self, start: datetime, end: datetime) -> bool:
        return self._purse is None or (self._purse.starts_at, self._purse.ends_at) != (start, end)

    async def _open(self, cycle: tuple[datetime, datetime]) -> None:
        await self.save()
        now = self._clock.now()
        spent_cu = await self._spending.since(cycle[0])
        lately_cu = await self._spending.since(now - timedelta(hours=SAVED_HOURS))
        booked_cu = sum(units for _, units in self._unsaved.values())  # while the rows were read
        purse = open_purse(cycle, self.plan.monthly_cu, spent_cu + booked_cu, lately_cu + booked_cu, now)
        self._purse = purse

    def _turn_over(self) -> None:
        """A new cycle begins with nothing spent; what is put by stays. A clock set back takes the count with it."""
        now, purse = self._clock.now(), self._purse
        if purse is None or purse.starts_at <= now < purse.ends_at:
            return
        starts_at, ends_at = cycle_at(purse.ends_at, now)
        spent_cu = 0 if now >= purse.ends_at else purse.spent_cu
        self._purse = replace(purse, starts_at=starts_at, ends_at=ends_at, spent_cu=spent_cu, saved_at=now)
