"""Who is what in a chat: Telegram's `ChatMember` in all its shapes, and the updates when it changes."""

from __future__ import annotations

from deploy.sandbox.telegram.values import Chat, Json, User
from deploy.sandbox.telegram.world import World

ADMIN_RIGHTS = (
    "can_be_edited",
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
    "can_send_welcome_messages",
)
CHANNEL_RIGHTS = ("can_post_messages", "can_edit_messages", "can_manage_direct_messages")
GROUP_RIGHTS = ("can_pin_messages", "can_manage_topics")
PERMISSIONS = (
    "can_send_messages",
    "can_send_audios",
    "can_send_documents",
    "can_send_photos",
    "can_send_videos",
    "can_send_video_notes",
    "can_send_voice_notes",
    "can_send_polls",
    "can_send_other_messages",
    "can_add_web_page_previews",
    "can_react_to_messages",
    "can_edit_tag",
    "can_change_info",
    "can_invite_users",
    "can_pin_messages",
    "can_manage_topics",
)


def member_json(chat: Chat, user: User) -> Json:
    """Telegram's `ChatMember`."""
    status = chat.statuses.get(user.id, "left")
    return {"user": user.as_json(), "status": status} | _details(chat, status) | chat.rights.get(user.id, {})


def change_status(world: World, chat: Chat, user: User, by: User, status: str, rights: Json | None = None) -> int:
    """Gives the user another status; `rights` are those that differ from the usual ones. Returns the update's id.

    The bot is told of its own status, and, where it is an administrator, of everybody's.
    """
    before = member_json(chat, user)
    chat.statuses[user.id] = status
    chat.rights[user.id] = rights or {}
    change = {
        "chat": chat.as_json(),
        "from": by.as_json(),
        "date": int(world.now().timestamp()),
        "old_chat_member": before,
        "new_chat_member": member_json(chat, user),
    }
    if user == world.bot:
        return world.emit("my_chat_member", change)
    return world.emit("chat_member", change, heard=chat.statuses.get(world.bot.id) == "administrator")


def _details(chat: Chat, status: str) -> Json:
    if status == "administrator":
        more = CHANNEL_RIGHTS if chat.kind == "channel" else GROUP_RIGHTS
        return {"is_anonymous": False} | dict.fromkeys((*ADMIN_RIGHTS, *more), True)
    if status == "creator":
        return {"is_anonymous": False}
    if status == "restricted":
        return {"is_member": True, "until_date": 0} | dict.fromkeys(PERMISSIONS, False)
    return {"until_date": 0} if status == "kicked" else {}
