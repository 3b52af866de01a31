"""Faults of all kinds at random: what one send meets depends on the seed, the chat and how many it got before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random

from aiohttp import web

from deploy.sandbox.telegram.refused import Refused
from deploy.sandbox.telegram.values import Json

PAGE = "<!doctype html><title>502 Bad Gateway</title>"


class CutOff(Exception):
    """The connection breaks instead of an answer."""


Kinds = Mapping[str, Callable[[], Exception]]

REFUSED: Kinds = {
    "429": lambda: Refused(429, "Too Many Requests: retry after 1", {"retry_after": 1}),
    "500": lambda: Refused(500, "Internal Server Error"),
    "502": lambda: Refused(502, "Bad Gateway"),
    "504": lambda: Refused(504, "Gateway Timeout"),
    "a page": lambda: web.HTTPBadGateway(text=PAGE, content_type="text/html"),
    "cut": CutOff,
}
LOST: Kinds = {
    "cut after acceptance": CutOff,
    "504 after acceptance": lambda: Refused(504, "Gateway Timeout"),
    "a page after acceptance": lambda: web.HTTPOk(text=PAGE, content_type="text/html"),
}


@dataclass(slots=True)
class Mix:
    """Lets `refused_share` (0 to 1) of the sends fail unheard, and `lost_share` of the accepted ones' answers get lost.

    `strike` is told of each send before all that: it may change the world, or raise Refused. `met` counts the faults
    by name. `accepted` holds the parameters of every send that was accepted, `lost` of those whose answer was not told.
    """

    seed: int
    refused_share: float = 0.0
    lost_share: float = 0.0
    strike: Callable[[Json], None] = lambda _params: None
    met: Counter[str] = field(default_factory=Counter)
    accepted: list[Json] = field(default_factory=list)
    lost: list[Json] = field(default_factory=list)
    _drawn: Counter[tuple[str, int]] = field(default_factory=Counter)

    def before(self, params: Json) -> None:
        """A send arrives. Raises Refused, CutOff or the page of something between Telegram and the bot."""
        self.strike(params)
        self._happen(self._draw("before", params["chat_id"], REFUSED, self.refused_share), REFUSED)

    def after(self, params: Json) -> None:
        """The send was accepted. Raises the same when its answer gets lost."""
        self.accepted.append(params)
        fault = self._draw("after", params["chat_id"], LOST, self.lost_share)
        if fault:
            self.lost.append(params)
        self._happen(fault, LOST)

    def _draw(self, when: str, chat_id: int, kinds: Kinds, share: float) -> str | None:
        """The name of what this send meets, None for nothing."""
        self._drawn[when, chat_id] += 1
        random = Random(f"{self.seed}:{when}:{chat_id}:{self._drawn[when, chat_id]}")
        return random.choice(list(kinds)) if random.random() < share else None

    def _happen(self, fault: str | None, kinds: Kinds) -> None:
        if fault is not None:
            self.met[fault] += 1
            error = kinds[fault]()
            raise error
