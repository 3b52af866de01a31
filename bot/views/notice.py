"""What notices and broadcasts say: one text under its headline."""

from __future__ import annotations

from collections.abc import Iterator

from aiogram.utils.formatting import Bold, Text
from aiogram.utils.i18n import gettext as _

from bot.views import words
from bot.views.alert import headline
from bot.views.phrases import TEXT_LIMIT, fitting, lines
from engine.shown import AlertFacts

BROADCAST_LIMIT = 4000  # UTF-16 units of an admin's words: the rest is for the headline, in any language
_LIMITS = (TEXT_LIMIT, 2000)  # characters; some count twice
_REASON_LIMIT = 600


def notice(facts: AlertFacts) -> Text:
    """The message, at most 4096 UTF-16 units. The text is an admin's own: its lines stay, and its links work.

    A broadcast within `BROADCAST_LIMIT` is told whole.
    """
    return fitting(_forms(facts), TEXT_LIMIT)


def _forms(facts: AlertFacts) -> Iterator[Text]:
    said = words.reason(facts.reason, _REASON_LIMIT) or (facts.text or "").strip() or _("no details")
    for limit in _LIMITS:
        yield lines(Bold(headline(facts.kind)), said if len(said) <= limit else said[: limit - 1] + "…")
