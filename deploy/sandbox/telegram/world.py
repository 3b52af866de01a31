"""The state of the pretend Telegram: who is there, what was said, which updates wait for the bot.

No sockets and no checks: people (`people`) and the bot (`methods`) change it, everybody may look.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from typing import Any

from deploy.sandbox.telegram.queries import INLINE_SECONDS, TAP_SECONDS, Queries
from deploy.sandbox.telegram.refused import bad_request
from deploy.sandbox.telegram.values import Chat, File, InlineAnswer, Json, Query, SentMessage, Toast, User, Webhook

# A sandbox may run for weeks: it forgets what nobody looks at any more.
KEPT_EVENTS = 2_000
KEPT_PER_CHAT = 1_000
KEPT_FILES = 2_000
NOT_BY_DEFAULT = frozenset({"chat_member", "message_reaction", "message_reaction_count"})


def wall_clock() -> datetime:
    """Telegram stamps messages with the real time, whatever the domain's clock says."""
    return datetime.now(UTC)  # noqa: TID251  Telegram has a clock of its own


class World:
    """Everything that Telegram remembers about one bot. All access happens on one event loop."""

    def __init__(self, bot: User, now: Callable[[], datetime] = wall_clock) -> None:
        self.bot = bot
        self.now = now
        self.users: dict[int, User] = {}
        self.chats: dict[int, Chat] = {}
        self.messages: defaultdict[int, dict[int, SentMessage]] = defaultdict(dict)
        self.files: dict[str, File] = {}
        self.taps = Queries(TAP_SECONDS, 7_000_000_000_000_000_001)
        self.inline_queries = Queries(INLINE_SECONDS, 8_000_000_000_000_000_001)
        self.inline_answers: deque[InlineAnswer] = deque(maxlen=KEPT_EVENTS)
        self.commands: dict[tuple[str, str], list[Json]] = {}
        self.profile: dict[tuple[str, str], str] = {}
        self.updates: deque[Json] = deque()
        self.allowed_updates: list[str] = []
        self.webhook: Webhook | None = None
        self.poller: object | None = None
        self.closing = False
        self._events: deque[SentMessage | Toast] = deque(maxlen=KEPT_EVENTS)
        self._message_ids = count(1)
        self._versions = count(1)
        self._update_ids = count(100_000_001)
        self._changed = asyncio.Event()

    # --- waiting

    def touch(self) -> None:
        """Wakes everybody who waits for a change."""
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def change(self) -> None:
        """Returns at the next change."""
        await self._changed.wait()

    def since(self, version: int) -> list[SentMessage | Toast]:
        """What the bot showed after this version: messages, their edits, toasts, oldest first."""
        newer: list[SentMessage | Toast] = []
        for event in reversed(self._events):
            if event.version <= version:
                break
            newer.append(event)
        return newer[::-1]

    # --- updates for the bot

    def emit(self, kind: str, content: Json, *, heard: bool = True) -> int:
        """Queues an update of this kind, unless the bot asked not to get it or may not hear it. Returns its id."""
        update_id = next(self._update_ids)
        wanted = kind in self.allowed_updates or (not self.allowed_updates and kind not in NOT_BY_DEFAULT)
        if heard and wanted:
            self.updates.append({"update_id": update_id, kind: content})
        self.touch()
        return update_id

    def emit_raw(self, update: Json) -> int:
        """Queues any JSON as it is; only a missing update_id is added."""
        update_id = int(update.get("update_id", next(self._update_ids)))
        self.updates.append({"update_id": update_id} | update)
        self.touch()
        return update_id

    def confirm(self, offset: int) -> None:
        """Forgets the updates before `offset`; a negative one keeps only that many of the latest."""
        if offset < 0:
            while len(self.updates) > -offset:
                self.updates.popleft()
            return
        while self.updates and self.updates[0]["update_id"] < offset:
            self.updates.popleft()

    def forget(self, update: Json) -> None:
        """Forgets one update, unless that has happened already."""
        if update in self.updates:
            self.updates.remove(update)
        self.touch()

    # --- chats

    def chat(self, chat_id: int | str) -> Chat:
        """The chat, or Telegram's "chat not found"."""
        found = self.chats.get(chat_id) if isinstance(chat_id, int) else None
        if found is None:
            raise bad_request("chat not found")
        return found

    # --- messages

    def add_message(self, chat_id: int, sender: User, **content: Any) -> SentMessage:
        """Keeps a new message; `content` names fields of `SentMessage`."""
        message = SentMessage(
            chat_id=chat_id,
            message_id=next(self._message_ids),
            sender=sender,
            date=self.now(),
            version=next(self._versions),
            **content,
        )
        return self._keep(message)

    def edit_message(self, message: SentMessage, **content: Any) -> SentMessage:
        """Replaces parts of a message, or refuses because nothing would change."""
        edited = replace(message, **content)
        if edited.content() == message.content():
            raise bad_request(
                "message is not modified: specified new message content and reply markup are exactly the same"
                " as a current content and reply markup of the message"
            )
        return self._keep(replace(edited, edited=True, version=next(self._versions)))

    def message(self, chat_id: int | str, message_id: int) -> SentMessage | None:
        """The message as it stands now, unless it is gone."""
        return self.messages[chat_id].get(message_id) if isinstance(chat_id, int) else None

    def remove_message(self, chat_id: int, message_id: int) -> None:
        """Takes a message away."""
        del self.messages[chat_id][message_id]
        self.touch()

    def _keep(self, message: SentMessage) -> SentMessage:
        self.messages[message.chat_id][message.message_id] = message
        _forget_oldest(self.messages[message.chat_id], KEPT_PER_CHAT)
        if message.sender == self.bot:
            self._events.append(message)
        self.touch()
        return message

    def message_json(self, message: SentMessage) -> Json:
        """Telegram's `Message`."""
        entities = {"caption_entities" if message.file else "entities": list(message.entities)}
        edited = {"edit_date": int(self.now().timestamp())} if message.edited else {}
        optional = {
            "text": message.text,
            "caption": message.caption,
            "photo": [message.file.as_photo_json()] if message.file else None,
            "reply_markup": message.reply_markup if message.buttons else None,
        }
        chat = self.chats[message.chat_id]
        channel = chat.kind == "channel"
        return {
            "message_id": message.message_id,
            "date": int(message.date.timestamp()),
            "chat": chat.as_json(),
            **({"sender_chat": chat.as_json()} if channel else {"from": message.sender.as_json()}),
            **(entities if message.entities else {}),
            **edited,
            **self._topic(message),
            **message.facts,
            **{name: value for name, value in optional.items() if value is not None},
        }

    def _topic(self, message: SentMessage) -> Json:
        """What shows the topic: also, unless it replies to another, a reply to the message that made the topic."""
        if message.thread_id is None:
            return {}
        shown: Json = {"message_thread_id": message.thread_id, "is_topic_message": True}
        made = self.message(message.chat_id, message.thread_id)
        return shown | ({"reply_to_message": self.message_json(made)} if made else {})

    # --- files and taps

    def keep_file(self, content: bytes, suffix: str, width_px: int, height_px: int) -> File:
        """Stores a picture; the same bytes get the same file id."""
        file_id = "AgACAgIAAxkDAAI" + hashlib.sha256(content).hexdigest()[:32]
        path = f"photos/{file_id[-16:]}{suffix}"
        file = self.files.setdefault(file_id, File(file_id, path, content, width_px, height_px))
        _forget_oldest(self.files, KEPT_FILES)
        return file

    def show_toast(self, query: Query, text: str, *, show_alert: bool) -> None:
        """The bot's answer to a tap: a toast, or nothing when the text is empty."""
        if text:
            self._events.append(Toast(next(self._versions), query.user_id, query.query_id, text, show_alert))
        self.touch()

    def keep_inline_answer(self, answer: InlineAnswer) -> None:
        """The asker sees the results."""
        self.inline_answers.append(answer)
        self.touch()


def _forget_oldest(kept: dict[Any, Any], most: int) -> None:
    while len(kept) > most:
        del kept[next(iter(kept))]
