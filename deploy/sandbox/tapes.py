"""The tapes that are wanted just now: made anew from the seed whenever one is missing, so that memory stays bounded."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from deploy.sandbox import courses
from deploy.sandbox.trades import Tape

TRADES_KEPT = 1_000_000  # of 66 bytes each

Make = Callable[[np.random.Generator], Tape]


@dataclass(frozen=True, slots=True)
class Act:
    """Something that was done to the world from outside: `migrate`, `pump`, `rug` or `revive`."""

    at: datetime
    kind: str
    mint: str
    symbol: str = ""


class Shelf:
    """The latest tapes asked for, with at most `most` trades in all, or a single one that has more."""

    def __init__(self, most: int = TRADES_KEPT) -> None:
        self._most = most
        self._tapes: OrderedDict[tuple[str, int], Tape] = OrderedDict()
        self.trades = 0

    def take(self, seed: str, make: Make, created_at: datetime, acts: Sequence[Act]) -> Tape:
        """The tape of this seed after these acts; they are told in the order in which they happened."""
        key = (seed, len(acts))
        if key in self._tapes:
            self._tapes.move_to_end(key)
            return self._tapes[key]
        tape = make(generator(seed)) if not acts else self.take(seed, make, created_at, acts[:-1])
        if acts:
            seconds = (acts[-1].at - created_at).total_seconds()
            tape = _acted(generator(f"{seed}:{len(acts)}"), tape, acts[-1].kind, seconds)
        self._tapes[key] = tape
        self.trades += len(tape)
        while self.trades > self._most and len(self._tapes) > 1:
            self.trades -= len(self._tapes.popitem(last=False)[1])
        return tape


def generator(seed: str) -> np.random.Generator:
    """Chance that is the same for the same seed."""
    return np.random.default_rng(int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8], "big"))


def _acted(random: np.random.Generator, tape: Tape, kind: str, seconds: float) -> Tape:
    if kind == "pump":
        return courses.pumped(random, tape, seconds)
    return courses.rugged(random, tape, seconds) if kind == "rug" else courses.revived(random, tape, seconds)
