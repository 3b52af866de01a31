"""The pretend outside world as the panel pulls it about: the market's tokens, and what each provider was asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain

from deploy.sandbox.birdeye import BirdeyeApi
from deploy.sandbox.dexscreener import DexScreenerApi
from deploy.sandbox.journal import Journal
from deploy.sandbox.line import Line
from deploy.sandbox.orders import quoted
from deploy.sandbox.program import Program
from deploy.sandbox.pumpportal import PumpPortalSocket, create_frame, migrate_frame
from deploy.sandbox.telegram import BotApi
from deploy.sandbox.telegram.values import Json
from deploy.sandbox.world import World

LATEST_GLANCES = 40
LATEST_REQUESTS = 12
MOST_TOKENS = 40
MOST_BY_HAND = 10
MOVES = ("pump", "rug", "revive")


@dataclass(slots=True)
class Outside:
    """All stand-ins of a sandbox, and the program between them, whose own `health_url` is.

    Without `line` the database cannot be cut, without `program` nothing can be killed.
    """

    world: World
    feed: PumpPortalSocket
    market: BirdeyeApi
    glances: DexScreenerApi
    telegram: BotApi
    line: Line | None = None
    health_url: str = ""
    program: Program | None = None
    by_hand: list[str] = field(default_factory=list)

    def migrate(self) -> str:
        """Let a token migrate now, which the feed tells; gives its mint."""
        life = self.world.migrate()
        self.feed.push(create_frame(life.mint, life.symbol, life.name))
        self.feed.push(migrate_frame(life.mint))
        self.by_hand.insert(0, life.mint)
        return life.mint

    def move(self, what: str, mint: str) -> None:
        """Pump, rug or revive a token. Raises LookupError when the world does not know it."""
        if self.world.known(mint) is None:
            raise LookupError(f"there is no token {quoted(mint)} in this world")
        world = self.world
        {"pump": world.pump, "rug": world.rug, "revive": world.revive}[what](mint)

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


def _latest(journal: Journal) -> Iterator[Json]:
    for asked in journal.latest(LATEST_REQUESTS):
        yield {"number": asked.number, "at": asked.at, "what": asked.what, "status": asked.status, "cost": asked.cost}
