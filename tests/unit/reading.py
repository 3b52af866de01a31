"""How tests read a view: its words, and its formatted parts."""

from __future__ import annotations

from aiogram.utils.formatting import Text


def shown(text: Text) -> str:
    return text.render()[0]


def marked(text: Text) -> list[tuple[str, str]]:
    """The formatted parts as (kind, words)."""
    words, entities = text.render()
    return [(entity.type, entity.extract_from(words)) for entity in entities]
