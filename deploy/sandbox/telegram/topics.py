"""The topics of a forum: threads inside a supergroup, made, closed, opened again, deleted."""

from __future__ import annotations

from deploy.sandbox.telegram.places import Places
from deploy.sandbox.telegram.values import Chat, Json

ICON_COLOR = 0x6FB9F0


class Topics(Places):
    """What the owner does to the topics. A topic's id is that of the message which made it."""

    def create_topic(self, forum: Chat, name: str) -> int:
        """A new topic, open to all. Returns its thread id."""
        if not forum.is_forum:
            raise LookupError(f"{forum.title!r} has no topics: make it with is_forum=True")
        made: Json = {"forum_topic_created": {"name": name, "icon_color": ICON_COLOR}}
        message = self.world.add_message(forum.id, self.owner(forum), facts=made)
        message.facts.update(message_thread_id=message.message_id, is_topic_message=True)
        forum.topics[message.message_id] = "open"
        self.world.emit("message", self.world.message_json(message))
        return message.message_id

    def close_topic(self, forum: Chat, thread_id: int) -> None:
        """From now on only administrators write there."""
        forum.topics[thread_id] = "closed"
        self._tell(forum, self.owner(forum), {"forum_topic_closed": {}}, thread_id)

    def reopen_topic(self, forum: Chat, thread_id: int) -> None:
        """Everybody writes there again."""
        forum.topics[thread_id] = "open"
        self._tell(forum, self.owner(forum), {"forum_topic_reopened": {}}, thread_id)

    def delete_topic(self, forum: Chat, thread_id: int) -> None:
        """The topic goes with all its messages; the bot is not told."""
        del forum.topics[thread_id]
        messages = self.world.messages[forum.id]
        for message in [m for m in messages.values() if thread_id in {m.thread_id, m.message_id}]:
            self.world.remove_message(forum.id, message.message_id)
