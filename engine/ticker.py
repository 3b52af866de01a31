"""The looks at all tokens: free glances, paid checks, and the one recorder that decides and records what they bring."""

from __future__ import annotations

import asyncio

from engine.checks import Checks
from engine.glances import Glances
from engine.recorder import Recorder


class Ticker:
    """Three loops that live and end together. Without `checks`, glances are scored."""

    def __init__(self, glances: Glances, checks: Checks | None, recorder: Recorder) -> None:
        self._glances = glances
        self._checks = checks
        self._recorder = recorder

    def wake(self) -> None:
        """There is a new token: look at it now instead of at the next pass."""
        self._glances.bell.ring()
        if self._checks is not None:
            self._checks.bell.ring()

    async def run(self) -> None:
        """Runs until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._glances.run(), name="glances")
            group.create_task(self._recorder.run(), name="recorder")
            if self._checks is not None:
                group.create_task(self._checks.run(), name="checks")
