"""/top: the tokens with the highest score, as a compact list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from aiogram.utils.formatting import Bold, Italic, Text, TextLink
from aiogram.utils.i18n import gettext as _

from bot.views import names, numbers
from bot.views.keyboards import dexscreener
from bot.views.phrases import ENTITY_LIMIT, TEXT_LIMIT, age_since, fill, fitting, lines, moment
from engine.settings import Settings
from engine.shown import Standing

_FIXED_ENTITIES = 4  # the heading, the legend, and the time within the last line


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
        lines(_who(rank, item, name_limit), *_figures(item, now, settings, linked=rank <= links))
        for rank, item in enumerate(standings[:shown], 1)
    ]
    return lines(Bold("🏆 ", _("Top by score")), "", *entries, more, "", _footer(standings, now))


def _who(rank: int, standing: Standing, name_limit: int) -> Text:
    return Text(f"{rank}. ", names.title(standing.token.symbol, standing.token.name, name_limit))


def _figures(standing: Standing, now: datetime, settings: Settings, *, linked: bool) -> Iterable[Text | str]:
    """Two short lines: score and value; trading, age and the mint's ends as our own link."""
    token = standing.token
    mint = names.short_mint(token.mint)
    link = TextLink(mint, url=dexscreener(token.mint)) if linked else mint
    return [
        f"    {_worth(standing, settings)}",
        Text(f"    {_trading(standing)} · {age_since(token.created_at, now)} · ", link),
    ]


def _worth(standing: Standing, settings: Settings) -> str:
    score = standing.token.score
    heading = numbers.arrow(score, standing.previous_score)
    parts = ["★ " + " ".join(filter(None, (numbers.decimal(score), heading)))]
    sample = standing.sample
    if sample is not None and sample.trusted(settings.min_trusted_liquidity):
        parts.append(_("MC {market_cap}").format(market_cap=numbers.usd(sample.market_cap)))
        parts.append(numbers.change(sample.price, standing.token.first_price))
    return " · ".join(part for part in parts if part != numbers.MISSING)


def _trading(standing: Standing) -> str:
    sample = standing.sample
    if sample is None:
        return _("no data")
    liquidity = _("liq. {liquidity}").format(liquidity=numbers.usd(sample.liquidity))
    return f"{liquidity} · " + _("{count} tx").format(count=numbers.count(sample.tx_count_5m))


def _footer(standings: Sequence[Standing], now: datetime) -> Text:
    looks = [item.sample.ts for item in standings if item.sample is not None]
    legend = _("MC: market cap and its change since migration · liq.: liquidity · tx: transactions in 5 min")
    as_of = fill(_("As of {time}"), time=moment(now))
    if not looks:
        return lines(Italic(legend), Italic(as_of))
    oldest = fill(_("figures up to {age} old"), age=age_since(min(looks), now))
    return lines(Italic(legend), Italic(as_of, " · ", oldest))
