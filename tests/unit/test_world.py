"""The sandbox's world: the same seed gives the same tokens, and every figure comes from their trades."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from deploy.sandbox.birdeye_answers import overview
from deploy.sandbox.birdeye_markets import markets
from deploy.sandbox.births import CAST
from deploy.sandbox.clock import HandClock
from deploy.sandbox.oddities import migrants
from deploy.sandbox.pairs import pairs_of
from deploy.sandbox.tapes import Shelf
from deploy.sandbox.trades import Tape, Window
from deploy.sandbox.world import World
from engine.overview import parse_overview
from engine.pairs import parse_pairs
from tests.unit.migrants import migrated, multiple

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def of_tape(tape: Tape, since: float, until: float) -> Window:
    """The window counted trade by trade."""
    inside = (tape.at > since) & (tape.at <= until)
    buys, sells = inside & tape.buy, inside & ~tape.buy
    counts = int(np.count_nonzero(buys)), int(np.count_nonzero(sells))
    return Window(*counts, float(tape.usd[buys].sum()), float(tape.usd[sells].sum()))


def same(one: Window, other: Window) -> bool:
    money = pytest.approx((other.buys_usd, other.sells_usd), abs=1e-6)
    return (one.buys, one.sells) == (other.buys, other.sells) and (one.buys_usd, one.sells_usd) == money


def test_figures_are_what_the_trades_add_up_to(world: World) -> None:
    for life in migrants(world, 20):
        tape = life.tape()
        for minutes in (1, 7, 90):
            now = migrated(life) + minutes * MINUTE
            lived, figures = life.lived(now), life.figures(now)
            assert figures is not None
            assert same(figures.last_5m, of_tape(tape, lived - 300, lived))
            assert same(figures.last_1h, of_tape(tape, lived - 3600, lived))
            past = tape.at <= lived
            assert multiple(life, now) == pytest.approx(np.exp(tape.effect[past].sum() - life.entry_level))
            assert life.lived(figures.last_trade_at) == pytest.approx(tape.at[past][-1], abs=1e-5)


def test_the_trades_of_a_token_are_in_order_and_a_buy_never_makes_a_holder_leave(world: World) -> None:
    for life in migrants(world, 20):
        tape = life.tape()
        assert (np.diff(tape.at) >= 0).all()
        assert (tape.usd > 0).all()
        assert (tape.holders[tape.buy] >= 0).all()
        assert (tape.holders[~tape.buy] <= 0).all()


def test_any_moment_is_asked_at_any_time_and_stays_the_same(world: World, clock: HandClock) -> None:
    life = migrants(world, 1)[0]
    later = life.figures(migrated(life) + 30 * HOUR)
    early = life.figures(migrated(life) + MINUTE)
    other = World(7, HandClock())
    other.begin()
    again = migrants(other, 1)[0]
    assert again.figures(migrated(life) + MINUTE) == early
    clock.move(10 * 86_400)
    assert world.life(0).figures(migrated(life)) == other.life(0).figures(migrated(life))
    assert again.figures(migrated(life) + 30 * HOUR) == later


def test_another_seed_is_another_world() -> None:
    one, other = (World(seed, HandClock()).life(CAST) for seed in (1, 2))
    assert one.mint != other.mint


def test_all_stand_ins_agree_on_the_trades_once_the_curve_is_out_of_the_window(world: World) -> None:
    for life in migrants(world, 30):
        now = migrated(life) + HOUR + MINUTE
        figures = life.figures(now)
        assert figures is not None
        glance = parse_pairs(pairs_of(life, now), [life.mint], now)[life.mint].sample
        check = parse_overview({"success": True, "data": overview(life, figures)}, life.mint, now)
        assert (glance.tx_count_5m, glance.tx_count_1h) == (check.tx_count_5m, check.tx_count_1h)
        assert glance.volume_1h == pytest.approx(check.volume_1h)
        assert glance.liquidity == pytest.approx(check.liquidity)


def test_after_a_day_a_token_is_traded_on_several_exchanges(world: World) -> None:
    life = next(life for life in migrants(world, 200) if life.tape().at[-1] > life.lived(migrated(life)) + 100_000)
    now = life.created_at + timedelta(seconds=float(life.tape().at[-1]))
    early = {pair["dexId"] for pair in pairs_of(life, migrated(life) + MINUTE)}
    late = {pair["dexId"] for pair in pairs_of(life, now)}
    assert early == {"pumpswap", "pumpfun"}
    assert {"pumpswap", "pumpfun", "raydium", "orca"} <= late
    figures = life.figures(now)
    assert figures is not None
    pools = [venue for venue in life.venues(now) if venue.liquidity is not None]
    traded = figures.last_1h.buys + figures.last_1h.sells
    assert sum(venue.last_1h.buys + venue.last_1h.sells for venue in pools) == traded > 0
    assert markets(life, now)["total"] == len(pools) + 1


def test_every_stand_in_counts_the_same_markets_at_the_same_moment(world: World) -> None:
    found = set()
    for life in [*migrants(world, 9), world.life(0), world.life(1)]:
        for minutes in (-0.1, 0, 1, 10, 600, 1440, 1600):
            now = (life.migrates_at or life.created_at) + minutes * MINUTE
            figures = life.figures(now)
            if figures is None:
                continue
            told = overview(life, figures)["numberMarkets"]
            assert told == markets(life, now)["total"] == len(pairs_of(life, now))
            found.add(told)
    assert found == {1, 2, 3, 4, 5}


def test_whoever_trades_alone_is_one_wallet(world: World) -> None:
    assert [Window(buys, 1, 5.0, 5.0).wallets for buys in (0, 1, 2, 7)] == [1, 1, 2, 4]
    assert Window(0, 0, 0.0, 0.0).wallets == 0
    figures = world.life(0).figures(world.clock.now() + MINUTE)
    assert figures is not None
    told = overview(world.life(0), figures)
    assert told["uniqueWallet5m"] == (figures.last_5m.trades + 1) // 2 > 50


def test_an_empty_pool_tells_an_absurd_price_and_no_trades(world: World) -> None:
    life = next(life for life in migrants(world, 100) if life.tape().drains)
    now = life.created_at + timedelta(seconds=life.tape().drains[0][0]) + HOUR
    figures = life.figures(now)
    assert figures is not None
    assert figures.liquidity < 10
    assert figures.price >= 1_000
    assert figures.last_1h == Window(0, 0, 0.0, 0.0)
    check = parse_overview({"success": True, "data": overview(life, figures)}, life.mint, now)
    assert not check.trusted(500)


def test_holders_are_told_late(world: World) -> None:
    life = migrants(world, 1)[0]
    tape, now = life.tape(), migrated(life)
    figures = life.figures(now)
    assert figures is not None
    told = [seconds for seconds in range(60, 241) if 3 + tape.held(life.lived(now) - seconds) == figures.holders]
    assert told
    assert figures.holders != 3 + tape.held(life.lived(now))


def test_each_token_has_a_delay_of_its_own_until_its_holders_are_counted(world: World) -> None:
    delays = []
    for life in migrants(world, 20):
        tape, now = life.tape(), life.lived(migrated(life))
        figures = life.figures(migrated(life))
        assert figures is not None
        fits = [late for late in range(301) if 3 + tape.held(now - late) == figures.holders]
        assert any(60 <= late < 240 for late in fits)
        delays.append((fits[0], fits[-1]))
    assert sum(least > 70 for least, _ in delays) >= 5, "some are counted later than after a minute"
    assert sum(most < 230 for _, most in delays) >= 5, "and some sooner than after four"


def test_the_cast_has_a_hero_and_one_that_revives(world: World, clock: HandClock) -> None:
    hero, phoenix = world.life(0), world.life(3)
    clock.move(30)
    figures = world.figures(hero.mint)
    assert figures is not None
    assert figures.liquidity >= 50_000
    assert figures.last_5m.buys + figures.last_5m.sells >= 100
    quiet = phoenix.figures(phoenix.created_at + 28 * MINUTE)
    wave = phoenix.figures(phoenix.created_at + 36 * MINUTE)
    assert quiet is not None
    assert wave is not None
    assert quiet.last_5m.buys + quiet.last_5m.sells == 0
    assert wave.last_5m.buys + wave.last_5m.sells >= 100
    assert wave.liquidity >= 5_000


def test_hostile_names_come_early_and_namesakes_later(world: World) -> None:
    symbols = [world.life(number).symbol for number in range(1, 400)]
    assert "<b>RICH</b>" in symbols[:16]
    assert len(set(symbols)) < len(symbols)
    assert len(set(symbols)) > 200


def test_memory_stays_bounded_over_a_day(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = Shelf(most=30_000)
    monkeypatch.setattr(world, "_shelf", shelf)
    largest = 0
    for life in migrants(world, 60):
        life.figures(migrated(life) + HOUR)
        largest = max(largest, len(life.tape()))
        assert shelf.trades <= max(30_000, largest)
