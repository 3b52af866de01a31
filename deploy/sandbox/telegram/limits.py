"""Telegram's limits on what a bot sends, in one short table, and the checks that use it."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from aiogram.enums import ChatAction, MessageEntityType, UpdateType

from deploy.sandbox.telegram.refused import bad_request, violation
from deploy.sandbox.telegram.values import Json

TEXT_CHARACTERS = 4096
CAPTION_CHARACTERS = 1024
ENTITIES = 100
CALLBACK_DATA_BYTES = 64
COPY_TEXT_CHARACTERS = 256
BUTTONS = 100
TOAST_CHARACTERS = 200
COMMANDS = 100
COMMAND_DESCRIPTION_CHARACTERS = 256
PHOTO_BYTES = 10 * 1024 * 1024
PHOTO_SIDES_PX = 10_000  # width and height together
PHOTO_RATIO = 20
LATEST_UNIX_TIME = 2**31 - 1  # Telegram's dates end there
PROFILE_CHARACTERS = {"name": 64, "description": 512, "short_description": 120}

ACTIONS = frozenset(action.value for action in ChatAction)
UPDATE_KINDS = frozenset(kind.value for kind in UpdateType)
ENTITY_TYPES = frozenset(kind.value for kind in MessageEntityType)
BUTTON_ACTIONS = (
    "url",
    "callback_data",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
    "disabled",
)


def utf16_length(text: str) -> int:
    """Telegram counts entity offsets in UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


def check_text(text: str, entities: list[Json]) -> None:
    """A message's text, 1-4096 characters."""
    if not text.strip():
        raise violation("message text is empty")
    if len(text) > TEXT_CHARACTERS:
        raise violation("message is too long")
    check_entities(text, entities)


def check_caption(caption: str, entities: list[Json]) -> None:
    """A picture's caption, 0-1024 characters."""
    if len(caption) > CAPTION_CHARACTERS:
        raise violation("message caption is too long")
    check_entities(caption, entities)


def check_entities(text: str, entities: list[Json]) -> None:
    """Entities of known types that lie within the text."""
    if len(entities) > ENTITIES:
        raise violation(f"{len(entities)} entities; only the first {ENTITIES} would be kept")
    for entity in entities:
        _check_entity(entity, utf16_length(text))
        _check_entity_edges(entity, text.encode("utf-16-le"))


def _check_entity(entity: Json, text_units: int) -> None:
    kind, start, length = entity["type"], entity["offset"], entity["length"]
    if kind not in ENTITY_TYPES:
        raise violation("can't parse MessageEntity: Unsupported type specified")
    if start < 0:
        raise violation(f"receive an entity with incorrect offset {start}")
    if length <= 0:
        raise violation(f"receive an entity with incorrect length {length}")
    if start >= text_units:
        raise violation(f"entity begins after the end of the text at UTF-16 offset {start}")
    end = start + length
    if end > text_units:
        raise violation(
            f"entity beginning at UTF-16 offset {start} ends after the end of the text at UTF-16 offset {end}"
        )
    if kind == "text_link":
        check_url(entity.get("url", ""), "entity URL")
    if kind == "date_time" and not 1 <= (entity.get("unix_time") or 0) <= LATEST_UNIX_TIME:
        raise violation("can't parse MessageEntity: invalid unix_time specified")


def _check_entity_edges(entity: Json, encoded: bytes) -> None:
    for word, edge in (("begins", entity["offset"]), ("ends", entity["offset"] + entity["length"])):
        unit = encoded[2 * edge : 2 * edge + 2]
        if unit and 0xDC <= unit[1] <= 0xDF:
            raise violation(f"entity {word} in a middle of a UTF-16 symbol at byte offset {2 * edge}")


def check_url(url: str, what: str) -> None:
    """A link that Telegram opens; `what` begins the refusal."""
    try:
        parts = urlsplit(url if "://" in url or not url else f"http://{url}")
    except ValueError:
        raise violation(f"{what} '{url}' is invalid: Wrong HTTP URL") from None
    if not parts.netloc:
        raise violation(f"{what} '{url}' is invalid: URL host is empty")
    if parts.scheme not in {"http", "https", "tg", "tonsite"}:
        raise violation(f"{what} '{url}' is invalid: Unsupported URL protocol")
    if parts.scheme.startswith("http") and "." not in (parts.hostname or ""):
        raise violation(f"{what} '{url}' is invalid: Wrong HTTP URL")


def check_keyboard(markup: Json | None) -> None:
    """The inline buttons of a reply markup; other kinds of keyboard have no limits here."""
    buttons = [button for row in (markup or {}).get("inline_keyboard", []) for button in row]
    if len(buttons) > BUTTONS:
        raise violation("REPLY_MARKUP_TOO_LONG")
    for button in buttons:
        _check_button(button)


def _check_button(button: Json) -> None:
    if not button["text"].strip():
        raise violation("inline keyboard button text must be non-empty")
    actions = [name for name in BUTTON_ACTIONS if button.get(name) not in (None, "")]
    if not actions:
        raise violation("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    if len(actions) > 1:
        raise violation(f"can't parse inline keyboard button: {' and '.join(actions)} exclude each other")
    if len(button.get("callback_data", "").encode()) > CALLBACK_DATA_BYTES:
        raise violation("BUTTON_DATA_INVALID")
    if "copy_text" in actions and not 1 <= len(button["copy_text"]["text"]) <= COPY_TEXT_CHARACTERS:
        raise violation("BUTTON_COPY_TEXT_INVALID")
    if "url" in actions:
        check_url(button["url"], "inline keyboard button URL")


def check_commands(commands: list[Json]) -> None:
    """At most 100 commands of a-z, 0-9 and _, each with a description."""
    if len(commands) > COMMANDS:
        raise violation("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not re.fullmatch(r"[a-z0-9_]{1,32}", command["command"]):
            raise violation("BOT_COMMAND_INVALID")
        if not 1 <= len(command["description"]) <= COMMAND_DESCRIPTION_CHARACTERS:
            raise violation("BOT_COMMAND_DESCRIPTION_INVALID")


def check_language(language_code: str) -> None:
    """Two letters, or nothing for everybody."""
    if not re.fullmatch(r"([a-z]{2})?", language_code):
        raise violation("invalid language code specified")


def check_profile(what: str, text: str) -> None:
    """The bot's name and descriptions."""
    if len(text) > PROFILE_CHARACTERS[what]:
        raise violation(f"bot {what.replace('_', ' ')} is too long")


def check_action(action: str) -> None:
    """A chat action such as typing or upload_photo."""
    if action not in ACTIONS:
        raise violation("wrong parameter action in request")


def check_update_kinds(kinds: list[str]) -> None:
    """The updates that the bot wants to hear of; Telegram would pass over a misspelt one in silence."""
    unknown = sorted(set(kinds) - UPDATE_KINDS)
    if unknown:
        raise violation(f"unknown kind of update {unknown[0]!r} in allowed_updates")


def check_toast(text: str) -> None:
    """The text of an answer to a tap, 0-200 characters."""
    if len(text) > TOAST_CHARACTERS:
        raise violation("MESSAGE_TOO_LONG")


def check_photo_size(content: bytes) -> None:
    """An upload of at most 10 MB that is not empty."""
    if not content:
        raise violation("file must be non-empty")
    if len(content) > PHOTO_BYTES:
        raise violation(
            f"file of size {len(content)} bytes is too big for a photo; the maximum size is {PHOTO_BYTES} bytes"
        )


def check_photo_sides(width_px: int, height_px: int) -> None:
    """Width and height at most 10,000 pixels together, neither 20 times the other."""
    too_long = max(width_px, height_px) > PHOTO_RATIO * min(width_px, height_px)
    if width_px + height_px > PHOTO_SIDES_PX or too_long:
        raise violation("PHOTO_INVALID_DIMENSIONS")


def check_unplayed(params: Json) -> None:
    """Refuses, aloud, what this stand-in does not play, so that no test passes by accident."""
    if params.get("parse_mode"):
        raise violation("unsupported parse_mode: this stand-in takes entities only")
    if "business_connection_id" in params:
        raise bad_request("business connection not found")
    if params.get("allow_paid_broadcast"):
        raise bad_request("FLOODSKIP_NOT_ALLOWED")


def entities_of(params: dict[str, Any], name: str = "entities") -> tuple[Json, ...]:
    """The entities of a call, as they are kept with the message."""
    return tuple(params.get(name) or ())
