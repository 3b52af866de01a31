"""Updates of every shape that Telegram knows, and of some that it does not. No admin's own words are among them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from itertools import islice
from random import Random
from typing import Any

from aiogram.filters.callback_data import CallbackData

from deploy.sandbox.telegram import BotApi, Chat, SentMessage, User
from tests.fuzz.mutations import anything, spoiled
from tests.fuzz.updates import words
from tests.fuzz.updates.people import CLOSED_GROUP_ID, People
from tests.made import NOON

Json = dict[str, Any]
DATE = int(NOON.timestamp())
EVE = {"id": 66, "is_bot": False, "first_name": "Eve"}
ELSEWHERE = {"id": -100_123_456, "type": "channel", "title": "Else\u202ewhere"}
VIA = {"via_bot": {"id": 67, "is_bot": True, "first_name": "Via"}}
ORIGINS: tuple[Json, ...] = (
    {"type": "user", "date": 1, "sender_user": EVE},
    {"type": "hidden_user", "date": 1, "sender_user_name": "Eve"},
    {"type": "chat", "date": 1, "sender_chat": ELSEWHERE},
    {"type": "channel", "date": 1, "chat": ELSEWHERE, "message_id": 1},
)
SERVICE: tuple[Json, ...] = (
    {"migrate_to_chat_id": -100_999_111},  # only Telegram says these two: never of the closed group
    {"migrate_from_chat_id": -999_111},
    {"new_chat_members": [EVE]},
    {"left_chat_member": EVE},
    {"new_chat_title": "/set min_tx_count 1"},
    {"group_chat_created": True},
    {"forum_topic_created": {"name": "/top", "icon_color": 1}},
    {"dice": {"emoji": "🎲", "value": 3}},
    {"location": {"latitude": 1.0, "longitude": 2.0}},
    {"contact": {"phone_number": "1", "first_name": "/set"}},
    {"pinned_message": {"message_id": 5, "date": 0, "chat": {"id": 1, "type": "private"}}},
    {"photo": [], "caption": "/set min_tx_count 1"},
    {},
)
MEMBERS: tuple[Json, ...] = (
    {"status": "member"},
    {"status": "left"},
    {"status": "kicked", "until_date": 0},
    {"status": "creator", "is_anonymous": False},
)


@dataclass(frozen=True, slots=True)
class Made:
    """An update before it gets its number; `kind` is what it is counted as."""

    kind: str
    content: Json

    @property
    def is_strict(self) -> bool:
        """Whether a change might make it what only Telegram can make: an admin's words, a group's own."""
        return self.kind in {"impersonated", "ruled"} or str(CLOSED_GROUP_ID) in str(self.content)


class Shapes:
    """Makes updates from what the bot has registered and what its people see of it."""

    def __init__(
        self, api: BotApi, people: People, commands: Sequence[str], kinds: Sequence[type[CallbackData]]
    ) -> None:
        self._api, self._people, self._commands, self._kinds = api, people, commands, kinds

    def make(self, random: Random) -> Made:
        """One update."""
        made = random.choices(
            (self.typed, self.tapped, self.impersonated, self.ruled, self.asked, self.odd, self.membership, self.other),
            (26, 26, 14, 6, 8, 10, 4, 6),
        )[0](random)
        if not made.is_strict and random.random() < 0.04:
            return Made("out of range", _out_of_range(random, deepcopy(made.content)))
        if made.is_strict or random.random() > 0.08:
            return made
        return Made(f"{made.kind}, spoiled", _with_their_ids(made.content, spoiled(random, deepcopy(made.content))))

    def typed(self, random: Random) -> Made:
        """A command of somebody ordinary, in private or in a group; or plain talk."""
        user, chat = self._somewhere(random)
        text = words.line(random, self._commands, self._people.mints)
        if random.random() < 0.15:
            text = words.argument(random, self._people.mints) or "hello"
        message = self._message(random, user, chat, text)
        if chat.is_forum:
            message |= {"message_thread_id": random.choice((1, 2, 10**9)), "is_topic_message": True}
        return Made("typed", {"message": message})

    def odd(self, random: Random) -> Made:
        """What nobody typed there: forwarded, captions, through bots, in a channel's name, edits, service messages."""
        user, chat = self._somewhere(random)
        text = words.line(random, self._commands, self._people.mints)
        message = self._message(random, user, chat, text) | self._odd_facts(random, text)
        if random.random() < 0.3:
            message.pop("text", None)
            message |= random.choice(SERVICE[2:] if chat is self._people.closed else SERVICE)
        return Made("odd", {random.choice(("message", "message", "message", "edited_message")): message})

    def impersonated(self, random: Random) -> Made:
        """What looks like the words of an admin who never speaks: everything but their own typing in private."""
        admin, text = self._people.impersonated, words.line(random, self._commands, self._people.mints)
        private, group = self._api.world.chats[admin.id], random.choice(self._people.groups)
        draw = random.random()
        if draw < 0.4:
            message = self._message(random, admin, private, text) | self._odd_facts(random, text)
            return Made("impersonated", {"message": message})
        if draw < 0.6:
            return Made("impersonated", {"message": self._message(random, admin, group, text)})
        if draw < 0.7:
            return Made("impersonated", {"edited_message": self._message(random, admin, private, text)})
        return Made("impersonated", {"callback_query": self._forged_tap(random, admin, group)})

    def ruled(self, random: Random) -> Made:
        """The other admin's own words and taps."""
        admin = self._people.admin
        if random.random() < 0.5:
            usual = random.choice(("/set min_tx_count 50", "/reset min_tx_count", "/pause", "/broadcast hello"))
            text = usual if random.random() < 0.4 else words.line(random, self._commands, self._people.mints)
            return Made("ruled", {"message": self._message(random, admin, self._api.world.chats[admin.id], text)})
        return Made("ruled", {"callback_query": self._tap(random, admin, self._api.world.chats[admin.id])})

    def tapped(self, random: Random) -> Made:
        """A button: a real one, or data that somebody made up."""
        user, chat = self._somewhere(random)
        return Made("tapped", {"callback_query": self._tap(random, user, chat)})

    def asked(self, random: Random) -> Made:
        """Inline mode."""
        user, text = random.choice(self._people.crowd), words.argument(random, self._people.mints)[:256]
        asked = self._api.world.inline_queries.open(user.id, text)
        offset = random.choice(("", "", "20", "x" * 64))
        return Made(
            "asked", {"inline_query": {"id": asked.query_id, "from": user.as_json(), "query": text, "offset": offset}}
        )

    def membership(self, random: Random) -> Made:
        """Somebody lets the bot in, or throws it out."""
        user, chat = random.choice(self._people.crowd), random.choice((*self._people.groups, *self._people.channels))
        bot = {"user": self._api.world.bot.as_json()}
        old, new = (bot | random.choice(MEMBERS) for _ in range(2))
        change = {"chat": chat.as_json(), "from": user.as_json(), "date": DATE + random.randrange(9)}
        kind = random.choice(("my_chat_member", "my_chat_member", "chat_member"))
        return Made("membership", {kind: change | {"old_chat_member": old, "new_chat_member": new}})

    def other(self, random: Random) -> Made:
        """Channel posts, and kinds that the bot does not listen to."""
        channel = random.choice(self._people.channels)
        text = words.line(random, self._commands, self._people.mints)
        post = self._message(random, None, channel, text) | {"sender_chat": channel.as_json()}
        if random.random() < 0.3:
            post |= self._odd_facts(random, text)
        draw = random.random()
        if draw < 0.6:
            return Made("posted", {"channel_post": post})
        if draw < 0.8:
            return Made("unknown", {random.choice(("edited_channel_post", "business_message", "guest_message")): post})
        kinds = ("poll", "chosen_inline_result", "message_reaction", "brand_new_kind", "chat_join_request", "message")
        return Made("unknown", {random.choice(kinds): anything(random, 4)})

    # --- pieces

    def _somewhere(self, random: Random) -> tuple[User, Chat]:
        """Somebody ordinary, one of whom is very busy, and where: nobody of them rules the closed group."""
        user = self._people.crowd[7] if random.random() < 0.2 else random.choice(self._people.crowd)
        draw = random.random()
        if draw < 0.6:
            return user, self._api.world.chats[user.id]
        if draw < 0.8:
            return user, random.choice(self._people.groups)
        return user, self._people.closed

    def _message(self, random: Random, user: User | None, chat: Chat, text: str) -> Json:
        date = DATE - random.choice((0, 0, 0, 0, 0, 0, 0, 60, 10**6, -(10**6)))
        who = {} if user is None else {"from": user.as_json()}
        return {"message_id": random.randrange(1, 10**6), "date": date, "chat": chat.as_json(), "text": text} | who

    def _odd_facts(self, random: Random, text: str) -> Json:
        """What makes a message nobody's own typing there."""
        caption: Json = {"text": None, "caption": text, "photo": []}
        origins = [{"forward_origin": origin} for origin in ORIGINS]
        passed_on = {"is_automatic_forward": True, "sender_chat": ELSEWHERE, "forward_origin": ORIGINS[3]}
        return random.choice((caption, *origins, VIA, passed_on, {"sender_chat": ELSEWHERE}, caption | origins[0]))

    def _tap(self, random: Random, user: User, chat: Chat) -> Json:
        seen = self._seen(chat)
        draw = random.random()
        if seen and draw < 0.55:
            message = random.choice(seen)
            return self._query(
                random, user, {"message": self._api.world.message_json(message)}, self._data(random, message)
            )
        return self._forged_tap(random, user, chat)

    def _forged_tap(self, random: Random, user: User, chat: Chat) -> Json:
        place = {"chat": chat.as_json(), "message_id": random.randrange(1, 10**6)}
        ours = place | {"from": self._api.world.bot.as_json(), "text": "?", "date": DATE}
        out_of_reach = place | {"date": 0}
        under: Json = random.choice(({"message": ours}, {"message": out_of_reach}, {"inline_message_id": "x"}, {}))
        return self._query(random, user, under, words.data(random, self._kinds))

    def _data(self, random: Random, message: SentMessage) -> str:
        real = [button["callback_data"] for button in message.buttons if "callback_data" in button]
        if not real or random.random() < 0.3:
            return words.data(random, self._kinds)
        chosen = str(random.choice(real))
        return chosen if random.random() < 0.8 else chosen[: random.randrange(len(chosen))] + random.choice("0129:x🚀")

    def _query(self, random: Random, user: User, under: Json, data: str) -> Json:
        known = self._api.world.taps.open(user.id).query_id if random.random() < 0.95 else "1"
        return {"id": known, "from": user.as_json(), "chat_instance": "1", "data": data} | under

    def _seen(self, chat: Chat) -> list[SentMessage]:
        """The latest messages in the chat that have buttons."""
        latest = islice(reversed(self._api.world.messages[chat.id].values()), 8)
        return [message for message in latest if message.buttons]


def _out_of_range(random: Random, content: Json) -> Json:
    """The update with one of its numbers such as no 64 bits hold, in one of the forms that are read as numbers."""
    found = list(_numbers(content))
    if found:
        holder, name = random.choice(found)
        holder[name] = random.choice((2**63, -(2**63) - 1, 10**20, -(10**20), 10**400, "9" * 20, f"-{10**20}.0"))
    return content


def _numbers(content: Any) -> Iterator[tuple[Any, Any]]:
    """Where the numbers of Telegram stand: a container and a key of it."""
    for name, part in content.items() if isinstance(content, dict) else enumerate(content):
        if isinstance(part, dict | list):
            yield from _numbers(part)
        elif isinstance(part, int) and not isinstance(part, bool):
            yield content, name


def _with_their_ids(made: Json, content: Any) -> Any:
    """The spoiled update with its queries' ids as they were: an answer to any other is refused whatever it says."""
    for name in ("callback_query", "inline_query"):
        if name in made and isinstance(content, dict) and isinstance(content.get(name), dict):
            content[name]["id"] = made[name]["id"]
    return content
