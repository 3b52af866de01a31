"""Our schedule in simulated time: free glances, and checks where the budget sees the most to decide."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random

from engine.budget import Purse, allowance, charged, cycle_at, open_purse
from engine.decision import decide
from engine.model import Migration, Status
from engine.pace import Windows
from engine.plans import OVERVIEW, Plan, Prices
from engine.scoring import observed_minutes, young_factor
from engine.status import advance
from engine.urgency import Affordable, Candidate, Tier, affordable, choose, pre_score
from tests.bench.market import SETTINGS, START, Story, glance, overview, story_of

STEP = timedelta(seconds=10)
FIRST_GLANCE = timedelta(seconds=15)
MINTS_PER_STEP = 100  # 60 requests a minute of 10 mints each
YOUNG = timedelta(minutes=5)


@dataclass(slots=True)
class Tracked:
    """A token's life, and what the ranking knows of it."""

    story: Story
    candidate: Candidate


@dataclass(slots=True)
class Tally:
    """What our schedule did: CU by day, checks by tier, the seconds at which checks were made and mints glanced at, the
    oldest check and the largest bound in seconds, checks later than their bound, Active tokens at every hour.
    """

    spent: Counter[int] = field(default_factory=Counter)
    tiers: Counter[Tier] = field(default_factory=Counter)
    times: list[float] = field(default_factory=list)
    glances: list[float] = field(default_factory=list)
    stalest: float = 0.0
    bound: float = 0.0
    beyond: int = 0
    active: list[int] = field(default_factory=list)


class Schedule:
    """One run over the migrations given; afterwards `tally` and `tracked` tell what happened."""

    def __init__(self, plan: Plan, lag_seconds: float, seed: int) -> None:
        self.plan = plan
        self.tally = Tally()
        self.tracked: dict[int, Tracked] = {}
        self._lag = timedelta(seconds=lag_seconds)
        self._random = Random(seed)
        self._prices = Prices()
        self._windows = Windows(plan.rps, plan.rpm)
        self._purse: Purse = open_purse(cycle_at(START, START), plan.monthly_cu, 0, 0, START)
        self._due: list[tuple[datetime, int]] = []
        self._active: dict[int, Tracked] = {}
        self._initial: dict[int, Tracked] = {}

    def run(self, migrations: Iterable[Migration], until: datetime) -> None:
        """Simulate from START; `migrations` in order."""
        now = START
        for number, migration in enumerate(migrations, 1):
            while now < migration.heard_at:
                self._step(now)
                now += STEP
            self._track(migration, number)
        while now < until:
            self._step(now)
            now += STEP

    def _track(self, migration: Migration, number: int) -> None:
        story = story_of(migration, number)
        tracked = Tracked(story, Candidate(number, Status.INITIAL, migration.heard_at))
        self.tracked[number] = self._initial[number] = tracked
        heapq.heappush(self._due, (migration.heard_at + FIRST_GLANCE, number))

    def _step(self, now: datetime) -> None:
        self._glance_all(now)
        price = self._prices.of(OVERVIEW)
        can = affordable(allowance(self._purse, now), price, len(self._active), SETTINGS)
        if can.checks:
            known = [each.candidate for group in (self._active, self._initial) for each in group.values()]
            for choice in choose(known, can, now, SETTINGS):
                self._check(self.tracked[choice.token_id], choice.tier, now, can)
        if now.minute == now.second == 0:
            self.tally.active.append(len(self._active))
            for tracked in self._active.values():
                self._count_staleness(tracked.candidate, now, can)
            self.tally.bound = max(self.tally.bound, can.bound_seconds if len(self._active) > 1 else 0)

    def _glance_all(self, now: datetime) -> None:
        asked, second = 0, (now - START).total_seconds()
        while self._due and self._due[0][0] <= now and asked < MINTS_PER_STEP:
            _, number = heapq.heappop(self._due)
            tracked = self.tracked[number]
            self._glance(tracked, now)
            asked += 1
            self.tally.glances.append(second)
            if pause := self._pause(tracked, now):
                heapq.heappush(self._due, (now + pause, number))

    def _pause(self, tracked: Tracked, now: datetime) -> timedelta | None:
        """Until the next glance, stretched to fit the limit; None when nothing can happen to the token any more."""
        story = tracked.story
        if story.over(now) and story.token.status is not Status.ACTIVE:
            return None
        if story.token.status is Status.ARCHIVED:
            return timedelta(seconds=max(300.0, len(self._due) / 5))
        young = now - story.migrated_at < YOUNG and story.token.status is Status.INITIAL
        return timedelta(seconds=30 if young else 60)

    def _glance(self, tracked: Tracked, now: datetime) -> None:
        story, candidate = tracked.story, tracked.candidate
        if now - story.migrated_at < self._lag:
            return
        look, in_5m, in_1h = glance(story, now, self._random)
        story.token, _ = advance(story.token, look, None, now, SETTINGS)
        minutes, _ = observed_minutes(story.token, now)
        counted = replace(look, tx_count_5m=round(in_5m), tx_count_1h=round(in_1h), volume_5m=in_5m, volume_1h=in_1h)
        tracked.candidate = replace(
            candidate,
            glanced_at=now,
            pre_score=pre_score(counted, minutes, SETTINGS),
            tx_count_5m=look.tx_count_5m,
            liquidity=look.liquidity,
        )
        self._settle(tracked, now)

    def _check(self, tracked: Tracked, tier: Tier, now: datetime, can: Affordable) -> None:
        at = self._turn(now)
        story, candidate = tracked.story, tracked.candidate
        self._count_staleness(candidate, at, can)
        self._pay(at, tier)
        verdict = decide(story.token, overview(story, at), story.points, at, SETTINGS)
        story.take(verdict)
        parts = {part.name: part.contribution for part in verdict.score.components} if verdict.score else {}
        unseen = parts.get("holder_growth", 0.0) + parts.get("orderflow_imbalance", 0.0)
        tracked.candidate = replace(candidate, checked_at=at, unseen=unseen, score=story.token.score)
        self._settle(tracked, at)

    def _turn(self, now: datetime) -> datetime:
        """When the request may be made."""
        at = now
        while wait := self._windows.wait(at):
            at += wait
        self._windows.note(at)
        return at

    def _pay(self, at: datetime, tier: Tier) -> None:
        price = self._prices.of(OVERVIEW)
        self._purse = charged(self._purse, price, at)
        second = (at - START).total_seconds()
        self.tally.tiers[tier] += 1
        self.tally.spent[int(second // 86_400)] += price
        self.tally.times.append(second)

    def _count_staleness(self, candidate: Candidate, at: datetime, can: Affordable) -> None:
        if candidate.status is not Status.ACTIVE or candidate.activated_at is None:
            return
        waited = (at - max(candidate.checked_at or START, candidate.activated_at)).total_seconds()
        self.tally.stalest = max(self.tally.stalest, waited)
        self.tally.beyond += waited > can.bound_seconds + 2 * STEP.total_seconds()

    def _settle(self, tracked: Tracked, now: datetime) -> None:
        """Carry the token's new state over to its candidate."""
        token, number = tracked.story.token, tracked.candidate.token_id
        moved = max((ts for ts in (token.activated_at, token.revived_at) if ts), default=None)
        peak = token.episode.peak if token.episode.opened_at else None
        low = len(token.low_run.latest)
        young = young_factor(observed_minutes(token, now)[0], SETTINGS)
        tracked.candidate = replace(
            tracked.candidate, status=token.status, activated_at=moved, peak=peak, low_looks=low, young=young
        )
        if token.status is Status.ACTIVE:
            self._active[number] = tracked
        else:
            self._active.pop(number, None)
        if token.status is not Status.INITIAL or tracked.story.over(now):
            self._initial.pop(number, None)
