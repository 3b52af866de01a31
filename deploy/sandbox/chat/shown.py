"""What the page is told of chats, people and messages, as JSON. Pure; the page shows all of it as text."""

from __future__ import annotations

from collections.abc import Collection

from deploy.sandbox.chat.members import INSIDE, may_write
from deploy.sandbox.telegram.values import Chat, Json, SentMessage, User
from deploy.sandbox.telegram.world import World

TOPICS = ("forum_topic_created", "forum_topic_closed", "forum_topic_reopened")
SERVICE = ("new_chat_members", "left_chat_member", "migrate_from_chat_id", *TOPICS)


def person_json(user: User, admins: Collection[int]) -> Json:
    """A person that one can be."""
    return {
        "id": user.id,
        "name": user.first_name,
        "language": user.language_code or "en",
        "admin": user.id in admins,
    }


def chat_json(chat: Chat, world: World) -> Json:
    """A chat: who is in it, who owns it and may write there, whether the bot is. `was` is what it grew out of."""
    bot = chat.statuses.get(world.bot.id)
    people = [user for user in world.users.values() if chat.statuses.get(user.id) in INSIDE or user.id == chat.id]
    was = next((old.id for old in world.chats.values() if old.upgraded_to == chat.id), None)
    return {
        "id": chat.id,
        "was": was,
        "kind": chat.kind,
        "title": chat.title,
        "members": [user.id for user in people],
        "owner": next((user.id for user in people if chat.statuses.get(user.id) == "creator"), None),
        "writers": [user.id for user in people if may_write(chat, user)],
        "bot": bot in INSIDE,
        "blocked": bot == "kicked",
        "gone": chat.deactivated or chat.upgraded_to is not None,
    }


def message_json(message: SentMessage, world: World) -> Json:
    """A message as it stands now."""
    file = message.file
    picture = {"url": f"/photos/{file.file_id}", "width": file.width_px, "height": file.height_px} if file else None
    return {
        "chat": message.chat_id,
        "id": message.message_id,
        "version": message.version,
        "at": int(message.date.timestamp()),
        "from": {"id": message.sender.id, "name": message.sender.first_name, "bot": message.sender == world.bot},
        "text": message.text if message.text is not None else message.caption or "",
        "entities": list(message.entities),
        "picture": picture,
        "keys": (message.reply_markup or {}).get("inline_keyboard", []),
        "edited": message.edited,
        "silent": message.silent,
        "via": "via_bot" in message.facts,
        "service": _service(message),
    }


def _service(message: SentMessage) -> Json | None:
    """What happened, where the message is Telegram's own; names only, the page has the words."""
    kind = next((name for name in SERVICE if name in message.facts), None)
    if kind is None:
        return None
    told = message.facts[kind]
    members = told if isinstance(told, list) else [told]
    return {"kind": kind, "names": [str(one.get("first_name", "")) for one in members if isinstance(one, dict)]}
