"""What is on its way to a chat: an alert, or a digest of those that were held for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from engine.chats import Lately, Preferences
from engine.model import AlertKind
from engine.shown import AlertFacts


@dataclass(frozen=True, slots=True)
class Parcel:
    """One claimed outbox row: what to tell whom. `attempts` counts earlier tries that may have reached Telegram.

    It is in our hands while its lease is `lease_until`. `edits` is the number of the message that it edits; None where
    it is a message of its own.
    """

    id: int
    alert_id: int
    chat_id: int
    thread_id: int | None
    language: str
    facts: AlertFacts
    attempts: int
    preferences: Preferences = field(default_factory=Preferences)
    lately: Lately = field(default_factory=Lately)
    lease_until: datetime | None = None
    edits: int | None = None


@dataclass(frozen=True, slots=True)
class Digest:
    """What was held for a chat: how many alerts of each kind, and the best of them, the most urgent first."""

    counts: Mapping[AlertKind, int]
    best: tuple[AlertFacts, ...]
