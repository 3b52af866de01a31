"""One JSON-over-HTTP client for all providers: time-outs, retries, a cache, a limit of concurrency, counters.

What an answer means is the adapters' affair; this file only brings it home, whatever it is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import aiohttp
import stamina
from cachetools import TTLCache

from engine.errors import ProviderDown
from engine.fields import load_json
from engine.heartbeat import Heartbeat

MAX_BODY_BYTES = 2_000_000
TEXT_CHARACTERS = 2_000
ATTEMPTS = 3

_Key = tuple[str, str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: `headers` by lower-case name, `body` as parsed JSON (None if it is none).

    `text` is its start, whole up to `TEXT_CHARACTERS`.
    """

    status: int
    headers: Mapping[str, str]
    body: object
    text: str


@dataclass(frozen=True, slots=True)
class _Call:
    """One request with whom to ask before each attempt and whom to tell of each answer."""

    url: str
    params: Mapping[str, str]
    headers: Mapping[str, str]
    allow: Callable[[], Awaitable[None]]
    heard: Callable[[Answer], None]


class _Failed(Exception):
    """An attempt worth repeating; `answer` is there when the server did answer. Its text is logged: no URL in it."""

    def __init__(self, reason: str, answer: Answer | None = None) -> None:
        super().__init__(reason)
        self.answer = answer


Overhear = Callable[[str, Mapping[str, str], Answer], None]


async def _at_once() -> None:
    """Each attempt is allowed as soon as it comes to it."""


def nobody(_url: str, _params: Mapping[str, str], _answer: Answer) -> None:
    """Nobody listens in."""


class JsonClient:
    """GETs JSON. An async context manager; a session handed in stays open, its own is closed.

    `timeout_seconds` bounds one attempt, `ttl_seconds` the age of cached answers (0: no cache), `backoff_seconds`
    the first pause between the `attempts`, and `max_concurrency` the requests on the wire at any moment. `overhear` is
    told of every answer that came over the wire: its request's address without the query, the query, and the answer.
    """

    def __init__(
        self,
        heartbeat: Heartbeat,
        *,
        session: aiohttp.ClientSession | None = None,
        timeout_seconds: float = 10,
        ttl_seconds: float = 30,
        max_concurrency: int = 8,
        backoff_seconds: float = 0.5,
        attempts: int = ATTEMPTS,
        overhear: Overhear = nobody,
    ) -> None:
        self._heartbeat = heartbeat
        self._given = session
        self._session = session
        self._timeout_seconds = timeout_seconds
        self._cache: TTLCache[_Key, Answer] = TTLCache(maxsize=2_000, ttl=ttl_seconds)
        self._slots = asyncio.Semaphore(max_concurrency)
        self._backoff_seconds = backoff_seconds
        self._attempts = attempts
        self._overhear = overhear

    async def __aenter__(self) -> Self:
        if self._session is None:
            self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._given is None and self._session is not None:
            await self._session.close()
            self._session = None

    async def get(
        self,
        url: str,
        params: Mapping[str, str],
        *,
        headers: Mapping[str, str] | None = None,
        fresh: bool = False,
        allow: Callable[[], Awaitable[None]] = _at_once,
        heard: Callable[[Answer], None] = lambda _: None,
    ) -> Answer:
        """The answer, whatever its status; good ones come from the cache unless `fresh`, which also refills it.

        `allow` is awaited right before each attempt and may raise: what was free to ask when it queued may not be now.
        `heard` is told every answer that came over the wire, those of repeated attempts included: each may cost.
        Raises ProviderDown when no attempt was answered at all.
        """
        key = ("GET", url, tuple(sorted(params.items())))
        if not fresh and (cached := self._cache.get(key)) is not None:
            return cached
        answer = await self._persistently(_Call(url, params, headers or {}, allow, heard))
        if answer.status == 200 and answer.body is not None:
            self._cache[key] = answer
        return answer

    async def _persistently(self, call: _Call) -> Answer:
        attempts = stamina.retry_context(
            on=_Failed, attempts=self._attempts, timeout=None, wait_initial=self._backoff_seconds, wait_max=60
        )
        try:
            async for attempt in attempts:
                with attempt:
                    return await self._once(call)
        except _Failed as failed:
            if failed.answer is None:
                raise ProviderDown(str(failed)) from None
            return failed.answer
        raise AssertionError("stamina yields at least one attempt")

    async def _once(self, call: _Call) -> Answer:
        if self._session is None:
            raise RuntimeError("JsonClient is used outside of its `async with`")
        host = urlsplit(call.url).hostname or "?"
        timeout = aiohttp.ClientTimeout(total=self._timeout_seconds)
        try:
            async with self._slots:
                await call.allow()
                request = self._session.get(
                    call.url, params=call.params, headers=call.headers, timeout=timeout, allow_redirects=False
                )
                async with request as response:
                    answer = await _read(response)
        except (aiohttp.ClientError, OSError) as error:
            self._heartbeat.count("http_request", f"{host} {_short(error)}")
            raise _Failed(f"{host} could not be asked: {_why(error, self._timeout_seconds)}") from None
        self._heartbeat.count("http_request", f"{host} {answer.status // 100}xx")
        self._overhear(call.url, call.params, answer)
        call.heard(answer)
        if answer.status >= 500:
            raise _Failed(f"{host} answered with status {answer.status}", answer)
        return answer


async def _read(response: aiohttp.ClientResponse) -> Answer:
    """The answer with its body bounded; an oversized body counts as "not JSON"."""
    raw = bytearray()
    async for chunk in response.content.iter_chunked(65_536):
        raw += chunk
        if len(raw) > MAX_BODY_BYTES:
            break
    headers = {name.lower(): value for name, value in response.headers.items()}
    text = bytes(raw[: 4 * TEXT_CHARACTERS]).decode(errors="replace")[:TEXT_CHARACTERS]
    return Answer(response.status, headers, parse_body(bytes(raw)), text)


def parse_body(raw: bytes) -> object:
    """The JSON in a body; None for anything else, an oversized body included."""
    if len(raw) > MAX_BODY_BYTES:
        return None
    try:
        return load_json(raw)
    except ValueError:
        return None


def _short(error: Exception) -> str:
    return "timeout" if isinstance(error, TimeoutError) else "error"


def _why(error: Exception, timeout_seconds: float) -> str:
    """Words without the URL: an exception's own text may carry the query."""
    if isinstance(error, TimeoutError):
        return f"no answer within {timeout_seconds:g} s"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return type(error).__name__
