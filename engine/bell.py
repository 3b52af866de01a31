"""A bell that ends a loop's pause: whoever has news rings it, and the next pass comes at once."""

from __future__ import annotations

import asyncio

from engine.ports import Clock


class Bell:
    """Rung from anywhere in the event loop; rung while nobody pauses, it shortens the next pause to nothing."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """End the pause."""
        self._rung.set()

    async def pause(self, clock: Clock, seconds: float) -> None:
        """Sleep so many of the clock's seconds, or until the bell is rung."""
        sleep = asyncio.create_task(clock.sleep(seconds))
        rung = asyncio.create_task(self._rung.wait())
        try:
            await asyncio.wait({sleep, rung}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleep.cancel()
            rung.cancel()
        self._rung.clear()
