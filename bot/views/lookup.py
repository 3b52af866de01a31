"""Answers when the words do not mean exactly one token. It never guesses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from aiogram.utils.formatting import Bold, Code, Text
from aiogram.utils.i18n import gettext as _

from bot.views import names, numbers, words
from bot.views.phrases import TEXT_LIMIT, ago, fill, fitting, lines
from engine.model import Token

CHOICES_AT_MOST = 10


def choose(tokens: Sequence[Token], now: datetime, total: int = 0) -> Text:
    """Several tokens are meant, `total` of them if that is more: each with its age and mint, to be told apart."""
    most = min(len(tokens), CHOICES_AT_MOST)
    total = max(total, len(tokens))
    return fitting((_list(tokens[:shown], total, now) for shown in range(most, -1, -1)), TEXT_LIMIT)


def unknown_token(text: str) -> Text:
    """Nothing is known by that name."""
    said = names.clean(text, 44)
    if not said:
        return fill(_("Tell me a symbol or a mint, for example {example}"), example=Code("/token PEPE"))
    return lines(
        fill(_("I know no token {text}."), text=names.isolated(said)),
        _("I know tokens from the moment they leave pump.fun's bonding curve. A mint is the surest way to ask."),
    )


def unknown_mint(mint: str) -> Text:
    """A mint that was never heard of; its links stand below."""
    return lines(
        fill(_("I do not watch this token: {mint}"), mint=Code(mint)),
        _("I know tokens from the moment they leave pump.fun's bonding curve. These pages may know more:"),
    )


def _list(tokens: Sequence[Token], total: int, now: datetime) -> Text:
    left_out = total - len(tokens)
    more = _("…and {count} more", "…and {count} more", left_out).format(count=left_out) if left_out else None
    return lines(
        Bold(_("Several tokens could be meant. Which one?")),
        _("A similar name is not the same token: compare the mints, then tap a button."),
        *(_entry(token, now) for token in tokens),
        more,
    )


def _entry(token: Token, now: datetime) -> Text:
    score = _("Score {score}").format(score=numbers.decimal(token.score))
    migrated = _("migrated {ago}").format(ago=ago(token.created_at, now))
    title = names.title(token.symbol, token.name)
    return lines("", title, f"{words.status(token.status)} · {score} · {migrated}", Code(token.mint))
