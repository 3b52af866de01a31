"""A whole pretend world of tokens: created, migrating, pumping, dying, reviving. Seeded, so repeatable.

Everything is a function of the seed, a token's number and the clock, made when it is asked for. The words in which it
is told are the stand-ins' affair (pumpportal.py, birdeye.py, dexscreener.py).
"""

from __future__ import annotations

import heapq
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from random import Random

from deploy.sandbox.births import Birth, birth, migrant, mint_of
from deploy.sandbox.cast import invented
from deploy.sandbox.lives import Figures, Life
from deploy.sandbox.tapes import Act, Shelf
from deploy.sandbox.trades import Tape
from engine.ports import Clock

__all__ = ["USDC", "Event", "World", "mint_of"]

LIVES_KEPT = 20_000  # the births of more than four days; who asks for an older one is told of nothing
USDC = "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v"


@dataclass(frozen=True, slots=True, order=True)
class Event:
    """Something PumpPortal tells at `at`: a creation, or a migration."""

    at: datetime
    number: int
    kind: str
    life: Life


class World:
    """The tokens of one seed. It stands still until `begin`; times and their speed come from `clock`.

    `acts` is what was done to it from outside, in order: the same seed, beginning and acts give the same world.
    """

    def __init__(self, seed: int, clock: Clock) -> None:
        self.seed = seed
        self.clock = clock
        self.began_at: datetime | None = None
        self.acts: list[Act] = []
        self._born: dict[str, Life] = {}
        self._guests: dict[str, Life] = {}  # adopted, or acted upon: never forgotten
        self._shelf = Shelf()

    def begin(self) -> datetime:
        """Let the time of this world run from now on, unless it does already. Tells when it began."""
        if self.began_at is None:
            self.began_at = self.clock.now()
        return self.began_at

    def life(self, number: int) -> Life:
        """The token number 0 (the hero), 1, 2, …; the same for the same seed and beginning."""
        known = self.known(mint_of(f"{self.seed}:{number}"))
        if known is not None:
            return known
        life = self._life(birth(self.seed, number, self.begin()))
        self._born[life.mint] = life
        if len(self._born) > LIVES_KEPT:
            del self._born[next(iter(self._born))]
        return life

    def known(self, mint: str) -> Life | None:
        """The life of a token that has been told of, or was adopted."""
        return self._guests.get(mint) or self._born.get(mint)

    def figures(self, mint: str) -> Figures | None:
        """The token's figures now; None for one that does not exist (yet)."""
        life = self.known(mint)
        return None if life is None else life.figures(self.clock.now())

    def adopt(self, mint: str, symbol: str, name: str) -> Life:
        """Invent a life for a token from elsewhere, such as a recorded session, that migrates just now."""
        if mint not in self._guests:
            curve_seconds = Random(f"{self.seed}:{mint}").uniform(60, 240)
            created_at = self.clock.now() - timedelta(seconds=curve_seconds)
            self._guests[mint] = self._life(migrant(self.seed, mint, symbol, name, created_at, curve_seconds))
        return self._guests[mint]

    def migrate(self, symbol: str = "") -> Life:
        """Let a new token migrate now; whoever asks for it tells of it. Without a symbol it has one of its own."""
        number = sum(act.kind == "migrate" for act in self.acts) + 1
        mint = mint_of(f"{self.seed}:migrate:{number}")
        own, name = invented(Random(f"{self.seed}:name:{mint}"))
        life = self.adopt(mint, symbol or own, symbol or name)
        self.acts.append(Act(self.clock.now(), "migrate", mint, symbol))
        return life

    def pump(self, mint: str) -> None:
        """Let a crowd buy the token for six minutes from now on. Raises KeyError for an unknown mint."""
        self._act("pump", mint)

    def rug(self, mint: str) -> None:
        """Let everybody sell within half a minute, and the pool be emptied. Raises KeyError for an unknown mint."""
        self._act("rug", mint)

    def revive(self, mint: str) -> None:
        """Let a strong second wave begin now, whatever came before. Raises KeyError for an unknown mint."""
        self._act("revive", mint)

    async def events(self) -> AsyncGenerator[Event, None]:
        """Creations and migrations in order, each when its time has come. Never ends."""
        self.begin()
        waiting: list[Event] = []
        number = 0
        while True:
            while not waiting or self.life(number).created_at <= waiting[0].at:
                for event in _events(self.life(number), number):
                    heapq.heappush(waiting, event)
                number += 1
            await self.clock.sleep(max(0.0, (waiting[0].at - self.clock.now()).total_seconds()))
            yield heapq.heappop(waiting)

    def _act(self, kind: str, mint: str) -> None:
        life = self.known(mint)
        if life is None:
            raise KeyError(mint)
        self._guests[mint] = life
        self.acts.append(Act(self.clock.now(), kind, mint))

    def _life(self, born: Birth) -> Life:
        told = (born.mint, born.symbol, born.name, born.created_at, born.curve_seconds)
        return Life(*told, partial(self._tape, born), born.price, born.liquidity, born.entry_level)

    def _tape(self, born: Birth) -> Tape:
        acts = [act for act in self.acts if act.mint == born.mint and act.kind != "migrate"]
        return self._shelf.take(f"{self.seed}:{born.mint}", born.make, born.created_at, acts)


def _events(life: Life, number: int) -> list[Event]:
    """What PumpPortal tells of a life. The hero's creation is missed, as that of most recorded migrants was."""
    events = [Event(life.created_at, number, "create", life)] if number else []
    if life.migrates_at is not None:
        events.append(Event(life.migrates_at, number, "migrate", life))
    return events
