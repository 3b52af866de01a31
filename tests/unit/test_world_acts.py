"""What is done to the sandbox's world from outside: pumps, rugs, second waves, and migrations by hand."""

from __future__ import annotations

from datetime import timedelta

import pytest

from deploy.sandbox.clock import HandClock
from deploy.sandbox.oddities import migrants
from deploy.sandbox.trades import Window
from deploy.sandbox.world import World, mint_of
from tests.unit.migrants import migrated, multiple

MINUTE = timedelta(minutes=1)


def test_a_token_that_is_pumped_rises_from_then_on_only(world: World, clock: HandClock) -> None:
    life, other = migrants(world, 2)
    clock.move((migrated(life) - clock.now()).total_seconds() + 3600)
    now, before = clock.now(), life.figures(clock.now())
    untouched = other.figures(now + 5 * MINUTE)
    world.pump(life.mint)
    assert life.figures(now) == before
    assert before is not None
    clock.move(300)
    pumped = world.figures(life.mint)
    assert pumped is not None
    assert pumped.price > 2 * before.price
    assert pumped.last_5m.buys > 1_000
    assert other.figures(clock.now()) == untouched


def test_a_token_that_is_rugged_is_dead_within_a_minute_and_can_be_revived(world: World, clock: HandClock) -> None:
    hero = world.life(0)
    clock.move(600)
    world.rug(hero.mint)
    clock.move(60)
    dead = world.figures(hero.mint)
    assert dead is not None
    assert dead.liquidity < 10
    assert multiple(hero, clock.now()) < 0.02 * multiple(hero, clock.now() - 2 * MINUTE)
    clock.move(3600)
    idle = world.figures(hero.mint)
    assert idle is not None
    assert idle.last_5m == Window(0, 0, 0.0, 0.0)
    world.revive(hero.mint)
    clock.move(240)
    alive = world.figures(hero.mint)
    assert alive is not None
    assert alive.last_5m.buys + alive.last_5m.sells >= 100
    assert alive.liquidity >= 5_000
    gone = hero.figures(clock.now() - 10 * MINUTE)
    assert gone is not None
    assert gone.liquidity == idle.liquidity, "what was, stays"


def test_a_token_that_is_pumped_after_a_rug_has_money_in_its_pool_again(world: World, clock: HandClock) -> None:
    hero = world.life(0)
    clock.move(600)
    before = world.figures(hero.mint)
    world.rug(hero.mint)
    clock.move(600)
    world.pump(hero.mint)
    clock.move(300)
    pumped = world.figures(hero.mint)
    assert before is not None
    assert pumped is not None
    assert pumped.last_5m.buys > 1_000
    assert pumped.price < before.price
    assert pumped.liquidity > 5_000


def test_the_same_acts_at_the_same_times_give_the_same_world() -> None:
    told = []
    for _ in range(2):
        clock = HandClock()
        world = World(5, clock)
        hero = world.life(0).mint
        clock.move(100)
        mint = world.migrate("MINE").mint
        world.pump(hero)
        clock.move(50)
        world.rug(mint)
        clock.move(400)
        world.revive(mint)
        clock.move(300)
        told.append((world.acts, mint, world.figures(mint), world.figures(hero)))
    assert told[0] == told[1]


def test_nothing_can_be_done_to_an_unknown_token(world: World) -> None:
    for act in (world.pump, world.rug, world.revive):
        with pytest.raises(KeyError):
            act(mint_of("nobody"))
    assert world.acts == []


def test_each_migration_that_is_asked_for_is_another_token_and_keeps_its_own_figures(world: World) -> None:
    first, second = world.migrate(), world.migrate()
    assert first.mint != second.mint
    assert [act.mint for act in world.acts] == [first.mint, second.mint]
    assert world.figures(first.mint) != world.figures(second.mint)


def test_a_migration_that_is_asked_for_happens_now_and_comes_from_a_curve(world: World, clock: HandClock) -> None:
    life = world.migrate("NOW")
    assert (life.symbol, life.migrates_at) == ("NOW", clock.now())
    figures = world.figures(life.mint)
    assert figures is not None
    assert figures.last_1h.buys > 50


def test_a_token_of_last_week_is_forgotten_but_not_one_that_was_acted_upon(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deploy.sandbox.world.LIVES_KEPT", 100)
    first, second = world.life(1), world.life(2)
    world.pump(second.mint)
    for number in range(3, 110):
        world.life(number)
    assert world.known(first.mint) is None
    assert world.known(second.mint) is second
    assert world.life(1).created_at == first.created_at
