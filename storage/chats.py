"""Chats: who listens, in which language, how they want to be told, and who is gone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import case, delete, func, or_, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from engine.chats import ChatCensus, Hearing, Preferences
from engine.shown import Chat
from storage.database import Database
from storage.edits import forget_messages
from storage.tables import ChatRow, OutboxRow, WatchRow

# Where a preference has another name as a column.
_COLUMNS = {
    "activated": "hear_activated",
    "high_score": "hear_high_score",
    "revived": "hear_revived",
    "watched": "hear_watched",
    "min_liquidity_usd": "min_liquidity",
}
_LEVELS = {"threshold", "per_day"}


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
        fresh = ("type", "title", "thread_id", "subscribed_at")
        new = insert(ChatRow).values(row)
        language = case((ChatRow.language_chosen, ChatRow.language), else_=new.excluded.language)
        renewed: dict[str, Any] = {name: new.excluded[name] for name in fresh}
        renewed |= {"language": language, "off_at": None, "off_reason": None}
        deaf = ChatRow.subscribed_at.is_(None) | ChatRow.off_at.is_not(None)
        statement = new.on_conflict_do_update(index_elements=["id"], set_=renewed, where=deaf).returning(ChatRow.id)
        async with self._database.transaction() as session:
            return await session.scalar(statement) is not None

    async def move_topic(self, chat_id: int, thread_id: int | None) -> bool:
        """From now on alerts go to this topic of the forum, None being its general one; False when they did already."""
        there = update(ChatRow).where(ChatRow.id == chat_id, ChatRow.thread_id.is_distinct_from(thread_id))
        async with self._database.transaction() as session:
            return await session.scalar(there.values(thread_id=thread_id).returning(ChatRow.id)) is not None

    async def forget_topic(self, chat_id: int, thread_id: int) -> None:
        """This topic is gone: alerts that went there go to the chat itself."""
        there = update(ChatRow).where(ChatRow.id == chat_id, ChatRow.thread_id == thread_id)
        async with self._database.transaction() as session:
            await session.execute(there.values(thread_id=None))

    async def watch_count(self, chat_id: int) -> int:
        """How many tokens the chat watches."""
        watched = select(func.count()).select_from(WatchRow).where(WatchRow.chat_id == chat_id)
        async with self._database.transaction() as session:
            return await session.scalar(watched) or 0

    async def meet(self, chat: Chat, now: datetime) -> None:
        """Know the chat from now on, which hears nothing by that alone; a chat that is known stays as it is."""
        row = {"id": chat.id, "type": chat.type, "title": chat.title, "language": chat.language}
        new = insert(ChatRow).values(row | {"thread_id": chat.thread_id, "created_at": now})
        async with self._database.transaction() as session:
            await session.execute(new.on_conflict_do_nothing())

    async def preferences(self, chat_id: int) -> Preferences | None:
        """How the chat wants to be told; None when it is not known."""
        async with self._database.transaction() as session:
            row = await session.get(ChatRow, chat_id)
        return None if row is None else to_preferences(row)

    async def prefer(self, chat_id: int, now: datetime, **changes: object) -> bool:
        """Change some of the chat's `Preferences`, by their names; False when it is not known.

        A chosen language is also the one of its alerts. A new threshold counts for episodes that open from now on.
        """
        values = {_COLUMNS.get(name, name): value for name, value in changes.items()}
        if "language" in changes:
            values["language_chosen"] = True
        if _LEVELS & changes.keys():
            values["threshold_set_at"] = now
        change = update(ChatRow).where(ChatRow.id == chat_id).values(values).returning(ChatRow.id)
        async with self._database.transaction() as session:
            return await session.scalar(change) is not None

    async def language(self, chat_id: int) -> str | None:
        """The language that somebody chose for this chat, None where nobody did."""
        chosen = select(ChatRow.language).where(ChatRow.id == chat_id, ChatRow.language_chosen)
        async with self._database.transaction() as session:
            language: str | None = await session.scalar(chosen)
        return language

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

    async def census(self, now: datetime, outbox_since: datetime) -> ChatCensus:
        """How many chats there are and how they are; a send that failed since `outbox_since` counts as failing."""
        count, on = func.count(), ChatRow.off_at.is_(None)
        hears = ChatRow.subscribed_at.is_not(None) & on
        kinds = select(ChatRow.type, count).group_by(ChatRow.type)
        off = select(func.coalesce(ChatRow.off_reason, "unknown"), count).where(~on).group_by(ChatRow.off_reason)
        hearing = select(count.filter(hears), count.filter(hears, ChatRow.muted_until > now)).select_from(ChatRow)
        failed = OutboxRow.last_error != "held"  # by quiet hours, before any send
        failing = select(func.count(OutboxRow.chat_id.distinct())).where(OutboxRow.created_at > outbox_since, failed)
        async with self._database.transaction() as session:
            by_kind = (await session.execute(kinds)).all()
            by_reason = (await session.execute(off)).all()
            subscribed, muted = (await session.execute(hearing)).one()
            return ChatCensus(
                kinds=dict(by_kind),
                subscribed=subscribed,
                muted=muted,
                off=dict(by_reason),
                failing=await session.scalar(failing) or 0,
            )

    async def switch_off(self, chat_id: int, reason: str, now: datetime) -> bool:
        """The chat cannot be reached; it hears nothing until somebody subscribes there again. False when it was off."""
        off = update(ChatRow).where(ChatRow.id == chat_id, ChatRow.off_at.is_(None))
        async with self._database.transaction() as session:
            changed = await session.scalar(off.values(off_at=now, off_reason=reason).returning(ChatRow.id))
        return changed is not None

    async def follow(self, chat_id: int, reason: str | None, told_at: datetime, update_id: int, now: datetime) -> bool:
        """Telegram told, at its time `told_at`, whether the bot may speak there: `reason` says why not.

        Updates are handled side by side, so what is older than the latest one changes nothing. True where the chat
        heard alerts until now and does not any more.
        """
        earlier = tuple_(ChatRow.membership_at, ChatRow.membership_update) < tuple_(told_at, update_id)
        news = or_(ChatRow.membership_at.is_(None), earlier)
        state: dict[str, Any] = {"off_at": now if reason else None, "off_reason": reason}
        state |= {"membership_at": told_at, "membership_update": update_id}
        async with self._database.transaction() as session:
            row = await session.scalar(select(ChatRow).where(ChatRow.id == chat_id, news).with_for_update())
            if row is None:
                return False
            heard = row.subscribed_at is not None and row.off_at is None
            await session.execute(update(ChatRow).where(ChatRow.id == chat_id).values(state))
        return heard and reason is not None

    async def move(self, old_id: int, new_id: int) -> None:
        """The group became a supergroup: everything of the old chat belongs to the new id, but its messages do not.

        What the new one was sent already is not sent to it again.
        """
        async with self._database.transaction() as session:
            if await session.get(ChatRow, old_id, with_for_update=True) is None:
                return  # moved already: what stands under the new id is the moved one
            await forget_messages(session, old_id)
            for merge in (_FORGET_TWINS, _TAKE_OVER):
                await session.execute(merge, {"old": old_id, "new": new_id})
            await session.execute(delete(ChatRow).where(ChatRow.id == new_id))
            await session.execute(update(ChatRow).where(ChatRow.id == old_id).values(id=new_id, type="supergroup"))


# Of two rows about one alert the sent one stays, else that of the old chat, which may be in somebody's hands.
_FORGET_TWINS = text("""
    DELETE FROM outbox AS mine USING outbox AS theirs
    WHERE mine.chat_id = :old AND theirs.chat_id = :new
        AND theirs.alert_id = mine.alert_id AND theirs.action = mine.action
        AND theirs.outcome = 'sent' AND mine.outcome IS DISTINCT FROM 'sent'
""")
_TAKE_OVER = text("""
    UPDATE outbox AS theirs SET chat_id = :old
    WHERE theirs.chat_id = :new AND NOT EXISTS (
        SELECT FROM outbox AS mine
        WHERE mine.chat_id = :old AND mine.alert_id = theirs.alert_id AND mine.action = theirs.action)
""")


def to_preferences(row: ChatRow) -> Preferences:
    """The row's wishes as the engine's value."""
    return Preferences(
        subscribed=row.subscribed_at is not None and row.off_at is None,
        language=row.language if row.language_chosen else None,
        per_day=row.per_day,
        threshold=row.threshold,
        activated=Hearing(row.hear_activated),
        high_score=Hearing(row.hear_high_score),
        revived=Hearing(row.hear_revived),
        watched=Hearing(row.hear_watched),
        min_liquidity_usd=row.min_liquidity,
        pictures=row.pictures,
        quiet_from=row.quiet_from,
        quiet_until=row.quiet_until,
        time_zone=row.time_zone,
        hourly_cap=row.hourly_cap,
        muted_until=row.muted_until,
        answers_mints=row.answers_mints,
    )
