"""Which menu of commands a person sees in a chat: the narrowest scope that has one, as Telegram chooses. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from deploy.sandbox.chat.members import POSTING
from deploy.sandbox.telegram.values import Chat, Json, User

Menus = Mapping[tuple[str, str], list[Json]]


def menu(menus: Menus, chat: Chat, user: User) -> list[Json]:
    """The commands, each with its description; none in channels. `menus` are those of `World.commands`."""
    if chat.kind == "channel":
        return []
    for scope in _scopes(chat, user):
        name = json.dumps(scope, sort_keys=True)
        for language in (user.language_code or "", ""):
            if found := menus.get((name, language)):
                return found
    return []


def _scopes(chat: Chat, user: User) -> Iterator[Json]:
    """From the narrowest to the widest."""
    if chat.kind == "private":
        yield {"type": "chat", "chat_id": chat.id}
        yield {"type": "all_private_chats"}
    else:
        yield {"type": "chat_member", "chat_id": chat.id, "user_id": user.id}
        if chat.statuses.get(user.id) in POSTING:
            yield {"type": "chat_administrators", "chat_id": chat.id}
        yield {"type": "chat", "chat_id": chat.id}
        if chat.statuses.get(user.id) in POSTING:
            yield {"type": "all_chat_administrators"}
        yield {"type": "all_group_chats"}
    yield {"type": "default"}
