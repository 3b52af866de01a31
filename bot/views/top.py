"""/top: the liveliest tokens as a compact list, and the caption of its chart."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from aiogram.utils.formatting import Bold, Italic, Text
from aiogram.utils.i18n import gettext as _

from bot.charts import Cell
from bot.views import entries, figures, names, numbers
from bot.views.phrases import CAPTION_LIMIT, TEXT_LIMIT, age_since, fill, fitting, joined, lines, moment
from engine.scoring import heat
from engine.settings import Settings
from engine.shown import Census, History, Order, Page, Standing


def top(
    page: Page, now: datetime, settings: Settings, *, order: Order = Order.SCORE, census: Census | None = None
) -> Text:
    """The page, of 20 tokens at most: within 4096 UTF-16 units whatever they are called.

    `census` tells of the market around it; None leaves that out.
    """
    if not page.standings:
        return _nothing(now, census)
    return fitting((_list(page, now, settings, order, census, limit) for limit in entries.NAME_LIMITS), TEXT_LIMIT)


def chart_caption(page: Page, now: datetime, order: Order) -> Text:
    """Which number of the chart is which token: within 1024 UTF-16 units whatever they are called."""
    return fitting((_caption(page, now, order, limit) for limit in entries.NAME_LIMITS), CAPTION_LIMIT)


def cells(page: Page, histories: Mapping[int, History], settings: Settings) -> dict[int, Cell]:
    """What the chart shows of each token, by its id; the numbers are those of the list."""
    return {
        item.token.id: Cell(
            rank, histories[item.token.id].scores, histories[item.token.id].prices, _change(item, settings)
        )
        for rank, item in enumerate(page.standings, page.first_rank)
    }


def _change(standing: Standing, settings: Settings) -> float | None:
    """How far the price came since migration, as a fraction; None where it is not known or not trusted."""
    sample, then = standing.sample, standing.token.first_price
    if sample is None or not sample.trusted(settings.min_trusted_liquidity) or not sample.price or not then:
        return None
    return sample.price / then - 1


def _nothing(now: datetime, census: Census | None) -> Text:
    return lines(
        _("No token is active right now."),
        _("Tokens appear here soon after they migrate from pump.fun. /subscribe tells you when one does."),
        None if census is None else _market(census),
        Italic(fill(_("As of {time}"), time=moment(now))),
    )


def _list(page: Page, now: datetime, settings: Settings, order: Order, census: Census | None, name_limit: int) -> Text:
    shown = [
        lines(
            entries.who(rank, item, name_limit),
            _worth(item, now, settings, heated=order is Order.HEAT),
            _activity(item, now),
        )
        for rank, item in enumerate(page.standings, page.first_rank)
    ]
    market = None if census is None else _market(census)
    return lines(_heading(order), "", *shown, "", market, entries.freshness(page.standings, now))


def _heading(order: Order) -> Text:
    headings = {
        Order.SCORE: _("Top by score"),
        Order.HEAT: _("Top by heat"),
        Order.LIQUIDITY: _("Top by liquidity"),
        Order.AGE: _("Active, the youngest first"),
    }
    return Bold("🏆 ", headings[order])


def _worth(standing: Standing, now: datetime, settings: Settings, *, heated: bool) -> str:
    """The score with its place, and what the token is worth; its heat where the list is sorted by that."""
    warmth = f"🌡 {numbers.decimal(heat(standing.token, now, settings))}" if heated else ""
    parts = (entries.star(standing), warmth, entries.place(standing), _cap(standing, settings))
    return " · ".join(filter(None, parts))


def _cap(standing: Standing, settings: Settings) -> str:
    sample = standing.sample
    if sample is None or not sample.trusted(settings.min_trusted_liquidity):
        return ""
    return figures.capped(sample.market_cap, numbers.change(sample.price, standing.token.first_price))


def _activity(standing: Standing, now: datetime) -> Text:
    """Liquidity, trades, age and mint."""
    sample, token = standing.sample, standing.token
    trades = _("{count} tx").format(count=numbers.count(sample.tx_count_5m)) if sample else ""
    parts = [figures.pooled(sample.liquidity), trades] if sample else [_("no data")]
    return joined([*map(Text, parts), Text(age_since(token.created_at, now)), entries.mint_link(token.mint)])


def _market(census: Census) -> str:
    migrated = _("Last hour: {count} migration", "Last hour: {count} migrations", census.migrations_last_hour)
    active = _("Active now: {count}").format(count=numbers.count(census.active))
    return f"{migrated.format(count=numbers.count(census.migrations_last_hour))} · {active}"


def _caption(page: Page, now: datetime, order: Order, name_limit: int) -> Text:
    shown = [
        joined([Text(f"{rank}. ", names.title(item.token.symbol, None, name_limit)), *_told(item)])
        for rank, item in enumerate(page.standings, page.first_rank)
    ]
    return lines(_heading(order), *shown, entries.freshness(page.standings, now))


def _told(standing: Standing) -> list[Text]:
    return [Text(entries.star(standing)), Text(names.short_mint(standing.token.mint))]
