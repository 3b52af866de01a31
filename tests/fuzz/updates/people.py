"""Who is there: ordinary people, two admins of whom one is only ever impersonated, and two chats nobody may touch."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from deploy.sandbox.telegram import BotApi, Chat, User
from deploy.sandbox.world import mint_of
from engine.proposals import Wanted
from engine.shown import Chat as KnownChat
from storage.store import Store
from tests.integration.talking.stage import Stage
from tests.made import NOON

ADMIN_ID, IMPERSONATED_ID, VICTIM_ID = 41, 42, 7777
CLOSED_GROUP_ID = -100_777_000
CROWD = range(100, 130)
NAMES = ("Ann", "Борис", "a\0b", "\u202eevil", "🚀" * 64, "<b>", "/set", "t.me/scam")
SYMBOLS = (
    "PEPE",
    "pepe",
    "WOBL",
    "\u202eevil",
    "t.me/scam",
    "<b>x</b>",
    "🚀" * 20,
    "a\u0300" * 30,
    "",
    "$",
    "/top",
    "p:1:1",
)
LANGUAGES = ("en", "ru", None, "xx-" * 50)


@dataclass(slots=True)
class People:
    """Everybody, the chats they speak in, and what they might ask for."""

    crowd: list[User]
    admin: User
    impersonated: User
    groups: list[Chat]
    channels: list[Chat]
    closed: Chat
    mints: list[str] = field(default_factory=list)


async def settle(stage: Stage) -> People:
    """Fill the world and the rows: chats, tokens, and a proposal that only the impersonated admin could confirm."""
    api = stage.api
    crowd = [api.user(user_id, NAMES[user_id % len(NAMES)], LANGUAGES[user_id % len(LANGUAGES)]) for user_id in CROWD]
    admin, impersonated, victim = api.user(ADMIN_ID, "Ada"), api.user(IMPERSONATED_ID, "Imp"), api.user(VICTIM_ID, "Vi")
    for person in (*crowd, admin, impersonated, victim):
        api.say(person, "hello")
    groups = [
        api.group(-100_500_001, "Traders", crowd[0]),
        api.group(-100_500_002, "Forum", crowd[1], is_forum=True),
        api.group(-500_003, "Few", crowd[2], kind="group"),
    ]
    channels = [api.channel(-100_600_001, "Signals", crowd[3]), api.channel(-100_600_002, "Other", crowd[4])]
    closed = api.group(CLOSED_GROUP_ID, "Closed", victim)
    for group in (*groups, closed):
        for member in crowd[5:]:
            group.statuses[member.id] = "member"
    people = People(crowd, admin, impersonated, groups, channels, closed)
    await _write(stage, api, people)
    return people


async def _write(stage: Stage, api: BotApi, people: People) -> None:
    store = Store(stage.database)
    for number, symbol in enumerate(SYMBOLS):
        mint = mint_of(f"fuzz {number}")
        people.mints.append(mint)
        await stage.activated(mint, symbol=symbol or None, name=symbol * 3 or None)
    for chat_id, kind in ((VICTIM_ID, "private"), (CLOSED_GROUP_ID, "supergroup")):
        await store.chats.subscribe(KnownChat(chat_id, kind, "Untouchable"), NOON)
        await store.chats.prefer(chat_id, NOON, threshold=3.0, min_liquidity_usd=10_000.0)
    await store.proposals.propose(
        IMPERSONATED_ID, Wanted.SET, {"name": "min_tx_count", "old": 100, "new": 1}, NOON + timedelta(days=1)
    )
    api.world.updates.clear()
    api.requests.clear()
