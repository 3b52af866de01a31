"""/settings and /set: the table of settings, and what became of a change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from aiogram.utils.formatting import Bold, Code, Italic, Text
from aiogram.utils.i18n import gettext as _

from bot.views.names import clean, isolated
from bot.views.phrases import ENTITY_LIMIT, TEXT_LIMIT, age, fill, lines
from bot.views.words import unit
from engine.errors import InvalidSetting
from engine.settings import SPECS, Settings, Spec, Value, format_value, half_life_seconds

_ENTITIES_AT_MOST = ENTITY_LIMIT - 10
_SAID_BY_USER = frozenset({"name", "text"})


def settings_list(settings: Settings) -> list[Text]:
    """All settings, two lines each, as few messages as Telegram's limit allows."""
    heading = lines(Bold(_("Settings")), Italic(_("version {version}").format(version=settings.version)), "")
    example = fill(_("To change one: {example}"), example=Code("/set weight tx_accel 0.4"))
    return _packed([heading, *(_row(spec, settings) for spec in SPECS.values()), lines("", example)])


def setting_saved(name: str, old: Value, new: Value) -> Text:
    """The answer to a /set that was committed."""
    change = Text(Code(name), f": {format_value(old)} → ", Bold(format_value(new)))
    return lines(Text("✅ ", _("Saved")), change, _("The next look obeys it."))


def setting_refused(error: InvalidSetting) -> Text:
    """The answer to a /set that changed nothing: the error's sentence in the reader's language."""
    values = {key: _marked(value) if key in _SAID_BY_USER else value for key, value in error.values.items()}
    return Text("✋ ", fill(_(error.template), **values))


def _marked(value: str) -> Text:
    return isolated(clean(value, 60) or "?")


def _row(spec: Spec, settings: Settings) -> Text:
    value = getattr(settings, spec.name)
    default = _("default") if value == spec.default else _("default {value}").format(value=format_value(spec.default))
    head = Text(Code(spec.name), " = ", Bold(format_value(value)), f" ({default})")
    bounds = " ".join(filter(None, (spec.bounds, unit(spec.unit))))
    return lines(head, f"    {_(spec.help)} · " + " · ".join((bounds, *_half_life(spec, settings))))


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
