"""A stand-in for DexScreener over a real socket: pairs of the same world as Birdeye's, late, capped and limited.

What a pair looks like is in pairs.py; which faults happen is the test's.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from aiohttp import web

from deploy.sandbox.faults import Fault, json_answer
from deploy.sandbox.pairs import pairs_of
from deploy.sandbox.playback import Playback
from deploy.sandbox.provider import Provider, remember
from deploy.sandbox.world import World

TOKENS = "/tokens/v1/solana/"
LATEST = "/latest/dex/tokens/"
PAIR_CAP = 30
MINT_CAP = 30
TOO_MANY_MINTS = Fault(status=400, body={"error": "at most 30 addresses"})


class DexScreenerApi(Provider):
    """DexScreener on 127.0.0.1; use with `async with`, then `url` is where it listens. Port 0 takes any free one.

    `lag_seconds` is how long a new pool stays unlisted, `cache_seconds` how long an answer is repeated, `per_minute`
    how many requests a minute allows, all in the world's time. `requests` lists the mints of the latest requests,
    `asked_at` when they came (seconds of the event loop's clock). A `playback` answers instead of the world about the
    tokens that are in it.
    """

    def __init__(
        self,
        world: World,
        *,
        port: int = 0,
        lag_seconds: float = 0,
        cache_seconds: float = 0,
        per_minute: int | None = None,
    ) -> None:
        super().__init__(port)
        self._world = world
        self._per_minute = per_minute
        self._recent: deque[datetime] = deque()
        self._told: dict[str, Sequence[Mapping[str, object]]] = {}
        self.lag_seconds = lag_seconds
        self.cache_seconds = cache_seconds
        self.playback: Playback | None = None
        self.requests: list[list[str]] = []
        self.asked_at: list[float] = []

    def routes(self) -> Iterable[web.RouteDef]:
        """The paths it answers."""
        return [web.get(path + "{mints}", self._tokens) for path in (TOKENS, LATEST)]

    def tell(self, mint: str, pairs: Sequence[Mapping[str, object]]) -> None:
        """Answer exactly these pairs about the mint, whatever the world thinks of it."""
        self._told[mint] = pairs

    async def _tokens(self, request: web.Request) -> web.StreamResponse:
        mints = request.match_info["mints"].split(",")
        remember(self.requests, mints)
        remember(self.asked_at, asyncio.get_running_loop().time())
        fault = self._refusal(mints) or self._faults.due(mints)
        await self.linger()
        if fault is not None:
            return await self._faults.happen(fault, request)
        if self.playback is not None and (outage := self.playback.outage()) is not None:
            return outage.answer()
        pairs = self._listed(list(dict.fromkeys(mints)))
        wrapped = {"schemaVersion": "1.0.0", "pairs": pairs or None}
        return json_answer(wrapped if request.path.startswith(LATEST) else pairs)

    def _listed(self, mints: Sequence[str]) -> list[Mapping[str, object]]:
        """What the playback and the world tell of these mints, as far as one answer goes."""
        played, others = ([], mints) if self.playback is None else self.playback.pairs(mints)
        return [*played, *(pair for mint in others for pair in self._pairs(mint))][:PAIR_CAP]

    def _refusal(self, mints: Sequence[str]) -> Fault | None:
        if len(mints) > MINT_CAP:
            return TOO_MANY_MINTS
        now, minute = self._world.clock.now(), timedelta(minutes=1)
        while self._recent and self._recent[0] <= now - minute:
            self._recent.popleft()
        if self._per_minute is None or len(self._recent) < self._per_minute:
            self._recent.append(now)
            return None
        wait_seconds = int((self._recent[0] + minute - now).total_seconds()) + 1
        return Fault(429, raw=b"Too many requests", headers={"Retry-After": str(wait_seconds)})

    def _pairs(self, mint: str) -> Sequence[Mapping[str, object]]:
        life = self._world.known(mint)
        if mint in self._told or life is None:
            return self._told.get(mint, [])
        return pairs_of(life, self._answered_at(), timedelta(seconds=self.lag_seconds))

    def _answered_at(self) -> datetime:
        """The moment whose figures are told: `now`, or the last time that the cache was filled."""
        now = self._world.clock.now()
        return now - timedelta(seconds=now.timestamp() % self.cache_seconds) if self.cache_seconds else now
