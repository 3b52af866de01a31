"""Quiet hours: minutes of the local day in a chat's own time zone, whatever its clocks do. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from engine.chats import Preferences

_MINUTES = 24 * 60


def quiet_until(preferences: Preferences, now: datetime) -> datetime | None:
    """When the quiet hours end that it is in now (UTC); None outside of them. They may span midnight."""
    begin, end = preferences.quiet_from, preferences.quiet_until
    if begin is None or end is None or begin == end:
        return None
    local = now.astimezone(_zone(preferences.time_zone))
    minute = local.hour * 60 + local.minute
    if not (begin <= minute < end if begin < end else minute >= begin or minute < end):
        return None
    day = local.date() if minute < end else local.date() + timedelta(days=1)
    wall = datetime.combine(day, time(*divmod(end % _MINUTES, 60)), local.tzinfo)
    ends_at = wall.astimezone(UTC)
    # The hour that comes twice in autumn: the first one is over.
    return ends_at if ends_at > now else wall.replace(fold=1).astimezone(UTC)


def _zone(name: str) -> ZoneInfo:
    """The time zone; UTC for one that is not known here."""
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):  # a hostile name may look like a path
        return ZoneInfo("UTC")
