"""/token: a token in full, as the caption of its chart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from aiogram.utils.formatting import Bold, Code, Italic, Text
from aiogram.utils.i18n import gettext as _

from bot.views import figures, names, numbers, words
from bot.views.phrases import CAPTION_LIMIT, age_since, ago, fill, fitting, lines
from engine.model import Component, Sample, Score, Status
from engine.settings import Settings
from engine.shown import Point, Portrait, Standing

_HEADING_OVER = timedelta(minutes=5)


def token(portrait: Portrait, now: datetime, settings: Settings) -> Text:
    """The caption, at most 1024 UTF-16 units whatever the token is called."""
    return fitting(_forms(portrait, now, settings), CAPTION_LIMIT)


def _forms(portrait: Portrait, now: datetime, settings: Settings) -> Iterator[Text]:
    """The caption from rich to bare: first the reason gets shorter, then the name."""
    for reason_limit, name_limit in ((140, 24), (70, 24), (0, 24), (0, 10)):
        yield _caption(portrait, now, settings, reason_limit, name_limit)


def _caption(portrait: Portrait, now: datetime, settings: Settings, reason_limit: int, name_limit: int) -> Text:
    standing = portrait.standing
    return lines(
        names.title(standing.token.symbol, standing.token.name, name_limit),
        _status(standing, now),
        _last_reason(portrait, reason_limit),
        _score(portrait),
        "",
        *_market(standing, settings),
        "",
        *_why(portrait.score),
        _freshness(standing.sample, now),
        Code(standing.token.mint),
    )


def _status(standing: Standing, now: datetime) -> Text:
    token = standing.token
    since = {Status.INITIAL: token.created_at, Status.ACTIVE: token.revived_at or token.activated_at}
    shown = Bold(words.status(token.status))
    age = age_since(since.get(token.status, token.archived_at), now)
    migrated = ago(token.created_at, now)
    return fill(_("{status} for {age} · migrated {migrated}"), status=shown, age=age, migrated=migrated)


def _last_reason(portrait: Portrait, limit: int) -> str | None:
    """Why the token is where it is."""
    if not portrait.transitions:
        return None
    return words.reason(portrait.transitions[-1][1].reason, limit) or None


def _score(portrait: Portrait) -> Text:
    """The score and where it is heading; an archived token's is history."""
    token = portrait.standing.token
    if token.status is Status.ARCHIVED:
        return fill(_("Last score {score}"), score=Bold(numbers.decimal(token.score)))
    return figures.score(token.score, _score_before(portrait))


def _market(standing: Standing, settings: Settings) -> Iterable[Text | str]:
    sample = standing.sample
    if sample is None:
        return [Italic(_("No market figures yet."))]
    return [
        *_valuation(sample, standing.token.first_price, settings),
        figures.trades(sample.tx_count_5m, sample.tx_count_1h),
        figures.volume(sample.volume_5m, sample.buys_volume_5m, sample.sells_volume_5m),
        fill(_("Holders {holders}"), holders=Bold(numbers.count(sample.holders))),
    ]


def _valuation(sample: Sample, first_price: float | None, settings: Settings) -> Iterable[Text]:
    liquidity = figures.liquidity(sample.liquidity)
    if not sample.trusted(settings.min_trusted_liquidity):
        return [liquidity, Italic(_untrusted(sample))]
    price = fill(_("Price {price}"), price=Bold(numbers.price(sample.price)))
    return [figures.market_cap(sample.market_cap, sample.price, first_price), Text(price, " · ", liquidity)]


def _untrusted(sample: Sample) -> str:
    if sample.liquidity is None:
        return _("price not shown: liquidity unknown")
    return _("price not shown: liquidity too low")


def _why(score: Score | None) -> Iterable[Text | None]:
    if score is None:
        return [Italic(_("No check with a score yet.")), Text()]
    smoothed = _("Now {raw} → smoothed {score}")
    stale = None if score.moved else Italic(_("Too little is known: the score did not move."))
    return [
        *map(_component, score.components),
        fill(smoothed, raw=numbers.decimal(score.raw), score=numbers.decimal(score.value)),
        Text(_observed(score)),
        stale,
        Text(),
    ]


def _observed(score: Score) -> str:
    """How many of the measures are known, and for how long the token could be watched."""
    known = sum(part.value is not None for part in score.components)
    minutes = ("≈" if score.observed_partial else "") + f"{min(max(score.observed_minutes, 0), 9999):.0f}"
    template = _("{known} of {all} measures known · observed {minutes} min")
    return template.format(known=known, all=len(score.components), minutes=minutes)


def _component(part: Component) -> Text:
    """Value × weight = contribution."""
    label = words.component(part.name)
    if part.value is None:
        return Text(f"{label}: ", Italic(_("no data")))
    product = f"{numbers.decimal(part.value)} × {numbers.decimal(part.weight)}"
    note = _(" (short history)") if part.partial else ""
    return Text(f"{label} {product} = ", Bold(numbers.decimal(part.contribution, plus=True)), note)


def _freshness(sample: Sample | None, now: datetime) -> Text | None:
    if sample is None:
        return None
    return Text(_("Data: {ago} · {source}").format(ago=ago(sample.ts, now), source=words.source(sample.source)))


def _score_before(portrait: Portrait) -> float | None:
    """The score about five minutes before the latest one, None for a younger history."""
    if portrait.standing.previous_score is not None or not portrait.scores:
        return portrait.standing.previous_score
    return _latest_until(portrait.scores, portrait.scores[-1].ts - _HEADING_OVER)


def _latest_until(points: tuple[Point, ...], until: datetime) -> float | None:
    return next((point.value for point in reversed(points) if point.ts <= until), None)
