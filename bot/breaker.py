"""The circuit breaker: an alert that Telegram refuses in the same words for one chat after another is our bug.

Such an alert rests as a whole, its rows kept, and is tried again after ever longer pauses. Pure; `delivery` obeys.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from enum import Enum, auto

CHATS = 3  # refused in the same words, and none taken in between: else it is these chats' own affair
TRIES = 3  # of one row, before it is given up
RETRY_SECONDS = 20.0
FIRST_REST_SECONDS = 30.0
LONGEST_REST_SECONDS = 600.0
CALM_SECONDS = 60.0  # after a rest without another refusal: whatever was left has gone or has expired

Key = int | str  # the number of an alert, or words for its edits, or a kind whose rows each have another one


class Course(Enum):
    """What to do about a row that Telegram refuses."""

    RETRY = auto()  # later: it may be this chat's alone
    GIVE_UP = auto()  # it was refused too often
    REST = auto()  # all rows of its alert


@dataclass(frozen=True, slots=True)
class Ruling:
    """A course, and for how long what is refused rests."""

    course: Course
    seconds: float = 0.0


@dataclass(slots=True)
class _Case:
    """What is known of one alert's refusals."""

    chats: defaultdict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    tries: Counter[int] = field(default_factory=Counter)
    rests: int = 0
    rests_until: float = 0.0
    latest: float = 0.0


class Breaker:
    """Rules on refusals. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._cases: defaultdict[Key, _Case] = defaultdict(_Case)

    @property
    def is_open(self) -> bool:
        """Whether any alert is stopped, or was and has not been taken since."""
        return any(case.rests for case in self._cases.values())

    def refused(self, key: Key, chat_id: int, words: str, now: float) -> Ruling:
        """Telegram refuses a row of this alert, in these words."""
        case = self._cases[key]
        case.latest = now
        if now < case.rests_until:  # it was on its way when the others came to rest
            return Ruling(Course.RETRY, case.rests_until - now)
        case.chats[words].add(chat_id)
        if len(case.chats[words]) >= CHATS:
            return Ruling(Course.REST, _stop(case, now))
        case.tries[chat_id] += 1
        return Ruling(Course.GIVE_UP) if case.tries[chat_id] >= TRIES else Ruling(Course.RETRY, RETRY_SECONDS)

    def accepted(self, key: Key) -> bool:
        """Telegram takes a row of this alert; whether the alert was stopped until now."""
        case = self._cases.get(key)
        if case is None:
            return False
        was_stopped = case.rests > 0
        case.chats.clear()
        case.rests, case.rests_until = 0, 0.0
        return was_stopped

    def forget(self, now: float) -> None:
        """Let go of alerts that were not refused any more for a while."""
        over = [key for key, case in self._cases.items() if max(case.latest, case.rests_until) + CALM_SECONDS < now]
        for key in over:
            del self._cases[key]


def _stop(case: _Case, now: float) -> float:
    """Let the alert rest, longer each time; for how long."""
    seconds = min(FIRST_REST_SECONDS * 2.0**case.rests, LONGEST_REST_SECONDS)
    case.rests += 1
    case.rests_until = now + seconds
    case.chats.clear()
    case.tries.clear()
    return seconds
