"""What buttons carry, at most 64 bytes each. Anybody can make such data up: whoever reads it asks again who may."""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import Annotated, Literal

from aiogram.filters.callback_data import CallbackData
from pydantic import Field

RowId = Annotated[int, Field(ge=0, lt=2**63)]
TelegramId = Annotated[int, Field(gt=-(2**63), lt=2**63)]


class HelpSection(IntEnum):
    """The sections of /help by the numbers that their buttons carry."""

    COMMANDS = 0
    ALERTS = 1
    SCORE = 2
    PROMISE = 3
    ADMINS = 4

    @property
    def word(self) -> str:
        """What people type after /help."""
        return self.name.lower()


class HelpTap(CallbackData, prefix="h"):
    """Shows another section of /help in the same message."""

    section: HelpSection


class OpenTap(CallbackData, prefix="o"):
    """A button of /start: as if the command had been typed."""

    command: Literal["top", "help"]


class ProposalTap(CallbackData, prefix="p"):
    """An admin confirms or cancels what was proposed."""

    number: RowId
    yes: bool


class CardPage(StrEnum):
    """What the caption under a token's chart tells."""

    OVERVIEW = "o"
    SCORE = "s"
    POOLS = "p"


class CardTap(CallbackData, prefix="t"):
    """Somebody wants to see a page of a token's card; `fresh` with a chart of now, and where there is none yet."""

    token_id: RowId
    page: CardPage = CardPage.OVERVIEW
    fresh: bool = False
