"""What an alert says: the caption of its chart. The facts are those of the decision, put into words only now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from aiogram.utils.formatting import Bold, Code, Italic, Text
from aiogram.utils.i18n import gettext as _

from bot.views import figures, names, numbers, words
from bot.views.phrases import CAPTION_LIMIT, age_since, fill, fitting, joined, lines
from engine.model import AlertKind
from engine.shown import AlertFacts

_LATE = timedelta(seconds=60)
_ALARM_LIMITS = (600, 300)
_TOLD_DIFFERENCE = 0.005  # what two decimals show


def alert(facts: AlertFacts, now: datetime) -> Text:
    """The caption, at most 1024 UTF-16 units whatever the token is called."""
    return fitting(_forms(facts, now), CAPTION_LIMIT)


def _forms(facts: AlertFacts, now: datetime) -> Iterator[Text]:
    """The caption from rich to bare: an alarm's text, else the reason and then the name, get shorter."""
    if facts.kind is AlertKind.ALARM:
        yield from (_alarm(facts, now, limit) for limit in _ALARM_LIMITS)
        return
    for reason_limit, name_limit in ((140, 24), (70, 24), (0, 10)):
        yield _caption(facts, now, reason_limit, name_limit)


def _caption(facts: AlertFacts, now: datetime, reason_limit: int, name_limit: int) -> Text:
    title = names.title(facts.symbol, facts.name, name_limit)
    return lines(
        Text(Bold(_headline(facts.kind)), " ", title),
        words.reason(facts.reason, reason_limit) or None,
        "",
        *_market(facts),
        *_closing(facts, now),
    )


def _headline(kind: AlertKind) -> str:
    headlines = {
        AlertKind.ACTIVATED: ("🚀", _("Active:")),
        AlertKind.HIGH_SCORE: ("🔥", _("High score:")),
        AlertKind.REVIVED: ("♻️", _("Active again:")),
        AlertKind.ARCHIVED: ("🗄", _("Archived:")),
        AlertKind.ALARM: ("⚠️", _("Alarm:")),
    }
    return " ".join(headlines[kind])


def _market(facts: AlertFacts) -> Iterable[Text]:
    return [
        _score(facts),
        *_valuation(facts),
        figures.liquidity(facts.liquidity),
        figures.trades(facts.tx_count_5m, facts.tx_count_1h),
        figures.volume(facts.volume_5m, None, None),
    ]


def _score(facts: AlertFacts) -> Text:
    """The score, what it counts as at this age, and its coverage where that is not full."""
    parts: list[Text] = [figures.score(facts.score)]
    if facts.score is not None and facts.level is not None and facts.level - facts.score >= _TOLD_DIFFERENCE:
        parts.append(fill(_("counts as {level} at this age"), level=numbers.decimal(facts.level)))
    if facts.score is not None and facts.coverage is not None and facts.coverage < 1:
        parts.append(fill(_("coverage {coverage}"), coverage=numbers.share(facts.coverage, 1)))
    return joined(parts)


def _valuation(facts: AlertFacts) -> Iterable[Text]:
    if facts.price is None and facts.market_cap is None:
        return [Italic(_("price not shown: unknown, or liquidity too low"))]
    price = fill(_("Price {price}"), price=Bold(numbers.price(facts.price)))
    return [figures.market_cap(facts.market_cap, facts.price, facts.first_price), price]


def _closing(facts: AlertFacts, now: datetime) -> Iterable[Text | None]:
    migrated = None
    if facts.migrated_at is not None:
        migrated = fill(_("Migrated {age} ago"), age=age_since(facts.migrated_at, now))
    return [migrated, _late(facts, now), Code(facts.mint) if facts.mint else None]


def _late(facts: AlertFacts, now: datetime) -> Text | None:
    if now - facts.decided_at <= _LATE:
        return None
    return Text("🕐 ", Italic(fill(_("Late: this was {age} ago."), age=age_since(facts.decided_at, now))))


def _alarm(facts: AlertFacts, now: datetime, limit: int) -> Text:
    """An alarm's own text, else its reason."""
    said = names.clean(facts.text, limit) or words.reason(facts.reason)
    mint = Code(facts.mint) if facts.mint else None
    return lines(Bold(_headline(facts.kind)), said or _("no details"), _late(facts, now), mint)
