"""/help: the commands, what the score means, and what it does not promise."""

from __future__ import annotations

from collections.abc import Iterable

from aiogram.utils.formatting import Bold, Code, Text
from aiogram.utils.i18n import gettext as _

from bot.views.phrases import lines


def help_(is_admin: bool) -> Text:
    """The help text; admins also read of their commands."""
    sections = [_commands(), _alerts(), _score(), _promise()]
    if is_admin:
        sections.insert(1, _admin_commands())
    return lines(*(part for section in sections for part in (*section, "")), _("Prices and amounts are in US dollars."))


def _commands() -> Iterable[Text | str]:
    return [
        Bold(_("Commands")),
        Text("/top ", Code("10"), " — ", _("the liveliest tokens now, as many as you say")),
        Text("/token ", Code("PEPE"), " — ", _("one token by its symbol or mint, with a chart")),
        Text("/subscribe — ", _("alerts in this chat")),
        Text("/unsubscribe — ", _("no more alerts here")),
        Text("/status — ", _("what is being watched, and whether all is well")),
    ]


def _admin_commands() -> Iterable[Text | str]:
    return [
        Bold(_("For admins")),
        Text("/settings — ", _("all settings with their bounds")),
        Text("/set ", Code("weight tx_accel 0.4"), " — ", _("change one; the next look obeys")),
    ]


def _alerts() -> Iterable[Text | str]:
    return [
        Bold(_("Alerts")),
        Text("🚀 ", _("a token became active: enough liquidity or enough transactions")),
        Text("🔥 ", _("its score is high; once for each such stretch")),
        Text("♻️ ", _("an archived token trades again")),
        Text("🗄 ", _("a token went quiet and is archived")),
    ]


def _score() -> Iterable[Text | str]:
    return [
        Bold(_("The score")),
        _("The weighted sum of four measures, smoothed over time:"),
        Text("• ", _("transaction acceleration: the last 5 minutes against the last hour")),
        Text("• ", _("volume momentum: the same for money")),
        Text("• ", _("holder growth within an hour")),
        Text("• ", _("buyers against sellers, from −1 to 1")),
        _("What is not known adds nothing, and the coverage says how much of the score is known."),
    ]


def _promise() -> Iterable[Text | str]:
    return [
        Bold(_("What it does not promise")),
        _("The score ranks activity, not return: a token can be very lively while it falls."),
        _("Half of the weight is in truth one factor, because transactions and volume rise together."),
        _("Most tokens of this kind lose nearly all their value. This is no advice."),
        _("Anybody can copy a name. Always compare the mint."),
    ]
