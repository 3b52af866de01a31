"""The "Pools" page of /token: where it can be traded, as the caption of its chart."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from aiogram.utils.formatting import Bold, Code, Italic, Text, TextLink
from aiogram.utils.i18n import gettext as _

from bot.views import changes, names, numbers
from bot.views.heading import heading
from bot.views.keyboards import dexscreener
from bot.views.phrases import CAPTION_LIMIT, ago, fitting, lines
from engine.card import Card
from engine.model import PoolFigures

_SHOWN_AT_MOST = 10


def pools_page(card: Card, now: datetime) -> Text:
    """The caption, at most 1024 UTF-16 units: the pools in the order given, those left out only counted."""
    most = min(len(card.pools), _SHOWN_AT_MOST)
    return fitting((_page(card, now, shown) for shown in range(most, -1, -1)), CAPTION_LIMIT)


def _page(card: Card, now: datetime, shown: int) -> Text:
    return lines(
        heading(card),
        "",
        Bold(_("Pools, the deepest first")),
        *_list(card.pools, shown, now),
        "",
        _liquidity(card),
        Code(card.portrait.standing.token.mint),
    )


def _list(pools: tuple[PoolFigures, ...], shown: int, now: datetime) -> Iterable[Text | str | None]:
    if not pools:
        return [Italic(_("No pool is known yet."))]
    left_out = len(pools) - shown
    more = _("…and {count} more pool", "…and {count} more pools", left_out).format(count=left_out) if left_out else None
    return [*(_entry(rank, pool, now) for rank, pool in enumerate(pools[:shown], 1)), more]


def _entry(rank: int, pool: PoolFigures, now: datetime) -> Text:
    dex = names.name(pool.dex_name.replace("_", " ").title())
    trades = _("{count} tx in 5 min").format(count=numbers.count(pool.tx_count_5m))
    figures = f" · {numbers.usd(pool.liquidity)} · {trades} · {ago(pool.as_of, now)} · "
    address = names.short_mint(names.name(pool.pool_address, 64))
    return Text(f"{rank}. ", Bold(dex), figures, TextLink(address, url=dexscreener(pool.pool_address)))


def _liquidity(card: Card) -> Text | None:
    """What became of the liquidity lately; a sudden loss is what people look for here."""
    moved = changes.liquidity(card.portrait.changes)
    return Text(_("Liquidity"), ": ", moved) if moved else None
