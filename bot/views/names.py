"""Hostile texts made showable: token names, symbols, and words that people sent. No layout here."""

from __future__ import annotations

import unicodedata

from aiogram.utils.formatting import Code, Text
from aiogram.utils.i18n import gettext as _

from engine.symbols import FILLERS

LIMIT = 24
MARKS_PER_BASE = 2

_SPACES = frozenset({"Zs", "Zl", "Zp"})
_DROPPED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_MARKS = frozenset({"Mn", "Me", "Mc"})
_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})


def clean(raw: str | None, limit: int = LIMIT) -> str:
    """One printable line of at most `limit` characters, possibly empty; a cut one ends in "…"."""
    normal = unicodedata.normalize("NFKC", _visible(unicodedata.normalize("NFKC", (raw or "")[: limit * 20])))
    line = " ".join(_thin(normal).split())
    if len(line) <= limit:
        return line
    return line[: limit - 1].rstrip() + "…"


def name(raw: str | None, limit: int = LIMIT) -> str:
    """A token's name or symbol for people, never empty."""
    return clean(raw, limit) or _("(unnamed)")


def title(symbol: str | None, full_name: str | None, limit: int = LIMIT) -> Text:
    """Symbol and name as one code entity, so that nothing in them becomes a link; a like name is not repeated."""
    short, long = clean(symbol, limit), clean(full_name, limit)
    parts = [part for part in (short, long if long.casefold() != short.casefold() else "") if part]
    return isolated(" · ".join(parts) or _("(unnamed)"))


def isolated(text: str) -> Text:
    """The text as code; a right-to-left one is isolated, so that it cannot reorder the figures around it."""
    if _is_right_to_left(text):
        return Text("\u2068", Code(text), "\u2069")
    return Text(Code(text))


def in_button(raw: str | None, limit: int = 12) -> str:
    """A symbol on a button, where nothing becomes a link; isolated as well."""
    shown = name(raw, limit)
    return f"\u2068{shown}\u2069" if _is_right_to_left(shown) else shown


def short_mint(mint: str) -> str:
    """The ends of a mint, to tell look-alikes apart where the whole does not fit."""
    return mint if len(mint) <= 12 else f"{mint[:4]}…{mint[-4:]}"


def _is_right_to_left(text: str) -> bool:
    return any(unicodedata.bidirectional(char) in _RIGHT_TO_LEFT for char in text)


def _visible(text: str) -> str:
    """White space as plain spaces, characters that draw nothing dropped."""
    spaced = (" " if char.isspace() or unicodedata.category(char) in _SPACES else char for char in text)
    return "".join(char for char in spaced if not _draws_nothing(char))


def _draws_nothing(char: str) -> bool:
    if char in FILLERS or "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef":
        return True
    return unicodedata.category(char) in _DROPPED


def _thin(text: str) -> str:
    """At most MARKS_PER_BASE combining marks after a base, none without a base."""
    kept: list[str] = []
    marks = MARKS_PER_BASE
    for char in text:
        marks = marks + 1 if unicodedata.category(char) in _MARKS else 0
        if marks <= MARKS_PER_BASE:
            kept.append(char)
        if char == " ":
            marks = MARKS_PER_BASE
    return "".join(kept)
