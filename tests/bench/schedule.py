"""Our schedule in simulated time: free glances, and checks where the budget sees the most to decide."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from engine.budget import Purse, allowance, charged, cycle_at, open_purse
from engine.decision import decide, join, opens_gate
from engine.events import Migration
from engine.glances import ARCHIVED_PAUSE
from engine.model import AlertKind, Status, Token, Verdict
from engine.pace import Windows
from engine.plans import OVERVIEW, SECURITY, Plan, Prices
from engine.urgency import Affordable, affordable, candidate_of, choose
from tests.bench.market import SETTINGS, START, Story, glance, overview, story_of

STEP = timedelta(seconds=10)
MINTS_PER_STEP = 100  # 60 requests a minute of 10 mints each
INTERVAL = timedelta(seconds=30)
GLANCES = {Status.INITIAL: INTERVAL, Status.ACTIVE: timedelta(seconds=60), Status.ARCHIVED: ARCHIVED_PAUSE}
URGENT = (AlertKind.HIGH_SCORE, AlertKind.REVIVED)


@dataclass(slots=True)
class Tally:
    """What our schedule did: CU by day, checks by tier, the seconds at which calls were made and mints glanced at, the
    oldest check and the largest bound in seconds, checks later than their bound, Active tokens at every hour.
    """

    spent: Counter[int] = field(default_factory=Counter)
    tiers: Counter[str] = field(default_factory=Counter)
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
        self.tracked: dict[int, Story] = {}
        self._lag = timedelta(seconds=lag_seconds)
        self._random = Random(seed)
        self._prices = Prices()
        self._windows = Windows(plan.rps, plan.rpm)
        self._purse: Purse = open_purse(cycle_at(START, START), plan.monthly_cu, 0, 0, START)
        self._due: list[tuple[datetime, int]] = []
        self._due_archived: list[tuple[datetime, int]] = []
        self._active: set[int] = set()
        self._initial: set[int] = set()
        self._asked_safety: set[int] = set()

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
        self.tracked[number] = story_of(migration, number)
        self._initial.add(number)
        heapq.heappush(self._due, (migration.heard_at, number))

    def _step(self, now: datetime) -> None:
        self._glance_all(now)
        can = self._afford(now)
        if can.checks:
            known = (self.tracked[number].token for group in (self._active, self._initial) for number in group)
            for choice in choose((candidate_of(token, now, SETTINGS) for token in known), can, now, SETTINGS):
                self._check(choice.token_id, choice.tier.name, now, can)
        if now.minute == now.second == 0:
            self._count_hour(now, can)

    def _afford(self, now: datetime) -> Affordable:
        return affordable(allowance(self._purse, now), self._prices.of(OVERVIEW), len(self._active))

    def _glance_all(self, now: datetime) -> None:
        asked = 0
        for due in (self._due, self._due_archived):
            while due and due[0][0] <= now and asked < MINTS_PER_STEP:
                asked += 1
                self._glance_next(heapq.heappop(due)[1], now)

    def _glance_next(self, number: int, now: datetime) -> None:
        story = self.tracked[number]
        self.tally.glances.append((now - START).total_seconds())
        self._glance(number, story, now)
        status = story.token.status
        if status is Status.ACTIVE or not story.over(now):  # else nothing can happen to it any more
            due = self._due_archived if status is Status.ARCHIVED else self._due
            heapq.heappush(due, (now + GLANCES[status], number))

    def _glance(self, number: int, story: Story, now: datetime) -> None:
        """A glance, and at once the check that it asks for where it opens the gate."""
        if now - story.migrated_at < self._lag:
            return
        look = glance(story, now, self._random)
        opened = opens_gate(story.token, look, now, SETTINGS)
        verdict = decide(story.token, look, (), now, SETTINGS, check=False)
        if opened and self._afford(now).checks:
            at = self._pay(OVERVIEW, "AT_ONCE", now)
            check = decide(verdict.after, overview(story, at), story.points, at, SETTINGS)
            verdict = join(verdict, check)
        self._take(number, story, verdict, now)

    def _check(self, number: int, tier: str, now: datetime, can: Affordable) -> None:
        story = self.tracked[number]
        at = self._pay(OVERVIEW, tier, now)
        self._count_staleness(story.token, at, can)
        verdict = decide(story.token, overview(story, at), story.points, at, SETTINGS)
        self._take(number, story, verdict, at)

    def _take(self, number: int, story: Story, verdict: Verdict, now: datetime) -> None:
        story.take(verdict)
        if verdict.alerts:
            self._ask_safety(number, urgent=any(alert.kind in URGENT for alert in verdict.alerts), now=now)
        self._settle(number, story, now)

    def _ask_safety(self, number: int, *, urgent: bool, now: datetime) -> None:
        """The token's safety facts, once: for a high score or a revival if there is money, else if there is plenty."""
        allowed = allowance(self._purse, now)
        price = self._prices.of(SECURITY)
        if number not in self._asked_safety and price <= (allowed.now_cu if urgent else allowed.routine_cu):
            self._asked_safety.add(number)
            self._pay(SECURITY, "SAFETY", now)

    def _pay(self, endpoint: str, tier: str, now: datetime) -> datetime:
        """When the request may be made; it is charged then."""
        at = now
        while wait := self._windows.wait(at):
            at += wait
        self._windows.note(at)
        price = self._prices.of(endpoint)
        self._purse = charged(self._purse, price, at)
        second = (at - START).total_seconds()
        self.tally.tiers[tier] += 1
        self.tally.spent[int(second // 86_400)] += price
        self.tally.times.append(second)
        return at

    def _count_hour(self, now: datetime, can: Affordable) -> None:
        self.tally.active.append(len(self._active))
        for number in self._active:
            self._count_staleness(self.tracked[number].token, now, can)
        self.tally.bound = max(self.tally.bound, can.bound_seconds if len(self._active) > 1 else 0)

    def _count_staleness(self, token: Token, at: datetime, can: Affordable) -> None:
        moved = token.revived_at or token.activated_at
        if token.status is not Status.ACTIVE or moved is None:
            return
        waited = (at - max(token.checked_at or START, moved)).total_seconds()
        self.tally.stalest = max(self.tally.stalest, waited)
        self.tally.beyond += waited > can.bound_seconds + 2 * STEP.total_seconds()

    def _settle(self, number: int, story: Story, now: datetime) -> None:
        """Keep the sets of those whom a check may tell about."""
        status = story.token.status
        (self._active.add if status is Status.ACTIVE else self._active.discard)(number)
        if status is not Status.INITIAL or story.over(now):
            self._initial.discard(number)
