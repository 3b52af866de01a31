"""The glossary as people read it: statuses, components, sources and reasons, in the current language."""

from __future__ import annotations

import re

from aiogram.utils.i18n import gettext as _

from bot.views import numbers
from bot.views.names import clean
from engine.model import Reason, Source, Status

REASON_LIMIT = 140
_MONEY = re.compile(r"\$\{(\w+):,\.0f\}")  # as the engine's templates write an amount
_SOURCES = {Source.BIRDEYE: "Birdeye", Source.DEXSCREENER: "DexScreener"}


def status(value: Status) -> str:
    """A status with its sign, such as "🟢 Active"."""
    words = {
        Status.INITIAL: ("🟡", _("Initial")),
        Status.ACTIVE: ("🟢", _("Active")),
        Status.ARCHIVED: ("⚪️", _("Archived")),
    }
    return " ".join(words[value])


def component(name: str) -> str:
    """A component's label; an unknown one keeps its name."""
    labels = {
        "tx_accel": _("Trades"),
        "vol_momentum": _("Volume"),
        "holder_growth": _("Holders"),
        "orderflow_imbalance": _("Buyers"),
    }
    return labels.get(name) or clean(name)


def source(value: Source) -> str:
    """Who gave the figures."""
    return _SOURCES[value]


def part(name: str) -> str:
    """What people call a part of the program; an unknown one keeps its name."""
    parts = {
        "database": _("the database"),
        "leader": _("the leadership"),
        "feed": _("the feed of migrations"),
        "ticker": _("the looks at tokens"),
        "birdeye": _SOURCES[Source.BIRDEYE],
        "dexscreener": _SOURCES[Source.DEXSCREENER],
        "delivery": _("the delivery of alerts"),
        "flood": _("the flow of alerts"),
        "refused": _("the acceptance of alerts by Telegram"),
        "polling": _("hearing commands"),
    }
    return parts.get(name) or clean(name)


def unit(short: str) -> str:
    """A setting's unit; an unknown one, or none, stays as it is."""
    units = {"s": _("s"), "min": _("min"), "h": _("h"), "tx/5m": _("tx/5m"), "looks": _("looks")}
    return units.get(short, short)


def reason(why: Reason | None, limit: int = REASON_LIMIT) -> str:
    """Why something happened, translated, within `limit` characters; empty when no reason is known."""
    if why is None or not why.template or limit <= 0:
        return ""
    values = why.values
    template = _MONEY.sub(lambda amount: numbers.usd(float(values[amount[1]])), _(why.template))
    return clean(template.format(**values), limit)
