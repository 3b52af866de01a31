"""The DexScreener adapter: free glances in batches, at a steady pace, asked again in halves where one was cut short.

What its pairs mean is in engine/pairs.py; who is glanced at is not decided here.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from aiolimiter import AsyncLimiter
from cachetools import LRUCache

from engine.errors import BadRequest, ProviderDown, ProviderError, RateLimited
from engine.heartbeat import Heartbeat
from engine.http import Answer, JsonClient
from engine.model import Glance
from engine.pairs import listed, mints_of, parse_pairs
from engine.ports import Clock
from engine.retry_after import retry_at

TOKENS = "/tokens/v1/solana/"
BATCH = 10
PAIR_CAP = 30  # an answer of so many pairs may lack some
USUAL_PAIRS = 2  # a migrated token's curve and its pool
REMEMBERED = 20_000
HEADERS = {"accept": "application/json", "User-Agent": "ToTheMoon2"}


class DexScreener:
    """Glances from DexScreener. After a 429 it asks nothing until the rest is over."""

    def __init__(
        self, client: JsonClient, base_url: str, clock: Clock, heartbeat: Heartbeat, requests_per_minute: float = 60
    ) -> None:
        self._client = client
        self._base_url = base_url.rstrip("/")
        self._clock = clock
        self._heartbeat = heartbeat
        self._pace = AsyncLimiter(1, 60 / requests_per_minute)
        self._pairs: LRUCache[str, int] = LRUCache(maxsize=REMEMBERED)
        self._rest_until = datetime.min.replace(tzinfo=UTC)

    async def glance(self, mints: Sequence[str]) -> dict[str, Glance]:
        """A glance per mint that is listed with an exchange pool; the others are absent.

        A batch that fails is absent too, which heartbeat and counts tell. Raises its ProviderError when all failed.
        """
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._attempt(batch)) for batch in self._batches(mints)]
        outcomes = [task.result() for task in tasks]
        failures = [outcome for outcome in outcomes if isinstance(outcome, ProviderError)]
        if failures and len(failures) == len(outcomes):
            raise failures[0]
        return {mint: seen for found in outcomes if isinstance(found, dict) for mint, seen in found.items()}

    async def _attempt(self, batch: list[str]) -> dict[str, Glance] | ProviderError:
        try:
            return await self._ask(batch)
        except ProviderError as error:
            self._heartbeat.count("dexscreener_batch", type(error).__name__)
            return error

    async def _ask(self, batch: list[str]) -> dict[str, Glance]:
        pairs = await self._fetch(batch)
        if len(pairs) >= PAIR_CAP and len(batch) > 1:
            self._heartbeat.count("dexscreener_batch", "halved")
            middle = len(batch) // 2
            return await self._ask(batch[:middle]) | await self._ask(batch[middle:])
        self._heartbeat.count("dexscreener_batch", "ok")
        self._remember(batch, pairs)
        return parse_pairs(pairs, batch, self._clock.now(), self._count_bad)

    async def _fetch(self, batch: list[str]) -> list[object]:
        """The raw pairs of these mints. Raises the kind of ProviderError that says what to do."""
        self._refuse_while_resting()
        await self._pace.acquire()
        self._refuse_while_resting()
        try:
            answer = await self._client.get(self._base_url + TOKENS + ",".join(batch), {}, headers=HEADERS, fresh=True)
            pairs = _pairs_in(answer, self._clock.now())
        except ProviderError as error:
            self._heartbeat.fail("dexscreener", str(error))
            if isinstance(error, RateLimited):
                self._rest_until = max(self._rest_until, error.retry_at)
            raise
        self._heartbeat.beat("dexscreener")
        return pairs

    def _refuse_while_resting(self) -> None:
        if self._clock.now() < self._rest_until:
            raise RateLimited("DexScreener asked for fewer requests", self._rest_until)

    def _batches(self, mints: Sequence[str]) -> list[list[str]]:
        """Up to ten mints each, fewer where the pairs that they are known to have would reach the cap."""
        batches: list[list[str]] = []
        room = 0
        for mint in dict.fromkeys(mints):
            pairs: int = self._pairs.get(mint, USUAL_PAIRS)
            if not batches or len(batches[-1]) == BATCH or pairs >= room:
                batches.append([])
                room = PAIR_CAP
            batches[-1].append(mint)
            room -= pairs
        return batches

    def _remember(self, batch: list[str], pairs: list[object]) -> None:
        counts = Counter(mint for pair in pairs for mint in mints_of(pair))
        for mint in batch:
            self._pairs[mint] = max(counts[mint], USUAL_PAIRS)

    def _count_bad(self, field: str) -> None:
        self._heartbeat.count("dexscreener_field_dropped", field)


def _pairs_in(answer: Answer, now: datetime) -> list[object]:
    """The raw pairs of an answer; an unknown token has none. Raises ProviderError."""
    if answer.status == 404:
        return []
    if answer.status == 429:
        raise RateLimited("DexScreener asks for fewer requests", retry_at(answer.headers, now))
    if answer.status in (400, 414, 422):
        raise BadRequest(f"DexScreener calls the request malformed (status {answer.status})")
    if answer.status != 200:
        raise ProviderDown(f"DexScreener answered with status {answer.status}")
    pairs = listed(answer.body)
    if pairs is None:
        raise ProviderDown("DexScreener answered with something that is not a list of pairs")
    return pairs
