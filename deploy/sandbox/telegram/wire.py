"""The way from Telegram back to the bot: how long answers take, and which of them get lost."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from random import Random

from deploy.sandbox.telegram.rates import SENDS

LONG_POLL = "getupdates"


@dataclass(slots=True)
class Wire:
    """Answers come after `latency_seconds` and up to `jitter_seconds` more; long polls as ever.

    `lost_share` (0 to 1) of the good answers to `losing` methods, in lower case, get lost: the call has taken effect,
    and the connection breaks. The same `seed` repeats the same sequence.
    """

    latency_seconds: float = 0.0
    jitter_seconds: float = 0.0
    lost_share: float = 0.0
    losing: frozenset[str] = SENDS
    seed: int = 0
    _random: Random = field(init=False)

    def __post_init__(self) -> None:
        self._random = Random(self.seed)

    async def delay(self, method: str) -> None:
        """Returns when the method's answer may go out."""
        seconds = self.latency_seconds + self.jitter_seconds * self._random.random()
        if seconds > 0 and method.lower() != LONG_POLL:
            await asyncio.sleep(seconds)

    def loses(self, method: str) -> bool:
        """Whether this good answer of the method gets lost."""
        return self.lost_share > 0 and method.lower() in self.losing and self._random.random() < self.lost_share
