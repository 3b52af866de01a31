"""Hostile JSON values -> a number, count, time, text or mint that is safe to store, else None. Pure.

The adapters read every outside value through here; which field means what is theirs to know.
"""

from __future__ import annotations

import json
import math
import re
from datetime import UTC, datetime, timedelta

import base58

MAX_COUNT = 2**31 - 1  # PostgreSQL's int
MAX_NUMBER = 1e300  # sums and products of a few such numbers are checked later; one alone is finite for sure

_MINT = re.compile(r"[1-9A-HJ-NP-Za-km-z]{32,44}", re.ASCII)
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
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) + 0.0 if 0 <= value < MAX_NUMBER else None  # + 0.0 turns −0 into 0


def positive(value: object) -> float | None:
    """A finite number > 0 (a price: 0 would only mean "unknown")."""
    return amount(value) or None


def count(value: object) -> int | None:
    """A whole number from 0 to PostgreSQL's largest int."""
    number = amount(value)
    if number is None or number > MAX_COUNT or not number.is_integer():
        return None
    return int(number)


def moment(value: object, now: datetime) -> datetime | None:
    """Unix seconds from 2020 to a day after `now`, as aware UTC."""
    seconds = amount(value)
    if seconds is None or not _EARLIEST.timestamp() <= seconds <= (now + timedelta(days=1)).timestamp():
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
