"""Hostile JSON values -> a number, count, time, text or mint that is safe to store, else None. Pure.

The adapters read every outside value through here; which field means what is theirs to know.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import base58

MAX_COUNT = 2**31 - 1  # PostgreSQL's int
MAX_BIG_COUNT = 10**15  # fits PostgreSQL's bigint, and a float holds it exactly
TOLERANCE = 0.05  # how far figures may contradict each other before they are mistrusted
MAX_NUMBER = 1e18  # more money than there is: whoever tells of it tells nonsense

_N = TypeVar("_N", int, float)

_MINT = re.compile(r"[1-9A-HJ-NP-Za-km-z]{32,44}", re.ASCII)
_DECIMAL = re.compile(r"[0-9]{1,300}(\.[0-9]{1,300})?(e[+-]?[0-9]{1,3})?", re.ASCII | re.IGNORECASE)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_EARLIEST = datetime(2020, 1, 1, tzinfo=UTC)


def load_json(raw: str | bytes) -> object:
    """The parsed JSON. Raises ValueError for anything else, nesting too deep for Python included."""
    try:
        return json.loads(raw)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def amount(value: object) -> float | None:
    """A finite number ≥ 0 (money, volume)."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < MAX_NUMBER:
        return None
    number = float(value) + 0.0  # + 0.0 turns −0 into 0
    return number if number < MAX_NUMBER else None  # a whole number just below it is rounded to it


def positive(value: object) -> float | None:
    """A finite number > 0 (a price: 0 would only mean "unknown")."""
    return amount(value) or None


def price(value: object) -> float | None:
    """A finite number > 0, given as a number or in decimal notation ("0.000004502")."""
    if isinstance(value, str):
        return positive(float(value)) if _DECIMAL.fullmatch(value) else None
    return positive(value)


def count(value: object, limit: int = MAX_COUNT) -> int | None:
    """A whole number from 0 to `limit`, PostgreSQL's largest int unless told."""
    number = amount(value)
    if number is None or number > limit or not number.is_integer():
        return None
    return int(number)


def big_count(value: object) -> int | None:
    """A whole number from 0 to what PostgreSQL's bigint and a float both hold (compute units)."""
    return count(value, MAX_BIG_COUNT)


def share(value: object) -> float | None:
    """A fraction from 0 to 1."""
    number = amount(value)
    return number if number is not None and number <= 1 else None


def flag(value: object) -> bool | None:
    """True or false; nothing else means either."""
    return value if isinstance(value, bool) else None


def moment(value: object, now: datetime, ahead: timedelta = timedelta(days=1)) -> datetime | None:
    """Unix seconds from 2020 to `ahead` of `now`, as aware UTC."""
    seconds = amount(value)
    if seconds is None or not _EARLIEST.timestamp() <= seconds <= (now + ahead).timestamp():
        return None
    return datetime.fromtimestamp(math.floor(seconds), UTC)


def text(value: object, limit: int) -> str | None:
    """A string without NUL and surrogates, trimmed and cut to `limit` characters; None when nothing is left."""
    if not isinstance(value, str):
        return None
    return _UNSTORABLE.sub("", value[: 4 * limit]).strip()[:limit] or None


def mint(value: object) -> str | None:
    """A Solana address: base58 of exactly 32 bytes."""
    if not isinstance(value, str) or not _MINT.fullmatch(value):
        return None
    return value if len(base58.b58decode(value)) == 32 else None


def nested(part: _N | None, whole: _N | None, complain: Callable[[], None]) -> tuple[_N | None, _N | None]:
    """What lies in five minutes and in the hour around them; neither where the part is the greater by more than 5 %."""
    if part is None or whole is None or part <= whole * (1 + TOLERANCE) + 1:
        return part, whole
    complain()
    return None, None
