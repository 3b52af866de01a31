"""/chats and /health: how the chats and the program are, for admins."""

from __future__ import annotations

from collections.abc import Iterator

from aiogram.utils.formatting import Bold, Italic, Text
from aiogram.utils.i18n import gettext as _

from bot.views import numbers, words
from bot.views.names import clean
from bot.views.phrases import age, fill, lines
from bot.views.vitals import at_work
from bot.vitals import Part, Report, State
from engine.chats import ChatCensus
from engine.shown import Leader

_REASON_LENGTH = 160
_WORDS_LENGTH = 300
_SIGNS = {State.FAILING: "🔴", State.DEGRADED: "🟠", State.STARTING: "🟡", State.STANDBY: "🟡", State.IDLE: "⚪️"}


def chats(census: ChatCensus) -> Text:
    """The counts."""
    return lines(
        Bold(_("Chats")),
        *(f"{_kind(kind)}: {numbers.count(count)}" for kind, count in sorted(census.kinds.items())),
        fill(_("Hearing alerts: {count}"), count=Bold(numbers.count(census.subscribed))),
        fill(_("Muted just now: {count}"), count=Bold(numbers.count(census.muted))),
        fill(_("With a failed send in the last 24 h: {count}"), count=Bold(numbers.count(census.failing))),
        *_off(census),
    )


def _off(census: ChatCensus) -> Iterator[Text | str]:
    if not census.off:
        return
    yield ""
    yield fill(_("Out of reach: {count}"), count=Bold(numbers.count(sum(census.off.values()))))
    for reason, count in sorted(census.off.items()):
        yield f"{_reason(reason)}: {numbers.count(count)}"


def _kind(kind: str) -> str:
    kinds = {
        "private": _("Private chats"),
        "group": _("Groups"),
        "supergroup": _("Supergroups"),
        "channel": _("Channels"),
    }
    return kinds.get(kind) or clean(kind)


def _reason(reason: str) -> str:
    reasons = {
        "blocked": _("the bot was blocked"),
        "deactivated": _("the account was deleted"),
        "kicked": _("the bot was removed"),
        "not_a_member": _("the bot is no member"),
        "never_started": _("never started"),
        "not_found": _("the chat is gone"),
        "no_rights": _("the bot may not write there"),
    }
    return reasons.get(reason) or clean(reason)


def health(report: Report) -> Text:
    """Every part with its state, and what ails it."""
    waiting = fill(_("Waiting for: {what}"), what=", ".join(report.waiting_for)) if report.waiting_for else None
    return lines(
        Text(_sign(report.status), " ", Bold(_state(report.status))),
        fill(_("Running for {age}"), age=age(report.uptime_seconds)),
        waiting,
        _led(report.leader),
        *_parts(report),
    )


def _led(leader: Leader | None) -> Text | None:
    return None if leader is None else at_work(leader, naming=True)


def _parts(report: Report) -> Iterator[Text]:
    for name, part in report.parts.items():
        yield Text()
        yield from _part(name, part)


def _part(name: str, part: Part) -> Iterator[Text]:
    state = _degraded(name, part) or _state(part.state)
    yield Text(f"{_sign(part.state)} ", Bold(_upper(words.part(name))), f": {state}")
    if part.reason is not None:
        yield Italic(words.reason(part.reason, _WORDS_LENGTH))
    if part.pulse.beat_seconds is not None:
        yield Text(_("last sign of life {age} ago").format(age=age(part.pulse.beat_seconds)))
    if part.pulse.last_error:
        told = {"age": age(part.pulse.last_error_seconds), "error": clean(part.pulse.last_error, _REASON_LENGTH)}
        yield Italic(_("latest trouble {age} ago: {error}").format(**told))


def _sign(state: State) -> str:
    return _SIGNS.get(state, "🟢")


def _degraded(name: str, part: Part) -> str | None:
    """What it means that such a part is degraded, where no other one stands in for it."""
    meanings = {
        "delivery": _("busy, but alerts come late"),
        "flood": _("too many, they are held"),
        "refused": _("some are refused, the others go out"),
    }
    return meanings.get(name) if part.state is State.DEGRADED else None


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _state(state: State) -> str:
    states = {
        State.OK: _("works"),
        State.STARTING: _("starting"),
        State.FAILING: _("fails"),
        State.IDLE: _("nothing to do yet"),
        State.DEGRADED: _("fails, another part stands in"),
        State.STANDBY: _("stands by"),
    }
    return states[state]
