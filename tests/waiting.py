"""How a test waits: for a condition, with a deadline. Never for a time."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable

POLL_SECONDS = 0.01


async def until(
    condition: Callable[[], object | Awaitable[object]],
    deadline_seconds: float = 10,
    what: str = "the condition",
) -> None:
    """Return as soon as `condition()` (which may be async) is true; fail the test once the deadline has passed."""
    started = time.monotonic()
    while True:
        answer = condition()
        if inspect.isawaitable(answer):
            answer = await answer
        if answer:
            return
        waited = time.monotonic() - started
        if waited > deadline_seconds:
            raise AssertionError(f"waited {waited:.1f} s in vain for {what}; the last answer was {answer!r}")
        await asyncio.sleep(POLL_SECONDS)
