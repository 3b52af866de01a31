"""Chats of many kinds, and what they do in the course of a day."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from engine.chats import Hearing
from engine.shown import Chat
from storage.store import Store
from tests.bench.oscillating import EVERY, HOUR

LATE = "too late"  # what is decided for these chats expires before its turn comes


@dataclass(frozen=True, slots=True)
class Act:
    """What a chat does, or what becomes of it; `wishes` are what it prefers from then on."""

    at: datetime
    chat_id: int
    what: str
    wishes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Span:
    """The day, and the dice of one chat."""

    start: datetime
    hours: float
    chat_id: int
    dice: Random

    def act(self, at: datetime, what: str, **wishes: Any) -> Act:
        return Act(at, self.chat_id, what, wishes)

    def times(self, count: int) -> list[datetime]:
        """Moments of the day in order, a third of them at the very moment of a tick."""
        ticks = int(self.hours * HOUR / EVERY)
        chosen = sorted(self.dice.sample(range(1, ticks), min(count, ticks - 1)))
        return [self.start + tick * EVERY - self.dice.choice([0, 9, 21]) * timedelta(seconds=1) for tick in chosen]

    def settled(self, **wishes: Any) -> list[Act]:
        """Subscribed since yesterday."""
        acts = [self.act(self.start - HOUR, "subscribe")]
        return [*acts, self.act(self.start - HOUR, "prefer", **wishes)] if wishes else acts

    def often(self) -> int:
        """How often a chat does something, in the hours that there are."""
        return max(2, round(self.hours / 2))


def _joining(span: Span) -> list[Act]:
    return [span.act(at, "subscribe") for at in span.times(5)[1:2]]


def _changing(span: Span) -> list[Act]:
    levels: list[dict[str, float | None]] = [
        {"threshold": 1.6},
        {"threshold": 2.0},
        {"threshold": 2.4},
        {"threshold": None, "per_day": 20},
    ]
    span.dice.shuffle(levels)
    times = enumerate(span.times(2 * span.often()))
    return [*span.settled(), *(span.act(at, "prefer", **({"per_day": None} | levels[n % 4])) for n, at in times)]


def _leaving(span: Span) -> list[Act]:
    times = span.times(2 * span.often())
    return [*span.settled(), *(span.act(at, ("unsubscribe", "subscribe")[n % 2]) for n, at in enumerate(times))]


def _blocking(span: Span) -> list[Act]:
    """Out of reach and back again: by itself, or by subscribing anew."""
    times = span.times(2 * span.often())
    backs = [span.dice.choice(["unblock", "subscribe"]) for _ in times]
    return [*span.settled(), *(span.act(at, backs[n] if n % 2 else "block") for n, at in enumerate(times))]


def _muted(span: Span) -> list[Act]:
    mutes = [
        span.act(at, "prefer", muted_until=at + timedelta(minutes=span.dice.choice([10, 40, 90])))
        for at in span.times(span.often())
    ]
    return [*span.settled(), *mutes]


def _fickle(span: Span) -> list[Act]:
    """Wants no high scores for a while, and then only those of some liquidity."""
    wishes = ({"high_score": Hearing.OFF}, {"high_score": Hearing.SILENT, "min_liquidity_usd": 40_000.0})
    times = span.times(2 * span.often())
    return [*span.settled(), *(span.act(at, "prefer", **wishes[n % 2]) for n, at in enumerate(times))]


KINDS: Mapping[str, Callable[[Span], Sequence[Act]]] = {
    "default": Span.settled,
    "own threshold 1.0, below the end": lambda span: span.settled(threshold=1.0),
    "own threshold 2.0": lambda span: span.settled(threshold=2.0),
    "own threshold 2.6": lambda span: span.settled(threshold=2.6),
    "about 5 a day": lambda span: span.settled(per_day=5),
    "about 60 a day": lambda span: span.settled(per_day=60),
    "liquidity from $25,000": lambda span: span.settled(min_liquidity_usd=25_000.0),
    "quiet hours": lambda span: span.settled(quiet_from=0, quiet_until=8 * 60),
    "mutes now and then": _muted,
    "switches the kind off and on": _fickle,
    "joins in the day": _joining,
    "changes the threshold": _changing,
    "unsubscribes and comes back": _leaving,
    "blocks and comes back": _blocking,
    LATE: Span.settled,
}


def acts_of_all(start: datetime, hours: float, seed: int, each: int) -> tuple[dict[int, str], list[Act]]:
    """`each` chats of every kind, by id, and what all of them do in order."""
    kinds = dict(enumerate((kind for kind in KINDS for _ in range(each)), 1))
    acts: list[Act] = []
    for chat_id, kind in kinds.items():
        acts += KINDS[kind](Span(start, hours, chat_id, Random(f"listeners {seed} {chat_id}")))
    return kinds, sorted(acts, key=lambda act: act.at)


async def carry_out(store: Store, act: Act, number: int) -> None:
    """Let the program know; `number` counts the updates of Telegram."""
    if act.what == "subscribe":
        await store.chats.subscribe(Chat(id=act.chat_id, type="private"), act.at)
    elif act.what == "unsubscribe":
        await store.chats.unsubscribe(act.chat_id)
    elif act.what == "prefer":
        await store.chats.prefer(act.chat_id, act.at, **act.wishes)
    else:
        reason = "blocked" if act.what == "block" else None
        await store.chats.follow(act.chat_id, reason, act.at, number, act.at)
