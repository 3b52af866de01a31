"""The panel's faults, each with its undo. All of them happen outside of the program, which stays unchanged."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from deploy.sandbox.chat.outside import Outside
from deploy.sandbox.telegram.values import Json

RETRY_SECONDS = 5
FLOOD = f"Too Many Requests: retry after {RETRY_SECONDS}"
REFUSED = ("sendMessage", "sendPhoto", "editMessageText", "editMessageMedia")
EVERY_TIME = 10**9

Turn = Callable[[bool], Awaitable[None]]


class Switches:
    """What is broken now. Turning one off makes it whole again."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        self._monthly: int | None = None
        self._on: set[str] = set()
        self._turns: dict[str, Turn] = {"feed": self._feed, "credits": self._credits, "telegram": self._telegram}
        if outside.line is not None:
            self._turns["database"] = self._database

    @property
    def state(self) -> Json:
        """Each fault that can be had here, and whether it is on."""
        return {name: name in self._on for name in self._turns}

    async def turn(self, name: str, *, on: bool) -> None:
        """Break or mend it. Raises LookupError for a name that there is not."""
        if name not in self._turns:
            raise LookupError(f"there is no switch {name!r}; there are: {', '.join(self._turns)}")
        if on != (name in self._on):
            await self._turns[name](on)
            (self._on.add if on else self._on.discard)(name)

    async def _feed(self, on: bool) -> None:
        """The feed breaks, and new connections hear nothing; whole again, it asks to dial once more."""
        self._outside.feed.silent = on
        await self._outside.feed.close_all()

    async def _credits(self, on: bool) -> None:
        """The month's compute units are all used."""
        meter = self._outside.market.meter
        if on:
            self._monthly, meter.monthly = meter.monthly, meter.used
        else:
            meter.monthly = self._monthly

    async def _telegram(self, on: bool) -> None:
        """Every message of the bot is one too many."""
        self._outside.telegram.forgive()
        for method in REFUSED if on else ():
            parameters = {"retry_after": RETRY_SECONDS}
            self._outside.telegram.fail_next(method, 429, FLOOD, parameters, times=EVERY_TIME)

    async def _database(self, on: bool) -> None:
        """Nobody gets through to PostgreSQL."""
        if self._outside.line is not None:
            await (self._outside.line.cut() if on else self._outside.line.mend())
