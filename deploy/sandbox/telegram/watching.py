"""What people see of the bot: its messages, its inline results; and how a test waits for them."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import TypeVar

from deploy.sandbox.telegram.values import InlineAnswer, Json, Request, SentMessage
from deploy.sandbox.telegram.world import World

Found = TypeVar("Found")

KEPT_REQUESTS = 20_000  # at least: a sandbox may run for weeks


class Watching:
    """Looks, and changes nothing. `requests` logs the bot's latest calls, `violations` its mistakes.

    `answers` counts the answers by method and status; `lost` are the results whose answer got lost on the wire.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.requests: list[Request] = []
        self.requests_ever = 0
        self.violations: list[str] = []
        self.answers: Counter[tuple[str, int]] = Counter()
        self.lost: list[Json] = []
        self._seen: dict[int, int] = {}
        self._inline_seen: set[str] = set()

    def log(self, request: Request) -> None:
        """Keep one more request; the oldest are forgotten."""
        self.requests.append(request)
        self.requests_ever += 1
        if len(self.requests) >= 2 * KEPT_REQUESTS:
            del self.requests[:-KEPT_REQUESTS]
        self.world.touch()

    def requests_since(self, number: int) -> list[Request]:
        """The kept ones that came when `requests_ever` was this number already, oldest first."""
        return self.requests[max(0, len(self.requests) - (self.requests_ever - number)) :]

    def messages(self, chat_id: int) -> list[SentMessage]:
        """The bot's messages in the chat as they stand now, oldest first."""
        return [m for m in self.world.messages[chat_id].values() if m.sender == self.world.bot]

    async def next_message(self, chat_id: int, after: int | None = None, deadline: float = 10) -> SentMessage:
        """Waits for the bot's first message after message id `after`; by default, after the last one given out.

        Raises AssertionError, saying what there is instead, after `deadline` seconds.
        """
        start = self._seen.get(chat_id, 0) if after is None else after

        def newer() -> SentMessage | None:
            return next((m for m in self.messages(chat_id) if m.message_id > start), None)

        message = await self.until(newer, deadline, f"no message of the bot in chat {chat_id} after message {start}")
        self._seen[chat_id] = message.message_id
        return message

    async def next_inline_answer(self, user_id: int, deadline: float = 10) -> InlineAnswer:
        """Waits for the bot's next answer to this user's inline queries; none is given out twice.

        Raises AssertionError after `deadline` seconds.
        """

        def newer() -> InlineAnswer | None:
            mine = (answer for answer in self.world.inline_answers if answer.user_id == user_id)
            return next((answer for answer in mine if answer.query_id not in self._inline_seen), None)

        answer = await self.until(newer, deadline, f"no answer to an inline query of user {user_id}")
        self._inline_seen.add(answer.query_id)
        return answer

    async def until(
        self, condition: Callable[[], Found | None], deadline: float = 10, otherwise: str = "it did not happen"
    ) -> Found:
        """Waits until the condition gives something true, and gives it back.

        Looks again at every change and every request; AssertionError after `deadline` seconds.
        """
        try:
            async with asyncio.timeout(deadline):
                while not (found := condition()):
                    await self.world.change()
        except TimeoutError:
            latest = [request.method for request in self.requests[-8:]]
            raise AssertionError(
                f"{otherwise} within {deadline} s; latest requests: {latest}, violations: {self.violations}"
            ) from None
        return found
