"""Settings with their audit, what the calls of providers cost, and when the feed was deaf."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, SmallInteger
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.root import Table, new_id


class SettingRow(Table):
    """A setting that was changed at least once."""

    __tablename__ = "settings"

    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[Any] = mapped_column(JSONB)
    updated_at: Mapped[datetime]


class SettingChangeRow(Table):
    """The audit of settings: who changed what, when. The settings version is the number of `versioned` rows."""

    __tablename__ = "setting_changes"

    id: Mapped[int] = new_id()
    key: Mapped[str]
    old_value: Mapped[Any] = mapped_column(JSONB)
    new_value: Mapped[Any] = mapped_column(JSONB)
    changed_by: Mapped[int] = mapped_column(BigInteger)
    changed_at: Mapped[datetime]
    versioned: Mapped[bool]


class SpendingRow(Table):
    """What the calls of one endpoint cost within one hour, in the provider's compute units."""

    __tablename__ = "spending"

    hour: Mapped[datetime] = mapped_column(primary_key=True)
    endpoint: Mapped[str] = mapped_column(primary_key=True)
    calls: Mapped[int] = mapped_column(BigInteger)
    credits: Mapped[int] = mapped_column(BigInteger)


class BillingCycleRow(Table):
    """The account's billing cycle as it told it last: the one row, with id 1."""

    __tablename__ = "billing_cycle"

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]


class LeaderRow(Table):
    """Which program leads, and since when by the database's clock: the one row, with id 1. For people alone."""

    __tablename__ = "leaders"

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    name: Mapped[str]
    elected_at: Mapped[datetime]


class FeedGapRow(Table):
    """A stretch of time in which the feed heard nothing. The key is also the index by which the latest are found."""

    __tablename__ = "feed_gaps"

    ended_at: Mapped[datetime] = mapped_column(primary_key=True)
    began_at: Mapped[datetime] = mapped_column(primary_key=True)


class FeedHearingRow(Table):
    """Until when the feed surely heard migrations: the one row, with id 1, from which a restart knows its own gap."""

    __tablename__ = "feed_hearing"

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    heard_until: Mapped[datetime]
