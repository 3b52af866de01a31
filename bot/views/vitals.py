"""Whether all is well, in words for everybody: what fails and for how long, never a provider's own words."""

from __future__ import annotations

from collections.abc import Iterator

from aiogram.utils.formatting import Bold, Text
from aiogram.utils.i18n import gettext as _

from bot.views import words
from bot.views.phrases import age, fill
from bot.vitals import Part, Report, State

LEAST_SECONDS = 30.0  # what is shorter is not why a part fails


def verdict(report: Report) -> Iterator[Text | str]:
    """One line that names what fails, if anything does; and since when this program leads."""
    failing = [_fault(name, part) for name, part in report.parts.items() if part.state is State.FAILING]
    if failing:
        yield Text("🔴 ", Bold(_("Something is wrong")), ": ", "; ".join(failing))
    elif report.status is State.STARTING:
        yield Text("🟡 ", Bold(_("I am just starting")), *_waits(report))
    else:
        yield Text("🟢 ", Bold(_("All is well")))
    leading_seconds = report.parts["leader"].facts.get("since_seconds") if "leader" in report.parts else None
    if leading_seconds is not None:
        yield fill(_("At work for {age}"), age=age(leading_seconds))


def _waits(report: Report) -> Iterator[str]:
    """What a start still waits for, as far as people know it."""
    parts = {"feed subscription": "feed", "first answer to polling": "polling"}
    known = [words.part(parts[what]) for what in report.waiting_for if what in parts]
    if known:
        yield "; " + _("not here yet: {what}").format(what=", ".join(known))


def _fault(name: str, part: Part) -> str:
    """What the part does not do, and for how long where that is known."""
    seconds = _seconds(part)
    said = _said(name)
    return said if seconds is None else _("{fault} for {age}").format(fault=said, age=age(seconds))


def _said(name: str) -> str:
    faults = {
        "database": _("the database has not answered"),
        "feed": _("the feed of migrations has been silent"),
        "ticker": _("tokens have not been looked at"),
        "birdeye": _("Birdeye has given no figures"),
        "dexscreener": _("DexScreener has given no figures"),
        "delivery": _("alerts have been held up"),
        "polling": _("Telegram has not let me hear commands"),
    }
    return faults.get(name) or words.part(name)


def _seconds(part: Part) -> float | None:
    """How long: what waits longest, else since the failures began, else since the last sign of life."""
    oldest = part.facts.get("oldest_seconds")
    spans = (oldest, part.pulse.failing_seconds, part.pulse.beat_seconds)
    return next((span for span in spans if span is not None and span >= LEAST_SECONDS), None)
