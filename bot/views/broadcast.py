"""What the bot's admins say to every chat that hears alerts: their words as they are, under a heading of ours."""

from __future__ import annotations

from aiogram.utils.formatting import Bold, Text
from aiogram.utils.i18n import gettext as _

from bot.views.phrases import lines


def broadcast(said: str) -> Text:
    """The message."""
    return lines(Bold("📣 ", _("From the bot's admins:")), "", said)
