"""Telegram's rate limits as sliding windows, and the 429 that says how long to wait."""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import NamedTuple

from deploy.sandbox.telegram.refused import Refused
from deploy.sandbox.telegram.values import Chat

SENDS = frozenset({"sendmessage", "sendphoto"})
EDITS = frozenset({"editmessagetext", "editmessagecaption", "editmessagemedia"})


@dataclass(frozen=True, slots=True)
class RateLimits:
    """How many messages may be sent: overall, to one chat (on average, with a burst), to one group or channel.

    `counted` are the methods that count, in lower case. `lasting`: who was refused is refused until the wait that
    the 429 told is over, also where the window would have let them through before.
    """

    overall_per_second: int = 30
    chat_per_second: int = 1
    chat_burst: int = 3
    group_per_minute: int = 20
    counted: frozenset[str] = SENDS
    lasting: bool = False


STRICT = RateLimits(chat_burst=1, counted=SENDS | EDITS, lasting=True)


class _Window(NamedTuple):
    """Whose messages, how many, in how many seconds."""

    key: Hashable
    messages: int
    seconds: float


@dataclass(slots=True)
class Pace:
    """Remembers the messages sent lately; refused ones do not count, and make no wait longer."""

    limits: RateLimits
    _sent: defaultdict[Hashable, deque[float]] = field(default_factory=lambda: defaultdict(deque))
    _closed_until: dict[Hashable, float] = field(default_factory=dict)

    def admit(self, chat: Chat, now: float) -> None:
        """Counts one message to the chat, or raises the 429; `now` in monotonic seconds."""
        windows = self._windows(chat)
        waits = {window.key: self._wait(window, now) for window in windows}
        wait_seconds = max(waits.values())
        if wait_seconds > 0:
            self._close(waits, now)
            seconds = math.ceil(wait_seconds)
            text = f"Too Many Requests: retry after {seconds}"
            raise Refused(429, text, {"retry_after": seconds})
        for window in windows:
            self._sent[window.key].append(now)

    def _windows(self, chat: Chat) -> list[_Window]:
        limits = self.limits
        burst_seconds = limits.chat_burst / limits.chat_per_second
        windows = [
            _Window("all", limits.overall_per_second, 1.0),
            _Window(chat.id, limits.chat_burst, burst_seconds),
        ]
        if chat.kind != "private":
            windows.append(_Window(("group", chat.id), limits.group_per_minute, 60.0))
        return windows

    def _wait(self, window: _Window, now: float) -> float:
        sent = self._sent[window.key]
        while sent and sent[0] <= now - window.seconds:
            sent.popleft()
        wait_seconds = 0.0 if len(sent) < window.messages else sent[0] + window.seconds - now
        return max(wait_seconds, self._closed_until.get(window.key, now) - now)

    def _close(self, waits: dict[Hashable, float], now: float) -> None:
        """A wait that was told lasts; one that lasts already stays as it is."""
        for key, seconds in waits.items():
            if self.limits.lasting and seconds > 0 and self._closed_until.get(key, now) <= now:
                self._closed_until[key] = now + math.ceil(seconds)
