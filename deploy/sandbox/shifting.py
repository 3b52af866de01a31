"""Moves the times inside a recorded answer, so that a minute ago is a minute ago again. Pure.

Only fields that are known to hold a time are touched; everything else stays as the provider told it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

SECONDS = frozenset(
    {
        "lastTradeUnixTime",
        "last_trade_unix_time",
        "updateUnixTime",
        "creationTime",
        "mintTime",
        "start_time",
        "end_time",
    }
)
MILLISECONDS = frozenset({"pairCreatedAt"})
WRITTEN = frozenset({"lastTradeHumanTime", "last_trade_human_time", "updateHumanTime", "createdAt"})
RESET = "x-ratelimit-reset"


def shifted(body: Any, seconds: float) -> Any:
    """The body with its times moved by so many seconds; the given one is left as it is."""
    if isinstance(body, dict):
        return {name: _moved(name, value, seconds) for name, value in body.items()}
    return [shifted(item, seconds) for item in body] if isinstance(body, list) else body


def shifted_headers(headers: Mapping[str, str], seconds: float) -> dict[str, str]:
    """The headers with the end of a rate limit (Unix seconds) moved as well."""
    reset = headers.get(RESET, "")
    moved = {RESET: str(int(reset) + round(seconds))} if reset.isdecimal() and len(reset) == 10 else {}
    return {**headers, **moved}


def _moved(name: str, value: Any, seconds: float) -> Any:
    if isinstance(value, dict | list):
        return shifted(value, seconds)
    if name in WRITTEN and isinstance(value, str):
        return _rewritten(value, seconds)
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        return value
    if name in SECONDS:
        return value + round(seconds)
    return value + round(seconds * 1000) if name in MILLISECONDS else value


def _rewritten(value: str, seconds: float) -> str:
    """An ISO time as it was written: with or without milliseconds and a Z."""
    try:
        moved = datetime.fromisoformat(value) + timedelta(seconds=round(seconds))
    except (ValueError, OverflowError):
        return value
    written = moved.isoformat(timespec="milliseconds" if "." in value else "seconds")
    return written.replace("+00:00", "Z") if value.endswith("Z") else written
