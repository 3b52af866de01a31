"""/new: the latest migrations, and how far each is from being Active."""

from __future__ import annotations

from datetime import datetime

from aiogram.utils.formatting import Bold, Text
from aiogram.utils.i18n import gettext as _

from bot.views import entries, numbers, words
from bot.views.phrases import TEXT_LIMIT, age_since, fill, fitting, joined, lines, moment
from engine.model import Sample, Status, Token
from engine.settings import Settings
from engine.shown import Page, Standing


def new(page: Page, now: datetime, settings: Settings) -> Text:
    """The page, of 20 tokens at most: within 4096 UTF-16 units whatever they are called."""
    if not page.standings:
        return lines(_("No migration was heard in the last 24 h."), entries.freshness((), now))
    return fitting((_list(page, now, settings, limit) for limit in entries.NAME_LIMITS), TEXT_LIMIT)


def _list(page: Page, now: datetime, settings: Settings, name_limit: int) -> Text:
    shown = [
        lines(entries.who(rank, item, name_limit), _standing(item.token, now), _way(item, settings))
        for rank, item in enumerate(page.standings, page.first_rank)
    ]
    count = _("{count} in the last 24 h").format(count=numbers.count(page.total))
    heading = Text(Bold("🆕 ", _("Latest migrations")), f" · {count}")
    return lines(heading, "", *shown, "", entries.freshness(page.standings, now))


def _standing(token: Token, now: datetime) -> Text:
    """Status, age and mint."""
    age = Text(age_since(token.created_at, now))
    return joined([Text(words.status(token.status)), age, entries.mint_link(token.mint)])


def _way(standing: Standing, settings: Settings) -> Text | str:
    """Since when it is Active or archived, or how far it is from being Active."""
    token, sample = standing.token, standing.sample
    if token.status is Status.ACTIVE:
        return _since(_("active since {time}"), token.revived_at or token.activated_at)
    if token.status is Status.ARCHIVED:
        return _since(_("archived since {time}"), token.archived_at)
    if sample is None:
        return _("no market figures yet")
    return _distance(sample, settings)


def _since(template: str, then: datetime | None) -> Text:
    return fill(template, time=numbers.MISSING if then is None else moment(then))


def _distance(sample: Sample, settings: Settings) -> str:
    """Either gate is enough, so the nearer one counts; what is not known is said."""
    trades = _("{count} of {gate} tx").format(
        count=numbers.count(sample.tx_count_5m), gate=numbers.count(settings.min_tx_count)
    )
    pooled = _("liq. {liquidity} of {gate}").format(
        liquidity=numbers.usd(sample.liquidity), gate=numbers.usd(settings.min_active_liquidity)
    )
    nearest = max((gone for gone in _gone(sample, settings) if gone is not None), default=None)
    if nearest is None:
        return f"{trades} · {pooled}"
    way = _("{share} of the way:").format(share=numbers.share(nearest if nearest >= 1 else min(nearest, 0.99), 1))
    return f"{way} {trades} · {pooled}"


def _gone(sample: Sample, settings: Settings) -> tuple[float | None, float | None]:
    """The shares of both gates that are reached, 1 at most; None where the figure is not known."""
    gates = ((sample.tx_count_5m, settings.min_tx_count), (sample.liquidity, settings.min_active_liquidity))
    first, second = (None if value is None else min(value / gate, 1.0) if gate else 1.0 for value, gate in gates)
    return first, second
