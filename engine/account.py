"""Loop: opens the till, learns what the key may use, writes what is spent, and asks hourly what the account says."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta
from functools import partial

import structlog

from engine.birdeye import Birdeye
from engine.errors import DatabaseAway, ProviderError
from engine.heartbeat import Heartbeat
from engine.patience import Patience
from engine.plans import CREDITS, SECURITY
from engine.ports import Clock
from engine.till import Till

log = structlog.get_logger()

SAVE_SECONDS = 2.0
LAST_SAVE_SECONDS = 2.0
RECONCILED_EVERY = timedelta(hours=1)


class Account:
    """Keeps the books of the Birdeye account."""

    def __init__(self, birdeye: Birdeye, till: Till, clock: Clock, heartbeat: Heartbeat, patience: Patience) -> None:
        self._birdeye = birdeye
        self._till = till
        self._clock = clock
        self._heartbeat = heartbeat
        self._patience = patience

    async def run(self) -> None:
        """Runs until cancelled; what was spent until then is written once more."""
        await self._patience.once(self._till.open)
        try:
            await self._probe()
            due = self._clock.now() + RECONCILED_EVERY
            while True:
                await self._patience.once(self._till.save)
                if self._clock.now() >= due:
                    due = self._clock.now() + RECONCILED_EVERY
                    await self._reconcile()
                await self._clock.sleep(SAVE_SECONDS)
        finally:
            await self._save_last()

    async def _save_last(self) -> None:
        with suppress(DatabaseAway, TimeoutError):
            async with asyncio.timeout(LAST_SAVE_SECONDS):
                await self._till.save()

    async def _probe(self) -> None:
        """The account's own count comes first: what is left decides whether the rest is worth asking."""
        await self._reconcile()
        if self._till.may(SECURITY, urgent=False):
            await self._birdeye.probe()
        purse = self._till.purse
        log.info(
            "budget.opened",
            plan=self._till.plan.name,
            monthly_cu=self._till.plan.monthly_cu,
            spent_cu=purse.spent_cu if purse else None,
            until=purse.ends_at.isoformat() if purse else None,
        )

    async def _reconcile(self) -> None:
        if self._birdeye.resting(CREDITS) is not None:
            return
        try:
            told = await self._birdeye.credits()
        except ProviderError as error:
            self._heartbeat.count("reconcile", type(error).__name__)
        else:
            await self._patience.once(partial(self._till.reconcile, told))
