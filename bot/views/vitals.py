"""Whether all is well, in words for everybody: what fails and for how long, never a provider's own words."""

from __future__ import annotations

from collections.abc import Iterator

from aiogram.utils.formatting import Bold, Text
from aiogram.utils.i18n import gettext as _

from bot.views import words
from bot.views.names import clean, isolated
from bot.views.phrases import age, fill, moment
from bot.vitals import Part, Report, State
from engine.shown import Leader

_NAME_LENGTH = 64
LEAST_SECONDS = 30.0  # what is shorter is not why a part fails


def verdict(report: Report, *, naming: bool = False) -> Iterator[Text | str]:
    """One line that names what fails, if anything does; and since when this program leads, `naming` it on request."""
    failing = [_fault(name, part) for name, part in report.parts.items() if part.state is State.FAILING]
    if failing:
        yield Text("🔴 ", Bold(_("Something is wrong")), ": ", "; ".join(failing))
    elif report.status is State.STARTING:
        yield Text("🟡 ", Bold(_("I am just starting")), *_waits(report))
    else:
        yield Text("🟢 ", Bold(_("All is well")))
    if report.leader is not None:
        yield at_work(report.leader, naming=naming)
    elif (leading_seconds := _leading_seconds(report)) is not None:
        yield fill(_("At work for {age}"), age=age(leading_seconds))


def at_work(leader: Leader, *, naming: bool) -> Text:
    """Since when the leader works; its name, which tells of a machine, on request."""
    told = {"time": moment(leader.since), "age": age(leader.seconds)}
    if naming and (name := clean(leader.name, _NAME_LENGTH)):
        return fill(_("Led by {name} since {time} ({age})"), name=isolated(name), **told)
    return fill(_("At work since {time} ({age})"), **told)


def _leading_seconds(report: Report) -> float | None:
    seconds = report.parts["leader"].facts.get("since_seconds") if "leader" in report.parts else None
    return None if isinstance(seconds, str) else seconds


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
    waited = None if isinstance(oldest, str) else oldest
    spans = (waited, part.pulse.failing_seconds, part.pulse.beat_seconds)
    return next((span for span in spans if span is not None and span >= LEAST_SECONDS), None)
