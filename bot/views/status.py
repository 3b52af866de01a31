"""/status: whether all is well, what is being watched and what this chat hears, in words for everybody."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from aiogram.utils.formatting import Bold, Text
from aiogram.utils.i18n import gettext as _

from bot.views import numbers
from bot.views.phrases import age, ago, fill, lines, moment
from bot.views.vitals import verdict
from bot.vitals import Report
from engine.chats import Preferences
from engine.shown import Backlog, Census, FeedGaps


@dataclass(frozen=True, slots=True)
class Here:
    """What this chat hears: its wishes, None where it is not known, and how many alerts it got in the last hour."""

    wishes: Preferences | None
    sent_last_hour: int
    paused: bool = False


def status(
    report: Report,
    census: Census,
    now: datetime,
    *,
    supply: Sequence[Text | str] = (),
    backlog: Backlog | None = None,
    here: Here | None = None,
    gaps: FeedGaps | None = None,
    naming: bool = False,
) -> Text:
    """The verdict, the counts, how fresh they are, where they come from, what waits; what is None is left out.

    `naming` tells which program leads: a machine's name is for admins.
    """
    return lines(
        *verdict(report, naming=naming),
        "",
        Bold(_("Watching")),
        _counts(census),
        fill(_("Migrations in the last hour: {count}"), count=Bold(numbers.count(census.migrations_last_hour))),
        _last_look(census, now),
        _gaps(gaps),
        *(("", *supply) if supply else ()),
        *(() if here is None else ("", *_here(here, now))),
        *(() if backlog is None else _waiting(backlog)),
    )


def _counts(census: Census) -> Text:
    counts = {"initial": census.initial, "active": census.active, "archived": census.archived}
    shown = {status: Bold(numbers.count(value)) for status, value in counts.items()}
    return fill(_("New: {initial} · Active: {active} · Archived: {archived}"), **shown)


def _last_look(census: Census, now: datetime) -> Text | str:
    if census.last_look_at is None:
        return _("No market figures have come in yet.")
    return fill(_("Latest figures: {ago}"), ago=Bold(ago(census.last_look_at, now)))


def _gaps(gaps: FeedGaps | None) -> Text | None:
    if gaps is None or gaps.count <= 0:
        return None
    template = _("Feed gaps in the last 24 h: {count}, {age} in total; migrations in them were missed.")
    told = fill(template, count=Bold(numbers.count(gaps.count)), age=age(gaps.seconds))
    if gaps.latest is None:
        return told
    times = {"began": moment(gaps.latest.began_at), "ended": moment(gaps.latest.ended_at)}
    return Text(told, " ", fill(_("The latest one: {began} – {ended}."), **times))


def _here(here: Here, now: datetime) -> Iterator[Text | str]:
    wishes = here.wishes
    if wishes is None or not wishes.subscribed:
        yield "🔕 " + _("This chat gets no alerts. /subscribe turns them on.")
        return
    yield "🔔 " + _("This chat gets alerts. /unsubscribe stops them.")
    yield fill(_("Alerts in this chat in the last hour: {count}"), count=Bold(numbers.count(here.sent_last_hour)))
    if here.paused:
        yield "⏸ " + _("The bot's admins have paused all alerts.")
    if wishes.muted_until is not None and wishes.muted_until > now:
        yield Text("🔇 ", fill(_("Muted until {time}"), time=moment(wishes.muted_until)))
    if wishes.quiet_from is not None and wishes.quiet_until is not None:
        hours = {"begin": _clock(wishes.quiet_from), "end": _clock(wishes.quiet_until), "zone": wishes.time_zone}
        yield "🌙 " + _("Quiet from {begin} to {end} ({zone})").format(**hours)


def _clock(minutes: int) -> str:
    """Minutes after midnight as a time of day."""
    return f"{minutes // 60 % 24:02}:{minutes % 60:02}"


def _waiting(backlog: Backlog) -> Iterator[Text | str]:
    if backlog.is_flooded:
        yield "🌊 " + _("Too many alerts at once: they are held until there are fewer.")
    if backlog.waiting > 0:
        told = {"count": Bold(numbers.count(backlog.waiting)), "age": age(backlog.oldest_seconds)}
        yield fill(_("Alerts waiting for all chats: {count}, the oldest for {age}"), **told)
