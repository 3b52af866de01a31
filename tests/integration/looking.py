"""The looks over the real store; only the markets are told, and time moves by hand."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any

from sqlalchemy import text

from engine.checks import Checks
from engine.glances import Glances
from engine.heartbeat import Heartbeat
from engine.model import Glance, PoolFigures, Source, Status
from engine.patience import Patience
from engine.plans import PLANS, Plan
from engine.recorder import Recorder
from engine.settings import Settings
from engine.ticker import Ticker
from engine.till import Till
from storage.store import Store
from tests.made import NOON, migration, minutes, sample
from tests.markets import StillClock, ToldGlances, ToldMarket

INTERVALS = {Status.INITIAL: timedelta(seconds=30), Status.ACTIVE: timedelta(seconds=20)}


class Desk:
    """A ticker with all it touches, without glances unless a test wants them."""

    def __init__(
        self,
        store: Store,
        glances: ToldGlances | None = None,
        *,
        paid: bool = True,
        plan: Plan = PLANS["business"],
    ) -> None:
        self.store = store
        self.market = ToldMarket()
        self.clock = StillClock(NOON)
        self.heartbeat = Heartbeat()
        self.rung = 0
        self.till = Till(plan, store.spending, self.clock)
        patience = Patience(5)
        self.recorder = Recorder(
            store.tokens,
            store.looks,
            store.watches,
            self.clock,
            self.heartbeat,
            patience,
            self._ring,
            glances_score=not paid,
        )
        parts = (self.recorder, self.clock, self.heartbeat, patience, INTERVALS)
        self.checks = Checks(store.tokens, store.settings, self.market, self.till, *parts, at_once=20)
        self.glances = Glances(
            store.tokens,
            store.settings,
            glances,
            *parts,
            batches_per_minute=6_000,
            ask_checks=self.checks.at_once if paid else None,
        )
        self.checks.glances_work = lambda: self.glances.working
        self.ticker = Ticker(self.glances, self.checks if paid else None, self.recorder)

    def _ring(self) -> None:
        self.rung += 1

    async def track(self, *mints: str, **facts: Any) -> None:
        for mint in mints:
            await self.store.tokens.track(migration(mint, **facts), first_check_at=NOON)
            self.market.answers[mint] = sample()

    async def scored(self, mint: str) -> int:
        """How many checks of the token have been recorded."""
        [token] = await self.store.tokens.find(mint)
        portrait = await self.store.looks.portrait(token.id, NOON - minutes(60), Settings())
        return len(portrait.scores) if portrait else 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        await self.till.open()
        loop = asyncio.create_task(self.ticker.run())
        try:
            yield
        finally:
            loop.cancel()
            with suppress(asyncio.CancelledError):
                await loop

    async def tick(self, at_seconds: float = 0) -> None:
        """Let the clock stand at NOON plus these seconds and the ticker look for due tokens."""
        self.clock.move((NOON - self.clock.now()).total_seconds() + at_seconds)
        self.ticker.wake()

    async def rows(self, sql: str) -> list[tuple[Any, ...]]:
        async with self.store.database.transaction() as session:
            return [tuple(row) for row in (await session.execute(text(sql))).all()]


def seen(**facts: Any) -> Glance:
    """A busy token's glance at noon with its one pool."""
    usual = {"holders": None, "buys_volume_5m": None, "sells_volume_5m": None}
    look = sample(source=Source.DEXSCREENER, **(usual | facts))
    return Glance(look, (PoolFigures("pool", "pumpswap", look.liquidity, look.volume_5m, look.tx_count_5m),))
