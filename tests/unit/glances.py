"""How a test reads DexScreener's pairs: as the adapter does, about one mint."""

from __future__ import annotations

from engine.model import Glance
from engine.pairs import parse_pairs
from tests.made import MINT, NOON


def read(*pairs: object, complaints: list[str] | None = None) -> Glance | None:
    found = parse_pairs(list(pairs), [MINT], NOON, (complaints if complaints is not None else []).append)
    assert set(found) <= {MINT}
    return found.get(MINT)


def glance(*pairs: object, complaints: list[str] | None = None) -> Glance:
    seen = read(*pairs, complaints=complaints)
    assert seen is not None
    return seen
