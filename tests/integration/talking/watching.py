"""What tests of watches look at: the stored watch, and the message as the taps have left it."""

from __future__ import annotations

from deploy.sandbox.telegram import SentMessage
from engine.chats import Watch
from storage.store import Store
from tests.integration.talking.stage import Stage
from tests.waiting import until


async def watch_of(stage: Stage, token_id: int, chat_id: int = 7) -> Watch | None:
    sight = await Store(stage.database).watches.sight(chat_id, token_id)
    assert sight is not None
    return sight.watch


async def now_shown(stage: Stage, message: SentMessage) -> SentMessage:
    """The message as it stands after the taps."""
    await until(stage.is_idle, what="the tap to be handled")
    current = stage.api.world.message(message.chat_id, message.message_id)
    assert current is not None
    return current


def titles(message: SentMessage) -> list[str]:
    return [button["text"] for button in message.buttons]
