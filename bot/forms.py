"""What chats were found not to take, for a while, so that the next try goes another way: topics, pictures, captions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cachetools import TTLCache

from bot.telegram import GENERAL_TOPIC
from bot.verdicts import Action, Verdict
from engine.parcels import Parcel

KEPT = 1000
KEPT_SECONDS = 600.0  # a closed topic may open again


class Forms:
    """Learns from refusals in which form a row will do."""

    def __init__(self) -> None:
        self._closed_topics: TTLCache[tuple[int, int], bool] = TTLCache(KEPT, KEPT_SECONDS)
        self._without_photos: TTLCache[int, bool] = TTLCache(KEPT, KEPT_SECONDS)
        self._other_way_round: TTLCache[int, bool] = TTLCache(KEPT, KEPT_SECONDS)  # rows that edit

    def learn(self, what: Verdict, parcel: Parcel) -> bool:
        """Whether the next try differs from the one that was refused."""
        if what.action is Action.WITHOUT_PHOTO:
            return _first(self._without_photos, parcel.chat_id)
        if what.action is Action.OTHER_FORM:
            return _first(self._other_way_round, parcel.id)
        thread_id = self.thread(parcel)
        return thread_id is not None and _first(self._closed_topics, (parcel.chat_id, thread_id))

    def fitted(self, parcel: Parcel) -> Parcel:
        """The row as its chat can take it: without a picture where none may be sent."""
        if parcel.chat_id not in self._without_photos:
            return parcel
        return replace(parcel, preferences=replace(parcel.preferences, pictures=False))

    def thread(self, parcel: Parcel) -> int | None:
        """The topic that the row goes to; None for the chat itself."""
        thread_id = parcel.thread_id
        if thread_id is None or thread_id == GENERAL_TOPIC or (parcel.chat_id, thread_id) in self._closed_topics:
            return None
        return thread_id

    def has_caption(self, parcel: Parcel) -> bool:
        """Whether the message to edit has a picture: guessed by wishes that its chat may have changed since."""
        return parcel.preferences.pictures is not (parcel.id in self._other_way_round)


def _first(known: TTLCache[Any, bool], key: object) -> bool:
    """Keep the key; whether it was not known before."""
    fresh = key not in known
    known[key] = True
    return fresh
