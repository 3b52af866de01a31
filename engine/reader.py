"""Reads one Birdeye answer: its envelope and its fields. What a field means is its endpoint's file's affair. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TypeVar

from engine import fields
from engine.errors import NoDataYet

Complain = Callable[[str], None]

_T = TypeVar("_T")
_N = TypeVar("_N", int, float)


def data_of(body: object, mint: str | None = None) -> Mapping[str, object]:
    """The `data` of an answer, which must not be about another token than `mint`. Raises NoDataYet."""
    data = body.get("data") if isinstance(body, dict) and body.get("success") is not False else None
    if not isinstance(data, dict) or not data:
        raise NoDataYet("Birdeye has no figures for this token yet")
    if mint is not None and data.get("address", mint) != mint:
        raise NoDataYet("Birdeye's answer is about another token", "wrong_mint")
    return data


class Reader:
    """Reads fields out of `data`; a missing field is None, a wrong one also, and complained of."""

    def __init__(self, data: Mapping[str, object], complain: Complain) -> None:
        self._data = data
        self._complain = complain

    def __call__(self, name: str, kind: Callable[[object], _T | None]) -> _T | None:
        """The field `name` as `kind` reads it."""
        raw = self._data.get(name)
        good = None if raw is None else kind(raw)
        if raw is not None and good is None:
            self._complain(name)
        return good

    def part(self, name: str) -> Reader:
        """A reader of the object within `data` under this name; of nothing where there is none."""
        inner = self._data.get(name)
        if inner is not None and not isinstance(inner, dict):
            self._complain(name)
        return Reader(inner if isinstance(inner, dict) else {}, self._complain)

    def window(
        self, kind: Callable[[object], _N | None], total: str, buys: str, sells: str
    ) -> tuple[_N | None, _N | None, _N | None]:
        """A total with its two parts; none of the three where they contradict each other."""
        whole, bought, sold = self(total, kind), self(buys, kind), self(sells, kind)
        if whole is None or bought is None or sold is None:
            return whole, bought, sold
        if math.isclose(bought + sold, whole, rel_tol=fields.TOLERANCE, abs_tol=1):
            return whole, bought, sold
        self._complain(f"{total} against {buys} + {sells}")
        return None, None, None
