"""Answers to /token when the words do not mean exactly one token. It never guesses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from aiogram.utils.formatting import Bold, Code, Text
from aiogram.utils.i18n import gettext as _

from bot.views import names, numbers, words
from bot.views.phrases import TEXT_LIMIT, ago, fill, fitting, lines
from engine.model import Token

_SHOWN_AT_MOST = 20


def choose(tokens: Sequence[Token], now: datetime) -> Text:
    """Several tokens with one symbol: each with its age and mint, because a like name is not the same token."""
    most = min(len(tokens), _SHOWN_AT_MOST)
    return fitting((_list(tokens, shown, now) for shown in range(most, -1, -1)), TEXT_LIMIT)


def unknown_token(text: str) -> Text:
    """Nothing is known by that name."""
    said = names.clean(text, 44)
    if not said:
        return fill(_("Tell me a symbol or a mint, for example {example}"), example=Code("/token PEPE"))
    return lines(
        fill(_("I know no token {text}."), text=names.isolated(said)),
        _("I know tokens from the moment they leave pump.fun's bonding curve. A mint is the surest way to ask."),
    )


def _list(tokens: Sequence[Token], shown: int, now: datetime) -> Text:
    left_out = len(tokens) - shown
    more = _("…and {count} more", "…and {count} more", left_out).format(count=left_out) if left_out else None
    return lines(
        Bold(_("Several tokens go by that name. Which one?")),
        _("Tap a mint to copy it, then send it after /token."),
        *(_entry(token, now) for token in tokens[:shown]),
        more,
    )


def _entry(token: Token, now: datetime) -> Text:
    score = _("Score {score}").format(score=numbers.decimal(token.score))
    migrated = _("migrated {ago}").format(ago=ago(token.created_at, now))
    title = names.title(token.symbol, token.name)
    return lines("", title, f"{words.status(token.status)} · {score} · {migrated}", Code(token.mint))
