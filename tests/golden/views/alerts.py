"""The panel of /alerts: every page of a busy group, and the first one of chats in other states."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.views.alerts import alerts, threshold_refused, zone_refused
from bot.views.alerts_buttons import Page, alerts_keyboard
from bot.wishes import Panel
from engine.chats import Hearing, Preferences
from engine.hearing import Heard
from engine.model import AlertKind
from engine.settings import Settings
from tests.golden.views.message import message
from tests.made import NOON, minutes

BUSY = Preferences(
    subscribed=True,
    per_day=20,
    activated=Hearing.OFF,
    min_liquidity_usd=25_000.0,
    quiet_from=23 * 60,
    quiet_until=7 * 60,
    time_zone="Asia/Kolkata",
    answers_mints=True,
)
GROUP = Panel(
    BUSY,
    Settings(),
    NOON,
    levels={5: 3.1, 20: 2.314, 60: 1.72},
    heard=Heard({AlertKind.ACTIVATED: 40, AlertKind.HIGH_SCORE: 21}, held=12),
    in_group=True,
)
NEW = Panel(Preferences(), Settings(), NOON)
MUTED = Preferences(
    subscribed=True, threshold=1.2, pictures=False, hourly_cap=None, muted_until=NOON + minutes(60), time_zone="UTC"
)


def pages() -> dict[str, Any]:
    """The messages by name."""
    made = {f"group {page}": message(alerts(GROUP, page), alerts_keyboard(GROUP, page)) for page in Page}
    for name, panel in {
        "new": NEW,
        "muted": replace(NEW, preferences=MUTED, heard=Heard({AlertKind.REVIVED: 1})),
    }.items():
        for page in (Page.TOP, Page.LEVEL, Page.OWN, Page.QUIET, Page.CAP, Page.MUTE):
            made[f"{name} {page}"] = message(alerts(panel, page), alerts_keyboard(panel, page))
    hostile = "\u202et.me/scam\n" + "x" * 90
    made["refused threshold"] = message(threshold_refused(GROUP, hostile))
    made["refused zone"] = message(zone_refused(hostile))
    return made
