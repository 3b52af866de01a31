"""Which alerts a chat hears and when: the laws of fan-out, delivery and preview. Pure; storage has the first in SQL."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import groupby

from engine.chats import Hearing, Lately, Preferences
from engine.model import AlertKind
from engine.quiet import quiet_until
from engine.settings import Settings
from engine.shown import AlertFacts

PRIORITIES = {
    AlertKind.ALARM: 0,
    AlertKind.HIGH_SCORE: 10,
    AlertKind.WATCHED: 15,
    AlertKind.REVIVED: 20,
    AlertKind.ACTIVATED: 30,
    AlertKind.ARCHIVED: 40,
    AlertKind.DIGEST: 50,
    AlertKind.NOTICE: 55,
    AlertKind.BROADCAST: 60,
}
EDITS = 70  # of messages that were sent: they make no sound, and nobody waits for them
# About one token: they age, may be too many, and are told in a digest where they cannot be told at once.
NEWS = frozenset({AlertKind.HIGH_SCORE, AlertKind.WATCHED, AlertKind.REVIVED, AlertKind.ACTIVATED, AlertKind.ARCHIVED})
# Of those, the ones that may wait a minute where they come in bursts; of a watched token none may.
LESS_URGENT = frozenset({AlertKind.REVIVED, AlertKind.ACTIVATED, AlertKind.ARCHIVED})
DAY = timedelta(hours=24)  # what is older is not worth telling, whatever it is
HOUR = timedelta(hours=1)
FLOOD = timedelta(minutes=10)  # within which too many alerts may be decided
MINUTE = timedelta(minutes=1)
BURST = 3  # so many less urgent alerts at once become one message


@dataclass(frozen=True, slots=True)
class DailyLevel:
    """The level that about `per_day` episodes a day reached, as it was from `set_at` on."""

    per_day: int
    set_at: datetime
    level: float


@dataclass(frozen=True, slots=True)
class Ring:
    """Something that happened to a token and that chats may hear: a status change, or a check of a high score.

    `opened_at` is when it began: who subscribed later does not hear it. `level` and `floor` are those of
    engine.model.Alert; `liquidity` is USD.
    """

    kind: AlertKind
    at: datetime
    token_id: int
    episode: int
    opened_at: datetime
    liquidity: float | None = None
    level: float | None = None
    floor: float | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """All that rang within 24 hours, and the levels that were in force."""

    rings: tuple[Ring, ...]
    levels: tuple[DailyLevel, ...] = ()


@dataclass(frozen=True, slots=True)
class Heard:
    """What would have been sent by kind, and how much more would have been held for a digest."""

    sent: Mapping[AlertKind, int] = field(default_factory=dict)
    held: int = 0


def levels_at(levels: Sequence[DailyLevel], at: datetime) -> dict[int, float]:
    """The levels in force at that time, by how many a day."""
    past = sorted((one for one in levels if one.set_at <= at), key=lambda one: one.set_at)
    return {one.per_day: one.level for one in past}


def hearing_of(preferences: Preferences, facts: AlertFacts) -> Hearing:
    """How the chat hears this alert; one of a watched token as it hears what it watches."""
    return preferences.watched if facts.watched else preferences.hearing(facts.kind)


def dropped(preferences: Preferences, facts: AlertFacts, now: datetime, settings: Settings) -> str | None:
    """Why a queued alert will never be sent, in a word; None when it may be."""
    if facts.test:
        return None
    is_news = facts.kind in NEWS
    if now - facts.decided_at > (timedelta(minutes=settings.alert_max_age_minutes) if is_news else DAY):
        return "expired"
    if not is_news:
        return None
    unwanted = _muted(preferences, now) or hearing_of(preferences, facts) is Hearing.OFF
    return "unwanted" if unwanted else None


def edit_is_late(facts: AlertFacts, now: datetime, settings: Settings) -> bool:
    """Whether what a sent alert was to be edited for is no news any more."""
    max_age = timedelta(minutes=settings.alert_max_age_minutes)
    return facts.safety is None or now - facts.safety.as_of > max_age


def held_until(
    preferences: Preferences, kind: AlertKind, lately: Lately, now: datetime, *, watched: bool = False
) -> datetime | None:
    """Until when an alert of this kind is held, `now` to be told at once with others; None when it may be sent now.

    Quiet hours hold it until they end, and a muted chat until it is not; the hourly cap holds what is about a token
    until the full hour, and a burst what is less urgent until the full minute. Nothing holds an alarm.
    """
    if kind is AlertKind.ALARM:
        return None
    if _muted(preferences, now):
        return preferences.muted_until
    if quiet := quiet_until(preferences, now):
        return quiet
    if kind not in NEWS:
        return None
    urgent = watched or kind not in LESS_URGENT
    room = _room(preferences, urgent=urgent)
    if room is not None and lately.sent_last_hour >= room:
        full_hour = now.replace(minute=0, second=0, microsecond=0) + HOUR
        return quiet_until(preferences, full_hour) or full_hour
    return None if urgent else _burst_until(preferences, lately, now)


def _burst_until(preferences: Preferences, lately: Lately, now: datetime) -> datetime | None:
    """Several at once are told at once, in one message; what follows on a message waits for the full minute."""
    if lately.sent_last_minute == 0 and lately.waiting >= BURST:
        return now
    if lately.sent_last_minute == 0 and lately.going == 0:
        return None
    full_minute = now.replace(second=0, microsecond=0) + MINUTE
    return quiet_until(preferences, full_minute) or full_minute


def _room(preferences: Preferences, *, urgent: bool) -> int | None:
    """Up to how many alerts an hour one about a token may go; None for any number.

    The second half of the cap is kept for high scores and for what a chat watches.
    """
    cap = preferences.hourly_cap
    return cap if cap is None or urgent else (cap + 1) // 2


def heard_in(day: Day, preferences: Preferences, settings: Settings) -> Heard:
    """What a chat would have heard that day that had subscribed at its beginning with these preferences."""
    wishes = replace(preferences, muted_until=None)
    bars = _Bars(day.levels, wishes, settings)
    cooldown = timedelta(minutes=settings.alert_cooldown_minutes)
    told: dict[tuple[int, AlertKind], Ring] = {}
    known: set[tuple[int, AlertKind, int]] = set()
    heard: list[Ring] = []
    for ring in sorted(day.rings, key=lambda one: (one.at, PRIORITIES[one.kind])):
        this, latest = (ring.token_id, ring.kind, ring.episode), told.get((ring.token_id, ring.kind))
        cooling = latest is not None and latest.at > ring.at - cooldown
        if this in known or cooling or not _hears(ring, wishes, bars):
            continue
        known.add(this)
        told[ring.token_id, ring.kind] = ring
        heard.append(ring)
    post = _Post(wishes)
    for at, together in groupby(heard, key=lambda one: one.at):
        post.take([ring.kind for ring in together], at)
    return Heard(post.sent, post.held)


class _Post:
    """What one chat gets as the day goes on: alerts as they come, and digests of those that were held."""

    def __init__(self, preferences: Preferences) -> None:
        self.sent: Counter[AlertKind] = Counter()
        self.held = 0
        self._preferences = preferences
        self._messages: list[datetime] = []  # in order
        self._less_urgent: list[datetime] = []  # of these, the ones that a burst follows on
        self._digests: set[datetime] = set()  # when those are due that have yet to come

    def take(self, kinds: Sequence[AlertKind], at: datetime) -> None:
        """All that is decided at that moment, the most urgent first. Moments come in order."""
        self._fold(at)
        waiting = sum(kind in LESS_URGENT for kind in kinds)
        for kind in kinds:
            lately = Lately(_since(self._messages, at - HOUR), _since(self._less_urgent, at - MINUTE), 0, waiting)
            until = held_until(self._preferences, kind, lately, at)
            if until is None:
                self.sent[kind] += 1
                self._tell(at, less_urgent=kind in LESS_URGENT)
            else:
                self.held += 1
                self._digests.add(until)
        self._fold(at)

    def _fold(self, now: datetime) -> None:
        for due_at in sorted(self._digests):
            if due_at <= now:
                self._digests.remove(due_at)
                self._tell(due_at, less_urgent=True)

    def _tell(self, at: datetime, *, less_urgent: bool) -> None:
        self._messages.append(at)
        if less_urgent:
            self._less_urgent.append(at)


class _Bars:
    """The level that rings for these preferences in an episode, by when it opened."""

    def __init__(self, levels: Sequence[DailyLevel], preferences: Preferences, settings: Settings) -> None:
        mine = sorted((one.set_at, one.level) for one in levels if one.per_day == preferences.per_day)
        self._times, self._levels = [at for at, _ in mine], [level for _, level in mine]
        self._own, self._settings = preferences.threshold, settings

    def at(self, opened_at: datetime) -> float:
        number = bisect_right(self._times, opened_at)
        followed = self._levels[number - 1] if number else self._settings.alert_score_on
        return max(followed if self._own is None else self._own, self._settings.alert_score_off)


def _hears(ring: Ring, preferences: Preferences, bars: _Bars) -> bool:
    """Whether the chat's own filters hold for it."""
    if preferences.hearing(ring.kind) is Hearing.OFF:
        return False
    wanted = preferences.min_liquidity_usd
    if wanted is not None and (ring.liquidity is None or ring.liquidity < wanted):
        return False
    if ring.level is None:
        return True
    bar = bars.at(ring.opened_at)
    return bar <= ring.level and (ring.floor is None or bar > ring.floor)


def _since(moments: Sequence[datetime], begin: datetime) -> int:
    """How many of the moments come after that one; they are in order."""
    return len(moments) - bisect_right(moments, begin)


def _muted(preferences: Preferences, now: datetime) -> bool:
    return preferences.muted_until is not None and preferences.muted_until > now
