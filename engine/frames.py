"""What a PumpPortal frame says. Pure; the only file that knows their shapes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from engine import fields
from engine.events import Creation, Migration

QUOTE_MINTS = frozenset(
    {
        "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v",  # USDC
        "Es9vMFrzaCERmJfrF4H2FYD4KCoNkY11McCe8BenwNYB",  # USDT
        "So11111111111111111111111111111111111111112",  # wrapped SOL
        "USD1ttGY1N17NEEHLmELoaybftRBUSErhqYiQzvEmuB",  # USD1
    }
)

_ACK = re.compile(r"(successfully )?subscribed to\b", re.IGNORECASE)
_REFUSAL = re.compile(
    r"only available|\bnot\b|\binvalid|\berror|\bdenied|\brefused|\bfailed|\bmust\b|\brequire|\bunknown\b",
    re.IGNORECASE,
)


class Stream(StrEnum):
    """The kinds of event one can subscribe to."""

    MIGRATIONS = "migrations"
    CREATIONS = "creations"
    OTHER = "other"
    UNKNOWN = "unknown"


_SUBJECTS = (
    (re.compile("migrat", re.IGNORECASE), Stream.MIGRATIONS),
    (re.compile("creat|new ?token", re.IGNORECASE), Stream.CREATIONS),
    (re.compile(r"'subscribe\w+'", re.IGNORECASE), Stream.OTHER),
)


@dataclass(frozen=True, slots=True)
class Ack:
    """A subscription was accepted."""

    stream: Stream


@dataclass(frozen=True, slots=True)
class Refusal:
    """A subscription was refused, in the provider's words."""

    stream: Stream
    text: str


@dataclass(frozen=True, slots=True)
class Dropped:
    """A frame of no use. `kind`: not_json, not_object, unknown_type, unknown_message, bad_mint or quote_mint."""

    kind: str


Frame = Migration | Creation | Ack | Refusal | Dropped


def parse_frame(raw: str | bytes, now: datetime) -> Frame:
    """What one frame says; `now` is when it was heard. Never raises."""
    try:
        frame = fields.load_json(raw)
    except ValueError:
        return Dropped("not_json")
    if not isinstance(frame, dict):
        return Dropped("not_object")
    return _notice(frame) if frame.get("txType") is None else _event(frame, now)


def _event(frame: dict[str, object], now: datetime) -> Migration | Creation | Dropped:
    kind, mint = frame["txType"], fields.mint(frame.get("mint"))
    if kind not in ("migrate", "create"):
        return Dropped("unknown_type")
    if mint is None:
        return Dropped("bad_mint")
    if mint in QUOTE_MINTS:
        return Dropped("quote_mint")
    return _migration(frame, mint, now) if kind == "migrate" else _creation(frame, mint, now)


def _migration(frame: dict[str, object], mint: str, now: datetime) -> Migration:
    signature, pool = fields.text(frame.get("signature"), 128), fields.text(frame.get("pool"), 64)
    return Migration(mint=mint, heard_at=now, signature=signature, pool=pool)


def _creation(frame: dict[str, object], mint: str, now: datetime) -> Creation:
    symbol, name = fields.text(frame.get("symbol"), 64), fields.text(frame.get("name"), 128)
    return Creation(mint=mint, heard_at=now, symbol=symbol, name=name)


def _notice(frame: dict[str, object]) -> Ack | Refusal | Dropped:
    """Acks and refusals have one shape, so only their words tell them apart."""
    if frame.get("errors"):
        said = fields.text(frame["errors"], 200) or "errors without words"
        return Refusal(_stream(said), said)
    said = fields.text(frame.get("message"), 200) or ""
    if _ACK.match(said):
        return Ack(_stream(said))
    if _REFUSAL.search(said):
        return Refusal(_stream(said), said)
    return Dropped("unknown_message" if said else "unknown_type")


def _stream(said: str) -> Stream:
    for pattern, stream in _SUBJECTS:
        if pattern.search(said):
            return stream
    return Stream.UNKNOWN
