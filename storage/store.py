"""All of storage over one database, noun by noun. No queries live here."""

from __future__ import annotations

from collections.abc import Callable

from storage.alarms import Alarms
from storage.chats import Chats
from storage.database import Database
from storage.days import Days
from storage.episodes import Episodes
from storage.gaps import Gaps
from storage.histories import Histories
from storage.listings import Listings
from storage.looks import Looks
from storage.outbox import Outbox
from storage.outcomes import Outcomes
from storage.pools import Pools
from storage.proposals import Proposals
from storage.safety import Safeties
from storage.settings import SettingsTable
from storage.spending import Spending
from storage.tokens import Tokens
from storage.watches import Watches


class Store:
    """What the composition root and tests hand around. `count` hears of what was ignored, by what and kind."""

    def __init__(self, database: Database, count: Callable[[str, str], None] = lambda _what, _kind: None) -> None:
        self.database = database
        self.tokens = Tokens(database)
        self.histories = Histories(database)
        self.listings = Listings(database)
        self.looks = Looks(database, count)
        self.pools = Pools(database, count)
        self.safeties = Safeties(database)
        self.settings = SettingsTable(database)
        self.proposals = Proposals(database)
        self.chats = Chats(database)
        self.watches = Watches(database)
        self.outbox = Outbox(database, count)
        self.episodes = Episodes(database)
        self.days = Days(self.episodes.day)
        self.alarms = Alarms(database)
        self.outcomes = Outcomes(database)
        self.spending = Spending(database)
        self.gaps = Gaps(database)
