"""What rang for those who watch a token: a line for each, with its numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from aiogram.utils.formatting import Bold, Text
from aiogram.utils.i18n import gettext as _

from bot.views import numbers
from bot.views.phrases import fill, moment
from engine.chats import Condition, News

_NEWS_AT_MOST = 6  # a look has at most three; more come where looks were recorded together


def watch_news(news: Iterable[News]) -> Iterator[Text]:
    """The lines, the earliest news first."""
    for item in list(news)[:_NEWS_AT_MOST]:
        if item.condition is Condition.SCORE:
            yield _score(item)
        else:
            yield Text(_figure(item), *_from_to(item))


def _score(item: News) -> Text:
    reached, level = numbers.decimal(item.limit), Bold(numbers.decimal(item.now))
    return Text("★ ", fill(_("The score for its age reached {limit}: {level}"), limit=reached, level=level))


def _figure(item: News) -> Text:
    """What happened, and since when."""
    gone = _("Liquidity is gone")
    happened = {
        Condition.PRICE: (_sign(item), _("Price {change}"), _("Price {change} since {time}")),
        Condition.LIQUIDITY: ("💧", _("Liquidity {change}"), _("Liquidity {change} since {time}")),
        Condition.GONE: ("🕳", gone, gone),
    }
    sign, bare, dated = happened[item.condition]
    change = Bold(numbers.change(item.now, item.base))
    said = fill(bare, change=change) if item.since is None else fill(dated, change=change, time=moment(item.since))
    return Text(sign, " ", said)


def _sign(item: News) -> str:
    return "📉" if item.base is not None and item.now < item.base else "📈"


def _from_to(item: News) -> Iterator[str]:
    shown = numbers.price if item.condition is Condition.PRICE else numbers.usd
    yield f": {shown(item.base)} → {shown(item.now)}"
