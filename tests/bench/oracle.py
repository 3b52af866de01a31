"""Who hears a high score and when, read anew from the specification: nothing here asks the program.

It is told what happened (looks, what chats did, the levels in force) and works everything out from the figures on.
Beside it the plain threshold crossing: an alert whenever the score gets from below a chat's threshold to it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from engine.settings import Settings
from tests.bench.course import Course, Ringing
from tests.bench.listeners import LATE, Act
from tests.bench.oscillating import Look

Told = tuple[datetime, int, int]  # when, which chat, of which token


@dataclass(frozen=True, slots=True)
class LevelsSet:
    """From then on these are the levels, by how many a day."""

    at: datetime
    levels: Mapping[int, float]


Event = Act | Look | LevelsSet


@dataclass(slots=True)
class Listener:
    """What the specification lets one chat's rows say."""

    subscribed_at: datetime
    wishes: dict[str, Any] = field(default_factory=dict)
    changed_at: datetime | None = None
    off: bool = False
    heard: set[tuple[int, datetime]] = field(default_factory=set)
    told_at: dict[int, datetime] = field(default_factory=dict)

    def prefer(self, act: Act) -> None:
        """Wishes count from now on; another threshold, for episodes that open from now on."""
        self.wishes |= act.wishes
        if act.wishes.keys() & {"threshold", "per_day"}:
            self.changed_at = act.at

    def filtered(self, at: datetime, liquidity: float) -> bool:
        """Whether the chat's own filters keep this check from it."""
        muted_until, wanted = self.wishes.get("muted_until"), self.wishes.get("min_liquidity_usd")
        muted = muted_until is not None and at < muted_until
        return muted or self.wishes.get("high_score") == "off" or (wanted is not None and liquidity < wanted)

    def threshold(self, levels: Mapping[int, float], settings: Settings) -> float:
        """Its own, else that of so many a day, else the common one; never below the end of an episode."""
        own = self.wishes.get("threshold")
        followed = levels.get(self.wishes.get("per_day") or 0, settings.alert_score_on)
        return max(followed if own is None else own, settings.alert_score_off)


class Oracle:
    """Goes through all that happened, in order; `told` and `plain` are who hears what, `kept_back` why not."""

    def __init__(self, kinds: Mapping[int, str]) -> None:
        self.told: list[Told] = []
        self.plain: list[Told] = []
        self.kept_back: dict[str, set[tuple[int, int, datetime]]] = {}
        self._kinds = kinds
        self._levels: list[LevelsSet] = []
        self._listeners: dict[int, Listener] = {}
        self._courses: dict[int, Course] = {}

    @property
    def episodes(self) -> int:
        """How many opened."""
        return sum(course.episodes for course in self._courses.values())

    def read(self, events: Sequence[Event]) -> None:
        """All that happened, in order."""
        for event in events:
            if isinstance(event, Look):
                self._look(event)
            elif isinstance(event, LevelsSet):
                self._levels.append(event)
            else:
                self._act(event)

    def _act(self, act: Act) -> None:
        known = self._listeners.get(act.chat_id)
        if act.what == "unsubscribe":  # all that is known of the chat goes, also what it has heard
            self._listeners.pop(act.chat_id, None)
        elif act.what == "subscribe":
            if known is None:
                self._listeners[act.chat_id] = Listener(act.at)
            elif known.off:
                known.subscribed_at, known.off = act.at, False
        elif known is not None and act.what == "prefer":
            known.prefer(act)
        elif known is not None:
            known.off = act.what == "block"

    def _look(self, look: Look) -> None:
        course = self._courses.setdefault(look.token_id, Course())
        ringing = course.take(look)
        for chat_id, listener in self._listeners.items():
            if self._crosses(listener, course, look):
                self.plain.append((look.at, chat_id, look.token_id))
            if ringing is not None:
                self._ring(chat_id, listener, ringing, look)

    def _ring(self, chat_id: int, listener: Listener, ringing: Ringing, look: Look) -> None:
        levels = self._levels_at(ringing.opened_at)
        if ringing.score < listener.threshold(levels, look.settings) * ringing.y:
            return
        if (look.token_id, ringing.opened_at) in listener.heard:
            return
        if why := self._why_not(listener, ringing, look, listener.threshold(levels, look.settings)):
            self.kept_back.setdefault(why, set()).add((chat_id, look.token_id, ringing.opened_at))
            return
        listener.heard.add((look.token_id, ringing.opened_at))
        self.told.append((look.at, chat_id, look.token_id))
        if self._kinds[chat_id] != LATE:  # what has expired was no alert that the chat has had
            listener.told_at[look.token_id] = look.at

    def _why_not(self, listener: Listener, ringing: Ringing, look: Look, threshold: float) -> str | None:
        """Why the chat does not hear this check, in a word or two."""
        told_at = listener.told_at.get(look.token_id)
        cooldown = timedelta(minutes=look.settings.alert_cooldown_minutes)
        reasons = {
            "out of reach": listener.off,
            "own filters": listener.filtered(look.at, ringing.liquidity),
            "subscribed in mid-episode": listener.subscribed_at >= ringing.opened_at,
            "threshold changed in mid-episode": listener.changed_at is not None
            and listener.changed_at >= ringing.opened_at,
            "old news since a /set": threshold <= ringing.old_news,
            "cooldown": told_at is not None and look.at - told_at < cooldown,
        }
        return next((why for why, holds in reasons.items() if holds), None)

    def _crosses(self, listener: Listener, course: Course, look: Look) -> bool:
        """The plain rule, for whoever can be reached: from below the threshold to it since the check before."""
        score, before, liquidity = course.score, course.before, look.sample.liquidity if look.sample else None
        if score is None or before is None or listener.off or listener.filtered(look.at, liquidity or 0.0):
            return False
        return before < listener.threshold(self._levels_at(look.at), look.settings) <= score

    def _levels_at(self, at: datetime) -> Mapping[int, float]:
        return next((one.levels for one in reversed(self._levels) if one.at <= at), {})


def per_kind(told: Sequence[Told], kinds: Mapping[int, str]) -> Counter[str]:
    """How many alerts the chats of each kind got."""
    return Counter(kinds[chat_id] for _, chat_id, _ in told)
