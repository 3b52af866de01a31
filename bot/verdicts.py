"""What Telegram's errors mean for an alert that was being sent. Pure; `delivery` carries the verdicts out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from aiogram.exceptions import (
    ClientDecodeError,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiohttp import ClientConnectorError, ConnectionTimeoutError

UNKNOWN_WAIT_SECONDS = 5.0
NO_RIGHTS = "no_rights"
THREAD_GONE = "thread_not_found"  # a closed topic may open again, this one may not

_GONE = {
    "bot was blocked by the user": "blocked",
    "user is deactivated": "deactivated",
    "bot was kicked from": "kicked",
    "bot is not a member": "not_a_member",
    "can't initiate conversation": "never_started",
    "chat not found": "not_found",
    "group chat was upgraded to a supergroup": "upgraded",
    "the group chat was deleted": "not_found",
    "not enough rights": NO_RIGHTS,
    "need administrator rights": NO_RIGHTS,
    "have no rights to send": NO_RIGHTS,
    "chat_write_forbidden": NO_RIGHTS,
    "chat_restricted": NO_RIGHTS,
    "chat_admin_required": NO_RIGHTS,
    "user_is_blocked": "blocked",
    "channel_private": "not_a_member",
    "peer_id_invalid": "not_found",
}
# The message is gone, or Telegram lets nobody change it any more.


class Unnumbered(ClientDecodeError):
    """Telegram says that it took the message, and what else it says makes no sense."""


class Action(Enum):
    """What to do about a failed send."""

    GONE = auto()  # the chat cannot be reached: switch it off
    RETRY = auto()  # nothing was sent: Telegram cannot be reached at all
    AMBIGUOUS = auto()  # it may have arrived: try again later, counted as a possible duplicate
    WAIT_ALL = auto()  # a flood wait: the whole loop rests
    MOVED = auto()  # the group has a new id
    WITHOUT_THREAD = auto()  # the topic is gone or closed: send to the chat itself
    WITHOUT_PHOTO = auto()  # words may be sent there, pictures may not
    ARRIVED = auto()  # it was taken, but not told under which number
    OTHER_FORM = auto()  # a picture's caption is to be edited like a text, or the other way round
    FINE = auto()  # what was wanted is already so, or cannot be any more
    REVOKED = auto()  # the token is refused: the whole loop rests for minutes
    OUR_BUG = auto()  # sending the same again would fail again


@dataclass(frozen=True, slots=True)
class Verdict:
    """An action with what it needs: `seconds` for WAIT_ALL, `new_chat_id` for MOVED, a short `reason` for all."""

    action: Action
    reason: str
    seconds: float = 0.0
    new_chat_id: int | None = None


_REFUSALS = (
    ("message thread not found", Action.WITHOUT_THREAD, THREAD_GONE),
    ("topic_closed", Action.WITHOUT_THREAD, "topic_closed"),
    ("not enough rights to send photos", Action.WITHOUT_PHOTO, "no_photos"),
    ("chat_send_photos_forbidden", Action.WITHOUT_PHOTO, "no_photos"),
    ("chat_send_media_forbidden", Action.WITHOUT_PHOTO, "no_photos"),
    ("there is no caption in the message to edit", Action.OTHER_FORM, "other_form"),
    ("there is no text in the message to edit", Action.OTHER_FORM, "other_form"),
    ("message to edit not found", Action.FINE, "nothing_to_edit"),
    ("message can't be edited", Action.FINE, "nothing_to_edit"),
    ("message_id_invalid", Action.FINE, "nothing_to_edit"),
    ("message is not modified", Action.FINE, "nothing_to_do"),
    ("query is too old", Action.FINE, "nothing_to_do"),
)


def verdict(error: Exception) -> Verdict:
    """The verdict on any error of a send; what is not Telegram's or the network's is our bug."""
    if isinstance(error, TelegramRetryAfter):
        return Verdict(Action.WAIT_ALL, "retry_after", seconds=float(error.retry_after))
    if isinstance(error, TelegramMigrateToChat):
        return Verdict(Action.MOVED, "upgraded", new_chat_id=error.migrate_to_chat_id)
    if isinstance(error, TelegramUnauthorizedError | TelegramNotFound):
        return Verdict(Action.REVOKED, "token_refused")
    if isinstance(error, TelegramForbiddenError):
        return Verdict(Action.GONE, _reason(error.message) or "forbidden")
    if isinstance(error, TelegramBadRequest):
        return _on_bad_request(error.message)
    return _on_trouble(error)


def _on_bad_request(message: str) -> Verdict:
    said = message.lower()
    for words, action, reason in _REFUSALS:
        if words in said:
            return Verdict(action, reason)
    gone = _reason(message)
    return Verdict(Action.GONE, gone) if gone else Verdict(Action.OUR_BUG, said[:200])


def _on_trouble(error: Exception) -> Verdict:
    """Trouble of the network or of Telegram itself. Only a connection that never stood proves that nothing was sent."""
    name = type(error.__cause__ or error).__name__
    if isinstance(error, TelegramEntityTooLarge):
        return Verdict(Action.OUR_BUG, "too_large")
    if isinstance(error, TelegramNetworkError):
        unsent = isinstance(error.__cause__, ClientConnectorError | ConnectionTimeoutError)
        return Verdict(Action.RETRY if unsent else Action.AMBIGUOUS, name)
    if isinstance(error, Unnumbered):
        return Verdict(Action.ARRIVED, "unnumbered")
    if isinstance(error, TelegramServerError | ClientDecodeError):
        return Verdict(Action.AMBIGUOUS, name)
    if isinstance(error, TelegramAPIError) and "too many requests" in error.message.lower():
        return Verdict(Action.WAIT_ALL, "retry_after", seconds=UNKNOWN_WAIT_SECONDS)
    return Verdict(Action.OUR_BUG, name)


def _reason(message: str) -> str:
    said = message.lower()
    return next((reason for words, reason in _GONE.items() if words in said), "")
