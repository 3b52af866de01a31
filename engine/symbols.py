"""How symbols are compared: what people see, not how it is spelled. Pure."""

from __future__ import annotations

import unicodedata

# Blank or invisible letters, marks and signs that are not in a dropped category.
FILLERS = frozenset(
    "\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5\u180b\u180c\u180d\u180f\ufffc\U0001d159\U00016fe4"
)
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_ACCENTS = ((0x300, 0x36F), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x20D0, 0x20FF), (0xFE20, 0xFE2F))
_SELECTORS = ((0xFE00, 0xFE0F), (0xE0100, 0xE01EF))
# Small letters and the Latin ones that they, or else their capitals, are taken for.
_LOOKS_LIKE = {
    **dict(zip("авсԁеһніјкӏмоԛрѕтуүѵԝхь", "abcdehhijklmoqpstyyvwxb", strict=True)),  # Cyrillic
    **dict(zip("αβεζηικμνορτυχγω", "abezhikmnoptyxyw", strict=True)),  # Greek
    **dict(zip("ıɑɡᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ", "iagabcdefghijklmnoprstuvwyz", strict=True)),  # Latin
}
_FOLDED = str.maketrans(_LOOKS_LIKE)


def symbol_key(symbol: str) -> str:
    """The same text for symbols that look alike to a reader.

    Case, width, styled letters, accents and what cannot be seen do not count. Cyrillic and Greek letters, and Latin
    small capitals, count as the Latin letters that they look like in upper or lower case: РЕРЕ is pepe. Other scripts,
    digits taken for letters (0 for o) and letters that are alike only together (rn for m) are not folded.
    """
    seen = "".join(char for char in unicodedata.normalize("NFKD", symbol) if not _unseen(char))
    folded = unicodedata.normalize("NFKC", seen.casefold().translate(_FOLDED))
    return " ".join(folded.split())


def _unseen(char: str) -> bool:
    """Whether a reader sees nothing of it, or an accent at most."""
    if char in FILLERS or unicodedata.category(char) in _UNSEEN:
        return True
    return any(first <= ord(char) <= last for first, last in (*_ACCENTS, *_SELECTORS))
