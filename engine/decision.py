"""One look at one token, decided: score, status, episode and alerts put together. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from engine.alerting import decide_alerts
from engine.model import Glimpse, HolderPoint, PoolFigures, Sample, Score, Source, Status, Token, Verdict
from engine.scoring import pre_score, score_check
from engine.settings import Settings
from engine.status import advance

CACHED = timedelta(seconds=60)  # DexScreener repeats an answer for up to so long


def decide(
    token: Token,
    sample: Sample | None,
    points: Iterable[HolderPoint],
    now: datetime,
    settings: Settings,
    *,
    check: bool = True,
    previous: Sample | None = None,
    pools: tuple[PoolFigures, ...] = (),
) -> Verdict:
    """All that one look changes. `sample` is None when the provider had no data; `points` are earlier holder counts.

    A `check` is scored, any other look is a glance. `previous` is the token's last look from the same source, `pools`
    belong to the sample. A look no newer than the last one counts as none. An Initial token is scored from the look
    that activates it on.
    """
    look = None if sample is None or _is_old(token, sample) or _is_frozen(sample, previous) else sample
    known = _acquaint(token, look, now, settings)
    scored = look if check else None
    score = _score(known, scored, points, now, settings) if known.status is Status.ACTIVE else None
    after, transition = advance(known, look, score, now, settings)
    if score is None and after.status is Status.ACTIVE:
        score = _score(after, scored, points, now, settings)
    episode, alerts = decide_alerts(after, look, score, transition, now, settings)
    after = _checked(after, score, now) if check else after
    if score is not None and score.moved:
        after = replace(after, score=score.value, score_at=now, score_source=score.source, episode=episode)
        after = replace(after, settings_version=settings.version)
    return Verdict(token, after, look, score, transition, alerts, pools if look else ())


def join(glance: Verdict, check: Verdict) -> Verdict:
    """A glance that opened the gate and the check that it asked for as one verdict: its alert carries the score.

    `check` was decided on the token as the glance left it. A check that would move the token once more counts as not
    made: at most one transition per look.
    """
    if check.transition is not None:
        return glance
    both = replace(
        check,
        before=glance.before,
        transition=glance.transition,
        alerts=glance.alerts + check.alerts,
        pools=glance.pools,
    )
    return replace(both, glance=glance.sample) if check.sample else replace(both, sample=glance.sample)


def opens_gate(token: Token, sample: Sample, now: datetime, settings: Settings) -> bool:
    """Whether this glance makes a token Active that was not."""
    return token.status is not Status.ACTIVE and advance(token, sample, None, now, settings)[0].status is Status.ACTIVE


def _is_old(token: Token, sample: Sample) -> bool:
    """Whether a lagging replica of the provider answered with an older state than the last look saw."""
    if token.last_trade_at is None or sample.last_trade_at is None:
        return False
    return sample.last_trade_at < token.last_trade_at


def _is_frozen(sample: Sample, previous: Sample | None) -> bool:
    """Whether a glance is the provider's cached answer once more. An idle token still has a look a minute."""
    if previous is None or sample.source is not Source.DEXSCREENER or previous.source is not sample.source:
        return False
    return abs(sample.ts - previous.ts) < CACHED and sample.figures == previous.figures


def _acquaint(token: Token, look: Sample | None, now: datetime, settings: Settings) -> Token:
    """The token with what the look tells about it for good, and with what a glance says about its next check."""
    if look is None:
        return token
    if look.source is Source.DEXSCREENER:
        token = _glimpsed(token, look, now, settings)
    trusted = look.price if look.trusted(settings.min_trusted_liquidity) else None
    begins = [ts for ts in (token.first_trade_at, look.first_trade_at) if ts is not None]
    return replace(
        token,
        symbol=token.symbol or look.symbol,
        name=token.name or look.name,
        first_trade_at=min(begins, default=None),
        first_price=token.first_price if token.first_price is not None else trusted,
        last_look_at=now,
        last_trade_at=min(look.last_trade_at, now) if look.last_trade_at else token.last_trade_at,
    )


def _glimpsed(token: Token, glance: Sample, now: datetime, settings: Settings) -> Token:
    """The token with what a glance says about its next check; the first one tells what the checks before saw more."""
    seen = Glimpse(now, pre_score(token, glance, now, settings), glance.tx_count_5m, glance.liquidity)
    first = token.glimpse is None and token.unseen is not None
    return replace(token, glimpse=seen, unseen=(token.unseen or 0.0) - _seen(seen) if first else token.unseen)


def _seen(glimpse: Glimpse | None) -> float:
    return glimpse.pre_score or 0.0 if glimpse else 0.0


def _score(
    token: Token, look: Sample | None, points: Iterable[HolderPoint], now: datetime, settings: Settings
) -> Score | None:
    return None if look is None else score_check(token, look, points, now, settings)


def _checked(token: Token, score: Score | None, now: datetime) -> Token:
    """The token with what its check leaves for the choice of the next one: how much more it saw than the glances."""
    if score is None:
        return replace(token, checked_at=now)
    return replace(token, checked_at=now, unseen=score.raw - _seen(token.glimpse))
