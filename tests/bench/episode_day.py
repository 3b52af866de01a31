"""A simulated day of oscillating scores: decided, recorded and fanned out by the program itself, and kept as events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from engine.decision import decide
from engine.heartbeat import Heartbeat
from engine.levels import Levels
from engine.model import Status, Token, Verdict
from engine.patience import Patience
from engine.settings import Settings
from storage.database import Database
from storage.store import Store
from tests.bench.listeners import LATE, acts_of_all, carry_out
from tests.bench.oracle import Event, LevelsSet, Told
from tests.bench.oscillating import EVERY, HOUR, Look, Oscillation
from tests.made import migration

START = datetime(2026, 7, 1, tzinfo=UTC)
ADMIN_ID = 1
# What an admin changes, at which part of the day.
SETS = (
    (0.25, "ewma_alpha", 0.12),
    (0.4, "alert_score_on", 1.8),
    (0.55, "weight_orderflow_imbalance", 0.2),
    (0.65, "alert_rearm_minutes", 3.0),
    (0.75, "alert_score_on", 2.0),
    (0.8, "alert_cooldown_minutes", 30.0),
    (0.9, "alert_min_tx", 30),
)

HEARD = text("""
    SELECT parcel.created_at, parcel.chat_id, alert.token_id
    FROM outbox AS parcel JOIN alerts AS alert ON alert.id = parcel.alert_id
    WHERE alert.kind = 'high_score' AND parcel.created_at = :now
""")
EXPIRE = text("UPDATE outbox SET outcome = 'expired' WHERE created_at = :now AND chat_id = ANY(:late)")
ROWS = text("""
    SELECT (SELECT count(*) FROM alerts) + (SELECT count(*) FROM outbox)
         + (SELECT count(*) FROM episode_checks) + (SELECT count(*) FROM outcomes)
""")


@dataclass(slots=True)
class SimulatedClock:
    """Shows the time that it is set to."""

    time: datetime = START

    def now(self) -> datetime:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


@dataclass(slots=True)
class Day:
    """What has happened, who was told by the program, and what repeating each tick has inserted."""

    kinds: dict[int, str]
    events: list[Event] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    ticks: int = 0
    repeated: int = 0


class Simulation:
    """The program's own parts over a migrated database without rows."""

    def __init__(self, database: Database, hours: float, tokens: int, chats: int, seed: int) -> None:
        self._store, self._clock, self._hours = Store(database), SimulatedClock(), hours
        self._tokens = [Oscillation(number, seed, START, hours) for number in range(tokens)]
        kinds, self._acts = acts_of_all(START, hours, seed, chats)
        self._sets = [(START + part * hours * HOUR, name, value) for part, name, value in SETS]
        self._late = [chat_id for chat_id, kind in kinds.items() if kind == LATE]
        parts = (self._store.episodes, self._store.settings, self._clock, Heartbeat(), Patience(5))
        self._levels, self._settings = Levels(*parts), Settings()
        self.day = Day(kinds)

    async def run(self) -> Day:
        """The whole day, each tick recorded twice."""
        for one in self._tokens:
            await self._store.tokens.track(migration(one.mint, heard_at=max(START, one.born_at)), START)
        self._by_mint = {one.mint: (await self._store.tokens.find(one.mint))[0].id for one in self._tokens}
        for tick in range(int(self._hours * HOUR / EVERY)):
            self._clock.time = START + tick * EVERY
            await self._between_ticks(tick)
            await self._tick(self._clock.time, self._settings)
        return self.day

    async def _between_ticks(self, tick: int) -> None:
        """What people do until this tick, and each hour the levels."""
        now = self._clock.time
        while self._acts and self._acts[0].at <= now:
            act = self._acts.pop(0)
            await carry_out(self._store, act, len(self.day.events))
            self.day.events.append(act)
        while self._sets and self._sets[0][0] <= now:
            at, name, value = self._sets.pop(0)
            self._settings = await self._store.settings.change(name, value, ADMIN_ID, at)
        if tick % (HOUR // EVERY) == 0:
            await self._levels.step()
            self.day.events.append(LevelsSet(now, await self._store.episodes.levels(now)))

    async def _tick(self, now: datetime, settings: Settings) -> None:
        known = await self._store.tokens.current(list(self._by_mint.values()))
        verdicts = []
        for one in self._tokens:
            looked, sample = one.look(now)
            if looked:
                token = known[self._by_mint[one.mint]]
                verdict = decide(token, sample, (), now, settings)
                verdicts.append(verdict)
                self.day.events.append(_seen(one, token, verdict, settings, now))
        await self._record(verdicts, now, settings)

    async def _record(self, verdicts: Sequence[Verdict], now: datetime, settings: Settings) -> None:
        """Record the tick and who is told; then once more, as after a commit whose answer was lost."""
        await self._store.looks.record(verdicts, now, settings)
        async with self._store.database.transaction() as session:
            self.day.told += [(at, chat, token) for at, chat, token in await session.execute(HEARD, {"now": now})]
            await session.execute(EXPIRE, {"now": now, "late": self._late})
            before = await session.scalar(ROWS) or 0
        await self._store.looks.record(verdicts, now, settings)
        async with self._store.database.transaction() as session:
            self.day.repeated += (await session.scalar(ROWS) or 0) - before
        self.day.ticks += 1


def _seen(one: Oscillation, token: Token, verdict: Verdict, settings: Settings, now: datetime) -> Look:
    before, after = (state.status is Status.ACTIVE for state in (token, verdict.after))
    return Look(now, token.id, one.born_at, verdict.sample, settings, before, after)
