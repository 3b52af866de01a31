"""What was measured of real migrations in words alone, and pretend ones do: exchanges, holders, emptied pools. Pure."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from deploy.sandbox.births import CAST
from deploy.sandbox.lives import Figures, Life, held
from deploy.sandbox.world import World

SECOND_DAY = timedelta(hours=36)  # when every pool that will open has opened
LATE = timedelta(hours=11)  # a pool that is emptied is empty by then
LONGEST_LAG_SECONDS = 600
ABSURD_PRICE_USD, ABSURD_LIQUIDITY_USD = 1_000.0, 10.0


@dataclass(frozen=True, slots=True)
class Oddity:
    """Something that real tokens do, what the pretend ones do, and whether that is the same."""

    measured: str
    simulated: str
    good: bool


def migrants(world: World, count: int) -> list[Life]:
    """The first so many tokens of this world that migrate, its cast left out."""
    lives = (world.life(number) for number in itertools.count(CAST))
    return list(itertools.islice((life for life in lives if life.migrates_at is not None), count))


def oddities(lives: Sequence[Life]) -> list[Oddity]:
    """What these migrated tokens tell of themselves."""
    return [_exchanges(lives), _holders(lives), _emptied(lives)]


def _exchanges(lives: Sequence[Life]) -> Oddity:
    pools = ([v.dex for v in life.venues(then) if v.liquidity is not None] for life, then in at(lives, SECOND_DAY))
    counts = [len(set(names)) for names in pools]
    told = f"on {median(counts):.0f} after a day and a half (median of {len(lives)}; {min(counts)} to {max(counts)})"
    return Oddity("on several exchanges after a day", told, median(counts) > 1)


def _holders(lives: Sequence[Life]) -> Oddity:
    lags = [lag_seconds(life, then) for life, then in at(lives, timedelta())]
    told = f"{median(lags):.0f} s behind the trades (median of {len(lives)})"
    return Oddity("holders are told minutes late", told, 60 <= median(lags) < LONGEST_LAG_SECONDS)


def _emptied(lives: Sequence[Life]) -> Oddity:
    """Only a figure that is absurd in both, price and liquidity, counts as one."""
    wanted = "emptied pools tell absurd prices"
    found = [figures for life, then in at(lives, LATE) if (figures := life.figures(then)) and is_absurd(figures)]
    if not found:
        return Oddity(wanted, f"none of {len(lives)}", good=False)
    figures = max(found, key=lambda one: one.price)
    told = f"{len(found)} of {len(lives)}, up to ${figures.price:,.0f} a token and a market cap of"
    return Oddity(wanted, f"{told} ${figures.market_cap:.1e} at ${figures.liquidity:.2f} liquidity", good=True)


def lag_seconds(life: Life, migrated_at: datetime) -> int:
    """How long ago the trades made as many holders as are told: the shortest time that explains each of ten minutes.

    A quiet token's figures are explained by shorter times too.
    """
    told = [(life.lived(then), figures.holders) for then in minutes(migrated_at) if (figures := life.figures(then))]
    tape = life.tape()
    return next(
        (back for back in range(LONGEST_LAG_SECONDS) if all(held(tape, when - back) == count for when, count in told)),
        LONGEST_LAG_SECONDS,
    )


def minutes(migrated_at: datetime) -> list[datetime]:
    """The first ten after a migration, when holders come and go."""
    return [migrated_at + timedelta(minutes=number) for number in range(1, 11)]


def is_absurd(figures: Figures) -> bool:
    """A thousand dollars a token or more, in a pool that holds less than ten."""
    return figures.price >= ABSURD_PRICE_USD and figures.liquidity < ABSURD_LIQUIDITY_USD


def at(lives: Sequence[Life], after: timedelta) -> Iterator[tuple[Life, datetime]]:
    """Each with the moment so long after its migration."""
    return ((life, life.migrates_at + after) for life in lives if life.migrates_at is not None)
