"""Hides secrets in any text that leaves the program. Pure; who calls it and when stands in bot.logs and bot.health."""

import json
import re
from collections.abc import Iterable, Iterator
from urllib.parse import parse_qs, quote, quote_plus, unquote, urlsplit

HIDDEN = "***"
# A shorter secret would blank out every second word; inside an address it is hidden all the same.
_MIN_LENGTH = 4
_SHAPES = (
    (re.compile(r"\d{6,12}(?::|%3[Aa])[A-Za-z0-9_-]{30,}"), HIDDEN),  # a bot token
    (re.compile(r"(?<=://)[^\s/@\"']*:[^\s/@\"']+@"), f"{HIDDEN}@"),  # user and password of an address
    (re.compile(r"(?i)([?&](?:api[-_]?key|token|password|secret)=)[^\s&\"']+"), rf"\1{HIDDEN}"),
)


class Mask:
    """Called with a text, gives it back with every secret replaced, however JSON, repr() or an address spells it."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        parts = {part for secret in secrets for part in _parts(secret) if len(part) >= _MIN_LENGTH}
        longest_first = sorted(parts, key=len, reverse=True)
        self._known = re.compile("|".join(map(_spelled, longest_first))) if longest_first else None

    def __call__(self, text: str) -> str:
        """The text without secrets."""
        if self._known is not None:
            text = self._known.sub(HIDDEN, text)
        for shape, replacement in _SHAPES:
            text = shape.sub(replacement, text)
        return text


def _parts(secret: str) -> Iterator[str]:
    """The secret and, if it is an address, the passwords inside it."""
    yield secret
    try:
        address = urlsplit(secret)
    except ValueError:
        return
    if address.password:
        yield address.password
        yield unquote(address.password)
    yield from parse_qs(address.query).get("password", ())


def _spelled(secret: str) -> str:
    """A pattern for the secret as it may stand in a rendered line, also when it was escaped several times over."""
    return "".join(_spelled_character(character) for character in re.sub(r"\\+", r"\\", secret))


def _spelled_character(character: str) -> str:
    if character.isascii() and character.isalnum():
        return character
    in_address = quote(character, safe="", errors="replace")
    spellings = {character, f"\\{character}", json.dumps(character)[1:-1], ascii(character)[1:-1], in_address}
    in_bytes = repr(character.encode(errors="replace"))[2:-1]
    spellings |= {in_address.lower(), quote_plus(character, errors="replace"), in_bytes}
    return f"(?:{'|'.join(_with_backslashes(spelling) for spelling in sorted(spellings))})"


def _with_backslashes(spelling: str) -> str:
    """A pattern for the spelling with any number of backslashes where it has some."""
    return r"\\+".join(map(re.escape, re.split(r"\\+", spelling)))
