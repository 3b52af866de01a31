"""A market that remembers what it was asked and answers what a test told it."""

from __future__ import annotations

import asyncio
from collections import Counter

from deploy.sandbox.clock import HandClock
from engine.errors import ProviderError
from engine.model import Sample


class ToldMarket:
    """`engine.ports.Market`: answers by mint; an error is raised, an Event is waited for first."""

    def __init__(self) -> None:
        self.answers: dict[str, Sample | ProviderError] = {}
        self.gates: dict[str, asyncio.Event] = {}
        self.asked: Counter[str] = Counter()
        self.fresh: list[bool] = []

    async def look(self, mint: str, *, fresh: bool = False) -> Sample:
        self.asked[mint] += 1
        self.fresh.append(fresh)
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
