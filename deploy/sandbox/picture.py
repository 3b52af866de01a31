"""Makes the README's alert (`python -m deploy.sandbox.picture`): a token lives, the engine decides, views speak."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.catalogs import Catalogs
from bot.charts import sparklines
from bot.views.alert import alert
from bot.views.chart import chart_labels
from deploy.sandbox.birdeye_answers import overview
from deploy.sandbox.clock import HandClock
from deploy.sandbox.world import World
from engine.decision import decide
from engine.model import AlertKind, HolderPoint, Status, Token, Transition, Verdict
from engine.overview import parse_overview
from engine.scoring import rings_at
from engine.settings import Settings
from engine.shown import Point, facts_of

NOON = datetime(2026, 7, 3, 12, tzinfo=UTC)
PICTURE = Path(__file__).resolve().parents[1] / "pictures" / "alert.png"
LOOK_SECONDS = 30
LOOKS = 60


def looks(settings: Settings) -> list[Verdict]:
    """The hero's looks until its score first reaches the common threshold, decided as the ticker would."""
    clock = HandClock(NOON)
    world = World(1, clock)
    hero = world.life(0)
    clock.move(15)
    known = Token(1, hero.mint, Status.INITIAL, clock.now(), symbol=hero.symbol, name=hero.name)
    verdicts: list[Verdict] = []
    holders: list[HolderPoint] = []
    for _ in range(LOOKS):
        clock.move(LOOK_SECONDS)
        figures = hero.figures(clock.now())
        if figures is None:
            continue
        body = {"success": True, "data": overview(hero, figures)}
        sample = parse_overview(body, hero.mint, clock.now())
        verdicts.append(decide(known, sample, holders, clock.now(), settings))
        known = verdicts[-1].after
        holders.append(HolderPoint(clock.now(), sample.holders or 0))
        if any((told.level or 0) >= settings.alert_score_on for told in verdicts[-1].alerts):
            break
    return verdicts


def chart(verdicts: list[Verdict], alert_level: float) -> bytes:
    """The picture that goes with the alert."""
    scores = [Point(v.score.ts, v.score.value) for v in verdicts if v.score and v.score.value is not None]
    prices = [Point(v.sample.ts, v.sample.price) for v in verdicts if v.sample and v.sample.price is not None]
    moves: list[tuple[datetime, Transition]] = [
        (v.sample.ts, v.transition) for v in verdicts if v.sample and v.transition
    ]
    return sparklines(scores, prices, moves, scores[-1].ts, chart_labels(), alert_level)


def main() -> None:
    """Write the picture and print the caption."""
    settings = Settings()
    verdicts = looks(settings)
    told = [ring for ring in verdicts[-1].alerts if ring.kind is AlertKind.HIGH_SCORE]
    if not told or verdicts[-1].score is None:
        raise SystemExit("the hero never got hot: its story in deploy/sandbox/world.py has changed")
    facts = facts_of(verdicts[-1], told[0], verdicts[-1].score.ts, settings)
    with Catalogs().speaking("en"):
        PICTURE.write_bytes(chart(verdicts, rings_at(facts.observed_minutes, settings)))
        caption = alert(facts, facts.decided_at + timedelta(seconds=2), settings).as_kwargs()["text"]
    sys.stdout.write(f"{caption}\n\n{PICTURE.relative_to(PICTURE.parents[2])}\n")


if __name__ == "__main__":
    main()
