"""Messages as Telegram gets them, kept as JSON: words, entities and buttons. Equal on every machine."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from bot.catalogs import Catalogs
from tests.golden.views import alerts, cards, lists

FOLDER = Path(__file__).parent
LANGUAGES = ("en", "ru")
VIEWS: Mapping[str, Callable[[], dict[str, Any]]] = {
    "alerts": alerts.pages,
    "cards": cards.messages,
    "lists": lists.messages,
}


def drawn(name: str, language: str) -> str:
    """The view's messages in that language, as they are kept."""
    with Catalogs().speaking(language):
        return json.dumps(VIEWS[name](), ensure_ascii=False, indent=1) + "\n"


def file_of(name: str, language: str) -> Path:
    """Where they are kept."""
    return FOLDER / f"{name}.{language}.json"
