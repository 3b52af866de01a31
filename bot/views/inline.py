"""Inline mode: one result per token, and the card that it becomes in a chat."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from aiogram.types import (
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InputTextMessageContent,
    LinkPreviewOptions,
)
from aiogram.utils.formatting import Bold, Code, Italic, Text
from aiogram.utils.i18n import gettext as _

from bot.views import entries, figures, names, numbers, words
from bot.views.keyboards import token_keyboard
from bot.views.phrases import age_since, ago, fill, joined, lines, moment
from engine.settings import Settings
from engine.shown import Standing

HIGHEST_COUNT = 20
START_PARAMETER = "inline"


def articles(standings: Sequence[Standing], now: datetime, settings: Settings) -> list[InlineQueryResultArticle]:
    """A result for each of these tokens, in their order."""
    return [_article(standing, now, settings) for standing in standings[:HIGHEST_COUNT]]


def nothing_found(words_: str) -> InlineQueryResultsButton:
    """What stands where results would; it leads to the private chat with the bot."""
    said = names.clean(words_, 12)
    sentence = _("I know no token {text}.") if said else _("No token is active right now.")
    if words_ and not said:  # nothing that can be seen
        sentence = _("Tell me a symbol or a mint.")
    return InlineQueryResultsButton(text=sentence.format(text=said), start_parameter=START_PARAMETER)


def _article(standing: Standing, now: datetime, settings: Settings) -> InlineQueryResultArticle:
    content = card(standing, now, settings).as_kwargs(text_key="message_text", replace_parse_mode=False)
    return InlineQueryResultArticle(
        id=str(standing.token.id),
        title=Text(names.title(standing.token.symbol, None), " · ", entries.star(standing)).render()[0],
        description=_description(standing, now, settings),
        input_message_content=InputTextMessageContent(
            **content, link_preview_options=LinkPreviewOptions(is_disabled=True)
        ),
        reply_markup=token_keyboard(standing.token.mint),
    )


def _description(standing: Standing, now: datetime, settings: Settings) -> str:
    """Enough to choose by: what it is worth, how old it is, which mint."""
    token, sample = standing.token, standing.sample
    trusted = sample is not None and sample.trusted(settings.min_trusted_liquidity)
    return " · ".join(
        [
            *([figures.capped(sample.market_cap)] if sample and trusted else []),
            *([figures.pooled(sample.liquidity)] if sample else [_("no data")]),
            age_since(token.created_at, now),
            names.short_mint(token.mint),
        ]
    )


def card(standing: Standing, now: datetime, settings: Settings) -> Text:
    """The token in short; it stays in the chat as it was sent, so it says when that was."""
    token = standing.token
    place = entries.place(standing)
    return lines(
        names.title(token.symbol, token.name),
        joined([Bold(words.status(token.status)), Text(_("migrated {ago}").format(ago=ago(token.created_at, now)))]),
        joined([Text(entries.star(standing)), *([Text(place)] if place else [])]),
        *_market(standing, settings),
        _look_alikes(standing),
        Code(token.mint),
        Italic(fill(_("As of {time}"), time=moment(now))),
    )


def _market(standing: Standing, settings: Settings) -> Iterable[Text]:
    sample = standing.sample
    if sample is None:
        return [Italic(_("No market figures yet."))]
    pooled = figures.liquidity(sample.liquidity)
    trades = figures.trades(sample.tx_count_5m, sample.tx_count_1h)
    if not sample.trusted(settings.min_trusted_liquidity):
        return [pooled, trades]
    return [figures.market_cap(sample.market_cap, sample.price, standing.token.first_price), pooled, trades]


def _look_alikes(standing: Standing) -> str | None:
    if not standing.namesakes:
        return None
    count = standing.namesakes + 1
    template = _(
        "⧉ {count} token of the last 48 h has this name", "⧉ {count} tokens of the last 48 h have this name", count
    )
    return template.format(count=numbers.count(count))
