"""What an admin is asked to confirm, and what became of it."""

from __future__ import annotations

from aiogram.types import InlineKeyboardMarkup
from aiogram.utils.formatting import Bold, Code, Italic, Text
from aiogram.utils.i18n import gettext as _
from aiogram.utils.keyboard import InlineKeyboardBuilder

from bot.callbacks import ProposalTap
from bot.views import words
from bot.views.phrases import age, fill, lines
from bot.views.settings import setting_saved, shown_value
from engine.model import Reason
from engine.proposals import CONFIRMED_WITHIN_SECONDS, Done, Refusal, Wanted
from engine.settings import SPECS, Value

_REASON_LENGTH = 300


def proposed_setting(name: str, old: Value, new: Value, why: Reason | None = None) -> Text:
    """A change of a setting, before it is made; `why` is what may have led to it."""
    change = Text(Code(name), f": {shown_value(old)} → ", Bold(shown_value(new)))
    anew = _("Scores start anew; tokens that are hot now will not ring again.") if SPECS[name].versioned else None
    held = words.reason(why, _REASON_LENGTH) or None
    return lines(Text("❓ ", _("Shall I change this?")), change, Italic(_(SPECS[name].help)), anew, held, _deadline())


def nothing_to_change(name: str, value: Value) -> Text:
    """The setting has that value already."""
    return fill(_("{name} is {value} already. Nothing was changed."), name=Code(name), value=Bold(shown_value(value)))


def proposed_broadcast(chats: int, *, paused: bool = False) -> Text:
    """The question below the preview of a broadcast."""
    ask = _("Send this to {count} chat?", "Send this to {count} chats?", chats).format(count=chats)
    return lines(Text("❓ ", ask), _paused() if paused else None, _deadline())


def proposal_keyboard(number: int) -> InlineKeyboardMarkup:
    """Yes and no."""
    keyboard = InlineKeyboardBuilder()
    keyboard.button(text="✅ " + _("Confirm"), callback_data=ProposalTap(number=number, yes=True))
    keyboard.button(text="✖️ " + _("Cancel"), callback_data=ProposalTap(number=number, yes=False))
    return keyboard.as_markup()


def carried_out(done: Done, *, paused: bool = False) -> Text:
    """What was done, after its commit."""
    if done.wanted is Wanted.SET:
        return setting_saved(done.content["name"], done.content["old"], done.content["new"])
    told = _("On its way to {count} chat.", "On its way to {count} chats.", done.reached)
    return lines(Text("✅ ", told.format(count=done.reached)), _paused() if paused else None)


def withdrawn() -> Text:
    """The admin said no."""
    return Text("✖️ ", _("Cancelled. Nothing was changed."))


def refused(why: Refusal) -> str:
    """Why nothing was done."""
    reasons = {
        Refusal.UNKNOWN: _("This is not yours to confirm."),
        Refusal.DECIDED: _("This was decided already."),
        Refusal.EXPIRED: _("Too late: please ask again. Nothing was changed."),
        Refusal.OUTDATED: _("The setting has been changed meanwhile. Please ask again."),
    }
    return reasons[why]


def _paused() -> str:
    return "⏸ " + _("Alerts are paused: nothing goes out until they go on.")


def _deadline() -> Italic:
    return Italic(_("You have {age} to confirm.").format(age=age(CONFIRMED_WITHIN_SECONDS)))
