"""What the bot may ask about chats and their members, and how it leaves."""

from __future__ import annotations

from deploy.sandbox.telegram.refused import bad_request
from deploy.sandbox.telegram.values import Chat, Json
from deploy.sandbox.telegram.world import World

ADMIN_RIGHTS = (
    "can_be_edited",
    "is_anonymous",
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
)


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
    status = "member" if chat.kind == "private" else chat.statuses.get(user_id, "left")
    return {"user": user.as_json(), "status": status} | _rights(status)


def leave_chat(world: World, params: Json) -> bool:
    """The bot goes; nobody is told but the bot itself."""
    chat = _joined(world, params)
    if chat.kind == "private":
        raise bad_request("chat member status can't be changed in private chats")
    world.set_bot_status(chat, world.bot, "left")
    return True


def _joined(world: World, params: Json) -> Chat:
    chat = world.chat(params["chat_id"])
    return chat if chat.kind == "private" else world.open_chat(chat.id)


def _rights(status: str) -> Json:
    if status == "administrator":
        return dict.fromkeys(ADMIN_RIGHTS, True)
    if status == "creator":
        return {"is_anonymous": False}
    return {"until_date": 0} if status == "kicked" else {}
