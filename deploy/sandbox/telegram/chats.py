"""What the bot may ask about chats and their members, and how it leaves."""

from __future__ import annotations

from deploy.sandbox.telegram.access import open_chat
from deploy.sandbox.telegram.membership import change_status, member_json
from deploy.sandbox.telegram.refused import bad_request
from deploy.sandbox.telegram.values import Chat, Json
from deploy.sandbox.telegram.world import World


def get_chat(world: World, params: Json) -> Json:
    """Telegram's `ChatFullInfo`, as far as it is required."""
    chat = world.chat(params["chat_id"])
    gifts = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")
    return chat.as_json() | {
        "accent_color_id": chat.id % 7,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(gifts, False),
    }


def get_chat_member(world: World, params: Json) -> Json:
    """One member's status; in a private chat everybody who is there is a member."""
    chat, user_id = _joined(world, params), params["user_id"]
    user = world.bot if user_id == world.bot.id else world.users.get(user_id)
    if user is None or (chat.kind == "private" and user_id not in {chat.id, world.bot.id}):
        raise bad_request("user not found")
    if chat.kind == "private":
        return {"user": user.as_json(), "status": "member"}
    return member_json(chat, user)


def get_chat_administrators(world: World, params: Json) -> list[Json]:
    """The creator and the administrators, no other bots among them."""
    chat = _joined(world, params)
    if chat.kind == "private":
        raise bad_request("there are no administrators in the private chat")
    ruling = [user_id for user_id, status in chat.statuses.items() if status in {"creator", "administrator"}]
    return [member_json(chat, world.bot if user_id == world.bot.id else world.users[user_id]) for user_id in ruling]


def get_chat_member_count(world: World, params: Json) -> int:
    """How many are in the chat, the bot among them."""
    chat = _joined(world, params)
    if chat.kind == "private":
        return 2
    return sum(status not in {"left", "kicked"} for status in chat.statuses.values())


def leave_chat(world: World, params: Json) -> bool:
    """The bot goes; nobody is told but the bot itself."""
    chat = _joined(world, params)
    if chat.kind == "private":
        raise bad_request("chat member status can't be changed in private chats")
    change_status(world, chat, world.bot, world.bot, "left")
    return True


def _joined(world: World, params: Json) -> Chat:
    chat = world.chat(params["chat_id"])
    return chat if chat.kind == "private" else open_chat(world, chat.id)
