"""Loop: what became of what we said is written down, batch by batch, until nothing is due."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from engine.aftermath import Progress
from engine.heartbeat import Heartbeat
from engine.memory import Outcomes, SettingsSource
from engine.outcomes import follow, windows_over
from engine.patience import Patience
from engine.ports import Clock

log = structlog.get_logger()

PAUSE_SECONDS = 60.0
BATCH = 100


class Accountant:
    """Follows each outcome to its last horizon."""

    def __init__(
        self, outcomes: Outcomes, settings: SettingsSource, clock: Clock, heartbeat: Heartbeat, patience: Patience
    ) -> None:
        self._outcomes = outcomes
        self._settings = settings
        self._clock = clock
        self._heartbeat = heartbeat
        self._patience = patience

    async def run(self) -> None:
        """Runs until cancelled."""
        await self._patience.keep(self._round)

    async def _round(self) -> None:
        if await self.attend() < BATCH:
            await self._clock.sleep(PAUSE_SECONDS)

    async def attend(self) -> int:
        """Bring one batch of due outcomes up to now; how many there were."""
        settings, now = await self._settings.current(), self._clock.now()
        due = await self._outcomes.due(now, BATCH)
        if due:
            series = await self._outcomes.series(due)
            heard = await self._outcomes.heard({span for one in due for span in windows_over(one, now)})
            trusted = settings.min_trusted_liquidity
            progress = [follow(one, series.get(one.id, ()), heard, now, trusted) for one in due]
            await self._outcomes.settle(progress)
            self._count(progress)
        self._heartbeat.beat("outcomes")
        return len(due)

    def _count(self, progress: Sequence[Progress]) -> None:
        marks = [mark for one in progress for mark in one.marks.values()]
        for mark in marks:
            self._heartbeat.count("outcome", mark.state)
        if marks:
            log.info("outcomes.settled", outcomes=len(progress), horizons=len(marks))
