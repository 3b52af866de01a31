"""How fast the bot speaks: overall, and into one chat. One for all that a bot token sends, commands before alerts.

A flood wait that Telegram asks for all the same stands here too: 429 is the only authority.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

ANSWERS_PER_SECOND = 6.0  # beside the alerts; both together stay below the 30 that Telegram names
URGENT_IN_A_ROW = 3
CHAT_SECONDS = 1.0
GROUP_MESSAGES = 19  # of the 20 a minute that a group or channel allows
GROUP_SECONDS = 60.0


class Turnstile:
    """Turns at an even pace. Who is urgent passes before all who are not, but never more than a few in a row.

    Up to `made_up` turns that came late, or that nobody wanted, are made up for.
    """

    def __init__(self, per_second: float, made_up: int = 1) -> None:
        self._seconds = 1 / per_second
        self._slack_seconds = (made_up - 1) * self._seconds
        self._next_at = 0.0
        self._urgent: deque[asyncio.Future[None]] = deque()
        self._others: deque[asyncio.Future[None]] = deque()
        self._in_a_row = 0
        self._timer: asyncio.TimerHandle | None = None

    async def turn(self, *, urgent: bool = False) -> None:
        """Wait for a turn."""
        turn = asyncio.get_running_loop().create_future()
        (self._urgent if urgent else self._others).append(turn)
        self._open()
        await turn

    def _open(self) -> None:
        """Let pass who may now, and look again when the next one may."""
        loop = asyncio.get_running_loop()
        while (self._urgent or self._others) and self._next_at <= loop.time():
            turn = self._first()
            if not turn.done():  # whoever waited for it may have been cancelled
                turn.set_result(None)
                self._next_at = max(self._next_at + self._seconds, loop.time() - self._slack_seconds)
        if (self._urgent or self._others) and self._timer is None:
            self._timer = loop.call_at(self._next_at, self._ring)

    def _first(self) -> asyncio.Future[None]:
        if self._urgent and (self._in_a_row < URGENT_IN_A_ROW or not self._others):
            self._in_a_row += 1
            return self._urgent.popleft()
        self._in_a_row = 0
        return self._others.popleft()

    def _ring(self) -> None:
        self._timer = None
        self._open()


@dataclass(slots=True)
class _Chat:
    """When the latest messages into a chat were answered. Telegram took each before that, so its windows are over."""

    limit: int
    seconds: float
    talking: asyncio.Lock = field(default_factory=asyncio.Lock)
    ended: deque[float] = field(default_factory=deque)
    rests_until: float = 0.0
    in_line: int = 0  # answers that wait

    def note(self, now: float) -> None:
        self.ended.append(now)
        while len(self.ended) > self.limit:
            self.ended.popleft()

    def wait(self, now: float) -> float:
        """Seconds until the next message may go."""
        window = self.ended[0] + self.seconds if len(self.ended) == self.limit else 0.0
        spacing = self.ended[-1] + CHAT_SECONDS if self.ended else 0.0
        return max(0.0, window - now, spacing - now, self.rests_until - now)

    def is_forgotten(self, now: float) -> bool:
        over = not self.ended or self.ended[-1] + self.seconds <= now
        return over and not self.talking.locked() and self.rests_until <= now


class Pace:
    """At most `alerts_per_second` alerts, evenly, and a few answers more; one message a second into a chat.

    A chat's next message waits for the answer to its last one, so it is never sooner on a slow way there.
    """

    def __init__(self, alerts_per_second: float) -> None:
        self.alerts_per_second = alerts_per_second
        self._alerts = Turnstile(alerts_per_second, made_up=6)  # a claim that took long costs no rate
        self._overall = Turnstile(alerts_per_second + ANSWERS_PER_SECOND)
        self._chats: dict[int, _Chat] = {}
        self._resting_until = 0.0

    @asynccontextmanager
    async def answer_turn(self, chat_id: int | None, longest_seconds: float) -> AsyncIterator[None]:
        """Wait for the turn of an answer to a command. Raises TimeoutError, at once, if that would take so long."""
        chat = _Chat(1, 0.0) if chat_id is None else self._chat(chat_id)
        if chat.wait(_now()) + (chat.in_line + chat.talking.locked()) * CHAT_SECONDS > longest_seconds:
            raise TimeoutError
        chat.in_line += 1
        try:
            async with asyncio.timeout(longest_seconds):
                await chat.talking.acquire()
        finally:
            chat.in_line -= 1
        try:
            await asyncio.sleep(chat.wait(_now()))
            await self._overall.turn(urgent=True)
            yield
        finally:
            chat.note(_now())
            chat.talking.release()

    @asynccontextmanager
    async def alert_to(self, chat_id: int) -> AsyncIterator[bool]:
        """Keep the chat for one alert, whose `turn` comes later; False when something else is being said there."""
        chat = self._chat(chat_id)
        if chat.talking.locked() or chat.wait(_now()) > 0:
            yield False
            return
        async with chat.talking:
            try:
                yield True
            finally:
                chat.note(_now())

    async def turn(self) -> None:
        """Wait for an alert's turn overall."""
        await self._alerts.turn()
        await self._overall.turn()

    def busy(self) -> dict[int, float]:
        """The chats that no alert can go to now, and in how many seconds one may: 0 where something is being said."""
        now = _now()
        self._chats = {chat_id: chat for chat_id, chat in self._chats.items() if not chat.is_forgotten(now)}
        waits = {chat_id: chat.wait(now) for chat_id, chat in self._chats.items()}
        return {chat_id: wait for chat_id, wait in waits.items() if wait or self._chats[chat_id].talking.locked()}

    def rest(self, seconds: float, chat_id: int | None = None) -> None:
        """Telegram asks to wait: all alerts do, and whatever is said in this chat."""
        self._resting_until = max(self._resting_until, _now() + seconds)
        if chat_id is not None:
            chat = self._chat(chat_id)
            chat.rests_until = max(chat.rests_until, _now() + seconds)

    def rest_seconds(self) -> float:
        """How long alerts have to wait yet."""
        return max(0.0, self._resting_until - _now())

    def _chat(self, chat_id: int) -> _Chat:
        limits = (1, CHAT_SECONDS) if chat_id > 0 else (GROUP_MESSAGES, GROUP_SECONDS)
        return self._chats.setdefault(chat_id, _Chat(*limits))


def _now() -> float:
    return asyncio.get_running_loop().time()
