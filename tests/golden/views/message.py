"""One message as JSON."""

from __future__ import annotations

from typing import Any

from aiogram.types import InlineKeyboardMarkup
from aiogram.utils.formatting import Text


def message(text: Text, keyboard: InlineKeyboardMarkup | None = None) -> dict[str, Any]:
    """What is sent: the words by lines, the entities, and each row of buttons with what they carry."""
    words, entities = text.render()
    rows = keyboard.inline_keyboard if keyboard else []
    return {
        "text": words.split("\n"),
        "entities": [entity.model_dump(exclude_none=True, mode="json") for entity in entities],
        "buttons": [[f"{button.text} → {button.callback_data or button.url}" for button in row] for row in rows],
    }
