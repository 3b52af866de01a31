"""How much of the account's month may be spent by now: all of it in the end, never more, not in one week. Pure.

What is left is spread evenly over the time that is left, so what quiet hours save flows back into the rate. A bounded
part of it is put by (`saved`) for hot moments.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

CYCLE = timedelta(days=30)
SAVED_HOURS = 24.0  # how many hours of even spending may be put by: a market's evening is busier than its morning
RESERVE_SHARE = 0.002  # of the month: for calls in flight whose price turns out higher
LEAST_RESERVE_CU = 100
ROUTINE_FROM = 0.5  # quiet tokens are asked about only from what is saved above this share


@dataclass(frozen=True, slots=True)
class Purse:
    """An account's cycle in CU. `saved_cu`, a part of what is left, may be spent at once; it was counted at `saved_at`.

    Calls are charged when they are asked, so those in flight count as spent.
    """

    starts_at: datetime
    ends_at: datetime
    monthly_cu: int
    spent_cu: int
    saved_cu: float
    saved_at: datetime

    @property
    def usable_cu(self) -> float:
        """What may be spent in the whole cycle: the month less the reserve; never below 0."""
        return max(0.0, self.monthly_cu - max(LEAST_RESERVE_CU, RESERVE_SHARE * self.monthly_cu))

    @property
    def left_cu(self) -> float:
        """What may still be spent in this cycle; never below 0."""
        return max(0.0, self.usable_cu - self.spent_cu)

    @property
    def most_saved_cu(self) -> float:
        """The bound of what is put by: SAVED_HOURS of even spending."""
        hours = (self.ends_at - self.starts_at) / timedelta(hours=1)
        return self.usable_cu * SAVED_HOURS / hours


@dataclass(frozen=True, slots=True)
class Allowance:
    """`now_cu` may be spent at once, `routine_cu` of it for quiet tokens; `rate_cu` a second comes on top."""

    now_cu: float
    routine_cu: float
    rate_cu: float


def cycle_at(anchor: datetime, now: datetime) -> tuple[datetime, datetime]:
    """Start and end of the 30-day cycle around `now`, when one began at `anchor` (aware UTC)."""
    start = anchor + CYCLE * ((now - anchor) // CYCLE)
    return start, start + CYCLE


def open_purse(
    cycle: tuple[datetime, datetime], monthly_cu: int, spent_cu: int, lately_cu: int, now: datetime
) -> Purse:
    """The purse after a restart: `spent_cu` since the cycle began, `lately_cu` of it within the last SAVED_HOURS.

    What SAVED_HOURS of the rate that is left would put by is there, but for what was spent lately: a first start has
    something to begin with, and restarts make no money.
    """
    starts_at, ends_at = cycle
    bare = Purse(starts_at, ends_at, monthly_cu, spent_cu, 0.0, now)
    put_by = min(bare.most_saved_cu, _rate(bare.left_cu, now, ends_at) * SAVED_HOURS * 3600, bare.left_cu)
    return replace(bare, saved_cu=max(0.0, put_by - lately_cu))


def allowance(purse: Purse, now: datetime) -> Allowance:
    """How many CU may be spent now, and at which rate from now on. Nothing before the cycle begins or after it ends."""
    if not purse.starts_at <= now < purse.ends_at:
        return Allowance(0.0, 0.0, 0.0)
    saved_cu = _saved(purse, now)
    routine_cu = max(0.0, saved_cu - ROUTINE_FROM * purse.most_saved_cu)
    return Allowance(saved_cu, routine_cu, _rate(purse.left_cu - saved_cu, now, purse.ends_at))


def charged(purse: Purse, credits_cu: int, now: datetime) -> Purse:
    """The purse after a call was asked; a negative figure gives back what a call cost less than was thought."""
    saved_cu = max(0.0, _saved(purse, now) - credits_cu)
    spent = replace(purse, spent_cu=purse.spent_cu + credits_cu)
    return replace(spent, saved_cu=min(saved_cu, spent.most_saved_cu, spent.left_cu), saved_at=max(now, purse.saved_at))


def _saved(purse: Purse, now: datetime) -> float:
    """What is put by at `now`: it grows by the even rate up to its bound, and not while a clock runs backwards."""
    seconds = max(0.0, (min(now, purse.ends_at) - purse.saved_at).total_seconds())
    grown = purse.saved_cu + seconds * _rate(purse.left_cu - purse.saved_cu, purse.saved_at, purse.ends_at)
    return min(grown, purse.most_saved_cu, purse.left_cu)


def _rate(left_cu: float, now: datetime, until: datetime) -> float:
    """CU a second that spend `left_cu` evenly until then."""
    return max(0.0, left_cu) / max(1.0, (until - now).total_seconds())
