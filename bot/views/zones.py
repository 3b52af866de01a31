"""Time zones in words: a city and its distance from UTC."""

from __future__ import annotations

from datetime import datetime

from aiogram.utils.i18n import get_i18n
from aiogram.utils.i18n import gettext as _
from babel import Locale

from engine.zones import utc_offset

# How babel's tables call zones that were renamed since.
_OLD_NAMES = {
    "America/Argentina/Buenos_Aires": "America/Buenos_Aires",
    "Asia/Ho_Chi_Minh": "Asia/Saigon",
    "Asia/Kolkata": "Asia/Calcutta",
    "Europe/Kyiv": "Europe/Kiev",
}


def zone(name: str, now: datetime) -> str:
    """A zone as people know it: "Berlin (UTC+2)"."""
    offset, place = utc_offset(now, name), city(name)
    return offset if place == offset else f"{place} ({offset})"


def city(name: str) -> str:
    """The city after which the zone is called, in the current language where babel knows it."""
    known = Locale.parse(get_i18n().current_locale).time_zones.get(_OLD_NAMES.get(name, name), {})
    return str(known.get("city") or name.rpartition("/")[2].replace("_", " "))


def region(name: str) -> str:
    """A part of the world."""
    regions = {
        "europe": _("Europe"),
        "africa": _("Africa and Middle East"),
        "asia": _("Asia"),
        "pacific": _("Australia and Pacific"),
        "americas": _("Americas"),
    }
    return regions[name]
