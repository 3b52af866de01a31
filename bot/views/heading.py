"""How each page about a token begins: its name, and how many others are called alike."""

from __future__ import annotations

from aiogram.utils.formatting import Text
from aiogram.utils.i18n import gettext as _

from bot.views import names
from bot.views.phrases import fill, lines
from engine.card import Card


def heading(card: Card, name_limit: int = names.LIMIT) -> Text:
    """The title and, where there are others of that name, a warning."""
    token = card.portrait.standing.token
    return lines(names.title(token.symbol, token.name, name_limit), _namesakes(card, name_limit))


def _namesakes(card: Card, name_limit: int) -> Text | None:
    if card.namesakes <= 0:
        return None
    count = min(card.namesakes, 9999)
    told = _("{count} other token is called {symbol}", "{count} other tokens are called {symbol}", count)
    symbol = names.isolated(names.name(card.portrait.standing.token.symbol, name_limit))
    return Text("⚠️ ", fill(told, count=str(count), symbol=symbol))
