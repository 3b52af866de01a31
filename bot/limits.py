"""The settings that every command is held against, without a query for each: how many a minute are too many."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress

from engine.errors import DatabaseAway
from engine.settings import Settings
from storage.settings import SettingsTable

READ_EVERY_SECONDS = 2.0


class Limits:
    """The settings of a moment ago; the last known ones while the database is away."""

    def __init__(self, settings_table: SettingsTable, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._settings_table = settings_table
        self._monotonic = monotonic
        self._settings = Settings()
        self._read_again_at = monotonic()
        self._reading = asyncio.Lock()

    async def current(self) -> Settings:
        """The settings as they were at most `READ_EVERY_SECONDS` ago. Never raises DatabaseAway."""
        async with self._reading:
            if self._monotonic() >= self._read_again_at:
                with suppress(DatabaseAway):
                    self._settings = await self._settings_table.current()
                self._read_again_at = self._monotonic() + READ_EVERY_SECONDS
        return self._settings
