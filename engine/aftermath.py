"""What becomes of an alert after its decision, as frozen values: storage keeps them, engine.outcomes decides them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class MarkState(StrEnum):
    """What one instant brought. `GONE` is a loss of everything; `UNKNOWN` and `OUTAGE` are counted, never dropped."""

    PRICED = "priced"
    GONE = "gone"
    UNKNOWN = "unknown"
    OUTAGE = "outage"


@dataclass(frozen=True, slots=True)
class Quote:
    """One free look's price and liquidity, USD; None is "not told"."""

    ts: datetime
    price: float | None
    liquidity: float | None


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of time, both ends included."""

    begins_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Mark:
    """The price found for one instant, and when it was seen; both are None unless the state is `PRICED`.

    `best_price` is the best trusted price from the entry up to then, None without an entry.
    """

    state: MarkState
    price: float | None = None
    priced_at: datetime | None = None
    best_price: float | None = None


@dataclass(frozen=True, slots=True)
class OpenOutcome:
    """An outcome that still waits for prices. `settled` are the horizons (minutes) that have theirs.

    What the free series told up to `followed_until` is in `best_price` already. `due_at` is when it is next attended
    to, and tells apart who attends to it first.
    """

    id: int
    token_id: int
    decided_at: datetime
    followed_until: datetime
    due_at: datetime
    entry: Mark | None = None
    best_price: float | None = None
    settled: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Progress:
    """An outcome as it stands now. `marks` are the newly settled horizons, by minutes; `due_at` None: all is known."""

    before: OpenOutcome
    entry: Mark | None
    best_price: float | None
    followed_until: datetime
    due_at: datetime | None
    marks: Mapping[int, Mark] = field(default_factory=dict)
