"""What the page orders, read from JSON: every wrong value gets a sentence and a 400."""

from __future__ import annotations

from typing import NoReturn, TypeVar

from aiohttp import web

from deploy.sandbox.telegram.limits import TEXT_CHARACTERS
from deploy.sandbox.telegram.values import Chat, Json, User
from deploy.sandbox.telegram.world import World

Wanted = TypeVar("Wanted")

INSIDE = frozenset({"creator", "administrator", "member", "restricted"})
POSTING = frozenset({"creator", "administrator"})


async def order(request: web.Request) -> Json:
    """The JSON object of this request."""
    try:
        body = await request.json()
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        refuse('send a JSON object such as {"user_id": 7, "chat_id": 7, "text": "/start"}')
    return body


def field(body: Json, name: str, kind: type[Wanted]) -> Wanted:
    """One value of this type."""
    value = body.get(name)
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        refuse(f"{name} is missing or not of type {kind.__name__}")
    return value


def words(body: Json, name: str = "text") -> str:
    """A text that can be sent, 1 to 4096 characters."""
    text = field(body, name, str).strip()
    if not text:
        refuse(f"{name} is empty")
    if len(text) > TEXT_CHARACTERS:
        refuse(f"{name} is longer than {TEXT_CHARACTERS} characters")
    try:
        text.encode()
    except UnicodeEncodeError:
        refuse(f"{name} holds half a character")
    return text


def person(world: World, body: Json) -> User:
    """Who acts."""
    user_id = field(body, "user_id", int)
    found = world.users.get(user_id)
    if found is None:
        refuse(f"there is no person {user_id} in this sandbox")
    return found


def place(world: World, body: Json, user: User) -> Chat:
    """The chat in which they act: their own with the bot, or one that they are in."""
    chat_id = field(body, "chat_id", int)
    found = world.chats.get(chat_id)
    if found is None:
        refuse(f"there is no chat {chat_id} in this sandbox")
    inside = found.id == user.id if found.kind == "private" else found.statuses.get(user.id) in INSIDE
    if not inside:
        refuse(f"{user.first_name} is not in this chat")
    return found


def may_write(chat: Chat, user: User) -> bool:
    """Whether the person may write there: in a channel only those who run it."""
    return chat.kind != "channel" or chat.statuses.get(user.id) in POSTING


def refuse(sentence: str) -> NoReturn:
    """A 400 that says what is wrong."""
    raise web.HTTPBadRequest(text=f"{sentence}\n")
