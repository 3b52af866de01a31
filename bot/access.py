"""Who may do what, and how often: plain commands, admins, chat administrators, flood limits, stale commands.

What a command does stands in `commands`.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import Any

import structlog
from aiogram import BaseMiddleware, Bot
from aiogram.dispatcher.flags import get_flag
from aiogram.enums import ChatType
from aiogram.types import CallbackQuery, ChatMemberAdministrator, ChatMemberOwner, InlineQuery, Message, TelegramObject
from aiogram.utils.i18n import gettext as _
from cachetools import TTLCache

from bot.answering import answer_inline
from bot.limits import Limits
from engine.heartbeat import Heartbeat
from engine.ports import Clock
from engine.settings import Settings

log = structlog.get_logger()

WINDOW_SECONDS = 60.0
REMEMBERED_SENDERS = 10_000
STALE_SECONDS = 120.0


def is_plain(message: Message) -> bool:
    """Whether the sender typed this as text here: no caption, not forwarded, not sent by way of another bot."""
    foreign = (message.forward_origin, message.via_bot, message.is_automatic_forward)
    return message.text is not None and not any(foreign)


def is_admin(message: Message, admin_ids: Collection[int]) -> bool:
    """Whether an admin of the bot typed this in the private chat with it."""
    if message.chat.type != ChatType.PRIVATE or message.sender_chat is not None or message.from_user is None:
        return False
    return is_plain(message) and message.from_user.id in admin_ids


def is_admins_tap(query: CallbackQuery, admin_ids: Collection[int]) -> bool:
    """Whether an admin tapped in the private chat with the bot: what a button carries can be made up."""
    private = query.message is not None and query.message.chat.type == ChatType.PRIVATE
    return private and query.from_user.id in admin_ids


async def may_manage(message: Message, bot: Bot) -> bool:
    """Whether the sender may change the chat's alerts: anybody in private, administrators in groups.

    Raises TelegramAPIError where Telegram does not say.
    """
    if message.chat.type == ChatType.PRIVATE:
        return True
    if message.sender_chat is not None:
        return message.sender_chat.id == message.chat.id
    if message.from_user is None:
        return False
    return await _administers(message.from_user.id, message.chat.id, bot)


async def may_manage_by_tap(query: CallbackQuery, bot: Bot) -> bool:
    """The same of who has pressed a button: Telegram names a person even where administrators are anonymous.

    False where the message is no longer at hand. Raises TelegramAPIError where Telegram does not say.
    """
    if not isinstance(query.message, Message):
        return False
    chat = query.message.chat
    return chat.type == ChatType.PRIVATE or await _administers(query.from_user.id, chat.id, bot)


async def _administers(user_id: int, chat_id: int, bot: Bot) -> bool:
    member = await bot.get_chat_member(chat_id, user_id)
    return isinstance(member, ChatMemberOwner | ChatMemberAdministrator)


class Answer(Enum):
    """What a flood limit says to one more command."""

    GO_ON = "go on"
    NOTICE = "notice"
    SILENCE = "silence"


@dataclass(slots=True)
class Window:
    """The times of the commands let through within the last minute."""

    times: deque[float] = field(default_factory=deque)
    noticed: bool = False

    def hit(self, now: float, limit: int) -> Answer:
        """One more command at `now` (monotonic seconds). A second notice comes only after half the window was free."""
        while self.times and self.times[0] <= now - WINDOW_SECONDS:
            self.times.popleft()
        if len(self.times) <= limit // 2:
            self.noticed = False
        if len(self.times) < limit:
            self.times.append(now)
            return Answer.GO_ON
        answer = Answer.SILENCE if self.noticed else Answer.NOTICE
        self.noticed = True
        return answer


class Kind(StrEnum):
    """What is counted by itself, so that typing or pasting much silences no command."""

    COMMAND = "command"
    PASTED = "pasted"
    INLINE = "inline"


class Flood:
    """Moving windows per sender and per chat for each kind, in bounded memory."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._windows: TTLCache[tuple[Kind, str, int], Window] = TTLCache(REMEMBERED_SENDERS, WINDOW_SECONDS, monotonic)

    def hit(self, sender_id: int, chat_id: int, settings: Settings, kind: Kind = Kind.COMMAND) -> Answer:
        """One more of this kind; an anonymous sender is known by the chat it speaks for."""
        answer = self._hit((kind, "sender", sender_id), settings.commands_per_user)
        return answer if answer is not Answer.GO_ON else self._hit((kind, "chat", chat_id), settings.commands_per_chat)

    def _hit(self, key: tuple[Kind, str, int], limit: int) -> Answer:
        window = self._windows.pop(key, None) or Window()
        self._windows[key] = window
        return window.hit(self._monotonic(), limit)


class Gate(BaseMiddleware):
    """Stands before every handler of a command, a tap or an inline query: drops stale commands and floods, counted."""

    def __init__(self, flood: Flood, limits: Limits, wall_clock: Clock, heartbeat: Heartbeat) -> None:
        self._flood = flood
        self._limits = limits
        self._wall_clock = wall_clock
        self._heartbeat = heartbeat

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:
        """Whatever the handler gives, or None for what was dropped."""
        if isinstance(event, CallbackQuery):
            return await self._tap(handler, event, data)
        if isinstance(event, InlineQuery):
            return await self._inline(handler, event, data)
        if not isinstance(event, Message):
            return await handler(event, data)
        age_seconds = (self._wall_clock.now() - event.date).total_seconds()
        if age_seconds > STALE_SECONDS:
            self._heartbeat.count("command_dropped", "stale")
            log.warning("command.dropped", age_seconds=round(age_seconds))
            return None
        kind = get_flag(data, "kind", default=Kind.COMMAND)
        answer = await self._hit(_sender_id(event), event.chat.id, kind)
        if answer is Answer.GO_ON:
            return await handler(event, data)
        self._heartbeat.count("command_dropped", "flood")
        expected = kind is Kind.COMMAND or event.chat.type == ChatType.PRIVATE
        if answer is Answer.NOTICE and expected:  # a group that talks of tokens has not asked for anything
            await event.answer(_("Too many commands. I answer again in a minute."))
        return None

    async def _tap(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: CallbackQuery,
        data: dict[str, Any],
    ) -> Any:
        """A tap; Telegram itself forgets those of an outage. A dropped one is answered, or its button would hang."""
        chat_id = event.message.chat.id if event.message else event.from_user.id
        answer = await self._hit(event.from_user.id, chat_id)
        if answer is Answer.GO_ON:
            return await handler(event, data)
        self._heartbeat.count("tap_dropped", "flood")
        if answer is Answer.NOTICE:
            data["callback_answer"].text = _("Too many commands. I answer again in a minute.")
        return None

    async def _inline(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: InlineQuery,
        data: dict[str, Any],
    ) -> Any:
        """An inline query, of which each letter typed makes one. A dropped one is answered without results."""
        if await self._hit(event.from_user.id, event.from_user.id, Kind.INLINE) is Answer.GO_ON:
            return await handler(event, data)
        self._heartbeat.count("inline_dropped", "flood")
        await answer_inline(event, [])
        return None

    async def _hit(self, sender_id: int, chat_id: int, kind: Kind = Kind.COMMAND) -> Answer:
        return self._flood.hit(sender_id, chat_id, await self._limits.current(), kind)


def _sender_id(message: Message) -> int:
    if message.sender_chat is not None:
        return message.sender_chat.id
    return message.from_user.id if message.from_user else message.chat.id
