"""The levels that so many episodes a day reach, from checks of a real database."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert

from engine.heartbeat import Heartbeat
from engine.janitor import Janitor
from engine.levels import Levels
from engine.patience import Patience
from storage.database import Database
from storage.tables import EpisodeCheckRow
from tests.integration.story import Story
from tests.made import NOON, minutes
from tests.markets import StillClock

HOUR = timedelta(hours=1)
ALL = {5: 3.0, 20: 2.5, 60: 2.0}


@pytest.fixture
def store(database: Database) -> Story:
    return Story(database)


async def reached(store: Story, *levels: float, since: datetime = NOON - 12 * HOUR, floor: float | None = None) -> None:
    """Episodes of one token, an hour and a bit apart, each with a check before it was at its best."""
    token = await store.tracked()
    rows = [
        {"token_id": token.id, "episode": number, "opened_at": since, "ts": since + minutes(61 * number + step)}
        | {"level": level - (1 - step), "floor": floor, "liquidity": None}
        for number, level in enumerate(levels)
        for step in (0, 1)
    ]
    async with store.database.transaction() as session:
        await session.execute(insert(EpisodeCheckRow), rows)


async def levels_after(store: Story, now: datetime) -> dict[int, float]:
    loop = Levels(store.episodes, store.settings, StillClock(now), Heartbeat(), Patience(5))
    await loop.step()
    return await store.episodes.levels(now)


async def test_levels_follow_the_peaks_of_what_was_watched(store: Story) -> None:
    await reached(store, 5.0, 4.0, 3.0, 2.5, 2.2, 9.0)
    assert await levels_after(store, NOON) == {5: 5.0, 20: 1.5, 60: 1.5}


async def test_a_young_history_sets_no_levels(store: Story) -> None:
    await reached(store, 5.0, since=NOON - minutes(59))
    assert await levels_after(store, NOON) == {}


async def test_scores_of_before_a_change_of_settings_do_not_compare(store: Story) -> None:
    await reached(store, 9.0, 9.0, 9.0, 4.0, 4.0)
    await store.settings.change("ewma_alpha", 0.2, 1, NOON - 9 * HOUR)
    assert await levels_after(store, NOON) == {5: 4.0, 20: 1.5, 60: 1.5}


async def test_what_the_settings_made_is_no_peak(store: Story) -> None:
    await reached(store, 9.0, 9.0, 9.0, floor=9.0)
    assert await levels_after(store, NOON) == {5: 1.5, 20: 1.5, 60: 1.5}


async def test_levels_are_set_once_an_hour(store: Story) -> None:
    await store.episodes.set_levels(ALL, NOON - minutes(59))
    await reached(store, 9.0, 9.0, 9.0)
    assert await levels_after(store, NOON) == ALL
    assert (await levels_after(store, NOON + minutes(1)))[5] == 9.0


async def sweep(store: Story, now: datetime) -> int:
    clock = StillClock(now)
    return await Janitor(
        store.looks, store.outbox, store.episodes, store.settings, clock, Heartbeat(), Patience(5)
    ).sweep()


async def test_old_checks_and_levels_go_and_the_latest_levels_stay(store: Story) -> None:
    await reached(store, 5.0, since=NOON - timedelta(days=3, minutes=1))
    for days in (5, 4):
        await store.episodes.set_levels(ALL, NOON - timedelta(days=days))
    assert await sweep(store, NOON) == 1 + 3
    assert await store.episodes.levels(NOON) == ALL
    assert await store.rows("SELECT count(*) FROM episode_checks") == [(1,)]


async def test_the_levels_stay_under_which_an_open_episode_began(store: Story) -> None:
    await store.tracked()
    await store.change("UPDATE tokens SET status = 'Active', episode_opened_at = :at", at=NOON - timedelta(days=6))
    for days in (8, 7, 5, 4):
        await store.episodes.set_levels({5: float(days)}, NOON - timedelta(days=days))
    assert await sweep(store, NOON) == 1
    assert await store.episodes.levels(NOON - timedelta(days=6)) == {5: 7.0}
