"""Where the bot may speak: blocked and let in again, added and removed, groups that became supergroups."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from aiogram import BaseMiddleware, Router
from aiogram.enums import ChatType
from aiogram.filters import JOIN_TRANSITION, ChatMemberUpdatedFilter
from aiogram.types import (
    ChatMemberAdministrator,
    ChatMemberBanned,
    ChatMemberLeft,
    ChatMemberRestricted,
    ChatMemberUpdated,
    Message,
    TelegramObject,
    Update,
)

from bot.catalogs import Catalogs
from bot.owners import tell_user
from bot.verdicts import NO_RIGHTS
from bot.views import replies
from engine.ports import Clock
from storage.chats import Chats

log = structlog.get_logger()


def router() -> Router:
    """The handlers of this family."""
    family = Router(name="membership")
    family.my_chat_member.register(on_let_in, ChatMemberUpdatedFilter(JOIN_TRANSITION))
    family.my_chat_member.register(on_changed)
    return family


async def on_let_in(
    event: ChatMemberUpdated, event_update: Update, chats: Chats, clock: Clock, catalogs: Catalogs
) -> None:
    """A chat lets the bot in, perhaps again; a group is told what to do first."""
    heard = await _follow(event, event_update.update_id, chats, clock, catalogs)
    if event.chat.type in {ChatType.GROUP, ChatType.SUPERGROUP} and mute_reason(event) is None:
        await event.answer(replies.greets_group(subscribed=heard))


async def on_changed(
    event: ChatMemberUpdated, event_update: Update, chats: Chats, clock: Clock, catalogs: Catalogs
) -> None:
    """A chat lets the bot go, or changes what it may do there."""
    await _follow(event, event_update.update_id, chats, clock, catalogs)


def mute_reason(event: ChatMemberUpdated) -> str | None:
    """Why the bot cannot speak in the chat from now on, in a word or two; None where it can."""
    member = event.new_chat_member
    if isinstance(member, ChatMemberBanned):
        return "blocked" if event.chat.type == ChatType.PRIVATE else "kicked"
    if isinstance(member, ChatMemberLeft):
        return "not_a_member"
    if isinstance(member, ChatMemberRestricted) and not (member.is_member and member.can_send_messages):
        return NO_RIGHTS if member.is_member else "not_a_member"
    posts = not isinstance(member, ChatMemberAdministrator) or member.can_post_messages
    return NO_RIGHTS if event.chat.type == ChatType.CHANNEL and not posts else None


async def _follow(event: ChatMemberUpdated, update_id: int, chats: Chats, clock: Clock, catalogs: Catalogs) -> bool:
    """Write down whether the bot can speak there, and tell who has silenced it; whether the chat hears alerts now."""
    reason = mute_reason(event)
    log.info("chat.changed", chat_id=event.chat.id, reason=reason or "reachable", user_id=event.from_user.id)
    silenced = await chats.follow(event.chat.id, reason, event.date, update_id, clock.now())
    if silenced and reason == NO_RIGHTS and event.bot is not None:
        await tell_user(event.bot, event.from_user, event.chat.title, chats, catalogs)
    return await chats.is_subscribed(event.chat.id)


class Moves(BaseMiddleware):
    """Follows a group to its new id, however late Telegram tells of it; the message itself is no command."""

    def __init__(self, chats: Chats) -> None:
        self._chats = chats

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:
        """Whatever the handler gives, or None for a message about a move."""
        if not isinstance(event, Message) or not (event.migrate_to_chat_id or event.migrate_from_chat_id):
            return await handler(event, data)
        old_id = event.migrate_from_chat_id or event.chat.id
        new_id = event.migrate_to_chat_id or event.chat.id
        log.info("chat.moved", chat_id=old_id, new_chat_id=new_id)
        await self._chats.move(old_id, new_id)
        return None
