"""Serves GET /health and GET /metrics: gathers the facts at the time of each request. bot.vitals judges them."""

import asyncio
import errno
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST

from bot import __version__
from bot.address import PATH
from bot.masking import Mask
from bot.metrics import write_metrics
from bot.vitals import PULSES, WELL, Facts, Part, Report, State, judge
from engine.errors import ConfigError, ToTheMoonError
from engine.heartbeat import Heartbeat, Pulse
from engine.shown import Backlog, FeedGaps, Supply, Term

PROBE_SECONDS = 2
_ERROR_LENGTH = 300
_HEADERS = {"Cache-Control": "no-store"}


@dataclass(frozen=True, slots=True)
class _Answers:
    """What the database said; all None when it did not answer."""

    ping_seconds: float | None = None
    backlog: Backlog | None = None
    gaps: FeedGaps | None = None


@dataclass(frozen=True, slots=True)
class _Probe:
    ping: Callable[[], Awaitable[float]]
    backlog: Callable[[], Awaitable[Backlog]]
    gaps: Callable[[], Awaitable[FeedGaps]]
    supply: Callable[[], Supply | None]
    term: Callable[[], Term | None]
    since: float

    async def ask(self) -> _Answers:
        return _Answers(await self.ping(), await self.backlog(), await self.gaps())


class Health:
    """What /health and /metrics answer. May be served before there is a database: see `watch`."""

    def __init__(
        self,
        heartbeat: Heartbeat,
        mask: Mask,
        monotonic: Callable[[], float] = time.monotonic,
        *,
        with_bot: bool = True,
    ) -> None:
        self._heartbeat = heartbeat
        self._mask = mask
        self._monotonic = monotonic
        self._with_bot = with_bot
        self._started = monotonic()
        self._probe: _Probe | None = None

    def watch(
        self,
        ping: Callable[[], Awaitable[float]],
        backlog: Callable[[], Awaitable[Backlog]],
        gaps: Callable[[], Awaitable[FeedGaps]],
        supply: Callable[[], Supply | None],
        term: Callable[[], Term | None],
    ) -> None:
        """The database is open and migrated now: from here on each request asks it.

        `ping` gives the seconds of one round trip, `backlog` the outbox at a glance, `gaps` those of the feed within
        the last day; all may raise `DatabaseAway`. Without asking, `supply` tells where figures come from, `term`
        whether this program leads.
        """
        self._probe = _Probe(ping, backlog, gaps, supply, term, self._monotonic())

    @asynccontextmanager
    async def serve(self, host: str, port: int, posts: web.Application | None = None) -> AsyncIterator[int]:
        """Listen while the context lasts; gives the port. Raises `ConfigError` naming HEALTH_HOST or HEALTH_PORT.

        `posts` answers what Telegram posts.
        """
        app = web.Application()
        app.add_routes([web.get("/health", self._answer_health), web.get("/metrics", self._answer_metrics)])
        if posts is not None:
            app.add_subapp(PATH, posts)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await runner.setup()
        try:
            await _listen(runner, host, port)
            yield runner.addresses[0][1]
        finally:
            await runner.cleanup()

    async def report(self) -> Report:
        """How the program is right now, its errors without secrets; takes at most `PROBE_SECONDS`."""
        return judge(await self._gather())

    async def _gather(self) -> Facts:
        answers = await self._ask_database()
        now = self._monotonic()
        return Facts(
            uptime_seconds=now - self._started,
            pulses={name: self._pulse(name) for name in PULSES},
            with_bot=self._with_bot,
            term=None if self._probe is None else self._probe.term(),
            migrated_seconds=None if self._probe is None else now - self._probe.since,
            ping_seconds=answers.ping_seconds,
            backlog=answers.backlog,
            gaps=answers.gaps,
            supply=None if self._probe is None else self._probe.supply(),
        )

    def _pulse(self, name: str) -> Pulse:
        """Masked here, since the web, the metrics, the alarms and the admins' /health all read the report."""
        pulse = self._heartbeat.pulse(name)
        return pulse if pulse.last_error is None else replace(pulse, last_error=self._mask(pulse.last_error))

    async def _ask_database(self) -> _Answers:
        if self._probe is None:
            return _Answers()
        try:
            async with asyncio.timeout(PROBE_SECONDS):
                answers = await self._probe.ask()
        except TimeoutError:
            self._heartbeat.fail("database", f"no answer within {PROBE_SECONDS} s")
        except (ToTheMoonError, OSError) as error:
            self._heartbeat.fail("database", str(error) or type(error).__name__)
        else:
            self._heartbeat.beat("database")
            return answers
        return _Answers()

    async def _answer_health(self, _request: web.Request) -> web.Response:
        report = await self.report()
        status = HTTPStatus.OK if report.status in WELL else HTTPStatus.SERVICE_UNAVAILABLE
        return web.json_response(self._view(report), status=status, headers=_HEADERS)

    async def _answer_metrics(self, _request: web.Request) -> web.Response:
        body = write_metrics(await self.report(), self._heartbeat.counts)
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST, **_HEADERS})

    def _view(self, report: Report) -> dict[str, Any]:
        view: dict[str, Any] = {
            "status": report.status,
            "version": __version__,
            "uptime_seconds": _rounded(report.uptime_seconds),
            "parts": {name: self._view_part(part) for name, part in report.parts.items()},
        }
        return view | {"waiting_for": report.waiting_for} if report.status is State.STARTING else view

    def _view_part(self, part: Part) -> dict[str, Any]:
        error = part.pulse.last_error
        return {
            "state": part.state,
            "age_seconds": _rounded(part.pulse.beat_seconds),
            "last_error": None if error is None else " ".join(error.split())[:_ERROR_LENGTH],
            "last_error_age_seconds": _rounded(part.pulse.last_error_seconds),
            **{fact: _rounded(value) for fact, value in part.facts.items()},
        }


async def _listen(runner: web.AppRunner, host: str, port: int) -> None:
    try:
        await web.TCPSite(runner, host, port).start()
    except (OSError, UnicodeError) as error:
        if isinstance(error, OSError) and error.errno in {errno.EADDRINUSE, errno.EACCES}:
            reason = "is in use" if error.errno == errno.EADDRINUSE else "may not be listened on"
            example = "choose a free one above 1023; for example HEALTH_PORT=8001"
            raise ConfigError(f"HEALTH_PORT {port} {reason}; {example}") from None
        raise ConfigError("HEALTH_HOST is not an address of this machine; for example HEALTH_HOST=127.0.0.1") from None


def _rounded(value: float | str | None) -> float | str | None:
    """One decimal is enough to read; counts, truths, words and "unknown" stay what they are."""
    return round(value, 1) if isinstance(value, float) else value
