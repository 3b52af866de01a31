"""What people do in the pretend Telegram: write, tap, block. Tests and the terminal drive it."""

from __future__ import annotations

import re

from deploy.sandbox.telegram.asking import Asking
from deploy.sandbox.telegram.limits import utf16_length
from deploy.sandbox.telegram.values import Chat, ChatKind, Json, SentMessage, User

COMMAND = re.compile(r"(?<![\w/@])/[A-Za-z0-9_]{1,64}(@[A-Za-z0-9_]{3,32})?")


class People(Asking):
    """The human side. Nothing here waits, except the methods that say so."""

    # --- who there is

    def user(self, user_id: int, first_name: str, language_code: str | None = "en") -> User:
        """A person with a private chat that they have not started yet."""
        person = User(user_id, first_name, language_code)
        self.world.users[user_id] = person
        self.world.chats.setdefault(user_id, Chat(user_id, "private", first_name))
        return person

    def group(self, chat_id: int, title: str, owner: User, kind: ChatKind = "supergroup") -> Chat:
        """A group that the owner has just added the bot to."""
        chat = self.world.chats[chat_id] = Chat(chat_id, kind, title, {owner.id: "creator"})
        self.world.set_bot_status(chat, owner, "member")
        return chat

    # --- what they do

    def say(self, user: User, text: str, chat: Chat | None = None) -> int:
        """The user writes; in private this also starts (or unblocks) the bot. Returns the update's id."""
        place = chat or self.world.chats[user.id]
        if place.kind == "private" and place.statuses.get(self.world.bot.id) == "kicked":
            self.unblock(place.id)
        if place.kind == "private":
            place.statuses[self.world.bot.id] = "member"
        message = self.world.add_message(place.id, user, text=text, entities=tuple(_commands(text)))
        return self.world.emit("message", self.world.message_json(message))

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

    def block(self, chat_id: int) -> None:
        """A private chat's user blocks the bot, or a group throws it out; the bot is told."""
        self.world.set_bot_status(self.world.chats[chat_id], self._actor(chat_id), "kicked")

    def unblock(self, chat_id: int) -> None:
        """The bot is let in again, and told."""
        self.world.set_bot_status(self.world.chats[chat_id], self._actor(chat_id), "member")

    def deactivate(self, chat_id: int) -> None:
        """The user deletes their account; the bot is not told."""
        self.world.chats[chat_id].deactivated = True

    def raw_update(self, update: Json) -> int:
        """Any JSON object arrives as an update, parseable or not. Returns its id."""
        return self.world.emit_raw(update)

    def _actor(self, chat_id: int) -> User:
        statuses = self.world.chats[chat_id].statuses
        owners = [user_id for user_id, status in statuses.items() if status == "creator"]
        return self.world.users[owners[0] if owners else chat_id]


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
