"""How fast alerts go out: overall, and into one chat. A flood wait that Telegram asks for stands in `delivery`."""

from __future__ import annotations

from aiolimiter import AsyncLimiter
from cachetools import TTLCache

PRIVATE_SECONDS = 1.0
GROUP_SECONDS = 60 / 19  # just below the 20 a minute that a group allows
REMEMBERED_CHATS = 20_000
REMEMBERED_SECONDS = 60.0


class Pace:
    """At most `rate_per_second` messages evenly spaced, one a second in a private chat, 19 a minute in a group."""

    def __init__(self, rate_per_second: float) -> None:
        self._overall = AsyncLimiter(1, 1 / rate_per_second)
        self._chats: TTLCache[int, AsyncLimiter] = TTLCache(REMEMBERED_CHATS, REMEMBERED_SECONDS)

    async def chat_turn(self, chat_id: int) -> float:
        """Take the chat's turn and return 0, or return the seconds after which to ask again. Never waits."""
        spacing = PRIVATE_SECONDS if chat_id > 0 else GROUP_SECONDS
        limiter = self._chats.pop(chat_id, None) or AsyncLimiter(1, spacing)
        self._chats[chat_id] = limiter  # put back, so that it is remembered from its latest use on
        if not limiter.has_capacity():
            return spacing
        await limiter.acquire()
        return 0.0

    async def turn(self) -> None:
        """Wait for the next turn overall."""
        await self._overall.acquire()
