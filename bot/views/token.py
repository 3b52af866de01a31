"""/token: a token in full, as the caption of its chart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from aiogram.utils.formatting import Bold, Code, Italic, Text
from aiogram.utils.i18n import gettext as _

from bot.views import figures, names, numbers, words
from bot.views.phrases import CAPTION_LIMIT, age, age_since, fill, fitting, lines
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
        figures.score(standing.token.score, _score_before(portrait)),
        "",
        *_market(standing, settings),
        "",
        *_why(portrait.score),
        *_last_change(portrait, now, reason_limit),
        _freshness(standing.sample, now),
        Code(standing.token.mint),
    )


def _status(standing: Standing, now: datetime) -> Text:
    token = standing.token
    since = {Status.INITIAL: token.created_at, Status.ACTIVE: token.revived_at or token.activated_at}
    shown = Bold(words.status(token.status))
    template = _("{status} for {age} · migrated {migrated} ago")
    ages = {
        "age": age_since(since.get(token.status, token.archived_at), now),
        "migrated": age_since(token.created_at, now),
    }
    return fill(template, status=shown, **ages)


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
    template = _("Coverage {coverage} · observed {minutes} min")
    minutes = ("≈" if score.observed_partial else "") + f"{min(max(score.observed_minutes, 0), 9999):.0f}"
    stale = None if score.moved else Italic(_("Too little is known: the score did not move."))
    coverage = numbers.share(score.coverage, 1)
    return [*map(_component, score.components), fill(template, coverage=coverage, minutes=minutes), stale, Text()]


def _component(part: Component) -> Text:
    label = words.component(part.name)
    if part.value is None:
        return Text(f"{label}: ", Italic(_("no data")))
    product = f"{numbers.decimal(part.weight)} × {numbers.decimal(part.value)}"
    note = _(" (short history)") if part.partial else ""
    return Text(f"{label}: {product} = ", Bold(numbers.decimal(part.contribution, plus=True)), note)


def _last_change(portrait: Portrait, now: datetime, reason_limit: int) -> Iterable[Text]:
    if not portrait.transitions or reason_limit <= 0:
        return []
    at, transition = portrait.transitions[-1]
    template = _("{status} {age} ago: {reason}")
    why = words.reason(transition.reason, reason_limit)
    return [fill(template, status=words.status(transition.after), age=age_since(at, now), reason=why)]


def _freshness(sample: Sample | None, now: datetime) -> Text | None:
    if sample is None:
        return None
    seconds = age((now - sample.ts).total_seconds())
    return fill(_("Data {age} old · {source}"), age=seconds, source=words.source(sample.source))


def _score_before(portrait: Portrait) -> float | None:
    """The score about five minutes before the latest one, None for a younger history."""
    if portrait.standing.previous_score is not None or not portrait.scores:
        return portrait.standing.previous_score
    return _latest_until(portrait.scores, portrait.scores[-1].ts - _HEADING_OVER)


def _latest_until(points: tuple[Point, ...], until: datetime) -> float | None:
    return next((point.value for point in reversed(points) if point.ts <= until), None)
