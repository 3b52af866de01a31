"""The root of all tables, and the columns that many of them have."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, ForeignKey, Identity, MetaData, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

Json = dict[str, Any]
TIMES = DateTime(timezone=True)


class Table(DeclarativeBase):
    """The root of all tables."""

    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "uq": "ux_%(table_name)s_%(column_0_name)s",
        }
    )
    type_annotation_map = {datetime: TIMES, str: Text(), Json: JSONB(none_as_null=True)}  # noqa: RUF012 - SQLAlchemy's own spelling


def new_id() -> Mapped[int]:
    """A big integer that the database counts up."""
    return mapped_column(BigInteger, Identity(), primary_key=True)


def of_token() -> Mapped[int]:
    """The token that a row belongs to; it goes with it."""
    return mapped_column(BigInteger, ForeignKey("tokens.id", ondelete="CASCADE"))
