"""An hour of a pretend market, looked at and recorded as the program does it: glances, checks, decisions, rows."""

from __future__ import annotations

from collections.abc import Sequence

from deploy.sandbox.birdeye_answers import overview
from deploy.sandbox.clock import HandClock
from deploy.sandbox.lives import Life
from deploy.sandbox.pairs import pairs_of
from engine.decision import opens_gate
from engine.events import Migration
from engine.heartbeat import Heartbeat
from engine.model import Glance, Status, Token
from engine.overview import parse_overview
from engine.pairs import parse_pairs
from engine.patience import Patience
from engine.recorder import Answer, Recorder, Seen
from engine.settings import Settings
from storage.store import Store

PAUSE_SECONDS = 30
LAG_SECONDS = 4  # a check comes a little after the glance before it


class Market:
    """The tokens of a cast in the store. Each `look` moves the clock ahead and looks at all that have migrated."""

    def __init__(self, lives: Sequence[Life], store: Store, clock: HandClock) -> None:
        self._lives = {life.mint: life for life in lives}
        self._store = store
        self._clock = clock
        self._ids: dict[str, int] = {}
        self._recorder = Recorder(
            store.tokens, store.looks, store.watches, clock, Heartbeat(), Patience(), lambda: None
        )

    async def look(self) -> None:
        """Half a minute later: migrations are heard, everybody is glanced at, then the Active ones are checked."""
        self._clock.move(PAUSE_SECONDS - LAG_SECONDS)
        await self._hear()
        settings = await self._store.settings.current()
        await self._glance(settings)
        self._clock.move(LAG_SECONDS)
        await self._check(settings)

    async def _hear(self) -> None:
        now = self._clock.now()
        for life in self._lives.values():
            if life.mint not in self._ids and life.migrates_at is not None and life.migrates_at <= now:
                told = Migration(life.mint, now, symbol=life.symbol, name=life.name)
                await self._store.tokens.track(told, first_check_at=now)
                self._ids[life.mint] = (await self._store.tokens.find(life.mint))[0].id

    async def _glance(self, settings: Settings) -> None:
        """Free looks; one that opens the gate asks for a check at once, so that its alert carries a score."""
        now = self._clock.now()
        answers = []
        for token in await self._tokens():
            pairs = pairs_of(self._lives[token.mint], now)
            if (glance := parse_pairs(pairs, [token.mint], now).get(token.mint)) is not None:
                answers.append(self._answer(token, glance, settings))
        await self._recorder.settle(answers)

    def _answer(self, token: Token, glance: Glance, settings: Settings) -> Answer:
        opens = opens_gate(token, glance.sample, self._clock.now(), settings)
        check = self._seen(token) if opens else None
        return Answer(token, settings, glance=Seen(glance.sample, glance.pools), check=check)

    async def _check(self, settings: Settings) -> None:
        active = [token for token in await self._tokens() if token.status is Status.ACTIVE]
        await self._recorder.settle([Answer(token, settings, check=self._seen(token)) for token in active])

    def _seen(self, token: Token) -> Seen:
        life, now = self._lives[token.mint], self._clock.now()
        figures = life.figures(now)
        assert figures is not None  # noqa: S101 - what has migrated has been born; this is for the type checker
        return Seen(parse_overview({"success": True, "data": overview(life, figures)}, token.mint, now))

    async def _tokens(self) -> list[Token]:
        return list((await self._store.tokens.current(list(self._ids.values()))).values())
