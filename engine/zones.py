"""Time zones: which there are, which people pick from, and when it is morning there. Pure but for the zones' data."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

MORNING = time(8)
NIGHT_ENDS_HOUR = 4  # before that hour people mean the coming morning by "tomorrow"

REGIONS: Mapping[str, tuple[str, ...]] = {
    "europe": (
        "Europe/Lisbon",
        "Europe/London",
        "Europe/Madrid",
        "Europe/Paris",
        "Europe/Berlin",
        "Europe/Warsaw",
        "Europe/Athens",
        "Europe/Helsinki",
        "Europe/Kyiv",
        "Europe/Istanbul",
        "Europe/Moscow",
        "Europe/Samara",
    ),
    "africa": (
        "Africa/Casablanca",
        "Africa/Lagos",
        "Africa/Cairo",
        "Africa/Johannesburg",
        "Africa/Nairobi",
        "Asia/Jerusalem",
        "Asia/Riyadh",
        "Asia/Dubai",
    ),
    "asia": (
        "Asia/Tbilisi",
        "Asia/Karachi",
        "Asia/Almaty",
        "Asia/Tashkent",
        "Asia/Yekaterinburg",
        "Asia/Kolkata",
        "Asia/Dhaka",
        "Asia/Novosibirsk",
        "Asia/Bangkok",
        "Asia/Ho_Chi_Minh",
        "Asia/Jakarta",
        "Asia/Singapore",
        "Asia/Hong_Kong",
        "Asia/Shanghai",
        "Asia/Manila",
        "Asia/Seoul",
        "Asia/Tokyo",
        "Asia/Vladivostok",
    ),
    "pacific": (
        "Australia/Perth",
        "Australia/Brisbane",
        "Australia/Sydney",
        "Pacific/Auckland",
        "Pacific/Honolulu",
    ),
    "americas": (
        "America/Anchorage",
        "America/Los_Angeles",
        "America/Denver",
        "America/Chicago",
        "America/Mexico_City",
        "America/New_York",
        "America/Toronto",
        "America/Bogota",
        "America/Lima",
        "America/Caracas",
        "America/Santiago",
        "America/Sao_Paulo",
        "America/Argentina/Buenos_Aires",
    ),
}


def zone_named(text: str) -> str | None:
    """The IANA name that `text` means in any case and with spaces for `_`; None when there is no such zone."""
    return _names().get("_".join(text.split()).lower())


def local(now: datetime, zone: str) -> datetime:
    """The moment as clocks in the zone show it; a zone that this machine does not know counts as UTC."""
    return now.astimezone(ZoneInfo(zone if zone.lower() in _names() else "UTC"))


def utc_offset(now: datetime, zone: str) -> str:
    """How far the zone is from UTC at that moment: "UTC+2", "UTC−3:30", "UTC"."""
    minutes = round((local(now, zone).utcoffset() or timedelta()) / timedelta(minutes=1))
    if not minutes:
        return "UTC"
    rest = f":{abs(minutes) % 60:02}" if minutes % 60 else ""
    return f"UTC{'−' if minutes < 0 else '+'}{abs(minutes) // 60}{rest}"


def tomorrow_morning(now: datetime, zone: str) -> datetime:
    """Eight o'clock of the zone's next day; in the small hours that of the day which has just begun."""
    here = local(now, zone)
    day = here.date() if here.hour < NIGHT_ENDS_HOUR else here.date() + timedelta(days=1)
    return datetime.combine(day, MORNING, here.tzinfo).astimezone(now.tzinfo)


@cache
def _names() -> Mapping[str, str]:
    """Every zone's name by its small letters."""
    return {name.lower(): name for name in available_timezones()}
