"""Where the bot may look and speak now, and Telegram's words for why not."""

from __future__ import annotations

from typing import Literal

from deploy.sandbox.telegram.membership import member_json
from deploy.sandbox.telegram.refused import Refused, bad_request, forbidden
from deploy.sandbox.telegram.values import Chat, Json
from deploy.sandbox.telegram.world import World

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
