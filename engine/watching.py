"""What a look tells those who watch its token, and what it leaves of their watches. Pure; storage knows who hears it.

A watch follows one source: DexScreener's as long as glances come, as outcomes do, else Birdeye's. Where that changes,
the bases stay: one that moved to the new source's figure in silence would lose the move so far, and with it the ring
that was promised. Two sources differ by a few percent, so a price that is compared with another source's must be
`SOURCE_NOISE_PERCENT` away at least; liquidities are watched for falls that are larger than that anyway.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from engine.alerting import level_of
from engine.chats import Condition, News, Watch, Watched
from engine.model import Sample, Score, Source, Token, Verdict
from engine.scoring import observed_minutes, young_factor
from engine.settings import Settings

WATCHED_PRICE_PERCENT = 25.0
WATCHED_LIQUIDITY_PERCENT = 50.0
REARMED = 0.9  # a score rings again once it fell below this share of what is watched
SOURCE_NOISE_PERCENT = 15.0  # no two sources' prices of one moment differ by as much
BACK = 2.0  # a pool that was gone is back at so many times the trusted liquidity
GLANCES_COME = timedelta(minutes=15)  # an Archived token is glanced at every 5 minutes
ROUNDING = 1e-9

Rung = tuple[Watch, tuple[News, ...]]


def begin(chat_id: int, token: Token, look: Sample | None, score: float, now: datetime, settings: Settings) -> Watch:
    """The usual watch of a token; `score` is the level that rings, `look` the latest whose figures count."""
    watch = Watch(
        chat_id,
        token.id,
        now,
        score=score,
        score_reached=reaches(token, score, now, settings),
        price_percent=WATCHED_PRICE_PERCENT,
        liquidity_percent=WATCHED_LIQUIDITY_PERCENT,
    )
    return watch if look is None else _compared(watch, look, now, settings)[0]


def reaches(token: Token, level: float, now: datetime, settings: Settings) -> bool:
    """Whether the token's score stands at this level (score / y) already, so that reaching it is no news."""
    y = young_factor(observed_minutes(token, now)[0], settings)
    return token.score is not None and token.score >= level * y


def watched_by(
    watches: Iterable[Watch], verdict: Verdict, now: datetime, settings: Settings
) -> tuple[tuple[Watch, ...], tuple[Watched, ...]]:
    """The token's watches after a look, and those of them that it has changed, with their news."""
    seen = [(before, *watch_news(before, verdict, now, settings)) for before in watches]
    changed = tuple(Watched(after, news) for before, after, news in seen if news or after != before)
    return tuple(after for _, after, _ in seen), changed


def watch_news(watch: Watch, verdict: Verdict, now: datetime, settings: Settings) -> Rung:
    """The watch after a look, and what it rings for. What the look does not tell changes nothing."""
    watch, reached = _score(watch, verdict, settings)
    look = _look(verdict, now)
    if look is None:
        return watch, reached
    watch, moved = _compared(watch, look, now, settings)
    return watch, reached + moved


def _look(verdict: Verdict, now: datetime) -> Sample | None:
    """The look whose figures count: that of the token's one series."""
    glimpse = verdict.after.glimpse
    glanced = glimpse is not None and now - glimpse.at <= GLANCES_COME
    source = Source.DEXSCREENER if glanced else Source.BIRDEYE
    looks = (verdict.glance, verdict.sample)
    return next((look for look in looks if look is not None and look.source is source), None)


def _score(watch: Watch, verdict: Verdict, settings: Settings) -> Rung:
    """Whether a check that moves the score has reached the watched level from below."""
    score = verdict.score
    if watch.score is None or score is None or not score.moved or score.value is None:
        return watch, ()
    level = level_of(score, settings)
    if level < watch.score:
        armed = watch.score_reached and level < REARMED * watch.score
        return (replace(watch, score_reached=False) if armed else watch), ()
    if watch.score_reached:
        return watch, ()
    silent = _is_first(watch, verdict.before) or _is_rebased(verdict.before, score)
    news = () if silent else (News(Condition.SCORE, level, watch.score),)
    return replace(watch, score_reached=True), news


def _is_first(watch: Watch, before: Token) -> bool:
    """Whether this is the token's first look since it is watched."""
    return before.last_look_at is None or before.last_look_at <= watch.created_at


def _is_rebased(before: Token, score: Score) -> bool:
    """Whether settings or source made the score what it is: a `/set` must not ring for all that is watched."""
    if before.settings_version is None:
        return False
    return before.settings_version != score.settings_version or before.score_source not in (None, score.source)


def _compared(watch: Watch, look: Sample, now: datetime, settings: Settings) -> Rung:
    """Price and liquidity against their bases."""
    watch, moved = _price(watch, look, now, settings)
    watch, fallen = _liquidity(watch, look, now, settings)
    return watch, moved + fallen


def _price(watch: Watch, look: Sample, now: datetime, settings: Settings) -> Rung:
    """A trusted price that came far enough from the base rings, and is the base from then on."""
    price = _trusted_price(look, settings)
    if price is None:
        return watch, ()
    watch = replace(watch, first_price=watch.first_price or price)
    if watch.price_percent is None:
        return replace(watch, base_price=None, base_price_at=None), ()
    based = replace(watch, base_source=look.source, base_price=price, base_price_at=now)
    if watch.base_price is None:
        return based, ()
    least = watch.price_percent if watch.base_source is look.source else max(watch.price_percent, SOURCE_NOISE_PERCENT)
    if abs(price / watch.base_price - 1) * 100 < least - ROUNDING:
        return watch, ()
    return based, (News(Condition.PRICE, price, watch.price_percent, watch.base_price, watch.base_price_at),)


def _trusted_price(look: Sample, settings: Settings) -> float | None:
    return look.price if look.price and look.price > 0 and look.trusted(settings.min_trusted_liquidity) else None


def _liquidity(watch: Watch, look: Sample, now: datetime, settings: Settings) -> Rung:
    """Liquidity that fell far enough below its highest rings, and is the base from then on."""
    liquidity, percent, base = look.liquidity, watch.liquidity_percent, watch.base_liquidity
    if liquidity is None:
        return watch, ()
    if percent is None:
        return replace(watch, base_liquidity=None, base_liquidity_at=None), ()
    based = replace(watch, base_liquidity=liquidity, base_liquidity_at=now)
    condition = _fallen(base, liquidity, percent, settings.min_trusted_liquidity)
    if condition is not None:
        return based, (News(condition, liquidity, percent, base, watch.base_liquidity_at),)
    return (based if _is_higher(base, liquidity, settings.min_trusted_liquidity) else watch), ()


def _fallen(base: float | None, liquidity: float, percent: float, trusted: float) -> Condition | None:
    """How liquidity fell; one that was gone already cannot fall."""
    if base is None or base <= 0 or base < trusted or liquidity >= base:
        return None
    if liquidity < trusted:
        return Condition.GONE
    return Condition.LIQUIDITY if (1 - liquidity / base) * 100 >= percent - ROUNDING else None


def _is_higher(base: float | None, liquidity: float, trusted: float) -> bool:
    """Whether the base follows; where it was gone only once it is back for good, or it would ring for each flicker."""
    return base is None or (liquidity > base and (base >= trusted or liquidity >= BACK * trusted))
