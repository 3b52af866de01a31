"""The naive schedule: a check of every token each 30 s, whatever that costs. What it finds is what can be found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from engine.decision import decide
from engine.model import Status
from engine.status import advance
from tests.bench.market import SETTINGS, Story, gate_opened_at, glance, overview

INTERVAL = timedelta(seconds=30)
ARCHIVED_INTERVAL = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Found:
    """Checks made while Initial and Active, those of the latter that a gate by glances saves, and what rang."""

    initial_checks: int
    active_checks: int
    saved_checks: int
    opened_at: datetime | None
    activated_at: datetime | None
    heard: tuple[datetime, ...]


def follow(story: Story, lag_seconds: float, until: datetime) -> Found:
    """A whole life under the schedule for Initial and Active tokens.

    The schedule for Active tokens alone makes the same checks but the first ones: glances open its gate.
    """
    random = Random(story.token.mint + "naive")
    opened_at = gate_opened_at(story)
    now = story.migrated_at + INTERVAL * random.random()
    initial, active = 0, 0
    activated_at: datetime | None = None
    while now < until and not (story.token.status is Status.ARCHIVED and story.over(now)):
        if story.token.status is Status.ARCHIVED:
            _revive(story, now, random)
            now += ARCHIVED_INTERVAL
            continue
        story.take(decide(story.token, overview(story, now), story.points, now, SETTINGS))
        initial, active = initial + (activated_at is None), active + (activated_at is not None)
        activated_at = activated_at or story.token.activated_at
        now += INTERVAL
        if activated_at is None and _hopeless(story, now):
            passed = int((min(until, story.migrated_at + timedelta(days=1)) - now) / INTERVAL)
            initial, now = initial + max(0, passed), until
    saved = _saved(opened_at, activated_at, lag_seconds, active, story.migrated_at)
    return Found(initial, active, saved, opened_at, activated_at, tuple(story.heard))


def _hopeless(story: Story, now: datetime) -> bool:
    """Whether only the end of its day can still come to an Initial token."""
    return story.minute(now) > story.life.died + 5


def _revive(story: Story, now: datetime, random: Random) -> None:
    if story.life.pooled_5m(story.minute(now)) >= SETTINGS.min_tx_count:
        story.token, _ = advance(story.token, glance(story, now, random), None, now, SETTINGS)


def _saved(
    opened_at: datetime | None,
    activated_at: datetime | None,
    lag_seconds: float,
    active: int,
    migrated_at: datetime,
) -> int:
    """Checks before a glance would have opened the gate; all of them where none ever would."""
    if activated_at is None or opened_at is None:
        return active
    glanced_at = max(opened_at, migrated_at + timedelta(seconds=lag_seconds)) + INTERVAL / 2
    return min(active, max(0, int((glanced_at - activated_at) / INTERVAL)))
