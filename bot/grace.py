"""How long sends and handlers in flight may take to come to their end when their loops are told to."""

from __future__ import annotations

from collections.abc import Callable

GRACE_SECONDS = 4.0
LOST_GRACE_SECONDS = 0.4  # another program may soon lead, so that there must be nothing left of this one's work


def grace_seconds(holds: Callable[[], bool]) -> float:
    """Little once this program does not surely lead any more, as `holds` says."""
    return GRACE_SECONDS if holds() else LOST_GRACE_SECONDS


def always() -> bool:
    """Stands for `holds` where there is one program only."""
    return True
