"""The "Score" page of /token: how the score came about, complete, as the caption of the token's chart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from aiogram.utils.formatting import Bold, Code, Italic, Text
from aiogram.utils.i18n import gettext as _

from bot.views import changes, components, figures, numbers
from bot.views.heading import heading
from bot.views.phrases import CAPTION_LIMIT, age_since, ago, fill, fitting, joined, lines
from engine.card import Card
from engine.model import Episode, Score, Status
from engine.scoring import rings_at
from engine.settings import Settings
from engine.shown import Point, Portrait

_HEADING_OVER_SECONDS = 300


def score_page(card: Card, now: datetime, settings: Settings) -> Text:
    """The caption, at most 1024 UTF-16 units whatever the token is called."""
    return fitting((_page(card, now, settings, limit) for limit in (24, 10)), CAPTION_LIMIT)


def _page(card: Card, now: datetime, settings: Settings, name_limit: int) -> Text:
    portrait = card.portrait
    token = portrait.standing.token
    return lines(
        heading(card, name_limit),
        "",
        standing_score(portrait),
        changes.score(portrait.changes),
        _high(token.episode, now),
        "",
        *_check(portrait.score, now, settings),
        "",
        Code(token.mint),
    )


def standing_score(portrait: Portrait) -> Text:
    """The score and where it is heading; an archived token's is history."""
    token = portrait.standing.token
    if token.status is Status.ARCHIVED:
        return fill(_("Last score {score}"), score=Bold(numbers.decimal(token.score)))
    return figures.score(token.score, _score_before(portrait))


def known(score: Score) -> str:
    """How many of the measures are known, and for how long the token could be watched."""
    count = sum(part.value is not None for part in score.components)
    minutes = ("≈" if score.observed_partial else "") + f"{min(max(score.observed_minutes, 0), 9999):.0f}"
    template = _("{known} of {all} measures known · observed {minutes} min")
    return template.format(known=count, all=len(score.components), minutes=minutes)


def smoothing(score: Score) -> Iterator[Text]:
    """From the check's own score to the smoothed one."""
    told = {"raw": numbers.decimal(score.raw), "score": numbers.decimal(score.value)}
    yield fill(_("Now {raw} → smoothed {score}"), **told)
    yield Text(known(score))
    if not score.moved:
        yield Text(Italic(_("Too little is known: the score did not move.")))


def _high(episode: Episode, now: datetime) -> Text | None:
    """That the score stays high, since when, and its peak."""
    if episode.opened_at is None:
        return None
    told = {"age": age_since(episode.opened_at, now), "peak": numbers.decimal(episode.peak)}
    return Text("🔥 ", _("High for {age}, peak {peak}").format(**told))


def _check(score: Score | None, now: datetime, settings: Settings) -> Iterable[Text]:
    if score is None:
        return [Text(Italic(_("No check with a score yet.")))]
    rings = {"on": Bold(numbers.decimal(rings_at(score.observed_minutes, settings)))}
    return [
        Text(Italic(_("weight × value = contribution"))),
        *components.in_full(score, now),
        *smoothing(score),
        joined([fill(_("🔥 rings from {on} at this age"), **rings), Text(_checked(score, now))]),
    ]


def _checked(score: Score, now: datetime) -> str:
    return _("checked {ago}").format(ago=ago(score.ts, now))


def _score_before(portrait: Portrait) -> float | None:
    """The score about five minutes before the latest one, None for a younger history."""
    if portrait.standing.previous_score is not None or not portrait.scores:
        return portrait.standing.previous_score
    return _latest_until(portrait.scores, portrait.scores[-1].ts.timestamp() - _HEADING_OVER_SECONDS)


def _latest_until(points: tuple[Point, ...], until_seconds: float) -> float | None:
    return next((point.value for point in reversed(points) if point.ts.timestamp() <= until_seconds), None)
