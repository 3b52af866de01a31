"""Chats: who listens, in which language, and who is gone."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from engine.shown import Chat
from storage.database import Database
from storage.tables import ChatRow


class Chats:
    """Queries about chats; each method is one transaction and may raise DatabaseAway."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def subscribe(self, chat: Chat, now: datetime) -> bool:
        """From now on the chat hears alerts; False when it did already."""
        row = {
            "id": chat.id,
            "type": chat.type,
            "title": chat.title,
            "language": chat.language,
            "thread_id": chat.thread_id,
            "created_at": now,
            "subscribed_at": now,
        }
        fresh = {"type", "title", "language", "thread_id", "subscribed_at"}
        new = insert(ChatRow).values(row)
        renewed = {name: new.excluded[name] for name in fresh} | {"off_at": None, "off_reason": None}
        deaf = ChatRow.subscribed_at.is_(None) | ChatRow.off_at.is_not(None)
        statement = new.on_conflict_do_update(index_elements=["id"], set_=renewed, where=deaf).returning(ChatRow.id)
        async with self._database.transaction() as session:
            return await session.scalar(statement) is not None

    async def unsubscribe(self, chat_id: int) -> bool:
        """Forget the chat and what still waits for it; False when it was not known."""
        async with self._database.transaction() as session:
            gone = await session.scalar(delete(ChatRow).where(ChatRow.id == chat_id).returning(ChatRow.id))
        return gone is not None

    async def is_subscribed(self, chat_id: int) -> bool:
        """Whether the chat hears alerts."""
        listening = select(ChatRow.id).where(
            ChatRow.id == chat_id, ChatRow.subscribed_at.is_not(None), ChatRow.off_at.is_(None)
        )
        async with self._database.transaction() as session:
            return await session.scalar(listening) is not None

    async def switch_off(self, chat_id: int, reason: str, now: datetime) -> None:
        """The chat cannot be reached; it hears nothing until somebody subscribes there again."""
        await self._change(chat_id, off_at=now, off_reason=reason)

    async def move(self, old_id: int, new_id: int) -> None:
        """The group became a supergroup: everything of the old chat belongs to the new id."""
        async with self._database.transaction() as session:
            if await session.get(ChatRow, old_id) is None:
                return  # moved already
            await session.execute(delete(ChatRow).where(ChatRow.id == new_id))
            await session.execute(update(ChatRow).where(ChatRow.id == old_id).values(id=new_id, type="supergroup"))

    async def _change(self, chat_id: int, **values: object) -> None:
        async with self._database.transaction() as session:
            await session.execute(update(ChatRow).where(ChatRow.id == chat_id).values(**values))
