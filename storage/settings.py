"""Settings and their audit. The version is the number of audited changes that touch score, statuses or alerts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select, text, true
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.ext.asyncio import AsyncSession

from engine.settings import SPECS, Settings, Value, changed, load
from engine.shown import SettingChange
from storage.database import Database
from storage.notices import announce_weights
from storage.tables import SettingChangeRow, SettingRow


class SettingsTable:
    """The table `settings`; each method is one transaction and may raise DatabaseAway."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def current(self) -> Settings:
        """The settings as they are now."""
        async with self._database.transaction() as session:
            return await read_settings(session)

    async def change(self, name: str, value: Value, changed_by: int, now: datetime) -> Settings:
        """Change one setting and write its audit row. Raises InvalidSetting, having changed nothing."""
        async with self._database.transaction() as session:
            return await change_setting(session, name, value, changed_by, now)

    async def history(self, limit: int) -> list[SettingChange]:
        """The latest changes, newest first."""
        query = select(SettingChangeRow).order_by(SettingChangeRow.id.desc()).limit(limit)
        async with self._database.transaction() as session:
            return [_change(row) for row in await session.scalars(query)]

    async def last_changes(self) -> dict[str, SettingChange]:
        """The latest change of each setting that was ever changed, by its name."""
        row = SettingChangeRow
        query = select(row).ext(distinct_on(row.key)).order_by(row.key, row.id.desc())
        async with self._database.transaction() as session:
            return {found.key: _change(found) for found in await session.scalars(query)}


async def change_setting(session: AsyncSession, name: str, value: Value, changed_by: int, now: datetime) -> Settings:
    """Change one setting within a transaction, and tell the chats that it concerns.

    Raises InvalidSetting, having changed nothing.
    """
    before = await read_settings(session, locked=True)
    after = changed(before, name, value)
    if after == before:
        return before
    await session.execute(_upsert(name, value, now))
    session.add(
        SettingChangeRow(
            key=name,
            old_value=getattr(before, name),
            new_value=value,
            changed_by=changed_by,
            changed_at=now,
            versioned=SPECS[name].versioned,
        )
    )
    await session.flush()
    await announce_weights(session, before, after, now)
    return await read_settings(session)


async def read_settings(session: AsyncSession, *, locked: bool = False) -> Settings:
    """The settings within a transaction; `locked` lets nobody else change them until it ends."""
    if locked:
        await session.execute(text("LOCK TABLE settings IN SHARE ROW EXCLUSIVE MODE"))
    return await _read(session)


async def _read(session: AsyncSession) -> Settings:
    """One statement, so that no version is told with the values of another; there is a row even without settings."""
    changes = select(func.count().label("versioned")).where(SettingChangeRow.versioned).subquery()
    query = select(changes.c.versioned, SettingRow.key, SettingRow.value).outerjoin_from(changes, SettingRow, true())
    rows = (await session.execute(query)).all()
    return load({key: value for _, key, value in rows if key is not None}, rows[0].versioned)


def _upsert(name: str, value: Value, now: datetime):  # type: ignore[no-untyped-def] # SQLAlchemy's own generic
    row = insert(SettingRow).values(key=name, value=value, updated_at=now)
    return row.on_conflict_do_update(index_elements=["key"], set_={"value": value, "updated_at": now})


def _change(row: SettingChangeRow) -> SettingChange:
    return SettingChange(row.key, row.old_value, row.new_value, row.changed_by, row.changed_at)
