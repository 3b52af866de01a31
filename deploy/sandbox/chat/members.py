"""Who acts on the page, and in which chat: only where they are, and write only where they may."""

from __future__ import annotations

from deploy.sandbox.orders import field, quoted, refuse
from deploy.sandbox.telegram.values import Chat, Json, User
from deploy.sandbox.telegram.world import World

INSIDE = frozenset({"creator", "administrator", "member", "restricted"})
POSTING = frozenset({"creator", "administrator"})


def person(world: World, body: Json) -> User:
    """Who acts."""
    user_id = field(body, "user_id", int)
    found = world.users.get(user_id)
    if found is None:
        refuse(f"there is no person {quoted(user_id)} in this sandbox")
    return found


def place(world: World, body: Json, user: User) -> Chat:
    """The chat in which they act: their own with the bot, or one that they are in."""
    chat_id = field(body, "chat_id", int)
    found = world.chats.get(chat_id)
    if found is None:
        refuse(f"there is no chat {quoted(chat_id)} in this sandbox")
    inside = found.id == user.id if found.kind == "private" else found.statuses.get(user.id) in INSIDE
    if not inside:
        refuse("this person is not in this chat")
    return found


def place_to_write(world: World, body: Json, user: User) -> Chat:
    """The same where they may write; of a group that became a supergroup, the supergroup."""
    found = place(world, body, user)
    if found.upgraded_to is not None:
        found = world.chats[found.upgraded_to]
    if not may_write(found, user):
        refuse(f"{user.first_name} may not write in this channel")
    return found


def may_write(chat: Chat, user: User) -> bool:
    """Whether the person may write there: in a channel only those who run it."""
    return chat.kind != "channel" or chat.statuses.get(user.id) in POSTING
