"""The looks over the real store: what is asked, recorded, postponed and never lost. Only the markets are told."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from engine.errors import BadRequest, DatabaseAway, NoDataYet, ProviderDown
from engine.model import Status
from engine.recorder import Answer, Seen
from engine.settings import Settings
from storage.store import Store
from tests.integration.looking import Desk
from tests.made import MINT, NOON, OTHER_MINT, minutes, sample
from tests.waiting import until


@pytest.fixture
def desk(database: Any) -> Desk:
    return Desk(Store(database))


async def test_without_glances_a_due_token_is_checked_scored_and_announced(desk: Desk) -> None:
    await desk.track(MINT)
    async with desk.running():
        await until(lambda: desk.rung == 1, what="the activation's alert")
    [token] = await desk.store.tokens.find(MINT)
    assert (token.status, token.activated_at) == (Status.ACTIVE, NOON)
    assert token.score is not None
    beats = [desk.heartbeat.pulse(part).beat_seconds for part in ("glances", "checks", "recorder")]
    assert None not in beats


async def test_a_birdeye_that_rests_is_not_asked(desk: Desk) -> None:
    await desk.track(MINT)
    desk.market.rests = ProviderDown("resting")
    async with desk.running():
        await until(lambda: desk.heartbeat.pulse("checks").beat_seconds is not None, what="a pass")
    assert desk.market.asked == {}


async def test_a_setting_changed_between_two_ticks_changes_the_second_only(desk: Desk) -> None:
    await desk.track(MINT)
    async with desk.running():
        await until(lambda: desk.scored(MINT), what="the first check")
        await desk.store.settings.change("weight_tx_accel", 0.4, 7, NOON)
        await desk.tick(at_seconds=30)
        await until(lambda: two_checks(desk), what="the second check")
    [token] = await desk.store.tokens.find(MINT)
    assert token.settings_version == 1
    assert await desk.rows(
        "SELECT (components->'tx_accel'->>'weight')::float, (components->>'settings_version')::int"
        " FROM token_scores ORDER BY ts"
    ) == [(0.25, 0), (0.4, 1)]


async def two_checks(desk: Desk) -> bool:
    try:
        return await desk.scored(MINT) == 2
    except DatabaseAway:  # the test's own question may meet a connection that was just ended
        return False


async def test_a_failing_provider_postpones_only_that_token(desk: Desk) -> None:
    await desk.track(MINT, OTHER_MINT)
    desk.market.answers[MINT] = ProviderDown("no answer")
    async with desk.running():
        await until(lambda: desk.scored(OTHER_MINT), what="the other token's check")
        await desk.tick(at_seconds=29)
        assert await desk.scored(MINT) == 0
        desk.market.answers[MINT] = sample()
        await desk.tick(at_seconds=30)
        await until(lambda: desk.scored(MINT), what="the postponed look")
    assert desk.market.asked[MINT] == 2
    assert desk.heartbeat.counts["look", "ProviderDown"] == 1


async def test_a_slow_token_does_not_hold_the_others(desk: Desk) -> None:
    await desk.track(MINT, OTHER_MINT)
    desk.market.gates[MINT] = asyncio.Event()
    async with desk.running():
        await until(lambda: desk.scored(OTHER_MINT), what="the quick token's first check")
        await desk.tick(at_seconds=31)
        await until(lambda: desk.market.asked[OTHER_MINT] == 2, what="the quick token's second look")
        assert desk.market.asked[MINT] == 1, "a token is not asked for again while its look is on the way"
        desk.market.gates.pop(MINT).set()
        await until(lambda: desk.scored(MINT), what="the slow token's check")


async def test_tokens_wait_as_rows_until_there_is_room_and_obey_what_is_set_meanwhile(desk: Desk) -> None:
    mints = [f"{MINT[:-2]}{number:02}" for number in range(30)]
    await desk.track(*mints)
    gate = asyncio.Event()
    desk.market.gates = dict.fromkeys(mints, gate)
    async with desk.running():
        await until(lambda: desk.market.asked.total() == 20, what="as many looks as there is room for")
        await desk.store.settings.change("weight_tx_accel", 0.4, 7, NOON)
        gate.set()
        await until(lambda: desk.market.asked.total() == 30, what="the other looks, without another tick of the clock")
        await until(lambda: under_both_versions(desk), what="scores under both versions")


async def under_both_versions(desk: Desk) -> bool:
    rows = await desk.rows("SELECT settings_version, count(*) FROM tokens GROUP BY 1 ORDER BY 1")
    return rows == [(0, 20), (1, 10)]


async def test_a_request_of_ours_that_is_malformed_is_not_repeated_for_a_while(desk: Desk) -> None:
    await desk.track(MINT)
    desk.market.answers[MINT] = BadRequest("address is invalid")
    async with desk.running():
        await until(lambda: desk.heartbeat.counts["look", "BadRequest"] == 1, what="the refused look")
        await until(lambda: postponed(desk), what="the pause")
        await desk.tick(at_seconds=60)
        await until(lambda: desk.clock.slept.count(1.0) >= 4, what="another pass")
    assert desk.market.asked[MINT] == 1


async def postponed(desk: Desk) -> bool:
    return await desk.rows("SELECT next_check_at FROM tokens") == [(NOON + minutes(10),)]


async def test_a_token_too_old_is_archived_even_without_data(desk: Desk) -> None:
    await desk.track(MINT, heard_at=NOON - timedelta(hours=25))
    desk.market.answers[MINT] = NoDataYet("unknown")
    async with desk.running():
        await until(lambda: archived(desk), what="the archived status")


async def test_a_token_too_old_is_archived_even_if_nobody_can_be_asked(desk: Desk) -> None:
    await desk.track(MINT, heard_at=NOON - timedelta(hours=25))
    desk.market.rests = ProviderDown("resting")
    async with desk.running():
        await until(lambda: archived(desk), what="the archived status")


async def archived(desk: Desk) -> bool:
    [token] = await desk.store.tokens.find(MINT)
    return token.status is Status.ARCHIVED


async def test_a_poisonous_token_is_alone_postponed(desk: Desk) -> None:
    mints = [f"{MINT[:-2]}{number:02}" for number in range(8)]
    await desk.track(*mints)
    tokens = {mint: (await desk.store.tokens.find(mint))[0] for mint in mints}
    answers = [Answer(tokens[mint], Settings(), check=Seen(sample())) for mint in mints]
    answers[5] = replace(answers[5], check=Seen(sample(symbol="\x00")))
    await desk.recorder.settle(answers)
    found = {mint: (await desk.store.tokens.find(mint))[0].status for mint in mints}
    assert [mint for mint in mints if found[mint] is Status.INITIAL] == [mints[5]]
    assert desk.heartbeat.counts["look", "poisonous"] == 1
    due, _ = await desk.store.tokens.candidates(NOON + minutes(9), None, 20)
    assert mints[5] not in {token.mint for token in due}


async def test_a_look_lost_with_the_program_is_taken_again(desk: Desk) -> None:
    await desk.track(MINT)
    desk.market.gates[MINT] = asyncio.Event()
    async with desk.running():
        await until(lambda: desk.market.asked[MINT] == 1, what="the look")
    again = Desk(desk.store)
    again.market.answers[MINT] = sample()
    again.clock.move(30)
    async with again.running():
        await until(lambda: again.scored(MINT), what="the repeated look")


async def test_a_database_that_was_away_is_waited_for(desk: Desk, fresh_database: dict[str, Any]) -> None:
    await desk.track(MINT)
    async with desk.running():
        await until(lambda: desk.scored(MINT), what="the first check")
        other = await asyncpg.connect(**fresh_database)
        await other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        await other.close()
        await desk.tick(at_seconds=30)
        await until(lambda: two_checks(desk), what="the next check")


async def test_holder_growth_is_taken_from_the_stored_history(desk: Desk) -> None:
    await desk.track(MINT)
    async with desk.running():
        await until(lambda: desk.scored(MINT), what="the first check")
        desk.market.answers[MINT] = sample(ts=NOON + minutes(6), holders=2000)
        await desk.tick(at_seconds=360)
        await until(lambda: two_checks(desk), what="the second check")
    [token] = await desk.store.tokens.find(MINT)
    portrait = await desk.store.looks.portrait(token.id, NOON, Settings())
    assert portrait is not None
    assert portrait.score is not None
    growth = next(part for part in portrait.score.components if part.name == "holder_growth")
    assert growth.value == pytest.approx(0.693147)
    assert growth.partial
    assert growth.inputs == {"holders": 2000, "holders_then": 1000, "minutes": 6.0}


async def test_a_token_that_became_active_while_it_waited_for_its_check_is_checked_once(desk: Desk) -> None:
    mints = [f"{MINT[:-2]}{number:02}" for number in range(30)]
    await desk.track(*mints)
    gate = asyncio.Event()
    desk.market.gates = dict.fromkeys(mints, gate)
    told: list[Seen | None] = []
    async with desk.running():
        await until(lambda: desk.market.asked.total() == 20, what="as many looks as there is room for")
        waiting = next(mint for mint in mints if mint not in desk.market.asked)
        asked = next(iter(desk.market.asked))
        del desk.market.gates[waiting]
        tokens = [(await desk.store.tokens.find(mint))[0] for mint in (waiting, asked)]
        asking = asyncio.create_task(desk.checks.at_once(tokens, lambda _token, seen: told.append(seen)))
        await until(lambda: told == [Seen(sample())], what="the check of the one that nobody has asked about")
        gate.set()
        await asking
        await until(lambda: desk.market.asked.total() == 30, what="the other looks")
        await until(lambda: none_is_due(desk), what="every claim")
    assert told == [Seen(sample())] * 2, "whoever is asked about already is not asked about again"
    assert set(desk.market.asked.values()) == {1}


async def none_is_due(desk: Desk) -> bool:
    return (await desk.store.tokens.candidates(desk.clock.now(), None, 30))[0] == []
