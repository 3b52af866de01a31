"""The pretend outside world as the panel pulls it about: the market's tokens, and what each provider was asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Protocol, runtime_checkable

from deploy.sandbox.birdeye import BirdeyeApi
from deploy.sandbox.dexscreener import DexScreenerApi
from deploy.sandbox.journal import Journal
from deploy.sandbox.line import Line
from deploy.sandbox.pumpportal import PumpPortalSocket, create_frame, migrate_frame
from deploy.sandbox.telegram import BotApi
from deploy.sandbox.telegram.values import Json
from deploy.sandbox.world import World, mint_of

LATEST_GLANCES = 40
LATEST_REQUESTS = 12
MOST_TOKENS = 40
MOST_BY_HAND = 10
BUSY_TRADES = 120
DRAWS = 50


@runtime_checkable
class Migrating(Protocol):
    """A world that lets a token migrate when it is told to; gives its mint."""

    def migrate(self) -> str:
        """Now."""
        ...


@runtime_checkable
class Moving(Protocol):
    """A world whose tokens can be bought up and sold out."""

    def pump(self, mint: str) -> object:
        """Everybody buys from now on."""
        ...

    def rug(self, mint: str) -> object:
        """Its liquidity goes."""
        ...


@dataclass(slots=True)
class Outside:
    """All stand-ins of a sandbox. Without `line` the database cannot be cut; `health_url` is the program's own."""

    world: World
    feed: PumpPortalSocket
    market: BirdeyeApi
    glances: DexScreenerApi
    telegram: BotApi
    line: Line | None = None
    health_url: str = ""
    by_hand: list[str] = field(default_factory=list)

    def migrate(self) -> str:
        """Let a token migrate now, which the feed tells; gives its mint."""
        world: object = self.world
        mint = world.migrate() if isinstance(world, Migrating) else self._adopted()
        self.by_hand.insert(0, mint)
        return mint

    def move(self, what: str, mint: str) -> None:
        """Pump or rug a token. Raises LookupError when the world does not know it or cannot."""
        world: object = self.world
        if self.world.known(mint) is None or not isinstance(world, Moving):
            raise LookupError(f"there is no token {mint!r} in this world that can be moved")
        {"pump": world.pump, "rug": world.rug}[what](mint)

    def tokens(self) -> list[Json]:
        """The tokens that migrated by hand and those that the program has looked at lately, the latest first."""
        looked_at = chain.from_iterable(reversed(self.glances.requests[-LATEST_GLANCES:]))
        mints = dict.fromkeys([*self.by_hand[:MOST_BY_HAND], *looked_at])
        lives = [life for mint in mints if (life := self.world.known(mint)) is not None]
        return [{"mint": life.mint, "symbol": life.symbol} for life in lives[:MOST_TOKENS]]

    def asked(self) -> Iterator[Json]:
        """For each provider how often it was asked within the last minute, and the latest requests."""
        journals = {
            "PumpPortal": self.feed.journal,
            "Birdeye": self.market.journal,
            "DexScreener": self.glances.journal,
            "Telegram": self.telegram.journal,
        }
        for name, journal in journals.items():
            yield {"name": name, "per_minute": journal.per_minute(), "latest": list(_latest(journal))}

    def credits(self) -> Json:
        """Compute units used and allowed this month; allowed is None without a limit."""
        return {"used": self.market.meter.used, "monthly": self.market.meter.monthly}

    def _adopted(self) -> str:
        """A busy token of a world that cannot be told to let one migrate, and so does not tell of it either."""
        number = len(self.by_hand) + 1
        for draw in range(DRAWS):
            mint = mint_of(f"{self.world.seed}:panel:{number}:{draw}")
            life = self.world.adopt(mint, f"NOW{number}", f"Migrated by hand, number {number}")
            figures = life.figures(self.world.clock.now())
            if figures is not None and figures.last_5m.buys + figures.last_5m.sells > BUSY_TRADES:
                break
        self.feed.push(create_frame(mint, life.symbol, life.name))
        self.feed.push(migrate_frame(mint))
        return mint


def _latest(journal: Journal) -> Iterator[Json]:
    for asked in journal.latest(LATEST_REQUESTS):
        yield {"number": asked.number, "at": asked.at, "what": asked.what, "status": asked.status, "cost": asked.cost}
