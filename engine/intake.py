"""Loop: every migration that is heard becomes a row, and the ticker is woken for its first look."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import aclosing
from functools import partial

import structlog

from engine.events import Migration
from engine.heartbeat import Heartbeat
from engine.patience import Patience
from engine.ports import Clock, Feed, Tokens

log = structlog.get_logger()


class Intake:
    """Feeds migrations into the memory. Hearing one twice changes nothing."""

    def __init__(
        self,
        feed: Feed,
        tokens: Tokens,
        clock: Clock,
        heartbeat: Heartbeat,
        patience: Patience,
        wake: Callable[[], None],
    ) -> None:
        self._feed = feed
        self._tokens = tokens
        self._clock = clock
        self._heartbeat = heartbeat
        self._patience = patience
        self._wake = wake

    async def run(self) -> None:
        """Runs until cancelled."""
        async with aclosing(self._feed.migrations()) as migrations:
            async for migration in migrations:
                await self._patience.once(partial(self._remember, migration))

    async def _remember(self, migration: Migration) -> None:
        new = await self._tokens.track(migration, first_check_at=self._clock.now())
        self._heartbeat.count("migration", "new" if new else "repeated")
        if new:
            log.info("migration.heard", token=migration.mint, symbol=migration.symbol)
            self._wake()
