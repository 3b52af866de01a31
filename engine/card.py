"""All that people see of one token, as one frozen value."""

from __future__ import annotations

from dataclasses import dataclass

from engine.model import PoolFigures, Safety
from engine.shown import Portrait


@dataclass(frozen=True, slots=True)
class Card:
    """All that people see of one token: its portrait, who could harm its holders, and its pools, the deepest first.

    `namesakes` is how many other tokens have a symbol that reads like this one's.
    """

    portrait: Portrait
    safety: Safety | None = None
    pools: tuple[PoolFigures, ...] = ()
    namesakes: int = 0
