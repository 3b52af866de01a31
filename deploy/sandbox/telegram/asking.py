"""How people use the bot's inline mode: they type its name and a query, and choose one of its results."""

from __future__ import annotations

from typing import Any

from deploy.sandbox.telegram.values import Chat, InlineAnswer, Json, User
from deploy.sandbox.telegram.watching import Watching

LONGEST_QUERY_CHARACTERS = 256


class Asking(Watching):
    """Inline queries. Telegram's cache is not played: every query reaches the bot."""

    def ask_inline(self, user: User, query: str, offset: str = "", chat_type: str = "sender") -> int:
        """The user types `@bot query` in any chat, of 256 characters at most. Returns the update's id.

        `chat_type` is "sender" for the chat with the bot itself, else private, group, supergroup or channel.
        """
        asked = self.world.inline_queries.open(user.id, query[:LONGEST_QUERY_CHARACTERS])
        content = {
            "id": asked.query_id,
            "from": user.as_json(),
            "query": asked.text,
            "offset": offset,
            "chat_type": chat_type,
        }
        return self.world.emit("inline_query", content)

    def choose(self, answer: InlineAnswer, result_id: str, chat: Chat | None = None) -> int:
        """The asker sends a result to the chat, by default their own with the bot. Returns the update's id.

        Raises LookupError when there is no such result.
        """
        found = [result for result in answer.results if result["id"] == result_id]
        if not found:
            raise LookupError(f"no result {result_id!r}; there are: {[result['id'] for result in answer.results]}")
        user, place = self.world.users[answer.user_id], chat or self.world.chats[answer.user_id]
        via_bot = {"via_bot": self.world.bot.as_json()}
        message = self.world.add_message(place.id, user, facts=via_bot, **self._content(found[0]))
        return self.world.emit("message", self.world.message_json(message))

    def age_queries(self, seconds: float) -> None:
        """Open taps and inline queries become this much older, as if the bot had let them wait."""
        self.world.taps.age(seconds)
        self.world.inline_queries.age(seconds)

    def _content(self, result: Json) -> dict[str, Any]:
        """The parts of the message that a result becomes; a picture known by its address comes without bytes."""
        text: Json | None = result.get("input_message_content")
        shared = {"reply_markup": result.get("reply_markup")}
        if text is not None:
            return shared | {"text": text["message_text"], "entities": tuple(text.get("entities") or ())}
        caption = {"caption": result.get("caption"), "entities": tuple(result.get("caption_entities") or ())}
        return shared | caption | {"file": self.world.files.get(result.get("photo_file_id", ""))}
