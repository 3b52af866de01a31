"""The account's month at work: each call waits for its turn, is charged before it is sent, and corrected by its answer.

What may be spent is decided in engine/budget.py; this keeps the purse, and the rows from which it is opened again.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

from engine.budget import SAVED_HOURS, Allowance, Purse, allowance, charged, cycle_at, open_purse, reconciled
from engine.credits import Credits
from engine.errors import BudgetHeld
from engine.pace import Pace
from engine.plans import Plan, Prices
from engine.ports import Clock, Spending

NOTHING = Allowance(0.0, 0.0, 0.0)


class Till:
    """Pays for Birdeye's calls. Until it is opened nothing may be spent.

    `clock` is the domain's, by which the month goes; `wall_clock` is the provider's, by which its limits do.
    """

    def __init__(self, plan: Plan, spending: Spending, clock: Clock, wall_clock: Clock) -> None:
        self.plan = plan
        self.prices = Prices()
        self._spending = spending
        self._clock = clock
        self._pace = Pace(plan.rps, plan.rpm, wall_clock)
        self._purse: Purse | None = None
        self._unsaved_cu: Counter[str] = Counter()
        self._unsaved_calls: Counter[str] = Counter()

    @property
    def purse(self) -> Purse | None:
        """The purse of the cycle as of now; None until it is open."""
        self._turn_over()
        return self._purse

    async def open(self) -> None:
        """Open the purse from what the rows tell; the first call ever began the first cycle. Raises DatabaseAway."""
        now = self._clock.now()
        await self._open(cycle_at(await self._spending.first_hour() or now, now))

    async def reconcile(self, told: Credits) -> None:
        """Take over the account's own cycle and count; a count without its cycle says nothing. Raises DatabaseAway."""
        now = self._clock.now()
        start, end = told.period_start, told.period_end
        if start is None or end is None or not start <= now < end:
            return
        if self._differs(start, end):
            await self._open((start, end))
        if self._purse is not None and told.used is not None:
            self._purse = reconciled(self._purse, told.used, now)

    def allowance(self) -> Allowance:
        """What may be spent now."""
        return allowance(self.purse, self._clock.now()) if self.purse else NOTHING

    def may(self, endpoint: str, urgent: bool) -> bool:
        """Whether a call of the endpoint may be paid now; what is not urgent only from a well-filled purse."""
        allowed = self.allowance()
        return self.prices.of(endpoint) <= (allowed.now_cu if urgent else allowed.routine_cu)

    async def turn(self) -> None:
        """Wait until one more request fits the plan's second and minute."""
        await self._pace.turn()

    def charge(self, endpoint: str) -> int:
        """Charge one attempt; the CU that it is thought to cost. Raises BudgetHeld."""
        price = self.prices.of(endpoint)
        if self._purse is None or price > self.allowance().now_cu:
            raise BudgetHeld("the budget allows no call of Birdeye now")
        self._book(endpoint, price)
        self._unsaved_calls[endpoint] += 1
        return price

    def settle(self, endpoint: str, charged_cu: int, told_cu: int | None, *, worked: bool) -> None:
        """Correct an attempt by its answer: the price that it tells, else nothing for one that did not work."""
        if told_cu is not None:
            self.prices = self.prices.corrected(endpoint, told_cu) if worked else self.prices
        real_cu = told_cu if told_cu is not None else charged_cu if worked else 0
        if real_cu != charged_cu:
            self._book(endpoint, real_cu - charged_cu)

    async def save(self) -> None:
        """Write what was spent since the last time; what could not be written is kept. Raises DatabaseAway."""
        now = self._clock.now()
        for endpoint in list(self._unsaved_calls.keys() | self._unsaved_cu.keys()):
            calls, units = self._unsaved_calls[endpoint], self._unsaved_cu[endpoint]
            if calls or units:
                await self._spending.add(endpoint, calls, units, now)
                self._unsaved_calls[endpoint] -= calls
                self._unsaved_cu[endpoint] -= units

    def _book(self, endpoint: str, units: int) -> None:
        self._unsaved_cu[endpoint] += units
        if self._purse is not None:
            self._purse = charged(self._purse, units, self._clock.now())

    def _differs(self, start: datetime, end: datetime) -> bool:
        return self._purse is None or (self._purse.starts_at, self._purse.ends_at) != (start, end)

    async def _open(self, cycle: tuple[datetime, datetime]) -> None:
        await self.save()
        now = self._clock.now()
        spent_cu = await self._spending.since(cycle[0])
        lately_cu = await self._spending.since(now - timedelta(hours=SAVED_HOURS))
        booked_cu = sum(self._unsaved_cu.values())  # while the rows were read
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
