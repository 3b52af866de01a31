"""Loop: each hour, which level about 5, 20 or 60 episodes a day have reached lately."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import structlog

from engine.chats import PER_DAY
from engine.heartbeat import Heartbeat
from engine.memory import Episodes, SettingsSource
from engine.patience import Patience
from engine.ports import Clock

log = structlog.get_logger()

PAUSE_SECONDS = 60.0
EVERY = timedelta(hours=1)
DAY = timedelta(days=1)
SHORTEST = timedelta(hours=1)  # what less than that says of a day is chance


def level_for(peaks: Sequence[float], per_day: int, span: timedelta, lowest: float) -> float | None:
    """The level that about `per_day` episodes a day reach, at least `lowest`; None when too little was watched.

    `peaks` are the highest levels of all episodes within `span`.
    """
    if span < SHORTEST:
        return None
    number = max(1, round(per_day * (span / DAY)))
    highest = sorted(peaks, reverse=True)
    return max(lowest, highest[number - 1]) if len(highest) >= number else lowest


class Levels:
    """Keeps the levels up to date that chats follow which ask for a number of alerts a day."""

    def __init__(
        self, episodes: Episodes, settings: SettingsSource, clock: Clock, heartbeat: Heartbeat, patience: Patience
    ) -> None:
        self._episodes = episodes
        self._settings = settings
        self._clock = clock
        self._heartbeat = heartbeat
        self._patience = patience

    async def run(self) -> None:
        """Runs until cancelled."""
        await self._patience.keep(self._round)

    async def _round(self) -> None:
        await self.step()
        await self._clock.sleep(PAUSE_SECONDS)

    async def step(self) -> None:
        """Set the levels anew, unless that was done within the hour or too little is known yet."""
        now = self._clock.now()
        set_at = await self._episodes.levels_set_at()
        if set_at is None or now - set_at >= EVERY:
            lowest = (await self._settings.current()).alert_score_off
            peaks, span = await self._episodes.peaks(now)
            found = {per_day: level_for(peaks, per_day, span, lowest) for per_day in PER_DAY}
            levels = {per_day: level for per_day, level in found.items() if level is not None}
            if levels:
                await self._episodes.set_levels(levels, now)
                log.info("levels.set", levels=levels, episodes=len(peaks), hours=round(span / EVERY, 1))
        self._heartbeat.beat("levels")
