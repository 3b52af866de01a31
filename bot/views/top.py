"""/top: the tokens with the highest score, as a compact list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from aiogram.utils.formatting import Bold, Italic, Text, TextLink
from aiogram.utils.i18n import gettext as _

from bot.views import figures, names, numbers
from bot.views.keyboards import dexscreener
from bot.views.phrases import ENTITY_LIMIT, TEXT_LIMIT, age_since, fill, fitting, lines, moment
from engine.settings import Settings
from engine.shown import Standing

_FIXED_ENTITIES = 3  # the heading, the last line, and the time within it


def top(standings: Sequence[Standing], now: datetime, settings: Settings) -> Text:
    """The list in the order given, at most 4096 UTF-16 units whatever the tokens are called."""
    if not standings:
        return _nothing(now)
    return fitting(_forms(standings, now, settings), TEXT_LIMIT)


def _nothing(now: datetime) -> Text:
    return lines(
        _("No token is active right now."),
        _("Tokens appear here soon after they migrate from pump.fun. /subscribe tells you when one does."),
        Italic(fill(_("As of {time}"), time=moment(now))),
    )


def _forms(standings: Sequence[Standing], now: datetime, settings: Settings) -> Iterator[Text]:
    """The list from rich to bare: names get shorter, then the last ones are only counted."""
    for name_limit in (24, 10):
        yield _list(standings, len(standings), now, settings, name_limit)
    for shown in range(len(standings) - 1, -1, -1):
        yield _list(standings, shown, now, settings, 6)


def _list(standings: Sequence[Standing], shown: int, now: datetime, settings: Settings, name_limit: int) -> Text:
    left_out = len(standings) - shown
    more = _("…and {count} more", "…and {count} more", left_out).format(count=left_out) if left_out else None
    links = ENTITY_LIMIT - _FIXED_ENTITIES - shown
    entries = [
        lines(_who(rank, item, name_limit), _worth(item, settings), _activity(item, now, linked=rank <= links))
        for rank, item in enumerate(standings[:shown], 1)
    ]
    return lines(Bold("🏆 ", _("Top by score")), "", *entries, more, "", _footer(standings, now))


def _who(rank: int, standing: Standing, name_limit: int) -> Text:
    """The rank and the name, with a flame while the score stays high."""
    flame = "🔥 " if standing.token.episode.opened_at else ""
    return Text(f"{rank}. {flame}", names.title(standing.token.symbol, standing.token.name, name_limit))


def _worth(standing: Standing, settings: Settings) -> str:
    sample = standing.sample
    if sample is None:
        return _("no data")
    if not sample.trusted(settings.min_trusted_liquidity):
        return figures.pooled(sample.liquidity)
    cap = figures.capped(sample.market_cap, numbers.change(sample.price, standing.token.first_price))
    return f"{cap} · {figures.pooled(sample.liquidity)}"


def _activity(standing: Standing, now: datetime, *, linked: bool) -> Text:
    """Score, trading, age and the mint's ends as our own link."""
    token, sample = standing.token, standing.sample
    score = " ".join(filter(None, (numbers.decimal(token.score), numbers.arrow(token.score, standing.previous_score))))
    trades = _("{count} tx").format(count=numbers.count(sample.tx_count_5m)) if sample else ""
    parts = filter(None, (f"★ {score}", trades, age_since(token.created_at, now)))
    mint = names.short_mint(token.mint)
    return Text(" · ".join(parts), " · ", TextLink(mint, url=dexscreener(token.mint)) if linked else mint)


def _footer(standings: Sequence[Standing], now: datetime) -> Text:
    looks = [item.sample.ts for item in standings if item.sample is not None]
    as_of = fill(_("As of {time}"), time=moment(now))
    if not looks:
        return Italic(as_of)
    return Italic(as_of, " · ", _("figures up to {age} old").format(age=age_since(min(looks), now)))
