"""When each part last did its work, and what was counted on the way. In memory; /health and /metrics read it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pulse:
    """A part's latest signs of life, as ages in real seconds; None means "never".

    `failing_seconds` is how long it has failed without one success in between.
    """

    beat_seconds: float | None = None
    failing_seconds: float | None = None
    last_error: str | None = None
    last_error_seconds: float | None = None


class Heartbeat:
    """Collects beats, failures and counts of all parts. Never awaits, never raises."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._beats: dict[str, float] = {}
        self._failing_since: dict[str, float] = {}
        self._errors: dict[str, tuple[float, str]] = {}
        self.counts: Counter[tuple[str, str]] = Counter()

    def beat(self, part: str) -> None:
        """The part did its work just now."""
        self._beats[part] = self._monotonic()
        self._failing_since.pop(part, None)

    def fail(self, part: str, error: str) -> None:
        """The part failed just now; `error` must be free of secrets."""
        now = self._monotonic()
        self._failing_since.setdefault(part, now)
        self._errors[part] = (now, error)

    def forget(self) -> None:
        """The loops begin anew: nothing beat or failed yet. What was counted stays."""
        for moments in (self._beats, self._failing_since, self._errors):
            moments.clear()

    def count(self, what: str, kind: str = "") -> None:
        """One more of `what` (such as "frame_dropped") of this kind (such as "bad_mint")."""
        self.counts[what, kind] += 1

    def pulse(self, part: str) -> Pulse:
        """The part's signs of life as of now."""
        failed_at, error = self._errors.get(part, (None, None))
        return Pulse(
            beat_seconds=self._age(self._beats.get(part)),
            failing_seconds=self._age(self._failing_since.get(part)),
            last_error=error,
            last_error_seconds=self._age(failed_at),
        )

    def _age(self, moment: float | None) -> float | None:
        return None if moment is None else self._monotonic() - moment
