"""/unsubscribe: the question before something is lost, and its buttons."""

from __future__ import annotations

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardMarkup
from aiogram.utils.i18n import gettext as _
from aiogram.utils.keyboard import InlineKeyboardBuilder

from bot.callbacks import TelegramId


class Leave(CallbackData, prefix="un"):
    """The answer to the question; `asker_id` 0 stands for an anonymous administrator."""

    asker_id: TelegramId
    sure: bool


def question(watch_count: int) -> str:
    """What /unsubscribe would delete."""
    settings = _("Unsubscribing deletes this chat's settings.")
    watched = _("Its watchlist of {count} token goes, too.", "Its watchlist of {count} tokens goes, too.", watch_count)
    sentences = [settings, watched.format(count=watch_count) if watch_count else "", _("Go on?")]
    return "❔ " + " ".join(filter(None, sentences))


def question_keyboard(asker_id: int) -> InlineKeyboardMarkup:
    """Yes or no, from whoever asked."""
    keyboard = InlineKeyboardBuilder()
    keyboard.button(text=_("Yes, delete them"), callback_data=Leave(asker_id=asker_id, sure=True))
    keyboard.button(text=_("No, keep them"), callback_data=Leave(asker_id=asker_id, sure=False))
    return keyboard.as_markup()


def kept() -> str:
    """The answer to a no."""
    return _("Nothing was changed.")


def asked_by_somebody_else() -> str:
    """The toast for everybody but the asker."""
    return _("Somebody else was asked this. Send /unsubscribe yourself.")
