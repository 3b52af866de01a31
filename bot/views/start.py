"""/start: who speaks and what to do first."""

from __future__ import annotations

from aiogram.utils.formatting import Bold, Text
from aiogram.utils.i18n import gettext as _

from bot.views.phrases import lines


def start() -> Text:
    """The greeting."""
    return lines(
        Bold("🌕 ", _("To the Moon")),
        "",
        _("I watch tokens that leave pump.fun's bonding curve, score how lively their trading is, and tell you."),
        "",
        Text("/subscribe — ", _("alerts in this chat")),
        Text("/top — ", _("the liveliest tokens now")),
        Text("/token — ", _("one token in full, with a chart")),
        Text("/help — ", _("everything else, and what the score means")),
        "",
        _("A score tells of activity, not of profit. Nothing here is advice."),
    )
