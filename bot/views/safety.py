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
    told = [
        *_shares(facts),
        *_authorities(facts),
        _("metadata: {state}").format(state=_metadata(facts.mutable_metadata)),
    ]
    return Text("🛡 ", _aged(facts, " · ".join(told), now))


def safety_briefly(facts: Safety, now: datetime) -> Text | None:
    """What an alert tells of it, what alarms first, with its age only when it is old; None when nothing is known."""
    if all(fact is None for fact in (facts.top10_share, facts.creator_share, *_powers(facts))):
        return None
    told = " · ".join(sorted([*_shares(facts), *_authorities(facts)], key=lambda fact: _WARNING not in fact))
    return Text("🛡 ", told if now - facts.as_of < _FRESH else _aged(facts, told, now))


def _aged(facts: Safety, told: str, now: datetime) -> str:
    return _("Safety, {ago}: {facts}").format(ago=ago(facts.as_of, now), facts=told)


def _shares(facts: Safety) -> list[str]:
    return [
        _("top 10 holders: {share}").format(share=_share(facts.top10_share)),
        _("creator: {share}").format(share=_share(facts.creator_share)),
    ]


def _authorities(facts: Safety) -> list[str]:
    mint, freeze = _powers(facts)
    return [
        _("mint authority: {held}").format(held=_held(mint)),
        _("freeze authority: {held}").format(held=_held(freeze)),
    ]


def _powers(facts: Safety) -> tuple[bool | None, bool | None]:
    return facts.mint_authority, facts.freeze_authority


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
