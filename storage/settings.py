"""Settings and their audit. The version is the number of audited changes that touch score, statuses or alerts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select, text, true
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from engine.settings import SPECS, Settings, Value, changed, load
from storage.database import Database
from storage.tables import SettingChangeRow, SettingRow


class SettingsTable:
    """The table `settings`; each method is one transaction and may raise DatabaseAway."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def current(self) -> Settings:
        """The settings as they are now."""
        async with self._database.transaction() as session:
            return await _read(session)

    async def change(self, name: str, value: Value, changed_by: int, now: datetime) -> Settings:
        """Change one setting and write its audit row. Raises InvalidSetting, having changed nothing."""
        async with self._database.transaction() as session:
            await session.execute(text("LOCK TABLE settings IN SHARE ROW EXCLUSIVE MODE"))
            before = await _read(session)
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
