"""All of storage over one database, noun by noun. No queries live here."""

from __future__ import annotations

from storage.chats import Chats
from storage.database import Database
from storage.looks import Looks
from storage.outbox import Outbox
from storage.settings import SettingsTable
from storage.tokens import Tokens


class Store:
    """What the composition root and tests hand around."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.tokens = Tokens(database)
        self.looks = Looks(database)
        self.settings = SettingsTable(database)
        self.chats = Chats(database)
        self.outbox = Outbox(database)
