"""The PumpPortal adapter: its websocket -> an endless stream of migrations and gaps. Reconnects for ever, politely.

What a frame says is read in engine/frames.py, what the end of a session means in engine/redial.py; what becomes of a
migration or a gap is the intake's affair.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime

import structlog
from cachetools import TTLCache
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from engine.events import Creation, Gap, Migration
from engine.frames import Ack, Dropped, Frame, Refusal, Stream, parse_frame
from engine.heartbeat import Heartbeat
from engine.ports import Clock
from engine.redial import SessionOver, Trouble, diagnose, pause_seconds

SILENCE_SECONDS = 120.0  # with both streams 43 s was the longest seen
SILENCE_ALONE_SECONDS = 900.0  # with migrations alone minutes are normal
MAX_FRAME_BYTES = 1_000_000
LASTING_SECONDS = 60.0  # a subscription that held so long was no failure, also when nothing happened in it

log = structlog.get_logger()

_socket_log = logging.getLogger("engine.pumpportal.socket")
_socket_log.setLevel(logging.WARNING)  # the library's debug lines would show the URL, which may hold a key


@dataclass(slots=True)
class _Session:
    """One connection: since when, how long it may be silent, and what it gave.

    `alone` is whether it hears migrations without creations, `subscribed` whether it surely hears migrations.
    """

    began_at: datetime
    silence_seconds: float
    alone: bool
    subscribed: bool = False
    events: int = 0

    def was_fruitful(self, now: datetime) -> bool:
        """Whether it gave an event, or held a subscription for a while: in a quiet market that is all one can ask."""
        return self.events > 0 or (self.subscribed and (now - self.began_at).total_seconds() >= LASTING_SECONDS)

    def patient_until(self, began: float, useful: float) -> float:
        """When silence ends the session that last heard something useful then; all in the loop's time.

        Until migrations are proven it ends in any case: creations alone would hide for ever that there are none.
        """
        patient_until = useful + self.silence_seconds
        return patient_until if self.subscribed else min(patient_until, began + SILENCE_ALONE_SECONDS)

    def silent(self) -> Trouble:
        """Why it ended when it was silent for too long."""
        if self.events and not self.subscribed:
            return Trouble("PumpPortal tells creations, but does not confirm the subscription to migrations")
        return Trouble(f"PumpPortal sent nothing useful for {self.silence_seconds:g} s")


class PumpPortal:
    """PumpPortal as `engine.ports.Feed`. Pauses are domain seconds, the silence limit is in real ones.

    `heard_until` is when an earlier run of the program heard something last, None when there was none. Without
    `creations` only migrations are subscribed to. `overhear` is told every frame as it came, whatever it is.
    """

    def __init__(
        self,
        url: str,
        clock: Clock,
        heartbeat: Heartbeat,
        rng: random.Random | None = None,
        *,
        heard_until: datetime | None = None,
        creations: bool = True,
        silence_seconds: float | None = None,
        overhear: Callable[[bytes], None] = lambda _: None,
    ) -> None:
        usual_seconds = SILENCE_SECONDS if creations else SILENCE_ALONE_SECONDS
        self._url = url
        self._clock = clock
        self._heartbeat = heartbeat
        self._rng = rng or random.Random()  # noqa: S311 - jitter needs no secrecy
        self.heard_until = heard_until
        self._alone = not creations
        self._overhear = overhear
        self._silence_seconds = usual_seconds if silence_seconds is None else silence_seconds
        self._creations: TTLCache[str, Creation] = TTLCache(maxsize=20_000, ttl=86_400)
        self._logged: TTLCache[str, bool] = TTLCache(maxsize=100, ttl=60)

    async def events(self) -> AsyncGenerator[Migration | Gap, None]:
        """Every migration heard, with what its creation told if that was heard too, and every gap once it is over.

        Never ends; use `aclosing`.
        """
        fruitless = refused = 0
        while True:
            session = _Session(self._clock.now(), self._silence_seconds, self._alone)
            try:
                async with self._connection() as socket:
                    await self._subscribe(socket)
                    while True:
                        for event in await self._next_events(socket, session):
                            yield event
            except (OSError, WebSocketException, SessionOver) as error:
                trouble = diagnose(error, self._clock.now())
            fruitless = 0 if session.was_fruitful(self._clock.now()) else fruitless + 1
            refused = refused + 1 if trouble.refused else 0
            pause = max(pause_seconds(fruitless, refused, self._rng.random()), trouble.wait_seconds)
            self._lost(session, trouble, pause)
            await self._clock.sleep(pause)

    def _lost(self, session: _Session, trouble: Trouble, pause: float) -> None:
        if self.heard_until is None:
            self.heard_until = session.began_at
        self._heartbeat.fail("feed", trouble.text)
        log.warning("feed.connection_lost", error=trouble.text, pause_seconds=round(pause, 1))

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[ClientConnection]:
        try:
            socket = await self._dial()
        except (ValueError, LookupError) as error:  # a redirect to no address, a header told twice
            raise SessionOver(diagnose(error, self._clock.now())) from None
        async with socket:
            yield socket

    def _dial(self) -> connect:
        return connect(
            self._url,
            max_size=MAX_FRAME_BYTES,
            max_queue=1024,  # a slow database must not stop the reading, or the keepalive would end the session
            close_timeout=2,
            proxy=None,
            user_agent_header="ToTheMoon2",
            logger=_socket_log,
        )

    async def _subscribe(self, socket: ClientConnection) -> None:
        for method in ("subscribeMigration",) if self._alone else ("subscribeMigration", "subscribeNewToken"):
            await socket.send(json.dumps({"method": method}))

    async def _next_events(self, socket: ClientConnection, session: _Session) -> list[Migration | Gap]:
        """Reads on until there is something to tell. Only a useful frame counts against silence."""
        loop = asyncio.get_running_loop()
        began = useful = loop.time()
        try:
            async with asyncio.timeout(session.silence_seconds) as silence:
                while True:
                    raw = await socket.recv(decode=False)  # else text that is no UTF-8 would end the session
                    self._overhear(raw)
                    now = self._clock.now()
                    frame = parse_frame(raw, now)
                    if events := self._take(frame, session, now):
                        return events
                    useful = useful if isinstance(frame, Dropped | Refusal) else loop.time()
                    silence.reschedule(session.patient_until(began, useful))
        except TimeoutError:
            raise SessionOver(session.silent()) from None

    def _take(self, frame: Frame, session: _Session, now: datetime) -> list[Migration | Gap]:
        """What the frame has to tell, if anything. Raises SessionOver when migrations are refused."""
        if isinstance(frame, Dropped):
            self._drop(frame)
        elif isinstance(frame, Refusal):
            self._refused(frame, session)
        else:
            return self._hear(frame, session, now)
        return []

    def _hear(self, frame: Migration | Creation | Ack, session: _Session, now: datetime) -> list[Migration | Gap]:
        self._heartbeat.beat("feed")
        self._heartbeat.count("frame_heard", type(frame).__name__.lower())
        events: list[Migration | Gap] = []
        if isinstance(frame, Migration) or (isinstance(frame, Ack) and frame.stream is Stream.MIGRATIONS):
            events += self._subscribed(session, now)
        if isinstance(frame, Migration | Creation):
            session.events += 1
        if isinstance(frame, Creation):
            self._creations[frame.mint] = frame
        if isinstance(frame, Migration):
            events.append(self._with_creation(frame))
        if session.subscribed:  # before that, creations prove nothing about migrations
            self._heard(session, now)
        return events

    def _subscribed(self, session: _Session, now: datetime) -> list[Gap]:
        """The session surely hears migrations: the gap before it is over, if there was one."""
        self._heartbeat.beat("feed_subscribed")
        if session.subscribed:
            return []
        session.subscribed = True
        log.info("feed.subscribed", alone=session.alone)
        return [] if self.heard_until is None else [Gap(self.heard_until, now)]

    def _heard(self, session: _Session, now: datetime) -> None:
        self.heard_until = now
        if session.alone:
            self._heartbeat.beat("feed_alone")

    def _refused(self, refusal: Refusal, session: _Session) -> None:
        self._heartbeat.count("subscription_refused", refusal.stream)
        log.warning("feed.subscription_refused", stream=refusal.stream, text=refusal.text)
        if refusal.stream is Stream.CREATIONS:
            session.alone = True
            session.silence_seconds = max(session.silence_seconds, SILENCE_ALONE_SECONDS)
            if session.subscribed:
                self._heartbeat.beat("feed_alone")
        doubtful = refusal.stream is Stream.UNKNOWN and not session.subscribed
        if refusal.stream is Stream.MIGRATIONS or doubtful:
            raise SessionOver(Trouble(f"PumpPortal refuses to tell migrations: {refusal.text}", refused=True))

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
