"""What people do in the pretend Telegram: write, tap, block. Tests and the terminal drive it."""

from __future__ import annotations

from deploy.sandbox.telegram.asking import Asking
from deploy.sandbox.telegram.speech import Speech
from deploy.sandbox.telegram.values import Json, SentMessage, User


class People(Asking, Speech):
    """The human side. Nothing here waits, except the methods that say so."""

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
        """A tap with any data, as a modified client can send it. Returns the update's id.

        Of a message that the chat no longer keeps the bot hears only where it was.
        """
        kept = self.world.message(message.chat_id, message.message_id) is not None
        gone = {
            "chat": self.world.chats[message.chat_id].as_json(),
            "message_id": message.message_id,
            "date": 0,
        }
        query = {
            "id": self.world.taps.open(user.id).query_id,
            "from": user.as_json(),
            "message": self.world.message_json(message) if kept else gone,
            "chat_instance": str(message.chat_id),
            "data": data,
        }
        return self.world.emit("callback_query", query)

    def outlive(self, message: SentMessage) -> None:
        """The message gets too old for the chat to keep; who still sees it can tap its buttons."""
        self.world.remove_message(message.chat_id, message.message_id)

    def raw_update(self, update: Json) -> int:
        """Any JSON object arrives as an update, parseable or not. Returns its id."""
        return self.world.emit_raw(update)
