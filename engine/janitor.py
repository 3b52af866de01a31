"""Loop: old looks and dealt-with outbox rows are deleted, in batches small enough to stand in nobody's way."""

from __future__ import annotations

from datetime import timedelta

import structlog

from engine.heartbeat import Heartbeat
from engine.memory import Episodes, Looks, Outbox, SettingsSource
from engine.patience import Patience
from engine.ports import Clock

log = structlog.get_logger()

PAUSE_SECONDS = 60.0
BREATH_SECONDS = 1.0  # between full batches, so that a backlog leaves the disk to others
BATCH = 2000
OUTBOX_KEPT = timedelta(days=7)
EPISODES_KEPT = timedelta(days=3)


class Janitor:
    """Keeps the tables at the length that the settings ask for."""

    def __init__(
        self,
        looks: Looks,
        outbox: Outbox,
        episodes: Episodes,
        settings: SettingsSource,
        clock: Clock,
        heartbeat: Heartbeat,
        patience: Patience,
    ) -> None:
        self._looks = looks
        self._outbox = outbox
        self._episodes = episodes
        self._settings = settings
        self._clock = clock
        self._heartbeat = heartbeat
        self._patience = patience

    async def run(self) -> None:
        """Runs until cancelled."""
        await self._patience.keep(self._round)

    async def _round(self) -> None:
        more = await self.sweep() >= BATCH
        await self._clock.sleep(BREATH_SECONDS if more else PAUSE_SECONDS)

    async def sweep(self) -> int:
        """Delete one batch of each kind of old row; how many there were."""
        settings, now = await self._settings.current(), self._clock.now()
        looks = await self._looks.prune(now - timedelta(hours=settings.retention_hours), BATCH)
        alerts = await self._outbox.prune(now - OUTBOX_KEPT, BATCH)
        episodes = await self._episodes.prune(now - EPISODES_KEPT, BATCH)
        self._heartbeat.beat("janitor")
        if looks or alerts or episodes:
            log.info("rows.pruned", looks=looks, outbox=alerts, episodes=episodes)
        return looks + alerts + episodes
