"""The glossary as people read it: statuses, components, sources and reasons, in the current language."""

from __future__ import annotations

from aiogram.utils.i18n import gettext as _

from bot.views.names import clean
from engine.model import Reason, Source, Status

REASON_LIMIT = 140
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
        "tx_accel": _("Transaction acceleration"),
        "vol_momentum": _("Volume momentum"),
        "holder_growth": _("Holder growth"),
        "orderflow_imbalance": _("Buyers against sellers"),
    }
    return labels.get(name) or clean(name)


def source(value: Source) -> str:
    """Who gave the figures."""
    return _SOURCES[value]


def unit(short: str) -> str:
    """A setting's unit; an unknown one, or none, stays as it is."""
    units = {"s": _("s"), "min": _("min"), "h": _("h"), "tx/5m": _("tx/5m"), "looks": _("looks")}
    return units.get(short, short)


def reason(why: Reason | None, limit: int = REASON_LIMIT) -> str:
    """Why something happened, translated, within `limit` characters; empty when no reason is known."""
    if why is None or not why.template or limit <= 0:
        return ""
    return clean(_(why.template).format(**why.values), limit)
