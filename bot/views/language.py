"""/language: the question in which language to speak, and its buttons."""

from __future__ import annotations

from collections.abc import Mapping

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardMarkup
from aiogram.utils.i18n import gettext as _
from aiogram.utils.keyboard import InlineKeyboardBuilder

from bot.catalogs import Language

NAMES: Mapping[Language, str] = {"en": "English", "ru": "Русский"}  # each in its own language


class Speak(CallbackData, prefix="ln"):
    """Chooses a language."""

    language: Language


def question() -> str:
    """What the buttons choose."""
    return "🌐 " + _("In which language shall I speak in this chat?")


def chosen() -> str:
    """The answer to a choice, in the language that was chosen."""
    return "🌐 " + _("I speak English in this chat from now on, in alerts, too.")


def language_keyboard(language: Language | None) -> InlineKeyboardMarkup:
    """One button a language; the chosen one is marked."""
    keyboard = InlineKeyboardBuilder()
    for code, name in NAMES.items():
        keyboard.button(text=f"✓ {name}" if code == language else name, callback_data=Speak(language=code))
    return keyboard.as_markup()
