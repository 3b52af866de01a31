"""The chat in which something was said, as we keep it. Pure."""

from __future__ import annotations

from aiogram.types import Message, User

from bot.catalogs import language_of
from bot.telegram import GENERAL_TOPIC
from engine.shown import Chat


def chat_of(message: Message, reader: User | None) -> Chat:
    """The message's chat: alerts come in the language of who is reading, and to the topic of the message."""
    title = (message.chat.title or message.chat.full_name or "").replace("\0", "")
    return Chat(
        id=message.chat.id,
        type=message.chat.type,
        title=title or None,
        language=language_of(reader.language_code if reader else None),
        thread_id=topic_of(message),
    )


def topic_of(message: Message) -> int | None:
    """The forum topic of the message; None outside of forums and in the general one, whose number is never sent."""
    thread_id = message.message_thread_id if message.is_topic_message else None
    return None if thread_id == GENERAL_TOPIC else thread_id
