"""/start: who speaks and what to do first."""

from __future__ import annotations

from aiogram.types import InlineKeyboardMarkup
from aiogram.utils.formatting import Bold, Text
from aiogram.utils.i18n import gettext as _
from aiogram.utils.keyboard import InlineKeyboardBuilder

from bot.callbacks import OpenTap
from bot.views.alerts_buttons import Deed, Do
from bot.views.phrases import lines


def start() -> Text:
    """The greeting."""
    return lines(
        Bold("🌕 ", _("To the Moon")),
        "",
        _("I watch tokens that leave pump.fun's bonding curve, score how lively their trading is, and tell you."),
        "",
        Text("/subscribe — ", _("alerts in this chat")),
        Text("/token — ", _("one token in full, with a chart")),
        "",
        _("A score tells of activity, not of profit. Nothing here is advice."),
    )


def start_keyboard() -> InlineKeyboardMarkup:
    """What most people want next."""
    keyboard = InlineKeyboardBuilder()
    keyboard.button(text="🏆 " + _("Top"), callback_data=OpenTap(command="top"))
    keyboard.button(text="🔔 " + _("Alert settings"), callback_data=Do(deed=Deed.PANEL))
    keyboard.button(text="❔ " + _("Help"), callback_data=OpenTap(command="help"))
    keyboard.adjust(2, 1)
    return keyboard.as_markup()
