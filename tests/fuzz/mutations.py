"""Hostile bytes: any JSON at all, plausible JSON with something wrong in it, and what is hardly JSON any more."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from random import Random
from typing import Any

from tests.fuzz.templates import POOLS, SECONDS, SOL
from tests.made import MINT, OTHER_MINT

USDC = "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v"
NUMBERS: tuple[Any, ...] = (
    *(0, -0.0, -1, 1, 0.5, 1.5, 2**31 - 1, 2**31, 2**53, 2**63, -(2**63), 10**15, 10**30, 10**400, 5e-324, 1e-300),
    *(1e12, 1e17, 9.99e17, 1e18, 1e300, 1e308, -1e308, math.nan, math.inf, -math.inf),
    *(SECONDS, SECONDS + 86_400, SECONDS - 10**9, SECONDS * 1000, SECONDS + 10**9),
)
TEXTS = (
    *("", " ", "\x00", "\ud800", "a\x00b\udfffc", "\u202e", "🚀" * 70, "x" * 3000, "NaN", "Infinity", "1e5", "12.5"),
    *("-1", "0x10", "9" * 400, "true", "null", "migrate", "create", "migration denied", "compute units", "permission"),
    *(MINT, OTHER_MINT, USDC, SOL, *POOLS, "1" * 32, "1" * 44, "z" * 44, MINT[:-1], MINT + "\n", "Pump Dot Fun", "💩"),
)
OTHERS = ("null", "true", "false", "[]", "{}", "[[]]", "[null]", '{"a":{"b":[0]}}', f'{{"address":"{MINT}"}}')
SCALES = (-1, 0, 0.5, 0.94, 1.04, 1.2, 2, 1000, 1e9, 1e200)
LITERALS = (b"NaN", b"Infinity", b"-Infinity", b"9" * 5000, b"1e999", b"-0", b'"\\ud800"', b'"\xed\xa0\x80"', b'"\xff"')
PAGES = (
    b"",
    b"<!doctype html><title>Just a moment</title>",
    b"null",
    b"error code: 1015",
    b"\xef\xbb\xbf{}",
    b"{" * 20_000,
)


def hostile(random: Random, templates: Sequence[str]) -> bytes:
    """One input, made from one of the templates or from nothing."""
    draw = random.random()
    if draw < 0.02:
        return random.choice(PAGES)
    if draw < 0.021:
        return random.choice((b"[", b'{"a":', b'{"data":[')) * 100_000
    if draw < 0.1:
        return _text(random, anything(random, 4))
    body = json.loads(random.choice(templates))
    for _ in range(random.choice((0, 1, 1, 2, 3, 8))):
        body = spoiled(random, body)
    raw = _text(random, body)
    return garbled(random, raw) if draw < 0.16 else raw


def anything(random: Random, depth: int) -> Any:
    """Any JSON value, at most `depth` deep."""
    draw = random.random()
    if depth and draw < 0.2:
        return [anything(random, depth - 1) for _ in range(random.randrange(4))]
    if depth and draw < 0.5:
        names = ("data", "success", "message", "errors", "items", "txType", "mint", "price", "usage", "\x00", "pairs")
        return {random.choice(names): anything(random, depth - 1) for _ in range(random.randrange(5))}
    return _value(random)


def _value(random: Random) -> Any:
    if random.random() < 0.002:
        return _nested(random.choice((60, 500)))
    if random.random() < 0.25:
        return json.loads(random.choice(OTHERS))  # a new one each time, as it may be changed in its turn
    return random.choice(random.choice((NUMBERS, NUMBERS, TEXTS)))


def _nested(depth: int) -> Any:
    value: Any = 1
    for level in range(depth):
        value = [value] if level % 2 else {"data": value}
    return value


def spoiled(random: Random, body: Any) -> Any:
    """The body with one thing changed in it somewhere."""
    holder, key = _place(random, body)
    if holder is None:
        return _value(random)
    draw = random.random()
    if draw < 0.4:
        holder[key] = _value(random)
    elif draw < 0.55:
        del holder[key]
    elif draw < 0.8:
        holder[key] = _bent(random, holder[key])
    elif draw < 0.9 and isinstance(holder, dict):
        holder[random.choice(list(holder))] = holder[key]
    elif draw < 0.9:
        holder.append(holder[key])
    else:
        holder[key] = [holder[key]] * random.choice((1, 2, 25))
    return body


def _place(random: Random, body: Any) -> tuple[Any, Any]:
    """Where to strike: a container and a key of it, deep rather than shallow; (None, None) is the whole."""
    holder, key, here = None, None, body
    while isinstance(here, dict | list) and here and (holder is None or random.random() < 0.85):
        holder, key = here, random.choice(list(here)) if isinstance(here, dict) else random.randrange(len(here))
        here = holder[key]
    return (None, None) if random.random() < 0.03 else (holder, key)


def _bent(random: Random, value: Any) -> Any:
    """Almost the same value: scaled, or as another type."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return {"value": value} if random.random() < 0.3 else str(value)
    scale = random.choice(SCALES)
    return str(value) if random.random() < 0.15 else value * (scale if abs(value) < 1e100 else -1)


def _text(random: Random, body: Any) -> bytes:
    ascii_only = random.random() < 0.7
    return json.dumps(body, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")


def garbled(random: Random, raw: bytes) -> bytes:
    """The bytes themselves damaged: cut, flipped, filled with what is no JSON, or in another encoding."""
    at = random.randrange(len(raw) + 1)
    match random.randrange(6):
        case 0:
            return raw[:at]
        case 1:
            return raw[:at] + random.randbytes(random.randrange(1, 4)) + raw[at + 1 :]
        case 2:
            return raw + raw[at:]
        case 3:
            return raw.decode(errors="replace").encode(random.choice(("utf-16", "utf-32-le", "utf-8-sig")))
        case _:
            return _with_literal(random, raw)


def _with_literal(random: Random, raw: bytes) -> bytes:
    """One value replaced by a literal that Python's parser takes and JSON forbids, or that is no number of ours."""
    starts = [index for index in range(len(raw)) if raw[index] == ord(":")]
    if not starts:
        return random.choice(LITERALS)
    start = random.choice(starts) + 1
    end = min((found for found in (raw.find(sign, start) for sign in (b",", b"}")) if found >= 0), default=len(raw))
    return raw[:start] + random.choice(LITERALS) + raw[end:]
