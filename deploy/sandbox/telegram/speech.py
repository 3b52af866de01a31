"""What people write, and in which odd ways: forwarded, as a caption, through a bot, in another name, edited."""

from __future__ import annotations

import io
import re
from functools import cache

from PIL import Image

from deploy.sandbox.telegram.limits import utf16_length
from deploy.sandbox.telegram.topics import Topics
from deploy.sandbox.telegram.values import CHANNEL_BOT, GROUP_ANONYMOUS_BOT, TELEGRAM, Chat, Json, SentMessage, User

COMMAND = re.compile(r"(?<![\w/@])/[A-Za-z0-9_]{1,64}(@[A-Za-z0-9_]{3,32})?")


class Speech(Topics):
    """Everything here returns the update's id. Where no chat is given it is the user's own with the bot."""

    def say(self, user: User, text: str, chat: Chat | None = None, thread_id: int | None = None) -> int:
        """The user writes, in a forum to a topic; in private this also starts (or unblocks) the bot.

        Raises LookupError when there is no such topic.
        """
        place = self._entered(user, chat)
        if thread_id is not None and thread_id not in place.topics:
            raise LookupError(f"no topic {thread_id}; there are: {list(place.topics)}")
        return self._write(place, user, text, thread_id=thread_id)

    def post(self, channel: Chat, text: str) -> int:
        """The channel's owner writes in its name."""
        return self._write(channel, self.owner(channel), text, kind="channel_post")

    def show(self, user: User, caption: str, chat: Chat | None = None, picture: bytes | None = None) -> int:
        """The user sends a picture, by default a small white one, with this caption."""
        file = self.world.keep_file(picture or _white_png(), ".png", 1, 1)
        message = self.world.add_message(
            self._entered(user, chat).id, user, file=file, caption=caption, entities=tuple(_commands(caption))
        )
        return self.world.emit("message", self.world.message_json(message))

    def reply(self, user: User, message: SentMessage, text: str) -> int:
        """The user answers a message. Only in a forum is its thread a topic."""
        chat = self.world.chats[message.chat_id]
        facts: Json = {"reply_to_message": self.world.message_json(message)}
        if chat.kind == "supergroup" and message.thread_id is None and not chat.is_forum:
            facts["message_thread_id"] = message.facts.get("message_thread_id", message.message_id)
        return self._write(chat, user, text, facts, thread_id=message.thread_id)

    def forward(self, user: User, text: str, origin: User | Chat | str, chat: Chat | None = None) -> int:
        """The user passes on what somebody else wrote: a person, a channel, a group's administrator, a hidden name."""
        return self._write(self._entered(user, chat), user, text, {"forward_origin": self._origin(origin)})

    def say_via(self, user: User, text: str, via: User, chat: Chat | None = None) -> int:
        """The user sends what another bot offered them in its inline mode."""
        return self._write(self._entered(user, chat), user, text, {"via_bot": via.as_json()})

    def say_anonymously(self, group: Chat, text: str) -> int:
        """An administrator writes in the group's name."""
        return self._write(group, GROUP_ANONYMOUS_BOT, text, {"sender_chat": group.as_json()})

    def say_as(self, channel: Chat, text: str, group: Chat) -> int:
        """Somebody writes in a group in the name of a channel of theirs."""
        return self._write(group, CHANNEL_BOT, text, {"sender_chat": channel.as_json()})

    def forward_post(self, channel: Chat, text: str, group: Chat) -> int:
        """Telegram itself passes a channel's post on to the group that discusses it."""
        facts = {
            "sender_chat": channel.as_json(),
            "is_automatic_forward": True,
            "forward_origin": self._origin(channel),
        }
        return self._write(group, TELEGRAM, text, facts)

    def edit(self, user: User, text: str, chat: Chat | None = None) -> int:
        """The user changes their latest text in the chat; a channel's owner, in the channel, its latest post.

        Raises LookupError when there is none.
        """
        place = chat or self.world.chats[user.id]
        texts = [m for m in self.world.messages[place.id].values() if m.sender == user and m.text is not None]
        if not texts:
            raise LookupError(f"{user.first_name} has not written in chat {place.id}")
        message = self.world.edit_message(texts[-1], text=text, entities=tuple(_commands(text)))
        kind = "edited_channel_post" if place.kind == "channel" else "edited_message"
        return self.world.emit(kind, self.world.message_json(message))

    def _entered(self, user: User, chat: Chat | None) -> Chat:
        """Where the user writes; their own chat with the bot is thereby started."""
        place = chat or self.world.chats[user.id]
        if place.kind == "private" and place.statuses.get(self.world.bot.id) == "kicked":
            self.unblock(place.id)
        if place.kind == "private":
            place.statuses[self.world.bot.id] = "member"
        return place

    def _write(
        self,
        place: Chat,
        sender: User,
        text: str,
        facts: Json | None = None,
        thread_id: int | None = None,
        kind: str = "message",
    ) -> int:
        message = self.world.add_message(
            place.id, sender, text=text, entities=tuple(_commands(text)), facts=facts or {}, thread_id=thread_id
        )
        return self.world.emit(kind, self.world.message_json(message))

    def _origin(self, origin: User | Chat | str) -> Json:
        """Telegram's `MessageOrigin`."""
        date = {"date": int(self.world.now().timestamp())}
        if isinstance(origin, str):
            return date | {"type": "hidden_user", "sender_user_name": origin}
        if isinstance(origin, User):
            return date | {"type": "user", "sender_user": origin.as_json()}
        if origin.kind == "channel":
            return date | {"type": "channel", "chat": origin.as_json(), "message_id": 1}
        return date | {"type": "chat", "sender_chat": origin.as_json()}


def _commands(text: str) -> list[Json]:
    """The bot_command entities that Telegram's clients add."""
    return [
        {
            "type": "bot_command",
            "offset": utf16_length(text[: match.start()]),
            "length": utf16_length(match.group()),
        }
        for match in COMMAND.finditer(text)
    ]


@cache
def _white_png() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (1, 1), "white").save(buffer, "PNG")
    return buffer.getvalue()
