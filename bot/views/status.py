"""/status: what is being watched and whether alerts get through, in words for everybody."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from aiogram.utils.formatting import Bold, Text
from aiogram.utils.i18n import gettext as _

from bot.views import numbers
from bot.views.phrases import age, ago, fill, lines, moment
from engine.shown import Backlog, Census, FeedGaps


def status(
    census: Census,
    now: datetime,
    *,
    supply: Sequence[Text | str] = (),
    backlog: Backlog | None = None,
    subscribed: bool | None = None,
    gaps: FeedGaps | None = None,
) -> Text:
    """The counts, the age of the latest look, the feed's gaps and where figures come from; what is None is left out."""
    return lines(
        Bold(_("Watching")),
        _counts(census),
        fill(_("Migrations in the last hour: {count}"), count=Bold(numbers.count(census.migrations_last_hour))),
        _last_look(census, now),
        _gaps(gaps),
        *(("", *supply) if supply else ()),
        *(() if backlog is None else ("", *_delivery(backlog))),
        *(() if subscribed is None else ("", _subscription(subscribed))),
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


def _delivery(backlog: Backlog) -> list[Text | str]:
    sent = fill(_("Alerts sent in the last hour: {count}"), count=Bold(numbers.count(backlog.sent_last_hour)))
    if backlog.waiting <= 0:
        return [sent]
    template = _("Alerts waiting: {count}, the oldest for {age}")
    waiting = {"count": Bold(numbers.count(backlog.waiting)), "age": age(backlog.oldest_seconds)}
    return [sent, fill(template, **waiting)]


def _subscription(subscribed: bool) -> str:
    if subscribed:
        return "🔔 " + _("This chat gets alerts. /unsubscribe stops them.")
    return "🔕 " + _("This chat gets no alerts. /subscribe turns them on.")
