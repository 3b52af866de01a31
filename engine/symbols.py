"""How symbols are compared: what people see, not how it is spelled. Pure."""

from __future__ import annotations

import unicodedata

_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


def symbol_key(symbol: str) -> str:
    """The same text for symbols that look alike to a reader: case, width and invisible characters do not count."""
    seen = (c for c in unicodedata.normalize("NFKC", symbol) if unicodedata.category(c) not in _UNSEEN)
    return " ".join("".join(seen).casefold().split())
