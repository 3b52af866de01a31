"""Telegram's rate limits as sliding windows, and the 429 that says how long to wait."""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Hashable
from dataclasses import dataclass, field

from deploy.sandbox.telegram.refused import Refused
from deploy.sandbox.telegram.values import Chat

PACED = frozenset({"sendmessage", "sendphoto"})


@dataclass(frozen=True, slots=True)
class RateLimits:
    """How many messages may be sent: overall, to one chat (on average, with a burst), to one group."""

    overall_per_second: int = 30
    chat_per_second: int = 1
    chat_burst: int = 3
    group_per_minute: int = 20


@dataclass(slots=True)
class Pace:
    """Remembers the messages sent lately; refused ones do not count."""

    limits: RateLimits
    _sent: defaultdict[Hashable, deque[float]] = field(default_factory=lambda: defaultdict(deque))

    def admit(self, chat: Chat, now: float) -> None:
        """Counts one message to the chat, or raises the 429; `now` in monotonic seconds."""
        windows = self._windows(chat)
        wait_seconds = max(self._wait(*window, now) for window in windows)
        if wait_seconds > 0:
            seconds = math.ceil(wait_seconds)
            text = f"Too Many Requests: retry after {seconds}"
            raise Refused(429, text, {"retry_after": seconds})
        for key, _, _ in windows:
            self._sent[key].append(now)

    def _windows(self, chat: Chat) -> list[tuple[Hashable, int, float]]:
        """(whose, how many messages, in how many seconds)."""
        limits = self.limits
        burst_seconds = limits.chat_burst / limits.chat_per_second
        windows: list[tuple[Hashable, int, float]] = [
            ("all", limits.overall_per_second, 1.0),
            (chat.id, limits.chat_burst, burst_seconds),
        ]
        if chat.kind != "private":
            windows.append((("group", chat.id), limits.group_per_minute, 60.0))
        return windows

    def _wait(self, key: Hashable, messages: int, seconds: float, now: float) -> float:
        sent = self._sent[key]
        while sent and sent[0] <= now - seconds:
            sent.popleft()
        return 0.0 if len(sent) < messages else sent[0] + seconds - now
