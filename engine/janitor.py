"""Loop: looks older than `retention_hours` are deleted, in batches small enough to stand in nobody's way."""

from __future__ import annotations

from datetime import timedelta

import structlog

from engine.heartbeat import Heartbeat
from engine.patience import Patience
from engine.ports import Clock, Looks, SettingsSource

log = structlog.get_logger()

PAUSE_SECONDS = 60.0
BATCH = 2000


class Janitor:
    """Keeps the tables of looks at the length that the settings ask for."""

    def __init__(
        self, looks: Looks, settings: SettingsSource, clock: Clock, heartbeat: Heartbeat, patience: Patience
    ) -> None:
        self._looks = looks
        self._settings = settings
        self._clock = clock
        self._heartbeat = heartbeat
        self._patience = patience

    async def run(self) -> None:
        """Runs until cancelled."""
        await self._patience.keep(self._round)

    async def _round(self) -> None:
        if not await self.sweep():
            await self._clock.sleep(PAUSE_SECONDS)

    async def sweep(self) -> int:
        """Delete one batch of old rows; how many there were."""
        settings = await self._settings.current()
        before = self._clock.now() - timedelta(hours=settings.retention_hours)
        deleted = await self._looks.prune(before, BATCH)
        self._heartbeat.beat("janitor")
        if deleted:
            log.info("looks.pruned", rows=deleted)
        return deleted
