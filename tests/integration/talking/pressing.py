"""How tests press the buttons of a message, and what a chat wishes then."""

from __future__ import annotations

from deploy.sandbox.telegram import SentMessage, User
from deploy.sandbox.telegram.values import Chat
from engine.chats import Preferences
from tests.integration.talking.stage import Stage

GROUP_ID = -100_555


async def wishes(stage: Stage, chat_id: int = 7) -> Preferences:
    found = await stage.chats.preferences(chat_id)
    assert found is not None
    return found


def now_shown(stage: Stage, message: SentMessage) -> SentMessage:
    """The message as it stands now."""
    found = stage.api.world.message(message.chat_id, message.message_id)
    assert found is not None
    return found


async def pressed(stage: Stage, user: User, message: SentMessage, *buttons: str) -> SentMessage:
    """The message after these buttons, each found by how its words begin or by its data."""
    for button in buttons:
        there = now_shown(stage, message).buttons
        data = next(b["callback_data"] for b in there if b["callback_data"] == button or b["text"].startswith(button))
        assert not await stage.tapped(user, message, data)
    return now_shown(stage, message)


async def group_of(stage: Stage, owner: User, *, is_forum: bool = False) -> Chat:
    """A group that the bot has greeted."""
    group = stage.api.group(GROUP_ID, "Traders", owner, is_forum=is_forum)
    await stage.api.next_message(GROUP_ID)
    return group
