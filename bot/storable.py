"""Whether the database could take what Telegram says: pydantic reads numbers of any length, and times of any kind."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TypeVar

from pydantic import BaseModel

Said = TypeVar("Said")

LEAST, MOST = -(2**63), 2**63 - 1
TIMES = (datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC))  # also in any other zone


class UnstorableError(ValueError):
    """`fields` are where it stands, never what."""

    def __init__(self, fields: list[str]) -> None:
        super().__init__(f"numbers or times out of range: {', '.join(fields)}")
        self.fields = fields


def storable(said: Said) -> Said:
    """The same. Raises UnstorableError for a number beyond 64 bits, or a time without a zone or at the end of time."""
    if fields := list(_unfit(said, "")):
        raise UnstorableError(fields)
    return said


def _unfit(said: object, where: str) -> Iterator[str]:
    if isinstance(said, BaseModel):
        for name, part in said.__dict__.items():
            yield from _unfit(part, f"{where}.{name}" if where else name)
    elif isinstance(said, list | tuple):
        for part in said:
            yield from _unfit(part, where)
    elif not _fits(said):
        yield where


def _fits(said: object) -> bool:
    if isinstance(said, datetime):
        return said.tzinfo is not None and TIMES[0] <= said <= TIMES[1]
    return not isinstance(said, int) or LEAST <= said <= MOST
