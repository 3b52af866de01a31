"""What an open page has been told, and what is news to it: Server-Sent Events of the pretend Telegram."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator

from deploy.sandbox.chat.shown import chat_json, message_json, person_json
from deploy.sandbox.telegram import BotApi, SentMessage, Toast
from deploy.sandbox.telegram.values import Json

SHOWN_PER_CHAT = 120  # of what was said before the page was opened

News = tuple[str, Json]


class Stream:
    """The news of one page. It begins with everything that stands there; nothing here waits."""

    def __init__(self, telegram: BotApi, admins: Collection[int]) -> None:
        self._telegram = telegram
        self._world = telegram.world
        self._admins = admins
        self._told = {(m.chat_id, m.message_id): m.version for m in self._old()}
        self._places = ""
        self._version = max((event.version for event in self._world.since(0)), default=0)
        self._heard = telegram.requests_ever
        self._first = True

    def news(self) -> Iterator[News]:
        """What has changed since the last call: chats and people, messages, toasts, answered taps."""
        yield from self._changed_places()
        changed, gone = self._changed_messages()
        if changed or gone or self._first:
            told = [message_json(message, self._world) for message in changed]
            yield "messages", {"changed": told, "gone": gone, "all": self._first}
        self._first = False
        yield from self._toasts()
        yield from self._answered()

    def _changed_places(self) -> Iterator[News]:
        world = self._world
        shown: Json = {
            "bot": {"id": world.bot.id, "name": world.bot.first_name, "username": world.bot.username},
            "people": [person_json(user, self._admins) for user in world.users.values()],
            "chats": [chat_json(chat, world) for chat in world.chats.values()],
        }
        if (as_text := json.dumps(shown)) != self._places:
            self._places = as_text
            yield "places", shown

    def _changed_messages(self) -> tuple[list[SentMessage], list[list[int]]]:
        """The new and edited messages, oldest first, and the [chat, message] of those that are gone."""
        now = {(m.chat_id, m.message_id): m for m in self._messages()}
        changed = [message for key, message in now.items() if self._told.get(key) != message.version]
        gone = [list(key) for key in self._told.keys() - now.keys()]
        self._told = {key: message.version for key, message in now.items()}
        return sorted(changed, key=lambda message: message.message_id), gone

    def _old(self) -> list[SentMessage]:
        """What was said so long before that it is not shown."""
        return [message for kept in self._world.messages.values() for message in list(kept.values())[:-SHOWN_PER_CHAT]]

    def _messages(self) -> list[SentMessage]:
        """All but the old group's word that it moved: the new one says so too."""
        kept = (message for chat in self._world.messages.values() for message in chat.values())
        return [message for message in kept if "migrate_to_chat_id" not in message.facts]

    def _toasts(self) -> Iterator[News]:
        for event in self._world.since(self._version):
            self._version = event.version
            if isinstance(event, Toast):
                yield "toast", {"user": event.user_id, "text": event.text, "alert": event.show_alert}

    def _answered(self) -> Iterator[News]:
        for request in self._telegram.requests_since(self._heard):
            if request.method.lower() == "answercallbackquery":
                yield "answered", {"query": request.params.get("callback_query_id", "")}
        self._heard = self._telegram.requests_ever
