"""What Telegram's world consists of: users, chats, messages, files. Values only; `world` holds and changes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NamedTuple

Json = dict[str, Any]
ChatKind = Literal["private", "group", "supergroup", "channel"]


@dataclass(frozen=True, slots=True)
class User:
    """A person, or the bot itself."""

    id: int
    first_name: str
    language_code: str | None = None
    username: str | None = None
    is_bot: bool = False

    def as_json(self) -> Json:
        """Telegram's `User`."""
        optional = {"language_code": self.language_code, "username": self.username}
        given = {name: value for name, value in optional.items() if value is not None}
        return {"id": self.id, "is_bot": self.is_bot, "first_name": self.first_name, **given}


GROUP_ANONYMOUS_BOT = User(1087968824, "Group", username="GroupAnonymousBot", is_bot=True)
CHANNEL_BOT = User(136817688, "Channel", username="Channel_Bot", is_bot=True)
TELEGRAM = User(777000, "Telegram")


@dataclass(slots=True)
class Chat:
    """A conversation. `statuses` maps a user's id to creator, administrator, member, restricted, left or kicked.

    The bot has no status in a private chat that its user has not started. `rights` are those that differ from
    what the status usually brings. `upgraded_to` is the id of the supergroup that a group has become.
    """

    id: int
    kind: ChatKind
    title: str
    statuses: dict[int, str] = field(default_factory=dict)
    deactivated: bool = False
    rights: dict[int, Json] = field(default_factory=dict)
    upgraded_to: int | None = None
    is_forum: bool = False
    topics: dict[int, Literal["open", "closed"]] = field(default_factory=dict)  # by thread id, General not among them

    def as_json(self) -> Json:
        """Telegram's `Chat`."""
        name = "first_name" if self.kind == "private" else "title"
        forum = {"is_forum": True} if self.is_forum else {}
        return {"id": self.id, "type": self.kind, name: self.title, **forum}


@dataclass(frozen=True, slots=True)
class File:
    """Uploaded bytes, kept once however often they are sent."""

    file_id: str
    path: str
    content: bytes
    width_px: int
    height_px: int

    def as_photo_json(self) -> Json:
        """Telegram's `PhotoSize`."""
        return self.as_json() | {"width": self.width_px, "height": self.height_px}

    def as_json(self) -> Json:
        """Telegram's `File`, without its path."""
        return {"file_id": self.file_id, "file_unique_id": self.file_id[-16:], "file_size": len(self.content)}


@dataclass(frozen=True, slots=True)
class SentMessage:
    """A message as it stands now. Every change gives it a higher `version`, unique in the whole world.

    `silent` is one that arrives without a sound.
    """

    chat_id: int
    message_id: int
    sender: User
    date: datetime
    version: int
    text: str | None = None
    caption: str | None = None
    entities: tuple[Json, ...] = ()
    file: File | None = None
    reply_markup: Json | None = None
    edited: bool = False
    thread_id: int | None = None  # the topic, None in General
    silent: bool = False
    facts: Json = field(default_factory=dict)  # what else Telegram's `Message` says of it

    @property
    def photo(self) -> bytes | None:
        """The picture's bytes."""
        return self.file.content if self.file else None

    @property
    def buttons(self) -> list[Json]:
        """The inline buttons in reading order."""
        rows = (self.reply_markup or {}).get("inline_keyboard", [])
        return [button for row in rows for button in row]

    def content(self) -> tuple[object, ...]:
        """What decides whether an edit changes anything."""
        return self.text, self.caption, self.entities, self.file, self.reply_markup or None


@dataclass(slots=True)
class Webhook:
    """Where updates are delivered, and what went wrong there last."""

    url: str
    secret_token: str | None
    max_connections: int
    last_error_message: str = ""
    last_error_date: int = 0

    def as_json(self) -> Json:
        """The part of Telegram's `WebhookInfo` that a set webhook adds."""
        error = {"last_error_message": self.last_error_message, "last_error_date": self.last_error_date}
        return {"url": self.url, "max_connections": self.max_connections, **(error if self.last_error_message else {})}


@dataclass(frozen=True, slots=True)
class Toast:
    """The bot's answer to a tap, shown over the chat for a moment."""

    version: int
    user_id: int
    query_id: str
    text: str
    show_alert: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """A tap or an inline query that may still be answered; `asked_at` is in monotonic seconds."""

    query_id: str
    user_id: int
    asked_at: float
    text: str = ""


@dataclass(frozen=True, slots=True)
class InlineAnswer:
    """What the bot offers to who typed `query` after its name; `results` are Telegram's `InlineQueryResult`s."""

    query_id: str
    user_id: int
    query: str
    results: tuple[Json, ...]
    cache_seconds: int
    is_personal: bool
    next_offset: str = ""
    button: Json | None = None


class Request(NamedTuple):
    """One call of the bot, as it arrived; `at` is in monotonic seconds."""

    method: str
    params: Json
    at: float
