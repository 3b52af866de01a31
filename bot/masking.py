"""Hides secrets in any text that leaves the program. Pure; who calls it and when stands in bot.logs and bot.health."""

import base64
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from html.entities import codepoint2name
from urllib.parse import parse_qs, unquote, urlsplit

HIDDEN = "***"
# A shorter secret would blank out every second word; inside an address it is hidden all the same.
_MIN_LENGTH = 4
_ESCAPED_LETTER = re.compile(r"%(?:25)*[3-7][0-9a-f]|&(?:amp;)*#|\\(?:u00|x)[3-7]", re.IGNORECASE)
_ENTITIES = {**codepoint2name, ord("'"): "apos"}
_ADDRESS_SAFE = str.maketrans("+/", "-_")
_SHAPES = (
    (re.compile(r"\d{6,12}(?::|%3[Aa])[A-Za-z0-9_-]{30,}"), HIDDEN),  # a bot token
    (re.compile(r"(?<=://)[^\s/@\"']*:[^\s/@\"']+@"), f"{HIDDEN}@"),  # user and password of an address
    (re.compile(r"(?i)([?&](?:api[-_]?key|token|password|secret)=)[^\s&\"']+"), rf"\1{HIDDEN}"),
)


class Mask:
    """Called with a text, gives it back with every secret replaced.

    In upper or lower case; as JSON, repr(), an address or HTML escape it, any of its characters, several times over; in
    hexadecimal; and in base64, also amid other bytes.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        parts = {part for secret in secrets for part in _parts(secret) if len(part) >= _MIN_LENGTH}
        packed = sorted({core for part in parts for core in _packed(part)}, key=len, reverse=True)
        self._packed = {core.casefold(): re.compile(re.escape(core), re.IGNORECASE) for core in packed}
        self._runs = {_longest_run(part).casefold() for part in parts}
        self._spelled = _any_spelled(sorted(parts, key=len, reverse=True)) if parts else None

    def __call__(self, text: str) -> str:
        """The text without secrets."""
        if self._spelled is not None:
            folded = text.casefold()
            for core, pattern in self._packed.items():
                if core in folded:
                    text = pattern.sub(HIDDEN, text)
            # The slow look; nearly every line is spared it.
            if any(run in folded for run in self._runs) or _ESCAPED_LETTER.search(text):
                text = self._spelled.sub(HIDDEN, text)
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


def _packed(part: str) -> Iterator[str]:
    """Its bytes in hexadecimal, and what base64 makes of them at each of the three places where they may begin."""
    raw = part.encode(errors="replace")
    yield raw.hex()
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + raw).decode().rstrip("=")
        whole = len(encoded) - ((before + len(raw)) % 3 > 0)  # the last letter holds bits of what follows
        core = encoded[(0, 2, 3)[before] : whole]
        if len(core) >= _MIN_LENGTH:
            yield from (core, core.translate(_ADDRESS_SAFE))


def _longest_run(part: str) -> str:
    """Its longest run of letters and digits, which few escape."""
    runs: list[str] = re.findall("[A-Za-z0-9]*", part)
    return max(runs, key=len)


def _any_spelled(parts: Sequence[str]) -> re.Pattern[str]:
    """Begins with what a part can begin with, and nowhere inside a run of backslashes, which is read to its end."""
    starts = {spelling[0] for part in parts for spelling in _spellings(part[0])} | {"%", "&"}
    either = "|".join(map(_spelled, parts))
    return re.compile(rf"(?=[{re.escape(''.join(starts))}])(?:(?!\\)|(?<!\\))(?:{either})", re.IGNORECASE)


def _spelled(secret: str) -> str:
    """A pattern for the secret as it may stand in a rendered line, also when it was escaped several times over."""
    return "".join(_spelled_character(character) for character in re.sub(r"\\+", r"\\", secret))


def _spelled_character(character: str) -> str:
    code = ord(character)
    in_address = "".join(f"%(?:25)*{byte:02x}" for byte in character.encode(errors="replace"))
    in_html = rf"&(?:amp;)*(?:#0*{code}|#x0*{code:x}|{_ENTITIES.get(code, '#')});"
    return f"(?:{'|'.join([*map(_with_backslashes, sorted(_spellings(character))), in_address, in_html])})"


def _spellings(character: str) -> set[str]:
    """In JSON, repr(), a query and a terminal's line."""
    in_bytes, code = repr(character.encode(errors="replace"))[2:-1], ord(character)
    spellings = {character, json.dumps(character)[1:-1], ascii(character)[1:-1], in_bytes}
    spellings |= {f"\\u{code:04x}", f"\\x{code:02x}"}
    return spellings if character.isalnum() else spellings | {f"\\{character}", character.replace(" ", "+")}


def _with_backslashes(spelling: str) -> str:
    """A pattern for the spelling with any number of backslashes where it has some."""
    return r"\\+".join(map(re.escape, re.split(r"\\+", spelling)))
