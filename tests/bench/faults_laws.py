"""What must hold when sends go wrong in every way at once, and the table of what happened."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from deploy.sandbox.telegram.refused import bad_request
from deploy.sandbox.telegram.values import Json
from engine.model import AlertKind
from tests.bench.fates import Member
from tests.bench.whole import Key, key_of

HEALTH, ALARM = "/health", "an alarm"  # what tells of an alert that Telegram refuses
PARSE = "can't parse entities: Can't find end of the entity starting at byte offset 7"


@dataclass(slots=True)
class Systemic:
    """One alert that Telegram cannot read, whoever it is for, until it can: `seconds` after its first send."""

    mint: str
    seconds: float
    refused: int = 0
    begun_at: float | None = None

    def look(self, send: Json) -> None:
        """Raises Telegram's 400 while it lasts."""
        key = key_of(send)
        if key is None or key[1] != self.mint:
            return
        self.begun_at = time.monotonic() if self.begun_at is None else self.begun_at
        if time.monotonic() - self.begun_at < self.seconds:
            self.refused += 1
            raise bad_request(PARSE)


@dataclass(slots=True)
class Found:
    """What happened; `systemic` is None without such an alert."""

    mints: Sequence[str]
    members: Sequence[Member]
    accepted: Counter[Key]
    lost: Counter[Key]
    outcomes: Mapping[Key, str | None]
    chats: Mapping[int, tuple[str | None, int | None]]
    met: Counter[str]
    possible_duplicates: int
    violations: Sequence[str]
    seconds: float
    systemic: Systemic | None = None
    told_of_systemic: set[str] = field(default_factory=set)

    def times(self, what: Mapping[Key, int], member: Member, mint: str) -> int:
        """How often that alert is among `what` for that chat, under either of its ids."""
        ids = {member.chat.id, member.last_id}
        return sum(what.get((chat_id, mint, AlertKind.HIGH_SCORE.value), 0) for chat_id in ids)

    @property
    def duplicates(self) -> int:
        return sum(max(0, self.times(self.accepted, m, mint) - 1) for m in self.members for mint in self.mints)


def broken(found: Found) -> list[str]:
    """Every law that does not hold, in words."""
    return [*_missed(found), *_twice(found), *_states(found), *_systemic(found), *map(str, found.violations)]


def _missed(found: Found) -> list[str]:
    kept = [
        (m, mint)
        for m in found.members
        for mint in found.mints
        if m.reachable and found.times(found.accepted, m, mint) == 0
    ]
    outcomes = Counter(found.outcomes.get((m.last_id, mint, AlertKind.HIGH_SCORE.value), "no row") for m, mint in kept)
    return [f"{count} alerts never reached a reachable chat: {outcome}" for outcome, count in outcomes.items()]


def _twice(found: Found) -> list[str]:
    pairs = [(m, mint) for m in found.members for mint in found.mints]
    more = [
        (m, mint) for m, mint in pairs if found.times(found.accepted, m, mint) > 1 + found.times(found.lost, m, mint)
    ]
    laws = [f"{m.chat.id} ({m.fate}) got {mint} again, without a lost answer" for m, mint in more]
    lost = found.lost.total()
    if found.duplicates > lost:
        laws.append(f"{found.duplicates} duplicates are more than {lost} lost answers")
    if found.duplicates > found.possible_duplicates:
        laws.append(f"{found.duplicates} duplicates are more than the {found.possible_duplicates} that were counted")
    return laws


def _states(found: Found) -> list[str]:
    """Who should be on and is off, or the other way round; the upgraded under their new ids, without lost topics."""
    return [f"{m.chat.id} ({m.kind}, {m.fate}): {wrong}" for m in found.members if (wrong := _wrong(found, m))]


def _wrong(found: Found, member: Member) -> str | None:
    if member.last_id not in found.chats:
        return "its row is not there"
    reason, thread_id = found.chats[member.last_id]
    due = None if member.reachable or not member.struck else member.fate
    if reason != due:
        return f"off because of {reason}, not {due}"
    if member.last_id != member.chat.id and member.chat.id in found.chats:
        return "its old id is still a row"
    if member.struck and member.fate == "topic_gone" and thread_id is not None:
        return "its topic is remembered"
    return None


def _systemic(found: Found) -> list[str]:
    if found.systemic is None:
        return []
    silent = [each for each in (HEALTH, ALARM) if each not in found.told_of_systemic]
    return [f"{each} did not tell of the alert that Telegram refused" for each in silent]


# --- what is printed


def table(found: Found) -> list[str]:
    """What happened, by what became of the chats."""
    lines = [f"{'kind':<12}{'fate':<14}{'chats':>6}{'alerts':>8}{'arrived':>9}{'twice':>7}{'lost answers':>14}"]
    groups = sorted({(m.kind, m.fate) for m in found.members})
    lines += [
        _line(found, kind, fate, [m for m in found.members if (m.kind, m.fate) == (kind, fate)])
        for kind, fate in groups
    ]
    outcomes = Counter(found.outcomes.values())
    lines.append("faults met: " + ", ".join(f"{name} {count}" for name, count in found.met.most_common()))
    lines.append("rows: " + ", ".join(f"{outcome or 'open'} {count}" for outcome, count in outcomes.most_common()))
    lines.append(
        f"{found.duplicates} duplicates · {found.lost.total()} answers lost after acceptance"
        f" · {found.possible_duplicates} possible duplicates counted · {found.seconds:.0f} s"
    )
    if found.systemic is not None:
        heard = ", ".join(sorted(found.told_of_systemic)) or "nobody"
        lines.append(
            f"one alert refused {found.systemic.refused} times in {found.systemic.seconds:g} s; told by {heard}"
        )
    return lines


def _line(found: Found, kind: str, fate: str, members: Sequence[Member]) -> str:
    pairs = [(m, mint) for m in members for mint in found.mints]
    arrived = [found.times(found.accepted, *pair) for pair in pairs]
    lost = sum(found.times(found.lost, *pair) for pair in pairs)
    twice = sum(max(0, count - 1) for count in arrived)
    return f"{kind:<12}{fate:<14}{len(members):>6}{len(pairs):>8}{sum(map(bool, arrived)):>9}{twice:>7}{lost:>14}"
