"""Which pictures there are: a table, and the messages that each of them shows."""

from __future__ import annotations

from collections.abc import Mapping

from deploy.sandbox.pictures.cast import HOT
from deploy.sandbox.pictures.talk import Talk
from deploy.sandbox.telegram import SentMessage
from storage.database import Database

# A picture's name, what you write for it, and the buttons that you press then: by their data, as words are translated.
ASKED: dict[str, tuple[str, ...]] = {
    "top": ("/top",),
    "token": (f"/token {HOT}",),
    "alerts": ("/alerts", "ac:day:20"),
}

PAUSE_SECONDS = 3  # nobody writes at the moment of an alert

Shots = Mapping[str, tuple[SentMessage, ...]]


async def shots(database: Database, language: str = "en") -> Shots:
    """The messages of each picture, by its name: what was asked and answered, and the alert. `database` is empty."""
    talk = Talk(database, language)
    async with talk.running() as delivery:
        taken: dict[str, tuple[SentMessage, ...]] = {"alert": (await talk.live(delivery),)}
        for name, (text, *buttons) in ASKED.items():
            talk.clock.move(PAUSE_SECONDS)
            said, answer = await talk.ask(text)
            taken[name] = (said, await talk.press(answer, buttons))
    return taken
