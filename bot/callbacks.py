"""What buttons carry, at most 64 bytes each. Anybody can make such data up: whoever reads it asks again who may."""

from __future__ import annotations

from typing import Annotated

from aiogram.filters.callback_data import CallbackData
from pydantic import Field

RowId = Annotated[int, Field(ge=0, lt=2**63)]


class ProposalTap(CallbackData, prefix="p"):
    """An admin confirms or cancels what was proposed."""

    number: RowId
    yes: bool
