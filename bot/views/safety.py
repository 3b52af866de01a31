"""Who could harm a token's holders, in one line. What is unknown stays unknown, never safe."""

from __future__ import annotations

from datetime import datetime

from aiogram.utils.formatting import Text
from aiogram.utils.i18n import gettext as _

from bot.views import numbers
from bot.views.phrases import ago
from engine.model import Safety

_WARNING = "⚠️ "


def safety(facts: Safety | None, now: datetime) -> Text:
    """The facts as they were told, with their age."""
    if facts is None:
        return Text("🛡 ", _("Safety: unknown, nobody has told yet"))
    told = [
        _("top 10 holders: {share}").format(share=_share(facts.top10_share)),
        _("creator: {share}").format(share=_share(facts.creator_share)),
        _("mint authority: {held}").format(held=_held(facts.mint_authority)),
        _("freeze authority: {held}").format(held=_held(facts.freeze_authority)),
        _("metadata: {state}").format(state=_metadata(facts.mutable_metadata)),
    ]
    return Text("🛡 ", _("Safety, {ago}: {facts}").format(ago=ago(facts.as_of, now), facts=" · ".join(told)))


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
