"""The same world at two speeds, decided by the program's own rules: what differs is the polling grain alone.

A token is looked at every thirty seconds of the world's time, and each answer is late by up to 0.25 real seconds: at
1x that is a quarter of a second of the world, at 60x it is fifteen. That is the grain: 30 s, and 30 to 45 s. A token
whose trades or score touch a threshold for less than a grain may be seen at one speed and missed at the other.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from random import Random

from deploy.sandbox.birdeye_answers import overview
from deploy.sandbox.clock import HandClock
from deploy.sandbox.lives import Life
from deploy.sandbox.pairs import pairs_of
from deploy.sandbox.world import World
from engine.decision import decide
from engine.model import AlertKind, HolderPoint, Status, Token, Verdict
from engine.overview import parse_overview
from engine.pairs import parse_pairs
from engine.settings import Settings

SETTINGS = Settings()
SEEDS, HOURS = (4, 5, 6), 3
GRAIN = timedelta(seconds=45)
EVERY_SECONDS, ARCHIVED_SECONDS, LATENCY_SECONDS = 30.0, 300.0, 0.25
COOLDOWN = timedelta(minutes=SETTINGS.alert_cooldown_minutes)
News = tuple[str, datetime]


@dataclass
class Watcher:
    """One token as the program follows it, and what a chat with the default threshold hears."""

    life: Life
    token: Token
    points: list[HolderPoint] = field(default_factory=list)
    news: list[News] = field(default_factory=list)

    def look(self, now: datetime) -> None:
        """A check, or a glance where it is Initial or Archived; one that opens the gate asks for a check at once."""
        if self.token.status is not Status.ACTIVE:
            glance = parse_pairs(pairs_of(self.life, now), [self.life.mint], now).get(self.life.mint)
            sample = glance.sample if glance else None
            self._take(decide(self.token, sample, (), now, SETTINGS, check=False), now)
        if self.token.status is Status.ACTIVE:
            figures = self.life.figures(now)
            assert figures is not None
            told = parse_overview({"success": True, "data": overview(self.life, figures)}, self.life.mint, now)
            self._take(decide(self.token, told, self.points, now, SETTINGS), now)
            if told.holders and (not self.points or now - self.points[-1].ts >= timedelta(minutes=4.5)):
                self.points = [*self.points[-20:], HolderPoint(now, told.holders)]

    def _take(self, verdict: Verdict, now: datetime) -> None:
        self.token = verdict.after
        for alert in verdict.alerts:
            rings = alert.kind is not AlertKind.HIGH_SCORE or (alert.level or 0.0) >= SETTINGS.alert_score_on
            heard = [at for kind, at in self.news if kind == alert.kind]
            if rings and (alert.kind is not AlertKind.HIGH_SCORE or not heard or now - heard[-1] >= COOLDOWN):
                self.news.append((alert.kind, now))


@cache
def followed(speed: float, seed: int) -> dict[str, Watcher]:
    """All tokens that migrate within the first quarter of an hour, some hours later."""
    world = World(seed, HandClock())
    end = world.begin() + timedelta(hours=HOURS)
    found = {}
    for life in map(world.life, range(45)):
        if life.migrates_at is None:
            continue
        watcher = Watcher(life, Token(1, life.mint, Status.INITIAL, life.migrates_at))
        random, now = Random(f"{speed}:{life.mint}"), life.migrates_at
        while now < end:
            watcher.look(now + timedelta(seconds=random.random() * LATENCY_SECONDS * speed))
            archived = watcher.token.status is Status.ARCHIVED
            now += timedelta(seconds=ARCHIVED_SECONDS if archived else EVERY_SECONDS)
        found[life.mint] = watcher
    return found


def story(watcher: Watcher) -> tuple[Status, list[str]]:
    return watcher.token.status, [kind for kind, _ in watcher.news]


def test_the_same_seed_gives_the_same_statuses_and_alerts_at_1x_and_60x_but_for_the_grain() -> None:
    tokens, others = 0, []
    for seed in SEEDS:
        slow, fast = followed(1, seed), followed(60, seed)
        tokens += len(slow)
        others += [mint for mint in slow if story(slow[mint]) != story(fast[mint])]
        kinds = {kind for watcher in slow.values() for kind, _ in watcher.news}
        assert {"activated", "high_score", "archived", "revived"} <= kinds
    assert tokens > 60
    assert len(others) <= tokens / 20, "one in twenty may touch a threshold for less than a grain"


def test_an_activation_comes_within_a_grain_at_both_speeds() -> None:
    late = []
    for seed in SEEDS:
        for mint, watcher in followed(1, seed).items():
            first = [dict(reversed(w.news)).get(AlertKind.ACTIVATED) for w in (watcher, followed(60, seed)[mint])]
            if first[0] and first[1]:
                late.append(abs(first[0] - first[1]))
    assert len(late) > 50
    assert sum(one <= GRAIN for one in late) >= 0.95 * len(late)
