"""Who is in the sandbox by default: a trader, an admin, a basic group with both, and a channel of the admin's."""

from __future__ import annotations

from deploy.sandbox.telegram import BotApi, User

YOU = 1001
ADA = 1002
GROUP = -1_000_000_001
CHANNEL = -1_001_000_000_002


def gather(telegram: BotApi, language: str) -> tuple[User, User]:
    """You and the admin, who have both begun with the bot and hear its alerts; so does the channel."""
    you = telegram.user(YOU, "You", language_code=language)
    ada = telegram.user(ADA, "Ada", language_code=language)
    for person in (you, ada):
        telegram.say(person, "/start")
        telegram.say(person, "/subscribe")
    group = telegram.group(GROUP, "Moon hunters", ada, kind="group")
    telegram.join(you, group)
    channel = telegram.channel(CHANNEL, "Moon signals", ada)
    telegram.join(you, channel)
    telegram.post(channel, "/subscribe")
    return you, ada
