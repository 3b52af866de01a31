"""The four components of a score: weight × value = contribution, with what went into each. Values in, lines out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from aiogram.utils.formatting import Bold, Italic, Text
from aiogram.utils.i18n import gettext as _

from bot.views import numbers, words
from bot.views.phrases import age
from engine.model import Component, Score


def component(part: Component, *, with_inputs: bool = False) -> Text:
    """One line: weight × value = contribution, and in short what it was made of."""
    label = words.component(part.name)
    if part.value is None:
        return Text(f"{label}: ", Italic(_("no data")))
    product = f"{numbers.decimal(part.weight)} × {numbers.decimal(part.value)}"
    note = _(" (short history)") if part.partial else ""
    made_of = f" · {inputs(part)}" if with_inputs else ""
    return Text(f"{label} {product} = ", Bold(numbers.decimal(part.contribution, plus=True)), note, made_of)


def in_full(score: Score, now: datetime) -> Iterator[Text]:
    """Each component with its inputs, their age now and who told them."""
    seconds = (now - score.ts).total_seconds()
    for part in score.components:
        yield component(part)
        told = {"age": age(part.age_seconds + seconds), "source": words.source(score.source)}
        yield Text("   ", inputs(part), " · ", _("{age} old · {source}").format(**told))


def counted_holders(score: Score) -> int | None:
    """How many held the token at this check; None where it was not told."""
    counts = (part.inputs.get("holders") for part in score.components if part.name == "holder_growth")
    return next((int(count) for count in counts if count is not None), None)


def inputs(part: Component) -> str:
    """What a component was made of, "–" for what is missing."""
    told = part.inputs
    match part.name:
        case "tx_accel":
            return _windows(_count(told.get("tx_count_5m")), _count(told.get("tx_count_1h")))
        case "vol_momentum":
            return _windows(numbers.usd(told.get("volume_5m")), numbers.usd(told.get("volume_1h")))
        case "holder_growth":
            return _growth(part)
        case _:
            bought, sold = (numbers.usd(told.get(name)) for name in ("buys_volume_5m", "sells_volume_5m"))
            return _("{bought} bought, {sold} sold").format(bought=bought, sold=sold)


def _windows(in_5m: str, in_1h: str) -> str:
    return _("{in_5m} in 5 min, {in_1h} in 1 h").format(in_5m=in_5m, in_1h=in_1h)


def _growth(part: Component) -> str:
    told, minutes = part.inputs, part.inputs.get("minutes")
    now, then = _count(told.get("holders")), _count(told.get("holders_then"))
    if minutes is None:
        return _("{now} now, earlier unknown").format(now=now)
    return _("{now} now, {then} {age} before").format(now=now, then=then, age=age(minutes * 60))


def _count(told: float | None) -> str:
    """A count as JSON keeps it."""
    return numbers.count(None if told is None else int(told))
