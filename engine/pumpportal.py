"""The PumpPortal adapter: its websocket -> an endless stream of migrations. Reconnects for ever, politely.

What a frame says is read in engine/frames.py; what becomes of a migration is the intake's affair.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace

import structlog
from cachetools import TTLCache
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, InvalidURI, WebSocketException

from engine.events import Creation, Migration
from engine.frames import Ack, Dropped, Refusal, Stream, parse_frame
from engine.heartbeat import Heartbeat
from engine.ports import Clock

SHORTEST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 300.0
REFUSED_PAUSE_SECONDS = 60.0  # an address that dials on gets banned for an hour
SILENCE_SECONDS = 120.0  # with both streams 43 s was the longest seen
SILENCE_ALONE_SECONDS = 900.0  # with migrations alone minutes are normal
MAX_FRAME_BYTES = 1_000_000
REFUSING_STATUSES = frozenset({401, 403, 429})
WRONG_ADDRESS = "PUMPPORTAL_WS_URL is a web page's address, not the socket's: use wss://pumpportal.fun/api/data"

log = structlog.get_logger()

_socket_log = logging.getLogger("engine.pumpportal.socket")
_socket_log.setLevel(logging.WARNING)  # the library's debug lines would show the URL, which may hold a key


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a session ended, without secrets. `refused` asks for patience: dialling on would make it worse."""

    text: str
    refused: bool = False


class _SessionOver(Exception):
    """We end the session ourselves, because of this trouble."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.text)
        self.trouble = trouble


@dataclass(slots=True)
class _Session:
    """One connection: how long it may be silent, whether it surely hears migrations, and how many events it gave."""

    silence_seconds: float
    subscribed: bool = False
    events: int = 0


class PumpPortal:
    """PumpPortal as `engine.ports.Feed`. Pauses are domain seconds, the silence limit is in real ones."""

    def __init__(
        self,
        url: str,
        clock: Clock,
        heartbeat: Heartbeat,
        rng: random.Random | None = None,
        *,
        silence_seconds: float = SILENCE_SECONDS,
    ) -> None:
        self._url = url
        self._clock = clock
        self._heartbeat = heartbeat
        self._rng = rng or random.Random()  # noqa: S311 - jitter needs no secrecy
        self._silence_seconds = silence_seconds
        self._creations: TTLCache[str, Creation] = TTLCache(maxsize=20_000, ttl=86_400)
        self._logged: TTLCache[str, bool] = TTLCache(maxsize=100, ttl=60)

    async def migrations(self) -> AsyncGenerator[Migration, None]:
        """Every migration heard, with what its creation told if that was heard too. Never ends; use `aclosing`."""
        fruitless = refused = 0
        while True:
            session = _Session(self._silence_seconds)
            try:
                async with self._connect() as socket:
                    await _subscribe(socket)
                    while True:
                        yield await self._next_migration(socket, session)
            except (OSError, WebSocketException, UnicodeError, _SessionOver) as error:
                trouble = diagnose(error)
            fruitless = 0 if session.events else fruitless + 1
            refused = refused + 1 if trouble.refused else 0
            pause = pause_seconds(fruitless, refused, self._rng.random())
            self._heartbeat.fail("feed", trouble.text)
            log.warning("feed.connection_lost", error=trouble.text, pause_seconds=round(pause, 1))
            await self._clock.sleep(pause)

    def _connect(self) -> connect:
        return connect(
            self._url,
            max_size=MAX_FRAME_BYTES,
            max_queue=1024,  # a slow database must not stop the reading, or the keepalive would end the session
            close_timeout=2,
            proxy=None,
            user_agent_header="ToTheMoon2",
            logger=_socket_log,
        )

    async def _next_migration(self, socket: ClientConnection, session: _Session) -> Migration:
        """Reads on until a migration comes. Only a useful frame counts against silence."""
        try:
            async with asyncio.timeout(session.silence_seconds) as silence:
                while True:
                    frame = parse_frame(await socket.recv(), self._clock.now())
                    if isinstance(frame, Dropped):
                        self._drop(frame)
                        continue
                    self._take(frame, session)
                    silence.reschedule(asyncio.get_running_loop().time() + session.silence_seconds)
                    if isinstance(frame, Migration):
                        return self._with_creation(frame)
        except TimeoutError:
            text = f"PumpPortal sent nothing useful for {session.silence_seconds:g} s"
            raise _SessionOver(Trouble(text)) from None

    def _take(self, frame: Migration | Creation | Ack | Refusal, session: _Session) -> None:
        if isinstance(frame, Refusal):
            self._refused(frame, session)
            return
        self._heartbeat.beat("feed")
        self._heartbeat.count("frame_heard", type(frame).__name__.lower())
        if isinstance(frame, Creation):
            self._creations[frame.mint] = frame
        if isinstance(frame, Migration | Creation):
            session.events += 1
        if isinstance(frame, Migration) or (isinstance(frame, Ack) and frame.stream is Stream.MIGRATIONS):
            self._subscribed(session)

    def _subscribed(self, session: _Session) -> None:
        self._heartbeat.beat("feed_subscribed")
        if not session.subscribed:
            session.subscribed = True
            log.info("feed.subscribed")

    def _refused(self, refusal: Refusal, session: _Session) -> None:
        self._heartbeat.count("subscription_refused", refusal.stream)
        log.warning("feed.subscription_refused", stream=refusal.stream, text=refusal.text)
        if refusal.stream is Stream.CREATIONS:
            session.silence_seconds = max(session.silence_seconds, SILENCE_ALONE_SECONDS)
        doubtful = refusal.stream is Stream.UNKNOWN and not session.subscribed
        if refusal.stream is Stream.MIGRATIONS or doubtful:
            raise _SessionOver(Trouble(f"PumpPortal refuses to tell migrations: {refusal.text}", refused=True))

    def _drop(self, frame: Dropped) -> None:
        self._heartbeat.count("frame_dropped", frame.kind)
        if frame.kind not in self._logged:
            self._logged[frame.kind] = True
            log.warning("frame.dropped", kind=frame.kind, note="counted; logged at most once a minute")

    def _with_creation(self, migration: Migration) -> Migration:
        born = self._creations.get(migration.mint)
        if born is None:
            return migration
        return replace(migration, symbol=born.symbol, name=born.name, first_trade_at=born.heard_at)


async def _subscribe(socket: ClientConnection) -> None:
    for method in ("subscribeMigration", "subscribeNewToken"):
        await socket.send(json.dumps({"method": method}))


def pause_seconds(fruitless: int, refused: int, jitter: float) -> float:
    """How long to wait before dialling again, from 1 s to 5 min; `jitter` is a random number from 0 to 1.

    `fruitless` counts sessions in a row without an event, `refused` those that the server turned down.
    """
    pause = SHORTEST_PAUSE_SECONDS * 2.0 ** min(max(fruitless - 1, 0), 20)
    if refused:
        pause = max(pause, REFUSED_PAUSE_SECONDS * 2.0 ** min(refused - 1, 20))
    return max(SHORTEST_PAUSE_SECONDS, min(pause, LONGEST_PAUSE_SECONDS) * (0.75 + 0.25 * jitter))


def diagnose(error: Exception) -> Trouble:
    """Why a session ended. Never repeats the URL, which may hold a key."""
    if isinstance(error, _SessionOver):
        return error.trouble
    if isinstance(error, InvalidStatus):
        return _diagnose_handshake(error)
    if isinstance(error, InvalidURI):
        return Trouble(WRONG_ADDRESS, refused=True)
    if isinstance(error, ConnectionClosed):
        code = error.rcvd.code if error.rcvd is not None else None
        return Trouble(f"PumpPortal closed the connection (code {code})" if code else "the connection broke")
    reason = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
    return Trouble(f"PumpPortal could not be reached: {reason}")


def _diagnose_handshake(error: InvalidStatus) -> Trouble:
    status = error.response.status_code
    if status in REFUSING_STATUSES:
        return Trouble(
            f"PumpPortal refuses the connection (status {status}); waiting, as dialling on gets banned", True
        )
    if status == 200 or (status < 500 and "html" in error.response.headers.get("Content-Type", "").lower()):
        return Trouble(WRONG_ADDRESS, refused=True)
    return Trouble(f"PumpPortal answered the handshake with status {status}")
