"""What the bot says and changes: messages, pictures, edits, deletions, answers to taps."""

from __future__ import annotations

from typing import Any

from aiogram.types import BufferedInputFile

from deploy.sandbox.telegram import limits
from deploy.sandbox.telegram.access import chat_to_write, open_chat, thread_to_write
from deploy.sandbox.telegram.photos import keep_photo
from deploy.sandbox.telegram.refused import bad_request, violation
from deploy.sandbox.telegram.values import Chat, File, Json, SentMessage
from deploy.sandbox.telegram.world import World


def send_message(world: World, params: Json) -> Json:
    """A text message."""
    chat = chat_to_write(world, params, "text messages")
    limits.check_unplayed(params)
    return _add(world, chat, params, _text(params))


def send_photo(world: World, params: Json) -> Json:
    """A picture, uploaded or known by its file id, with an optional caption."""
    chat = chat_to_write(world, params, "photos")
    limits.check_unplayed(params)
    return _add(world, chat, params, _picture(world, params["photo"], params))


def edit_message_text(world: World, params: Json) -> Json:
    """Another text; a keyboard that is not sent again goes."""
    message = _editable(world, params)
    if message.file:
        raise bad_request("there is no text in the message to edit")
    content = _text(params)
    return world.message_json(world.edit_message(message, **content, reply_markup=_keyboard(params)))


def edit_message_caption(world: World, params: Json) -> Json:
    """Another caption for a picture, or none."""
    message = _editable(world, params)
    if message.file is None:
        raise bad_request("there is no caption in the message to edit")
    content = _caption(params)
    return world.message_json(world.edit_message(message, **content, reply_markup=_keyboard(params)))


def edit_message_media(world: World, params: Json) -> Json:
    """Another picture with its caption, also in place of a text."""
    message = _editable(world, params)
    media = params["media"]
    if media.get("type") != "photo":
        raise violation("this stand-in takes photos only")
    limits.check_unplayed(media)
    content = _picture(world, media["media"], media)
    return world.message_json(world.edit_message(message, **content, text=None, reply_markup=_keyboard(params)))


def edit_message_reply_markup(world: World, params: Json) -> Json:
    """Another keyboard, or none."""
    message = _editable(world, params)
    return world.message_json(world.edit_message(message, reply_markup=_keyboard(params)))


def delete_message(world: World, params: Json) -> bool:
    """Takes a message away for everybody."""
    chat = open_chat(world, params["chat_id"])
    if world.message(chat.id, params["message_id"]) is None:
        raise bad_request("message to delete not found")
    world.remove_message(chat.id, params["message_id"])
    return True


def answer_callback_query(world: World, params: Json) -> bool:
    """Ends the waiting sign on a button, with an optional toast."""
    text = params.get("text", "")
    limits.check_toast(text)
    query = world.taps.close(params["callback_query_id"])
    world.show_toast(query, text, show_alert=params.get("show_alert", False))
    return True


def send_chat_action(world: World, params: Json) -> bool:
    """Shows "typing" and the like; nothing is kept."""
    thread_to_write(world, open_chat(world, params["chat_id"]), params)
    limits.check_action(params["action"])
    return True


def get_file(world: World, params: Json) -> Json:
    """Where a file can be fetched."""
    file = _known_file(world, params["file_id"])
    return file.as_json() | {"file_path": file.path}


def _add(world: World, chat: Chat, params: Json, content: dict[str, Any]) -> Json:
    """Keeps the new message where and as the call wants it; a reply goes to the topic of what it replies to."""
    thread_id = thread_to_write(world, chat, params)
    replied = _replied(world, params)
    message = world.add_message(
        chat.id,
        world.bot,
        **content,
        reply_markup=_keyboard(params),
        thread_id=replied.thread_id if replied and thread_id is None else thread_id,
        silent=params.get("disable_notification", False),
    )
    return world.message_json(message)


def _text(params: Json) -> dict[str, Any]:
    limits.check_unplayed(params)
    text, entities = params.get("text", ""), limits.entities_of(params)
    limits.check_text(text, list(entities))
    return {"text": text, "entities": entities}


def _caption(params: Json) -> dict[str, Any]:
    limits.check_unplayed(params)
    caption, entities = params.get("caption", ""), limits.entities_of(params, "caption_entities")
    limits.check_caption(caption, list(entities))
    return {"caption": caption or None, "entities": entities}


def _picture(world: World, photo: str | BufferedInputFile, params: Json) -> dict[str, Any]:
    caption = _caption(params)
    file = _known_file(world, photo) if isinstance(photo, str) else keep_photo(world, photo.data)
    return {"file": file, **caption}


def _known_file(world: World, file_id: str) -> File:
    if file_id.startswith(("http://", "https://")):
        raise bad_request("failed to get HTTP URL content")
    if file_id not in world.files:
        raise bad_request("wrong file identifier/HTTP URL specified")
    return world.files[file_id]


def _keyboard(params: Json) -> Json | None:
    markup: Json | None = params.get("reply_markup")
    limits.check_keyboard(markup)
    return None if markup and not any(markup.get("inline_keyboard", [True])) else markup


def _replied(world: World, params: Json) -> SentMessage | None:
    """The message that the new one replies to, if any."""
    reply = params.get("reply_parameters")
    if not reply:
        return None
    message = world.message(reply.get("chat_id", params["chat_id"]), reply["message_id"])
    if message is None and not reply.get("allow_sending_without_reply"):
        raise bad_request("message to be replied not found")
    return message if message and message.chat_id == params["chat_id"] else None


def _editable(world: World, params: Json) -> SentMessage:
    if "inline_message_id" in params:
        raise bad_request("MESSAGE_ID_INVALID")
    if "chat_id" not in params or "message_id" not in params:
        raise violation("message identifier is not specified")
    chat = open_chat(world, params["chat_id"])
    message = world.message(chat.id, params["message_id"])
    if message is None:
        raise bad_request("message to edit not found")
    if message.sender != world.bot:
        raise bad_request("message can't be edited")
    return message
