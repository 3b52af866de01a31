"""What people do in the pretend Telegram: write, tap, block. Tests and the terminal drive it."""

from __future__ import annotations

import re

from deploy.sandbox.telegram.asking import Asking
from deploy.sandbox.telegram.limits import utf16_length
from deploy.sandbox.telegram.topics import Topics
from deploy.sandbox.telegram.values import Chat, Json, SentMessage, User

COMMAND = re.compile(r"(?<![\w/@])/[A-Za-z0-9_]{1,64}(@[A-Za-z0-9_]{3,32})?")


class People(Asking, Topics):
    """The human side. Nothing here waits, except the methods that say so."""

    def say(self, user: User, text: str, chat: Chat | None = None, thread_id: int | None = None) -> int:
        """The user writes, in a forum to a topic; in private this also starts (or unblocks) the bot.

        Returns the update's id. Raises LookupError when there is no such topic.
        """
        place = chat or self.world.chats[user.id]
        if thread_id is not None and thread_id not in place.topics:
            raise LookupError(f"no topic {thread_id}; there are: {list(place.topics)}")
        if place.kind == "private" and place.statuses.get(self.world.bot.id) == "kicked":
            self.unblock(place.id)
        if place.kind == "private":
            place.statuses[self.world.bot.id] = "member"
        message = self.world.add_message(
            place.id, user, text=text, entities=tuple(_commands(text)), thread_id=thread_id
        )
        return self.world.emit("message", self.world.message_json(message))

    def post(self, channel: Chat, text: str) -> int:
        """The channel's owner writes in its name. Returns the update's id."""
        message = self.world.add_message(channel.id, self.owner(channel), text=text, entities=tuple(_commands(text)))
        return self.world.emit("channel_post", self.world.message_json(message))

    def tap(self, user: User, message: SentMessage, button: str) -> int:
        """The user presses a button, named by its text or data, of the message as it is now. Returns the update's id.

        Raises LookupError when there is no such button or it does nothing at the bot.
        """
        current = self.world.message(message.chat_id, message.message_id) or message
        for candidate in current.buttons:
            if button in {candidate["text"], candidate.get("callback_data")} and "callback_data" in candidate:
                return self.tap_forged(user, current, candidate["callback_data"])
        there = [f"{candidate['text']!r} ({candidate.get('callback_data')})" for candidate in current.buttons]
        raise LookupError(f"no button {button!r} to tap; there are: {', '.join(there) or 'none'}")

    def tap_forged(self, user: User, message: SentMessage, data: str) -> int:
        """A tap with any data, as a modified client can send it. Returns the update's id."""
        query = {
            "id": self.world.taps.open(user.id).query_id,
            "from": user.as_json(),
            "message": self.world.message_json(message),
            "chat_instance": str(message.chat_id),
            "data": data,
        }
        return self.world.emit("callback_query", query)

    def raw_update(self, update: Json) -> int:
        """Any JSON object arrives as an update, parseable or not. Returns its id."""
        return self.world.emit_raw(update)


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
