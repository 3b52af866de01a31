"""Groups and channels: who comes and goes there, what happens to them. The bot is told as Telegram would tell it."""

from __future__ import annotations

from dataclasses import replace

from deploy.sandbox.telegram.membership import change_status
from deploy.sandbox.telegram.values import GROUP_ANONYMOUS_BOT, Chat, ChatKind, Json, User
from deploy.sandbox.telegram.watching import Watching

SUPERGROUP_IDS = -1_000_000_000_000


class Places(Watching):
    """What people do to the chats that the bot is in, or with its membership."""

    def user(self, user_id: int, first_name: str, language_code: str | None = "en") -> User:
        """A person with a private chat that they have not started yet."""
        person = User(user_id, first_name, language_code)
        self.world.users[user_id] = person
        self.world.chats.setdefault(user_id, Chat(user_id, "private", first_name))
        return person

    def group(
        self, chat_id: int, title: str, owner: User, kind: ChatKind = "supergroup", *, is_forum: bool = False
    ) -> Chat:
        """A group, with topics or without, that the owner has just added the bot to."""
        chat = self.world.chats[chat_id] = Chat(chat_id, kind, title, {owner.id: "creator"}, is_forum=is_forum)
        self.add(chat)
        return chat

    def channel(self, chat_id: int, title: str, owner: User, **rights: bool) -> Chat:
        """A channel whose owner has just made the bot an administrator; `rights` differ from all of them."""
        chat = self.world.chats[chat_id] = Chat(chat_id, "channel", title, {owner.id: "creator"})
        self.promote(chat, None, **rights)
        return chat

    # --- the bot comes and goes

    def add(self, chat: Chat, by: User | None = None) -> int:
        """The bot is let in, to a channel as an administrator. Returns the id of the my_chat_member update."""
        if chat.kind == "channel":
            return self.promote(chat, by=by)
        update_id = self._change(chat, "member", by)
        self._tell(chat, by or self.owner(chat), {"new_chat_members": [self.world.bot.as_json()]})
        return update_id

    def remove(self, chat: Chat, by: User | None = None) -> int:
        """The bot is thrown out. Returns the id of the my_chat_member update.

        Only a basic group's service message still reaches it.
        """
        update_id = self._change(chat, "kicked", by)
        if chat.kind == "group":
            self._tell(chat, by or self.owner(chat), {"left_chat_member": self.world.bot.as_json()})
        return update_id

    def promote(self, chat: Chat, by: User | None = None, **rights: bool) -> int:
        """The bot becomes an administrator with all rights but those given as False. Returns the update's id."""
        return self._change(chat, "administrator", by, dict(rights))

    def demote(self, chat: Chat, by: User | None = None) -> int:
        """The bot is an administrator no longer; out of a channel it goes altogether. Returns the update's id."""
        return self._change(chat, "left" if chat.kind == "channel" else "member", by)

    def restrict(self, chat: Chat, by: User | None = None, **permissions: bool) -> int:
        """The bot stays in the group and may do nothing but what is given as True. Returns the update's id."""
        return self._change(chat, "restricted", by, dict(permissions))

    def block(self, chat_id: int) -> None:
        """A private chat's user blocks the bot, or a group or channel throws it out; the bot is told."""
        self.remove(self.world.chats[chat_id])

    def unblock(self, chat_id: int) -> None:
        """The bot is let in again, and told."""
        chat = self.world.chats[chat_id]
        if chat.kind == "private":
            self._change(chat, "member", None)
        else:
            self.add(chat)

    def deactivate(self, chat_id: int) -> None:
        """The user deletes their account; the bot is not told."""
        self.world.chats[chat_id].deactivated = True

    # --- others come and go

    def join(self, user: User, chat: Chat, status: str = "member") -> None:
        """Somebody else enters a chat, as a member or an administrator."""
        change_status(self.world, chat, user, user, status)
        self._tell(chat, user, {"new_chat_members": [user.as_json()]})

    def leave(self, user: User, chat: Chat) -> None:
        """Somebody else leaves a chat."""
        change_status(self.world, chat, user, user, "left")
        self._tell(chat, user, {"left_chat_member": user.as_json()})

    def appoint(self, user: User, chat: Chat, status: str = "administrator") -> None:
        """The owner makes somebody else an administrator, or with another status no longer one."""
        change_status(self.world, chat, user, self.owner(chat), status)

    # --- what happens to chats

    def upgrade(self, group: Chat) -> Chat:
        """The group becomes a supergroup with another id; the old one only says where it went."""
        new = replace(group, id=SUPERGROUP_IDS + group.id, kind="supergroup")
        new.statuses, new.rights, new.topics = dict(group.statuses), dict(group.rights), {}
        self.world.chats[new.id] = new
        group.upgraded_to = new.id
        self._tell(group, self.owner(group), {"migrate_to_chat_id": new.id})
        self._tell(new, GROUP_ANONYMOUS_BOT, {"sender_chat": new.as_json(), "migrate_from_chat_id": group.id})
        return new

    def delete_chat(self, chat: Chat) -> None:
        """The chat is gone, as if it had never been; the bot is not told."""
        del self.world.chats[chat.id]

    def owner(self, chat: Chat) -> User:
        """Who has created the chat; in private, its user."""
        owners = [user_id for user_id, status in chat.statuses.items() if status == "creator"]
        return self.world.users[owners[0] if owners else chat.id]

    def _change(self, chat: Chat, status: str, by: User | None, rights: Json | None = None) -> int:
        return change_status(self.world, chat, self.world.bot, by or self.owner(chat), status, rights)

    def _tell(self, chat: Chat, sender: User, facts: Json, thread_id: int | None = None) -> None:
        """A service message; channels have none of these."""
        if chat.kind != "channel":
            message = self.world.add_message(chat.id, sender, facts=facts, thread_id=thread_id)
            self.world.emit("message", self.world.message_json(message))
