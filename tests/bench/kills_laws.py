"""What must hold after kills, and the table of what was in flight."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from engine.model import AlertKind
from tests.bench.whole import Key

SHOWN = 5  # examples of a broken law
WIDTH = 50


@dataclass(frozen=True, slots=True)
class Life:
    """One program from its start to its kill: `in_flight` is what Telegram accepted and its rows did not know yet."""

    seconds: float
    sends: int
    in_flight: frozenset[Key]


@dataclass(frozen=True, slots=True)
class Found:
    """What there is in the end: `due` (chat, mint) of alerts that were decided beside the program, sends by what they
    were, outcomes of the rows, mints that programs had kept by their logs, mints of the tokens that migrated.
    """

    lives: Sequence[Life]
    due: AbstractSet[tuple[int, str]]
    accepted: Counter[Key]
    outcomes: Mapping[Key, str | None]
    heard: Sequence[str]
    tokens: Sequence[str]

    @property
    def in_flight(self) -> Counter[Key]:
        """At how many kills each alert for a chat was in flight."""
        return Counter(key for life in self.lives for key in life.in_flight)

    @property
    def duplicates(self) -> int:
        """Sends beyond the first of each alert to each chat."""
        return sum(count - 1 for count in self.accepted.values())

    @property
    def lost(self) -> set[Key]:
        """What never reached its chat, of what was decided beside the program or is a row."""
        due = {(chat_id, mint, AlertKind.HIGH_SCORE.value) for chat_id, mint in self.due}
        return (due | self.outcomes.keys()) - self.accepted.keys()


def broken(found: Found) -> list[str]:
    """Every law that does not hold, in words."""
    in_flight, duplicates = found.in_flight, found.duplicates
    again = {key for key, count in found.accepted.items() if count > 1 + in_flight[key]}
    unsent = {(outcome, key) for key, outcome in found.outcomes.items() if outcome != "sent"}
    laws: dict[str, Collection[object]] = {
        "alerts were lost": found.lost,
        "alerts came again that were not in flight": again,
        "rows do not know that they were sent": unsent,
        "sends have no row": found.accepted.keys() - found.outcomes.keys(),
        "migrations that were heard are no tokens": set(found.heard) - set(found.tokens),
        "tokens are tracked twice": _repeated(found.tokens),
        "migrations were heard as new twice": _repeated(found.heard),
    }
    told = [f"{len(whom)} {law}: {sorted(map(str, whom))[:SHOWN]}" for law, whom in laws.items() if whom]
    if duplicates > in_flight.total():
        told.append(f"{duplicates} duplicates are more than {in_flight.total()} sends in flight")
    return told


def table(found: Found) -> list[str]:
    """Totals, and how many sends were in flight at how many kills."""
    seconds, in_flight = sum(life.seconds for life in found.lives), found.in_flight.total()
    alerts = {(mint, kind) for _, mint, kind in found.outcomes}
    kills = Counter(len(life.in_flight) for life in found.lives)
    counts = [f"{len(alerts)} alerts", f"{len(found.outcomes)} rows", f"{found.accepted.total()} sends accepted"]
    return [
        f"{len(found.lives)} kills in {seconds:.0f} s, {seconds / len(found.lives):.1f} s each",
        ", ".join([*counts, f"{len(found.heard)} migrations heard"]),
        "in flight   kills",
        *(f"{number:>9}   {count:>5} {_bar(count, max(kills.values()))}" for number, count in sorted(kills.items())),
        f"{len(found.lost)} lost · {found.duplicates} duplicates · {in_flight} sends in flight at the kills",
    ]


def _bar(count: int, longest: int) -> str:
    return "█" * round(WIDTH * count / longest)


def _repeated(mints: Sequence[str]) -> list[str]:
    return [mint for mint, count in Counter(mints).items() if count > 1]
