"""Who could harm a token's holders, in one line. What is unknown stays unknown, never safe."""

from __future__ import annotations

from datetime import datetime, timedelta

from aiogram.utils.formatting import Text
from aiogram.utils.i18n import gettext as _

from bot.views import numbers
from bot.views.phrases import ago
from engine.model import Safety

_WARNING = "⚠️ "
_FRESH = timedelta(hours=1)  # what is younger needs no age beside an alert


def safety(facts: Safety | None, now: datetime) -> Text:
    """The facts as they were told, with their age."""
    if facts is None:
        return Text("🛡 ", _("Safety: unknown, nobody has told yet"))
    told = [*_told(facts).values(), _("metadata: {state}").format(state=_metadata(facts.mutable_metadata))]
    return Text("🛡 ", _aged(facts, told, now))


def safety_briefly(facts: Safety, now: datetime) -> Text | None:
    """What an alert tells of it: the facts that are known, what alarms first, and their age only when they are old.

    None when nothing is known.
    """
    known = [words for name, words in _told(facts).items() if getattr(facts, name) is not None]
    if not known:
        return None
    known.sort(key=lambda words: _WARNING not in words)
    return Text("🛡 ", " · ".join(known) if now - facts.as_of < _FRESH else _aged(facts, known, now))


def _aged(facts: Safety, told: list[str], now: datetime) -> str:
    return _("Safety, {ago}: {facts}").format(ago=ago(facts.as_of, now), facts=" · ".join(told))


def _told(facts: Safety) -> dict[str, str]:
    """Who holds how much and may do what, in words, by the name of the fact."""
    return {
        "top10_share": _("top 10 holders: {share}").format(share=_share(facts.top10_share)),
        "creator_share": _("creator: {share}").format(share=_share(facts.creator_share)),
        "mint_authority": _("mint authority: {held}").format(held=_held(facts.mint_authority)),
        "freeze_authority": _("freeze authority: {held}").format(held=_held(facts.freeze_authority)),
    }


def _share(share: float | None) -> str:
    return _("unknown") if share is None else numbers.percent(share)


def _held(authority: bool | None) -> str:
    if authority is None:
        return _("unknown")
    return _WARNING + _("held") if authority else _("none")


def _metadata(mutable: bool | None) -> str:
    if mutable is None:
        return _("unknown")
    return _WARNING + _("changeable") if mutable else _("fixed")
