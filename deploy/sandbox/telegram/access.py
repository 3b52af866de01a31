"""Where the bot may look and speak now, and Telegram's words for why not."""

from __future__ import annotations

from typing import Literal

from deploy.sandbox.telegram.membership import member_json
from deploy.sandbox.telegram.refused import Refused, bad_request, forbidden, violation
from deploy.sandbox.telegram.values import Chat, Json
from deploy.sandbox.telegram.world import World

GENERAL_THREAD_ID = 1
Content = Literal["text messages", "photos"]
PERMISSION: dict[Content, str] = {"text messages": "can_send_messages", "photos": "can_send_photos"}


def open_chat(world: World, chat_id: int | str) -> Chat:
    """The chat, if the bot is in it; else Telegram's reason why not."""
    chat = world.chat(chat_id)
    status = chat.statuses.get(world.bot.id)
    if chat.upgraded_to is not None:
        text = "Bad Request: group chat was upgraded to a supergroup chat"
        raise Refused(400, text, {"migrate_to_chat_id": chat.upgraded_to})
    if chat.deactivated:
        raise forbidden("user is deactivated")
    if chat.kind == "private" and status == "kicked":
        raise forbidden("bot was blocked by the user")
    if chat.kind == "private" and status is None:
        raise forbidden("bot can't initiate conversation with a user")
    if status == "kicked":
        raise forbidden(f"bot was kicked from the {chat.kind} chat")
    if status in {None, "left"}:
        raise forbidden(f"bot is not a member of the {chat.kind} chat")
    return chat


def chat_to_write(world: World, params: Json, content: Content) -> Chat:
    """The chat of this call, if the bot may send such content there."""
    chat = open_chat(world, params["chat_id"])
    bot = member_json(chat, world.bot)
    if chat.kind == "channel" and not bot.get("can_post_messages"):
        raise bad_request("need administrator rights in the channel chat")
    if bot["status"] == "restricted" and not bot[PERMISSION[content]]:
        raise bad_request(f"not enough rights to send {content} to the chat")
    return chat


def thread_to_write(world: World, chat: Chat, params: Json) -> int | None:
    """The topic that this call names, if the bot may write there; None for General or a chat without topics."""
    thread_id: int | None = params.get("message_thread_id")
    if thread_id is None:
        return None
    if thread_id == GENERAL_THREAD_ID:
        raise violation("message thread not found: the id of General is never sent")
    if thread_id not in chat.topics:
        raise bad_request("message thread not found")
    if chat.topics[thread_id] == "closed" and not member_json(chat, world.bot).get("can_manage_topics"):
        raise bad_request("TOPIC_CLOSED")
    return thread_id
