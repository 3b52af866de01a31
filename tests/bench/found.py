"""What the bench of delivery found: in numbers, in lines to print, and held against its floors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from deploy.sandbox.telegram import BotApi, SentMessage
from tests.bench.crowd import Crowd
from tests.bench.flow import WINDOW_SECONDS, Flow

LEAST_RATIO = 0.97
LONGEST_ALARM_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Fan:
    """How many statements wrote an alert's rows for all chats, and how long the whole look took."""

    statements: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Found:
    """All numbers of one run; the rates are alerts a second, all other figures counts or seconds.

    `refused` are the 429 by method. `outcomes` counts outbox rows by (symbol, outcome), open ones as "open"; `counts`
    are the program's own counters.
    """

    rate: float
    fans: Sequence[Fan]
    flow: Flow
    refused: Counter[str]
    violations: int
    uploads: int
    reuses: int
    alarm_seconds: float
    answered: Sequence[float]
    heard: Counter[tuple[str, ...]]
    twice: int
    outcomes: dict[tuple[str, str], int]
    counts: dict[tuple[str, str], int]
    own_alarms: Sequence[str]
    pause_seconds: float
    garbage_seconds: float

    @property
    def ratio(self) -> float:
        """Of the configured rate."""
        return self.flow.rate / self.rate

    @property
    def worst_ratio(self) -> float:
        """The same in the worst window; the average where there is none."""
        return self.ratio if self.flow.worst_rate is None else self.flow.worst_rate / self.rate

    def rows(self, outcome: str) -> int:
        """Outbox rows of this outcome."""
        return sum(count for (_, found), count in self.outcomes.items() if found == outcome)


def lines(found: Found) -> Iterator[str]:
    """What is printed."""
    flow = found.flow
    for number, fan in enumerate(found.fans, 1):
        took = f"{1000 * fan.seconds:,.0f} ms with all that the look changed"
        yield f"fan-out {number}: statements {fan.statements}, {took}"
    yield f"{flow.messages:,} alerts in {flow.seconds:,.1f} s"
    yield f"rate: {flow.rate:.2f}/s of {found.rate:g}/s = {found.ratio:.3f}"
    if flow.worst_rate is not None:
        yield f"worst {WINDOW_SECONDS:g} s: {flow.worst_rate:.2f}/s = {found.worst_ratio:.3f}"
    refused = "".join(f" {method} {count}" for method, count in found.refused.most_common())
    yield f"429:{refused or ' none'} · mistakes: {found.violations} · twice in one chat: {found.twice}"
    yield f"pictures: {found.uploads} uploaded, {found.reuses:,} by file_id"
    yield f"alarm queued behind them: received after {1000 * found.alarm_seconds:,.0f} ms"
    yield _answers(found.answered)
    yield "who heard: " + ", ".join(f"{' and '.join(who) or 'none'} {n:,}" for who, n in sorted(found.heard.items()))
    yield "rows: " + _counted(found.outcomes)
    yield "the program counted: " + _counted(found.counts)
    yield f"alarms of its own: {len(found.own_alarms)}{''.join(f' · {said!r}' for said in found.own_alarms)}"
    pause, garbage = 1000 * found.pause_seconds, 1000 * found.garbage_seconds
    yield f"longest pause of the stand-in's event loop: {pause:.0f} ms, of which garbage at most {garbage:.0f} ms"


def floors(found: Found) -> Iterator[str]:
    """Each floor that was missed, in words."""
    met = {
        "fan-out in one statement": all(fan.statements == 1 for fan in found.fans),
        f"{LEAST_RATIO} of the rate": found.ratio >= LEAST_RATIO,
        "no 429": not found.refused,
        "no mistakes": found.violations == 0,
        "nothing twice in one chat": found.twice == 0,
        f"the alarm within {LONGEST_ALARM_SECONDS:g} s": found.alarm_seconds <= LONGEST_ALARM_SECONDS,
        "no row left open": found.rows("open") == 0,
        "what expired is counted": found.rows("expired") == found.counts.get(("alert_given_up", "expired"), 0),
    }
    yield from (what for what, was_met in met.items() if not was_met)


def heard_by(telegram: BotApi, crowd: Crowd, symbols: Sequence[str]) -> tuple[Counter[tuple[str, ...]], int]:
    """How many chats heard which of the alerts; and how many heard one of them more than once."""
    heard: Counter[tuple[str, ...]] = Counter()
    twice = 0
    for chat_id in crowd.ids:
        found = Counter(
            symbol for m in pictures(telegram, [chat_id]) for symbol in symbols if symbol in (m.caption or "")
        )
        heard[tuple(sorted(found))] += 1
        twice += any(times > 1 for times in found.values())
    return heard, twice


def pictures(telegram: BotApi, chat_ids: Iterable[int]) -> Iterator[SentMessage]:
    """The bot's messages with a picture in these chats: alerts, since nobody here asks for one."""
    for chat_id in chat_ids:
        yield from (message for message in telegram.messages(chat_id) if message.file)


def _answers(seconds: Sequence[float]) -> str:
    if not seconds:
        return "commands meanwhile: none"
    half, most = 1000 * median(seconds), 1000 * max(seconds)
    return f"{len(seconds)} commands meanwhile: answered after {half:,.0f} ms (median), {most:,.0f} ms (longest)"


def _counted(counts: dict[tuple[str, str], int]) -> str:
    return ", ".join(f"{what} {kind} {count:,}" for (what, kind), count in sorted(counts.items())) or "nothing"
