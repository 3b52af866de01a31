"""Questions that the bot may answer once and for a while: taps on buttons, inline queries."""

from __future__ import annotations

import time
from itertools import count

from deploy.sandbox.telegram.refused import bad_request
from deploy.sandbox.telegram.values import Query

TAP_SECONDS = 150.0
INLINE_SECONDS = 30.0


class Queries:
    """The open questions of one kind. A question that nobody answers is forgotten when it is too old."""

    def __init__(self, lifetime_seconds: float, first_id: int) -> None:
        self._lifetime_seconds = lifetime_seconds
        self._ids = count(first_id)
        self._open: dict[str, Query] = {}
        self._ahead_seconds = 0.0

    def open(self, user_id: int, text: str = "") -> Query:
        """A new question of this user; `text` is what they typed, if anything."""
        query = Query(str(next(self._ids)), user_id, self._now(), text)
        self._open = {old.query_id: old for old in self._open.values() if self._is_fresh(old)}
        self._open[query.query_id] = query
        return query

    def close(self, query_id: str) -> Query:
        """The question, which is now answered; refused when it was answered before, never asked or is too old."""
        query = self._open.pop(query_id, None)
        if query is None or not self._is_fresh(query):
            raise bad_request("query is too old and response timeout expired or query ID is invalid")
        return query

    def age(self, seconds: float) -> None:
        """Makes every open question older, so that no test has to wait."""
        self._ahead_seconds += seconds

    def _is_fresh(self, query: Query) -> bool:
        return self._now() - query.asked_at <= self._lifetime_seconds

    def _now(self) -> float:
        return time.monotonic() + self._ahead_seconds
