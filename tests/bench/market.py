"""What the providers tell of a life: Birdeye everything with the curve, DexScreener less, later and without buyers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

from engine.events import Migration
from engine.model import AlertKind, HolderPoint, Sample, Source, Status, Token, Verdict
from engine.settings import Settings
from tests.bench.lives import Life

START = datetime(2026, 7, 1, tzinfo=UTC)
SETTINGS = Settings()
NO_POINTS: tuple[HolderPoint, ...] = ()
POINT_EVERY = timedelta(minutes=4.5)
POINTS_KEPT = 21  # of one each 4.5 minutes: 90 minutes and a little
CACHE_SECONDS = 30.0  # an answer of DexScreener is up to that old, at random
GLANCE_NOISE = 0.08
BIRDEYE_LAG = timedelta(seconds=10)  # a just-migrated token has no figures yet
COOLDOWN = timedelta(minutes=SETTINGS.alert_cooldown_minutes)


@dataclass(slots=True)
class Story:
    """A token's life beside what the engine knows of it."""

    life: Life
    migrated_at: datetime
    token: Token
    points: list[HolderPoint] = field(default_factory=list)
    heard: list[datetime] = field(default_factory=list)
    last_episode: int = 0

    def minute(self, now: datetime) -> float:
        """Minutes since the migration."""
        return (now - self.migrated_at).total_seconds() / 60

    def over(self, now: datetime) -> bool:
        """Whether nothing will ever be traded again, and nothing is left in the windows."""
        return self.minute(now) > self.life.died + 60

    def take(self, verdict: Verdict) -> None:
        """Remember what a check changed; keep the alerts that a chat with the default threshold hears."""
        self.token, sample = verdict.after, verdict.sample
        if sample and sample.holders and (not self.points or sample.ts - self.points[-1].ts >= POINT_EVERY):
            self.points = [*self.points[1 - POINTS_KEPT :], HolderPoint(sample.ts, sample.holders)]
        for alert in verdict.alerts:
            if alert.kind is AlertKind.HIGH_SCORE and (alert.level or 0.0) >= SETTINGS.alert_score_on and sample:
                self._hear(alert.episode, sample.ts)

    def _hear(self, episode: int, now: datetime) -> None:
        if episode != self.last_episode and (not self.heard or now - self.heard[-1] >= COOLDOWN):
            self.heard.append(now)
            self.last_episode = episode


def migrations(days: float, per_day: int, seed: int) -> Iterator[Migration]:
    """Migrations in order, more of them in the evening than in the morning."""
    random, now = Random(f"{seed}:{per_day}"), 0.0
    number = 0
    while True:
        now += random.expovariate(1.5 * per_day / 86_400)
        if now >= days * 86_400:
            return
        if random.random() < (1 + 0.5 * (1 if (now % 86_400) > 43_200 else -1)) / 1.5:
            number += 1
            yield Migration(f"{seed}:{per_day}:{number}", START + timedelta(seconds=now))


def story_of(migration: Migration, number: int) -> Story:
    """The life of this migration; the same one in every schedule."""
    random = Random(migration.mint)
    life = Life(random)
    begun = migration.heard_at - timedelta(minutes=life.curve_minutes)
    token = Token(number, migration.mint, Status.INITIAL, migration.heard_at, first_trade_at=begun)
    return Story(life, migration.heard_at, token)


def overview(story: Story, now: datetime) -> Sample | None:
    """Birdeye's answer; None while it has none yet."""
    if now - story.migrated_at < BIRDEYE_LAG:
        return None
    minute, life = story.minute(now), story.life
    in_5m, in_1h, buy_share, pooled, holders = life.figures(minute)
    if story.token.status is Status.INITIAL and pooled < SETTINGS.min_tx_count:
        in_5m = pooled  # the gate leaves the curve out; above it a check tells what it tells of any Active token
    volume = in_5m * life.trade_usd
    return Sample(
        ts=now,
        source=Source.BIRDEYE,
        liquidity=life.liquidity(minute),
        holders=int(holders),
        tx_count_5m=int(in_5m),
        tx_count_1h=int(in_1h),
        volume_5m=volume,
        volume_1h=in_1h * life.trade_usd,
        buys_volume_5m=volume * buy_share,
        sells_volume_5m=volume * (1 - buy_share),
    )


def glance(story: Story, now: datetime, random: Random) -> Sample:
    """DexScreener's pools, the curve left out: a share of the trades, a little old, without buyers and holders."""
    life = story.life
    minute = max(0.0, story.minute(now) - random.random() * CACHE_SECONDS / 60)
    in_5m = life.pooled_5m(minute) * min(1.0, life.seen_share * random.lognormvariate(0, GLANCE_NOISE))
    in_1h = max(in_5m, life.pooled_1h(minute) * life.seen_share)
    return Sample(
        now,
        Source.DEXSCREENER,
        liquidity=life.liquidity(minute),
        tx_count_5m=int(in_5m),
        tx_count_1h=int(in_1h),
        volume_5m=in_5m * life.trade_usd,
        volume_1h=in_1h * life.trade_usd,
    )


def gate_opened_at(story: Story) -> datetime | None:
    """When the truth first passes the gate: to a second within ten minutes, later to ten seconds, then to a minute."""
    life, second = story.life, 0.0
    while second < min((life.died + 5) * 60, 86_400):
        minute = second / 60
        if life.pooled_5m(minute) >= SETTINGS.min_tx_count or life.liquidity(minute) >= SETTINGS.min_active_liquidity:
            return story.migrated_at + timedelta(seconds=second)
        second += 1 if second < 600 else 10 if second < 3600 else 60
    return None
