"""Very many chats that have subscribed: as rows of the database, and as people and groups of the pretend Telegram."""

from __future__ import annotations

import gc
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, text

from deploy.sandbox.telegram import BotApi, Chat, User
from storage.database import Database
from storage.tables import ChatRow
from tests.made import minutes

FIRST_PERSON = 1_000_001
FIRST_GROUP = -1_001_000_000_001  # and downwards
RUSSIAN_EACH = 4  # one chat in so many
CHANNEL_EACH = 10  # one group in so many is a channel


@dataclass(frozen=True, slots=True)
class Crowd:
    """So many chats, of which so many are groups and channels."""

    chats: int
    groups: int

    @property
    def people(self) -> range:
        """The ids of the private chats."""
        return range(FIRST_PERSON, FIRST_PERSON + self.chats - self.groups)

    @property
    def places(self) -> range:
        """The ids of the groups and channels."""
        return range(FIRST_GROUP, FIRST_GROUP - self.groups, -1)

    @property
    def ids(self) -> list[int]:
        """The ids of all chats."""
        return [*self.people, *self.places]


async def subscribe(database: Database, crowd: Crowd, now: datetime) -> None:
    """Write the chats' rows, all subscribed an hour ago."""
    async with database.transaction() as session:
        await session.execute(insert(ChatRow), [_row(chat_id, now) for chat_id in crowd.ids])
        await session.execute(text("ANALYZE chats"))


def enter(telegram: BotApi, crowd: Crowd) -> None:
    """Let everybody be there, with the bot in every chat; it is told of none of this."""
    chats, bot_id = telegram.world.chats, telegram.world.bot.id
    for chat_id in crowd.people:
        telegram.user(chat_id, f"Person {chat_id}", _language(chat_id))
        chats[chat_id].statuses[bot_id] = "member"
    for chat_id in crowd.places:
        status = "administrator" if _kind(chat_id) == "channel" else "member"
        chats[chat_id] = Chat(chat_id, _kind(chat_id), f"Traders {-chat_id}", {bot_id: status})
    gc.freeze()  # else each full collection would go over all of them


def person(telegram: BotApi, chat_id: int) -> User:
    """Whose private chat this is."""
    return telegram.world.users[chat_id]


def _row(chat_id: int, now: datetime) -> dict[str, Any]:
    return {
        "id": chat_id,
        "type": _kind(chat_id),
        "language": _language(chat_id),
        "created_at": now - minutes(90),
        "subscribed_at": now - minutes(60),
    }


def _language(chat_id: int) -> str:
    return "ru" if chat_id % RUSSIAN_EACH == 0 else "en"


def _kind(chat_id: int) -> Any:
    if chat_id > 0:
        return "private"
    return "channel" if chat_id % CHANNEL_EACH == 0 else "supergroup"
