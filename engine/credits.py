"""Birdeye's utils/v1/credits -> what the account has used and what is left. Pure.

REST calls and websockets have quotas of their own; only the former are of interest.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from engine import fields
from engine.errors import NoDataYet
from engine.reader import Complain, Reader, data_of

LONGEST_PERIOD = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Credits:
    """Compute units of the account's current period (aware UTC); None is "not told"."""

    used: int | None
    remaining: int | None
    period_start: datetime | None
    period_end: datetime | None


def parse_credits(body: object, now: datetime, complain: Complain = lambda _: None) -> Credits:
    """The usage in a credits answer; a period that is no period is None twice and complained of.

    Raises NoDataYet when the answer tells neither what is used nor what remains.
    """
    read = Reader(data_of(body), complain)
    start, end = _period(read, now, complain)
    units = Credits(_units(read.part("usage")), _units(read.part("remaining")), start, end)
    if units.used is None and units.remaining is None:
        raise NoDataYet("Birdeye does not tell the account's compute units", "no_figures")
    return units


def _units(read: Reader) -> int | None:
    units = read("api", fields.big_count)
    return units if units is not None else read("total", fields.big_count)


def _period(read: Reader, now: datetime, complain: Complain) -> tuple[datetime | None, datetime | None]:
    start = read("start_time", lambda value: fields.moment(value, now))
    end = read("end_time", lambda value: fields.moment(value, now, LONGEST_PERIOD))
    if start is not None and end is not None and timedelta() < end - start <= LONGEST_PERIOD:
        return start, end
    if start is not None or end is not None:
        complain("start_time against end_time")
    return None, None
