"""When a provider that asks for fewer requests may be asked again. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

RATE_REST = timedelta(seconds=30)
LONGEST_RATE_REST = timedelta(hours=1)


def retry_at(headers: Mapping[str, str], now: datetime) -> datetime:
    """x-ratelimit-reset if it is sane, else Retry-After, else half a minute from now. `headers` by lower-case name."""
    for wish in (_reset_time(headers.get("x-ratelimit-reset", "")), _retry_after(headers.get("retry-after", ""), now)):
        if wish is not None and now < wish <= now + LONGEST_RATE_REST:
            return wish
    return now + RATE_REST


def _reset_time(header: str) -> datetime | None:
    return datetime.fromtimestamp(int(header), UTC) if header.isdecimal() and len(header) == 10 else None


def _retry_after(header: str, now: datetime) -> datetime | None:
    """Seconds or an HTTP date."""
    if header.isdecimal() and len(header) < 10:
        return now + timedelta(seconds=int(header))
    try:
        at = parsedate_to_datetime(header)
    except (ValueError, OverflowError):
        return None
    return at if at.tzinfo is not None else None
