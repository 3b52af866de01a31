"""/token: a token at a glance, as the caption of its chart. The pages behind it stand in `score` and `pools`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from aiogram.utils.formatting import Bold, Code, Italic, Text
from aiogram.utils.i18n import gettext as _

from bot.views import changes, figures, numbers, words
from bot.views.components import component, counted_holders
from bot.views.heading import heading
from bot.views.phrases import CAPTION_LIMIT, age_since, ago, fill, fitting, is_now, joined, lines
from bot.views.safety import safety
from bot.views.score import smoothing, standing_score
from engine.card import Card
from engine.model import Sample, Score, Status
from engine.settings import Settings
from engine.shown import Portrait, Standing


@dataclass(frozen=True, slots=True)
class _Form:
    """How rich a caption is: with the components' inputs, the score's changes, and how long reason and name may be."""

    inputs: bool
    moves: bool
    reason: int
    name: int


_FORMS = (
    _Form(inputs=True, moves=True, reason=140, name=24),
    _Form(inputs=True, moves=True, reason=70, name=24),
    _Form(inputs=False, moves=True, reason=140, name=24),
    _Form(inputs=False, moves=True, reason=70, name=24),
    _Form(inputs=False, moves=True, reason=0, name=24),
    _Form(inputs=False, moves=False, reason=0, name=10),
)


def overview(card: Card, now: datetime, settings: Settings) -> Text:
    """The caption, at most 1024 UTF-16 units whatever the token is called."""
    return fitting(_forms(card, now, settings), CAPTION_LIMIT)


def _forms(card: Card, now: datetime, settings: Settings) -> Iterator[Text]:
    """The caption from rich to bare: first the components' inputs go, then the reason, then the name gets shorter."""
    return (_caption(card, now, settings, form) for form in _FORMS)


def _caption(card: Card, now: datetime, settings: Settings, form: _Form) -> Text:
    portrait = card.portrait
    standing = portrait.standing
    return lines(
        heading(card, form.name),
        _status(standing, now),
        _last_reason(portrait, form.reason),
        "",
        *_market(portrait, now, settings),
        "",
        _score(portrait, form),
        *_why(portrait.score, form),
        "",
        safety(card.safety, now),
        _freshness(standing.sample, now),
        Code(standing.token.mint),
    )


def _status(standing: Standing, now: datetime) -> Text:
    token = standing.token
    since = {Status.INITIAL: token.created_at, Status.ACTIVE: token.revived_at or token.activated_at}
    shown = Bold(words.status(token.status))
    then, migrated = since.get(token.status, token.archived_at), ago(token.created_at, now)
    if is_now(then, now):
        return fill(_("{status} just now · migrated {migrated}"), status=shown, migrated=migrated)
    age = age_since(then, now)
    return fill(_("{status} for {age} · migrated {migrated}"), status=shown, age=age, migrated=migrated)


def _last_reason(portrait: Portrait, limit: int) -> str | None:
    """Why the token is where it is."""
    if not portrait.transitions:
        return None
    return words.reason(portrait.transitions[-1][1].reason, limit) or None


def _market(portrait: Portrait, now: datetime, settings: Settings) -> Iterable[Text | str | None]:
    sample = portrait.standing.sample
    if sample is None:
        return [Italic(_("No market figures yet."))]
    return [
        *_valuation(portrait, sample, settings),
        figures.trades(sample.tx_count_5m, sample.tx_count_1h),
        figures.volume(sample.volume_5m, sample.buys_volume_5m, sample.sells_volume_5m),
        _holders(sample, portrait.score, now),
    ]


def _holders(sample: Sample, score: Score | None, now: datetime) -> Text:
    """A glance knows of no holders: then those of the last check are told, and how old they are."""
    counted = None if score is None else counted_holders(score)
    if sample.holders is not None or score is None or counted is None:
        return fill(_("Holders {holders}"), holders=Bold(numbers.count(sample.holders)))
    return fill(_("Holders {holders} · {ago}"), holders=Bold(numbers.count(counted)), ago=ago(score.ts, now))


def _valuation(portrait: Portrait, sample: Sample, settings: Settings) -> Iterable[Text]:
    liquidity = figures.liquidity(sample.liquidity)
    if not sample.trusted(settings.min_trusted_liquidity):
        return [liquidity, Italic(_untrusted(sample))]
    price = fill(_("Price {price}"), price=Bold(numbers.price(sample.price)))
    moves = changes.price(portrait.changes)
    cap = figures.market_cap(sample.market_cap, sample.price, portrait.standing.token.first_price)
    return [cap, joined([price, *([moves] if moves else [])]), liquidity]


def _untrusted(sample: Sample) -> str:
    if sample.liquidity is None:
        return _("price not shown: liquidity unknown")
    return _("price not shown: liquidity too low")


def _score(portrait: Portrait, form: _Form) -> Text:
    moves = changes.score(portrait.changes) if form.moves else None
    return joined([standing_score(portrait), *([moves] if moves else [])])


def _why(score: Score | None, form: _Form) -> Iterable[Text]:
    if score is None:
        return [Italic(_("No check with a score yet."))]
    return [*(component(part, with_inputs=form.inputs) for part in score.components), *smoothing(score)]


def _freshness(sample: Sample | None, now: datetime) -> Text | None:
    if sample is None:
        return None
    return Text(_("Data: {ago} · {source}").format(ago=ago(sample.ts, now), source=words.source(sample.source)))
