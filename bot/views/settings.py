"""/settings, /set and /history: the table of settings, who changed what, and what became of a change."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from aiogram.utils.formatting import Bold, Code, Italic, Text
from aiogram.utils.i18n import gettext as _

from bot.views.names import clean, isolated
from bot.views.phrases import ENTITY_LIMIT, TEXT_LIMIT, age, ago, fill, lines
from bot.views.words import unit
from engine.errors import InvalidSetting
from engine.settings import SPECS, Settings, Spec, Value, format_value, half_life_seconds
from engine.shown import SettingChange

_ENTITIES_AT_MOST = ENTITY_LIMIT - 10
_SAID_BY_USER = frozenset({"name", "text"})
_LONG_NUMBER = re.compile(r"(?<![\d.])\d{5,}")


def settings_list(settings: Settings, changes: Mapping[str, SettingChange], now: datetime) -> list[Text]:
    """All settings, two or three lines each, as few messages as Telegram's limit allows."""
    heading = lines(Bold(_("Settings")), Italic(_("version {version}").format(version=settings.version)))
    examples = [
        fill(_("To change one: {example}"), example=Code("/set weight tx_accel 0.4")),
        fill(_("Back to its default: {example}"), example=Code("/reset weight_tx_accel")),
    ]
    return _packed([heading, *_rows(settings, changes, now), lines("", *examples)])


def history(changes: Sequence[SettingChange], now: datetime) -> Text:
    """Who changed what, the newest first."""
    if not changes:
        return Text(_("No setting was changed yet."))
    rows = [lines("", _changed(change), _by(change, now)) for change in changes]
    return lines(Bold(_("Latest changes")), *rows)


def setting_saved(name: str, old: Value, new: Value) -> Text:
    """The answer to a change that was committed."""
    change = Text(Code(name), f": {shown_value(old)} → ", Bold(shown_value(new)))
    restarts = SPECS[name].versioned and new != old
    anew = _("Scores start anew; tokens that are hot now will not ring again.") if restarts else None
    return lines(Text("✅ ", _("Saved")), change, _("In effect from the next check."), anew)


def setting_refused(error: InvalidSetting) -> Text:
    """The answer to a /set that changed nothing: the error's sentence in the reader's language."""
    values = {key: _marked(value) if key in _SAID_BY_USER else value for key, value in error.values.items()}
    return Text("✋ ", fill(_(error.template), **values))


def _marked(value: str) -> Text:
    return isolated(clean(value, 60) or "?")


def _rows(settings: Settings, changes: Mapping[str, SettingChange], now: datetime) -> Iterator[Text]:
    """The settings in their order, with a heading before each group; that of the weights with their sum."""
    total = f"Σ|w| = {sum(map(abs, settings.weights.values())):g}"
    headings = {
        "weight_tx_accel": f"{_('Score')} · {total}",
        "min_active_liquidity": _("Statuses"),
        "alert_score_on": _("Alerts"),
        "retention_hours": _("Keeping"),
        "alerts_paused": _("Running"),
    }
    for spec in SPECS.values():
        row = _row(spec, settings, changes.get(spec.name), now)
        yield lines("", Bold(headings[spec.name]), row) if spec.name in headings else row


def _row(spec: Spec, settings: Settings, change: SettingChange | None, now: datetime) -> Text:
    value = getattr(settings, spec.name)
    default = _("default") if value == spec.default else _("default {value}").format(value=shown_value(spec.default))
    head = Text(Code(spec.name), " = ", Bold(shown_value(value)), f" ({default})")
    bounds = " ".join(filter(None, (_grouped(spec.bounds).replace("-", "−"), unit(spec.unit))))
    meaning = f"    {_(spec.help)} · " + " · ".join((bounds, *_half_life(spec, settings)))
    return lines(head, meaning, Text("    ", _by(change, now)) if change else None)


def _changed(change: SettingChange) -> Text:
    return Text(Code(change.name), f": {shown_value(change.old)} → ", Bold(shown_value(change.new)))


def _by(change: SettingChange, now: datetime) -> Text:
    """Who and when."""
    who, when = Code(str(change.changed_by)), ago(change.changed_at, now)
    return Italic(fill(_("changed by {who}, {ago}"), who=who, ago=when))


def shown_value(value: Value) -> str:
    """The value as admins read it; /set takes it back, spaces and all."""
    return _grouped(format_value(value))


def _grouped(text: str) -> str:
    """Long whole numbers with thin spaces between their thousands."""
    return _LONG_NUMBER.sub(lambda digits: f"{int(digits[0]):,}".replace(",", "\u2009"), text)


def _half_life(spec: Spec, settings: Settings) -> Iterable[str]:
    if spec.name != "ewma_alpha":
        return []
    return [_("half-life {age}").format(age=age(half_life_seconds(settings)))]


def _packed(rows: Sequence[Text]) -> list[Text]:
    """The rows in as few messages as the limits of text and entities allow."""
    messages: list[list[Text]] = [[]]
    for row in rows:
        if messages[-1] and not _fits(lines(*messages[-1], row)):
            messages.append([])
        messages[-1].append(row)
    return [lines(*message) for message in messages]


def _fits(message: Text) -> bool:
    return len(message) <= TEXT_LIMIT and len(message.render()[1]) <= _ENTITIES_AT_MOST
