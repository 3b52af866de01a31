"""Chats of all kinds, and what becomes of some of them while alerts are on their way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from deploy.sandbox.telegram import BotApi, Chat, User
from deploy.sandbox.telegram.places import SUPERGROUP_IDS
from deploy.sandbox.telegram.values import ChatKind, Json
from tests.bench.whole import listener

WELL = "well"
KINDS = ("private", "private", "private", "group", "supergroup", "forum", "channel")
FATES: Mapping[str, tuple[str, ...]] = {
    "private": ("blocked", "deactivated", "not_found"),
    "group": ("kicked", "upgraded"),
    "supergroup": ("kicked", "no_rights"),
    "forum": ("topic_gone", "topic_closed"),
    "channel": ("kicked", "no_rights"),
}
REACHABLE = frozenset({WELL, "upgraded", "topic_gone", "topic_closed"})
THREAD_ID = 77
ID_STEPS: Mapping[str, tuple[int, int]] = {  # the first id of a kind, and the step to the next
    "private": (1_000, 1),
    "group": (-1_000, -1),
    "supergroup": (3 * SUPERGROUP_IDS, -1),
    "forum": (5 * SUPERGROUP_IDS, -1),
    "channel": (7 * SUPERGROUP_IDS, -1),
}


@dataclass(slots=True)
class Member:
    """A chat of the chats: what becomes of it, at its how many-th send, and whether that has happened."""

    chat: Chat
    kind: str
    fate: str
    strikes_at: int
    sends: int = 0
    struck: bool = False

    @property
    def reachable(self) -> bool:
        """Whether alerts still arrive there after its fate."""
        return self.fate in REACHABLE

    @property
    def last_id(self) -> int:
        """The id under which it is known in the end."""
        return self.chat.upgraded_to or self.chat.id

    @property
    def thread_id(self) -> int | None:
        """The topic that it subscribed in."""
        return THREAD_ID if self.kind == "forum" else None


class Troubled:
    """So many chats in the pretend Telegram, about half of which something happens to."""

    def __init__(self, api: BotApi, count: int, alerts: int, seed: int, owner: User) -> None:
        self._api = api
        self.members: dict[int, Member] = {}
        random = Random(seed)
        for number in range(count):
            kind = KINDS[number % len(KINDS)]
            fate = random.choice(FATES[kind]) if random.random() < 0.5 else WELL
            member = Member(self._enter(kind, number, owner), kind, fate, random.randint(1, max(1, alerts - 1)))
            self.members[member.chat.id] = member

    def rows(self, now: datetime) -> list[dict[str, Any]]:
        """The chats' rows: one in eight wants pictures."""
        return [
            listener(m.chat.id, m.chat.kind, now, thread_id=m.thread_id, pictures=number % 8 == 0)
            for number, m in enumerate(self.members.values())
        ]

    def send_arrives(self, send: Json) -> None:
        """Another send to a chat: its fate strikes when its time has come."""
        member = self.members.get(send["chat_id"])
        if member is None:
            return
        member.sends += 1
        if member.sends == member.strikes_at and member.fate != WELL:
            member.struck = True
            self._strike(member)

    def _enter(self, kind: str, number: int, owner: User) -> Chat:
        """A chat that the bot is in, of which it has not been told."""
        first, step = ID_STEPS[kind]
        chat_id, bot_id = first + number * step, self._api.world.bot.id
        if kind == "private":
            self._api.user(chat_id, f"Trader {number}")
            chat = self._api.world.chats[chat_id]
            chat.statuses[bot_id] = "member"
            return chat
        status = "administrator" if kind == "channel" else "member"
        statuses = {owner.id: "creator", bot_id: status}
        is_forum = kind == "forum"
        of_kind: ChatKind = "supergroup" if is_forum else kind  # type: ignore[assignment] # the others are Telegram's
        chat = Chat(chat_id, of_kind, f"Chat {number}", statuses, is_forum=is_forum)
        chat.topics = {THREAD_ID: "open"} if is_forum else {}
        self._api.world.chats[chat_id] = chat
        return chat

    def _strike(self, member: Member) -> None:
        """Telegram tells the bot of an upgrade and of a closed topic; the rest it finds out by sending."""
        chat, bot_id = member.chat, self._api.world.bot.id
        match member.fate:
            case "blocked" | "kicked":
                chat.statuses[bot_id] = "kicked"
            case "deactivated":
                self._api.deactivate(chat.id)
            case "not_found":
                self._api.delete_chat(chat)
            case "upgraded":
                self._api.upgrade(chat)
            case "no_rights" if chat.kind == "channel":
                chat.rights[bot_id] = {"can_post_messages": False}
            case "no_rights":
                chat.statuses[bot_id] = "restricted"
            case "topic_gone":
                self._api.delete_topic(chat, THREAD_ID)
            case "topic_closed":
                self._api.close_topic(chat, THREAD_ID)
