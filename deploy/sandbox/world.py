"""A small pretend world of tokens: most are born, migrate and die; some live; one hero pumps. Seeded, so repeatable.

The words in which it is told are the stand-ins' affair (pumpportal.py, birdeye.py, dexscreener.py).
"""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

import base58

from deploy.sandbox.lives import Figures, Life, Phase, restless
from engine.ports import Clock

BIRTH_SECONDS = 20.0
HERO_CURVE_SECONDS = 10.0
USDC = "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v"

HERO = (
    Phase(1 / 6, 240, 0.9, 80, 0.5, 0.1),
    Phase(9, 320, 0.88, 120, 0.16, 0.8),
    Phase(20, 200, 0.6, 120, 0.02, 0.3),
    Phase(60, 80, 0.48, 80, -0.01, 0.05),
    Phase(510, 8, 0.45, 40, -0.003, 0.0),
)
STILLBORN = (Phase(2, 8, 0.6, 30, -0.1, 0.3),)
CURVE = Phase(1, 90, 0.7, 50, 0.3, 0.4)
DIES = (Phase(3, 160, 0.5, 70, -0.1, 0.2), Phase(6, 30, 0.35, 40, -0.35), Phase(8, 2, 0.3, 10, -0.1))
LIVES = (Phase(10, 90, 0.52, 80, 0.0, 0.2), Phase(90, 55, 0.5, 70, 0.0, 0.05), Phase(60, 10, 0.45, 40, -0.02))
RISES = (
    Phase(7, 40, 0.5, 60, -0.03, 0.1),
    Phase(8, 260, 0.75, 130, 0.12, 0.7),
    Phase(40, 90, 0.5, 80, -0.01, 0.1),
    Phase(30, 12, 0.4, 40, -0.04),
)

NAMES = (
    ("BONKERS", "Bonkers the Dog"),
    ("MOONCAT", "Moon Cat"),
    ("🚀🌕", "To the moon 🚀🌕 now"),
    ("<b>RICH</b>", '<a href="https://example.com">free money</a>'),
    ("PEPE2", "Pepe the Second"),
    ("\u202eNOOM", "right\u202eto\u202eleft"),
    ("_*[x](y)*_", "*bold* _and_ `code` [link](https://example.com)"),
    ("FROGGO", "Froggo"),
    ("N\x00UL\ud83d", "a NUL \x00 and half an emoji \ud83d"),
    ("Z\u0300\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308ALGO", "z\u0336a\u0336l\u0336g\u0336o\u0336"),
    ("", ""),
    ("L" + "O" * 300 + "NG", "a very long name " * 40),
    ("/start", "/set weight tx_accel 9"),
    ("ДЖЕТ", "Джетпак"),
    ("new\nline", "two\nlines\tand a tab"),
    ("WAGMI", "We are all going to make it"),
)


@dataclass(frozen=True, slots=True, order=True)
class Event:
    """Something PumpPortal tells at `at`: a creation, or a migration."""

    at: datetime
    number: int
    kind: str
    life: Life


class World:
    """The tokens of one seed. It stands still until `begin`; times come from `clock`."""

    def __init__(self, seed: int, clock: Clock) -> None:
        self.seed = seed
        self.clock = clock
        self.began_at: datetime | None = None
        self._lives: dict[str, Life] = {}

    def begin(self) -> datetime:
        """Let the time of this world run from now on, unless it does already. Tells when it began."""
        if self.began_at is None:
            self.began_at = self.clock.now()
        return self.began_at

    def life(self, number: int) -> Life:
        """The token number 0 (the hero), 1, 2, …; the same for the same seed and beginning."""
        mint = mint_of(f"{self.seed}:{number}")
        if mint not in self._lives:
            self._lives[mint] = self._hero(mint) if number == 0 else self._bear(mint, number)
        return self._lives[mint]

    def known(self, mint: str) -> Life | None:
        """The life of a token that has been told of, or was adopted."""
        return self._lives.get(mint)

    def figures(self, mint: str) -> Figures | None:
        """The token's figures now; None for one that does not exist (yet)."""
        life = self._lives.get(mint)
        return None if life is None else life.figures(self.clock.now())

    def adopt(self, mint: str, symbol: str, name: str) -> Life:
        """Invent a life for a token from elsewhere, such as a recorded session, that migrates just now."""
        if mint not in self._lives:
            random = Random(f"{self.seed}:{mint}")
            curve_seconds = random.uniform(60, 240)
            created_at = self.clock.now() - timedelta(seconds=curve_seconds)
            self._lives[mint] = _migrant(mint, symbol, name, created_at, curve_seconds, random)
        return self._lives[mint]

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
            event = heapq.heappop(waiting)
            await self.clock.sleep(max(0.0, (event.at - self.clock.now()).total_seconds()))
            yield event

    def _hero(self, mint: str) -> Life:
        return Life(mint, "HERO", "Hero of the Sandbox", self.begin(), HERO_CURVE_SECONDS, HERO, liquidity=62_000)

    def _bear(self, mint: str, number: int) -> Life:
        random = Random(f"{self.seed}:{number}")
        created_at = self.begin() + timedelta(seconds=BIRTH_SECONDS * number + random.uniform(0, BIRTH_SECONDS / 2))
        symbol, name = NAMES[(number - 1) % len(NAMES)]
        if random.random() < 0.5:
            return Life(mint, symbol, name, created_at, None, restless(STILLBORN, random), liquidity=4_000)
        return _migrant(mint, symbol, name, created_at, random.uniform(30, 240), random)


def mint_of(seed: str) -> str:
    """A well-formed address: base58 of 32 bytes."""
    return base58.b58encode(hashlib.sha256(seed.encode()).digest()).decode()


def _migrant(mint: str, symbol: str, name: str, created_at: datetime, curve_seconds: float, random: Random) -> Life:
    (fate,) = random.choices((DIES, LIVES, RISES), (70, 18, 12))
    curve = Phase(curve_seconds / 60, CURVE.trades, CURVE.buy_share, CURVE.trade_usd, CURVE.growth, CURVE.new_holders)
    phases = restless((curve, *fate), random)
    return Life(mint, symbol, name, created_at, curve_seconds, phases, liquidity=random.uniform(12_000, 45_000))


def _events(life: Life, number: int) -> list[Event]:
    """What PumpPortal tells of a life. The hero's creation is missed, as that of most recorded migrants was."""
    events = [Event(life.created_at, number, "create", life)] if number else []
    if life.migrates_at is not None:
        events.append(Event(life.migrates_at, number, "migrate", life))
    return events
