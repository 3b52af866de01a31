"""What a pretend Birdeye plan allows: compute units a month, requests a second and a minute. Time is the world's."""

from __future__ import annotations

import math
from collections import deque
from datetime import datetime, timedelta

from deploy.sandbox import gates
from deploy.sandbox.faults import Fault
from engine.ports import Clock

PERIOD = timedelta(days=30)
PRICES = {
    gates.OVERVIEW: 15,
    gates.SECURITY: 50,
    gates.MARKETS: 30,
    gates.CREDITS: 1,
    gates.MULTI_PRICE: 3,
    gates.TRADE_DATA: 12,
    gates.TRADE_DATAS: 12,
    gates.MARKET_DATA: 10,
    gates.MARKET_DATAS: 10,
    gates.METAS: 5,
    gates.HOLDERS: 50,
}
UNITS_SPENT = Fault(status=400, body={"success": False, "message": "Compute units usage limit exceeded"})


class Meter:
    """Counts calls and what they cost. Limits of None are none; all of them may be changed at any time."""

    def __init__(self, clock: Clock, per_second: int | None = None) -> None:
        self._clock = clock
        self._calls: deque[datetime] = deque()
        self.per_second = per_second
        self.per_minute: int | None = None
        self.monthly: int | None = None
        self.prices = dict(PRICES)
        self.used = 0
        self.began_at: datetime = clock.now()

    def keep_to(self, plan: str) -> None:
        """From now on the account has this plan's limits a second, a minute and a month."""
        self.per_second, self.per_minute, self.monthly = gates.PLANS[plan]

    def price(self, endpoint: str, mints: int = 1) -> int:
        """Compute units of a call about so many mints: of a batch each one costs less."""
        return math.ceil(self.prices[endpoint] * math.pow(max(mints, 1), 0.8))

    def refusal(self, endpoint: str, mints: int = 1) -> Fault | None:
        """How the plan refuses this call; None when it may be answered, and then it counts for the rates."""
        self._begin_month()
        now = self._clock.now()
        while self._calls and self._calls[0] <= now - timedelta(minutes=1):
            self._calls.popleft()
        for limit, window in ((self.per_second, timedelta(seconds=1)), (self.per_minute, timedelta(minutes=1))):
            recent = [at for at in self._calls if at > now - window]
            if limit is not None and len(recent) >= limit:
                return too_many(recent[0] + window)
        self._calls.append(now)
        if self.monthly is not None and self.used + self.price(endpoint, mints) > self.monthly:
            return UNITS_SPENT
        return None

    def charge(self, endpoint: str, mints: int = 1) -> int:
        """The call's price in compute units, now used."""
        self._begin_month()
        price = self.price(endpoint, mints)
        self.used += price
        return price

    def _begin_month(self) -> None:
        """What was used in a month that is over counts no more."""
        months = (self._clock.now() - self.began_at) // PERIOD
        if months > 0:
            self.began_at += months * PERIOD
            self.used = 0


def too_many(reset_at: datetime) -> Fault:
    """A 429 that asks to wait until `reset_at`."""
    reset = str(math.ceil(reset_at.timestamp()))
    body = {"success": False, "message": "Too many requests"}
    return Fault(status=429, body=body, headers={"x-ratelimit-remaining": "0", "x-ratelimit-reset": reset})
