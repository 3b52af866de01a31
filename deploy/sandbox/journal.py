"""What a stand-in was asked lately, for whoever watches: what, how it was answered, what it cost. Nothing is decided
by it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime

from aiohttp import web
from aiohttp.typedefs import Handler

KEPT = 6_000
MINUTE_SECONDS = 60.0


@dataclass(slots=True)
class Asked:
    """One request: when it came in Unix seconds, what for, the answer's status, its price in compute units.

    The status is None until it is answered, and 0 if its connection is dropped.
    """

    number: int
    at: float
    what: str
    status: int | None
    cost: int = 0


class Journal:
    """The latest requests to one stand-in; older ones are forgotten."""

    def __init__(self) -> None:
        self._kept: deque[Asked] = deque(maxlen=KEPT)
        self._number = 0

    def note(self, what: str, status: int | None, cost: int = 0) -> Asked:
        """Remember one request."""
        self._number += 1
        self._kept.append(Asked(self._number, _now(), what, status, cost))
        return self._kept[-1]

    def latest(self, count: int) -> list[Asked]:
        """The latest ones, newest first."""
        return list(self._kept)[: -count - 1 : -1]

    def per_minute(self) -> int:
        """How many came within the last minute, of those still kept."""
        since = _now() - MINUTE_SECONDS
        return sum(asked.at > since for asked in self._kept)

    @web.middleware
    async def keep(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Notes each request of a web application when it comes, and its answer, also one by an exception."""
        asked = self.note(_what(request), None)
        try:
            answer = await handler(request)
        except web.HTTPException as error:
            asked.status = error.status
            raise
        dropped = request.transport is None or request.transport.is_closing()
        asked.status, asked.cost = (0, 0) if dropped else (answer.status, _cost(answer))
        return answer


def _now() -> float:
    return datetime.now(UTC).timestamp()  # noqa: TID251 - people watch by the machine's time


def _what(request: web.Request) -> str:
    """The path without its version, and what it asks about: an address, or how many of them."""
    if mints := request.match_info.get("mints"):
        count = mints.count(",") + 1
        return f"tokens · {count}" if count > 1 else f"tokens {_short(mints)}"
    name, address = request.path.rpartition("/")[2], request.query.get("address", "")
    return f"{name} {_short(address)}".strip()


def _short(address: str) -> str:
    return f"{address[:4]}…{address[-4:]}" if len(address) > 9 else address


def _cost(answer: web.StreamResponse) -> int:
    told = answer.headers.get("x-credits-used", "0")
    return int(told) if told.isdecimal() else 0
