"""Which alerts a chat hears and when: the laws of fan-out, delivery and preview. Pure; storage has the first in SQL."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from engine.chats import Hearing, Preferences
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
# About one token: they age, may be too many, and are told in a digest where they cannot be told at once.
NEWS = frozenset({AlertKind.HIGH_SCORE, AlertKind.WATCHED, AlertKind.REVIVED, AlertKind.ACTIVATED, AlertKind.ARCHIVED})
HOUR = timedelta(hours=1)


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
    if facts.test or facts.kind not in NEWS:
        return None
    if now - facts.decided_at > timedelta(minutes=settings.alert_max_age_minutes):
        return "expired"
    unwanted = _muted(preferences, now) or hearing_of(preferences, facts) is Hearing.OFF
    return "unwanted" if unwanted else None


def held_until(
    preferences: Preferences, kind: AlertKind, sent_last_hour: int, now: datetime, *, watched: bool = False
) -> datetime | None:
    """Until when an alert of this kind is held; None when it may be sent now.

    Quiet hours hold it until they end, and a muted chat until it is not; the hourly cap holds what is about a token
    until the full hour. `sent_last_hour` counts all of those. Nothing holds an alarm.
    """
    if kind is AlertKind.ALARM:
        return None
    if _muted(preferences, now):
        return preferences.muted_until
    if quiet := quiet_until(preferences, now):
        return quiet
    room = _room(preferences, kind, watched)
    if room is None or sent_last_hour < room:
        return None
    full_hour = now.replace(minute=0, second=0, microsecond=0) + HOUR
    return quiet_until(preferences, full_hour) or full_hour


def _room(preferences: Preferences, kind: AlertKind, watched: bool) -> int | None:
    """Up to how many alerts an hour one of this kind may go; None for any number.

    The second half of the cap is kept for high scores and for what a chat watches.
    """
    cap = preferences.hourly_cap
    if kind not in NEWS or cap is None:
        return None
    urgent = watched or kind in (AlertKind.HIGH_SCORE, AlertKind.WATCHED)
    return cap if urgent else (cap + 1) // 2


def heard_in(day: Day, preferences: Preferences, settings: Settings) -> Heard:
    """What a chat would have heard that day that had subscribed at its beginning with these preferences."""
    wishes = replace(preferences, muted_until=None)
    bars = _Bars(day.levels, wishes, settings)
    cooldown = timedelta(minutes=settings.alert_cooldown_minutes)
    told: dict[tuple[int, AlertKind], Ring] = {}
    known: set[tuple[int, AlertKind, int]] = set()
    sent: list[Ring] = []
    for ring in sorted(day.rings, key=lambda one: (one.at, PRIORITIES[one.kind])):
        this, latest = (ring.token_id, ring.kind, ring.episode), told.get((ring.token_id, ring.kind))
        cooling = latest is not None and latest.at > ring.at - cooldown
        if this in known or cooling or not _hears(ring, wishes, bars):
            continue
        known.add(this)
        told[ring.token_id, ring.kind] = ring
        if held_until(wishes, ring.kind, _sent_last_hour(sent, ring.at), ring.at) is None:
            sent.append(ring)
    return Heard(Counter(ring.kind for ring in sent), len(known) - len(sent))


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


def _sent_last_hour(sent: Sequence[Ring], now: datetime) -> int:
    """How many alerts were sent within the hour before now; `sent` is in order."""
    return len(sent) - bisect_right(sent, now - HOUR, key=lambda earlier: earlier.at)


def _muted(preferences: Preferences, now: datetime) -> bool:
    return preferences.muted_until is not None and preferences.muted_until > now
