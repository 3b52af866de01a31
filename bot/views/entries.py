"""What the entries of lists share: names with their marks, places, the mint's ends, and how fresh it all is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime

from aiogram.utils.formatting import Italic, Text, TextLink
from aiogram.utils.i18n import gettext as _

from bot.views import names, numbers
from bot.views.keyboards import dexscreener
from bot.views.phrases import age_since, fill, is_now, moment
from engine.shown import Standing

NAME_LIMITS = (24, 10, 6)  # from rich to bare: in a list that is too long names get shorter


def who(rank: int, standing: Standing, name_limit: int) -> Text:
    """The rank and the name, with a flame while the score stays high, and a sign where others have that name too."""
    flame = "🔥 " if standing.token.episode.opened_at else ""
    return Text(f"{rank}. {flame}", titled(standing, name_limit))


def titled(standing: Standing, name_limit: int) -> Text:
    """The name, and behind a sign how many tokens of the last 48 hours go by it, where that is not the only one."""
    title = names.title(standing.token.symbol, standing.token.name, name_limit)
    return Text(title, f" ⧉{numbers.count(standing.namesakes + 1)}") if standing.namesakes else title


def star(standing: Standing) -> str:
    """The score with its arrow."""
    score = standing.token.score
    return " ".join(filter(None, ("★", numbers.decimal(score), numbers.arrow(score, standing.previous_score))))


def place(standing: Standing) -> str:
    """Where the score stands among today's Active tokens: "top 4%"; empty when it has no place there."""
    if standing.top_share is None:
        return ""
    return _("top {percent}%").format(percent=max(math.ceil(standing.top_share * 100), 1))


def mint_link(mint: str) -> Text:
    """The mint's ends as our own link: like names are told apart by them."""
    return TextLink(names.short_mint(mint), url=dexscreener(mint))


def freshness(standings: Sequence[Standing], now: datetime) -> Text:
    """When the list was made, and the age of its oldest figures where they are not of now."""
    looks = [item.sample.ts for item in standings if item.sample is not None]
    as_of = fill(_("As of {time}"), time=moment(now))
    if not looks or is_now(min(looks), now):
        return Italic(as_of)
    return Italic(as_of, " · ", _("figures up to {age} old").format(age=age_since(min(looks), now)))
