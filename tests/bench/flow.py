"""How evenly messages flow: their rate from the first to the last one, and in the worst window."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

WINDOW_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Flow:
    """Messages and seconds from the first to the last of them; the rates are messages a second.

    `worst_rate` is that of the emptiest window between them; None when they take no longer than one window.
    """

    messages: int
    seconds: float
    worst_rate: float | None

    @property
    def rate(self) -> float:
        """On average; 0 for fewer than two messages."""
        return (self.messages - 1) / self.seconds if self.seconds > 0 else 0.0


def flow_of(times: Sequence[float]) -> Flow:
    """The flow of messages at these times in seconds, in any order."""
    at = sorted(times)
    if not at:
        return Flow(0, 0.0, None)
    begins = [begin for begin in at if begin + WINDOW_SECONDS <= at[-1]]
    counts = [bisect_right(at, begin + WINDOW_SECONDS) - bisect_right(at, begin) for begin in begins]
    return Flow(len(at), at[-1] - at[0], min(counts) / WINDOW_SECONDS if counts else None)
