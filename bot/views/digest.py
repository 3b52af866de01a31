"""What a digest says: how many alerts of each kind there were meanwhile, and the best of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from aiogram.utils.formatting import Bold, Text, TextLink
from aiogram.utils.i18n import gettext as _

from bot.views import figures, names, numbers
from bot.views.alert import headline
from bot.views.keyboards import dexscreener
from bot.views.phrases import TEXT_LIMIT, ago, fitting, joined, lines
from engine.model import AlertKind
from engine.parcels import Digest
from engine.shown import AlertFacts


def digest(told: Digest, now: datetime) -> Text:
    """The message, at most 4096 UTF-16 units whatever the tokens are called."""
    return fitting(_forms(told, now), TEXT_LIMIT)


def _forms(told: Digest, now: datetime) -> Iterator[Text]:
    """The digest from rich to bare: names get shorter, then the last ones are only counted."""
    yield _digest(told, len(told.best), now, 24)
    for shown in range(len(told.best), -1, -1):
        yield _digest(told, shown, now, 10)


def _digest(told: Digest, shown: int, now: datetime, name_limit: int) -> Text:
    left_out = sum(told.counts.values()) - shown
    more = _("…and {count} more", "…and {count} more", left_out).format(count=left_out) if left_out else None
    counts = " · ".join(f"{headline(kind)} {told.counts[kind]}" for kind in AlertKind if kind in told.counts)
    entries = [_entry(facts, now, name_limit) for facts in told.best[:shown]]
    return lines(Bold(headline(AlertKind.DIGEST)), counts, "", *entries, more)


def _entry(facts: AlertFacts, now: datetime, name_limit: int) -> Text:
    sign = headline(facts.kind).partition(" ")[0]
    return lines(Text(f"{sign} ", names.title(facts.symbol, facts.name, name_limit)), joined(_figures(facts, now)))


def _figures(facts: AlertFacts, now: datetime) -> Iterator[Text]:
    """What is known: the score that thresholds are compared with, the market cap then, when it was, the mint."""
    score = facts.score if facts.level is None else facts.level
    if score is not None:
        yield Text(f"★ {numbers.decimal(score)}")
    if facts.market_cap is not None or facts.price is not None:
        yield Text(figures.capped(facts.market_cap, numbers.change(facts.price, facts.first_price)))
    yield Text(ago(facts.decided_at, now))
    if facts.mint is not None:
        yield TextLink(names.short_mint(facts.mint), url=dexscreener(facts.mint))
