"""What admins have asked for and must confirm, and what became of it, as frozen values. Standard library only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

CONFIRMED_WITHIN_SECONDS = 120


class Wanted(StrEnum):
    """What a proposal would do."""

    SET = "set"
    BROADCAST = "broadcast"


class Refusal(StrEnum):
    """Why a proposal was not carried out; nothing changed then."""

    UNKNOWN = "unknown"  # made up, or another admin's
    DECIDED = "decided"
    EXPIRED = "expired"
    OUTDATED = "outdated"  # the setting has another value by now


@dataclass(frozen=True, slots=True)
class Done:
    """A proposal that was carried out, with what it held. `reached` is to how many chats a broadcast goes."""

    wanted: Wanted
    content: Mapping[str, Any]
    reached: int = 0
