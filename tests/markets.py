"""A market that remembers what it was asked and answers what a test told it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from deploy.sandbox.clock import HandClock
from engine.errors import DatabaseAway, ProviderError
from engine.model import Glance, Sample


class ToldMarket:
    """`engine.ports.PaidMarket`: answers by mint; an error is raised, an Event is waited for first."""

    def __init__(self) -> None:
        self.answers: dict[str, Sample | ProviderError] = {}
        self.gates: dict[str, asyncio.Event] = {}
        self.asked: Counter[str] = Counter()
        self.fresh: list[bool] = []
        self.urgent: Counter[str] = Counter()
        self.rests: ProviderError | None = None

    def resting(self) -> ProviderError | None:
        return self.rests

    async def look(self, mint: str, *, fresh: bool = False, urgent: bool = False) -> Sample:
        self.asked[mint] += 1
        self.fresh.append(fresh)
        self.urgent[mint] += urgent
        if mint in self.gates:
            await self.gates[mint].wait()
        answer = self.answers[mint]
        if isinstance(answer, ProviderError):
            raise answer
        return answer


class StillClock(HandClock):
    """A clock whose sleeps last until they are cancelled: the loop under test acts when woken, never by itself."""

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.Event().wait()


class ToldGlances:
    """`engine.ports.GlanceSource`: answers what a test told it; mints without a word are absent."""

    def __init__(self) -> None:
        self.answers: dict[str, Glance] = {}
        self.failure: ProviderError | None = None
        self.asked: Counter[str] = Counter()

    async def glance(self, mints: Sequence[str]) -> dict[str, Glance]:
        self.asked.update(mints)
        if self.failure is not None:
            raise self.failure
        return {mint: self.answers[mint] for mint in mints if mint in self.answers}


class MadeSpending:
    """`engine.memory.Spending` in memory: every row that was added."""

    def __init__(self) -> None:
        self.rows: list[tuple[datetime, str, int, int]] = []
        self.away = False
        self.told: tuple[datetime, datetime] | None = None

    async def add(self, endpoint: str, calls: int, credits_cu: int, at: datetime) -> None:
        if self.away:
            raise DatabaseAway("away")
        self.rows.append((at, endpoint, calls, credits_cu))

    async def cycle(self) -> tuple[datetime, datetime] | None:
        return self.told

    async def keep_cycle(self, starts_at: datetime, ends_at: datetime) -> None:
        self.told = (starts_at, ends_at)

    async def since(self, start: datetime) -> int:
        return sum(row[3] for row in self.rows if row[0] >= start)

    async def first_hour(self) -> datetime | None:
        return min((row[0] for row in self.rows), default=None)


class OpenTill:
    """`engine.ports.Payer` to whom money is no object."""

    async def pay(self, _endpoint: str, *, urgent: bool = False) -> int:  # noqa: ARG002 - the port's word
        return 0

    def settle(self, endpoint: str, charged_cu: int, told_cu: int | None, status: int) -> None:
        """Never mind."""

    def refund(self, endpoint: str, charged_cu: int) -> None:
        """Never mind."""
