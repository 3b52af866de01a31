"""From a PumpPortal frame to a Telegram alert, through the whole unchanged program."""

import asyncio
import json
import signal
from io import BytesIO
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from PIL import Image

from deploy.sandbox.birdeye import NULL_DATA
from deploy.sandbox.faults import DROP, HTML_PAGE, Fault
from deploy.sandbox.program import running
from deploy.sandbox.telegram import SentMessage
from storage.embedded import embedded_postgres
from tests.e2e.stage import KEY, TOKEN, Stage, dsn, words
from tests.made import MINT, OTHER_MINT
from tests.waiting import until

pytestmark = pytest.mark.timeout(150)
SESSION = Path(__file__).resolve().parents[2].parent / "shared" / "payloads" / "pumpportal" / "session_full.json"


def alerts(stage: Stage, chat_id: int) -> list[SentMessage]:
    """Pushed alerts: the messages with a picture that nobody asked for."""
    return [message for message in stage.telegram.messages(chat_id) if message.photo]


async def rows(stage: Stage, sql: str) -> list[tuple[Any, ...]]:
    """What the stopped program's database holds."""
    async with embedded_postgres(stage.data_dir) as address:
        connection = await asyncpg.connect(**address)
        try:
            return [tuple(row) for row in await connection.fetch(sql)]
        finally:
            await connection.close()


async def checks_by_weight(address: dict[str, Any]) -> dict[float, int]:
    connection = await asyncpg.connect(**address)
    try:
        found = await connection.fetch(
            "SELECT (components->'tx_accel'->>'weight')::float, count(*) FROM token_scores GROUP BY 1"
        )
        return {row[0]: row[1] for row in found}
    finally:
        await connection.close()


async def test_a_migration_becomes_an_alert_with_a_picture(stage: Stage) -> None:
    async with stage.program() as program:
        assert "alerts" in words(await stage.ask(stage.admin, "/subscribe"))
        assert "оповещения" in words(await stage.ask(stage.trader, "/subscribe"))
        stage.migrate(MINT)
        await until(lambda: alerts(stage, stage.admin.id) and alerts(stage, stage.trader.id), 15, "both alerts")
        [alert] = alerts(stage, stage.admin.id)
        assert MINT in words(alert)
        assert "BUSY" in words(alert)
        assert alert.photo is not None
        assert len(alert.photo) <= 100_000
        assert Image.open(BytesIO(alert.photo)).format == "PNG"
        top = await stage.ask(stage.admin, "/top")
        assert "BUSY" in words(top)
        card = await stage.ask(stage.admin, f"/token {MINT}")
        assert MINT in words(card)
        assert card.photo is not None
        assert stage.telegram.violations == []
        program.send_signal(signal.SIGINT)
        assert await asyncio.wait_for(program.wait(), 8) == 0
    assert stage.servers() == []
    [(status, samples, scores, sent)] = await rows(
        stage,
        "SELECT status::text, (SELECT count(*) FROM token_snapshots), (SELECT count(*) FROM token_scores),"
        " (SELECT count(*) FROM outbox WHERE outcome = 'sent' AND action <> 'edit') FROM tokens",
    )
    assert status == "Active"
    assert samples >= scores >= 1
    assert sent == 2


async def test_a_set_changes_the_next_tick_and_no_earlier_one(stage: Stage, fresh_database: dict[str, Any]) -> None:
    stage.more["DB_DSN"] = dsn(fresh_database)
    async with stage.program():
        stage.migrate(MINT)
        await until(lambda: checks(fresh_database, 0.25), 15, "a check under the default weight")
        refused = await stage.ask(stage.trader, "/set weight tx_accel 9")
        assert words(refused)
        answer = await stage.confirmed("/set weight tx_accel 0.4")
        assert "0.25 → 0.4" in words(answer)
        before = (await checks_by_weight(fresh_database))[0.25]
        await until(lambda: checks(fresh_database, 0.4), 15, "a check under the new weight")
        by_weight = await checks_by_weight(fresh_database)
        assert set(by_weight) == {0.25, 0.4}
        assert by_weight[0.25] - before <= 1, "at most the check that was on its way"
        nonsense = await stage.ask(stage.admin, "/set weight tx_accel 99")
        assert "-10 … 10" in words(nonsense)
    assert stage.servers() == []
    [refusal] = stage.logged("access.refused")
    assert refusal["user_id"] == stage.trader.id
    assert isinstance(refusal["request_id"], int)


async def checks(address: dict[str, Any], weight: float) -> int:
    return (await checks_by_weight(address)).get(weight, 0)


async def test_nothing_that_became_a_row_is_lost_by_a_kill(stage: Stage) -> None:
    async with stage.program() as program:
        await stage.ask(stage.admin, "/subscribe")
        await stage.confirmed("/set min_tx_count 50")
        stage.telegram.fail_next("sendPhoto", 429, "Too Many Requests: retry after 4", {"retry_after": 4})
        stage.migrate(MINT)
        stage.feed.push({"signature": "x", "mint": OTHER_MINT, "txType": "migrate", "pool": "pump-amm"})
        await until(lambda: any(r.method == "sendPhoto" for r in stage.telegram.requests), 15, "the alert's first try")
        assert alerts(stage, stage.admin.id) == []
        program.kill()
        await program.wait()
    assert len(stage.servers()) >= 1, "the server outlives a kill"
    async with stage.program():
        assert len(await asyncio.to_thread(postmasters, stage)) == 1, "the server left behind is adopted"
        await until(lambda: alerts(stage, stage.admin.id), 45, "the alert that was a row")
        settings = await stage.ask(stage.admin, "/settings")
        assert "min_tx_count" in words(settings)
    assert stage.servers() == []
    found = await rows(stage, "SELECT address, status::text FROM tokens ORDER BY address")
    assert found == [(OTHER_MINT, "Initial"), (MINT, "Active")]
    assert await rows(stage, "SELECT value::text FROM settings WHERE key = 'min_tx_count'") == [("50",)]
    assert await rows(stage, "SELECT count(*) FROM alerts") == [(1,)]
    assert len(alerts(stage, stage.admin.id)) == 1


def postmasters(stage: Stage) -> list[int]:
    """The servers that are nobody's child among the servers."""
    servers = stage.servers()
    pids = {server.pid for server in servers}
    return [server.pid for server in servers if server.ppid() not in pids]


async def test_a_second_program_on_the_same_folder_is_told_so_in_one_line(stage: Stage) -> None:
    async with stage.program():
        second = stage.folder / "second.log"
        stage.more["HEALTH_PORT"] = "0"
        async with running(stage.variables(), stage.folder, second) as other:
            assert await asyncio.wait_for(other.wait(), 40) == 2
        lines = plain_lines(second)
        assert len(lines) == 1
        assert "DATA_DIR" in lines[0]
        assert await stage.healthy()


def plain_lines(log: Path) -> list[str]:
    """What is not a log line."""
    return [line for line in log.read_text().splitlines() if not line.startswith("{")]


@pytest.mark.skipif(not SESSION.exists(), reason="the recorded session is not on this machine")
async def test_the_recorded_session_tracks_its_seven_tokens(stage: Stage) -> None:
    session = json.loads(SESSION.read_text())
    async with stage.program():
        await stage.feed.replay(session, stage.world.clock, speed=1000, world=stage.world)
        await until(lambda: len(stage.logged("migration.heard")) == 7, 15, "seven migrations")
        await until(lambda: len(set(stage.market.requests)) == 7, 15, "a look at each")
        code, health = await stage.health()
        assert (code, health["parts"]["feed"]["state"]) == (200, "ok")
    migrated = {record["frame"]["mint"] for record in session if record["frame"].get("txType") == "migrate"}
    found = await rows(stage, "SELECT address FROM tokens")
    assert {row[0] for row in found} == migrated
    assert len(found) == 7
    assert [line for line in stage.log.read_text().splitlines() if '"level": "error"' in line] == []


async def test_hostile_frames_and_answers_leave_the_program_alive_and_the_secrets_secret(stage: Stage) -> None:
    async with stage.program():
        await stage.ask(stage.admin, "/subscribe")
        for frame in ("not json", "[1,2]", b"\xff\xfe", '{"txType":"migrate","mint":"short"}', '{"txType":"burn"}'):
            stage.feed.push(frame)
        stage.feed.push({"txType": "migrate", "mint": "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v"})
        for fault in (HTML_PAGE, NULL_DATA, DROP, Fault(500, {"success": False}), Fault(401, {"message": "no"})):
            stage.market.fail(fault, mint=OTHER_MINT, times=1)
        stage.feed.push({"txType": "migrate", "mint": OTHER_MINT, "signature": None, "pool": 7})
        stage.telegram.raw_update({"update_id": 10**9, "message": {"date": "tomorrow"}})
        stage.migrate(MINT, symbol="\x00<b>\u202e", name="t.me/scam")
        await until(lambda: alerts(stage, stage.admin.id), 60, "the alert")
        assert words(await stage.ask(stage.admin, "/status"))
    output = stage.log.read_text()
    for secret in (TOKEN, TOKEN.partition(":")[2], KEY):
        assert secret not in output
    assert "Traceback" not in output
    assert stage.telegram.violations == []


async def test_health_tells_starting_then_ok_then_what_fails(stage: Stage) -> None:
    stage.feed.refuse(503, times=3)
    async with stage.program(ready=False):
        await until(lambda: starting(stage), 30, "the starting state")
        await until(stage.healthy, 40, "a 200 once the feed has subscribed")
        stage.telegram.revoke()
        await until(lambda: polling_failed(stage), 60, "polling's failure")


async def starting(stage: Stage) -> bool:
    code, body = await stage.health()
    return code == 503 and body["status"] == "starting" and bool(body["waiting_for"])


async def polling_failed(stage: Stage) -> bool:
    code, body = await stage.health()
    return (
        code == 503
        and body["parts"]["polling"]["state"] == "failing"
        and "BOT_TOKEN" in body["parts"]["polling"]["last_error"]
    )


async def test_an_absent_database_is_waited_for_and_then_given_up(stage: Stage) -> None:
    stage.more["DB_DSN"] = "postgresql://nobody:hidden-password@127.0.0.1:1/none"
    async with stage.program(ready=False) as program:
        assert await asyncio.wait_for(program.wait(), 45) == 1
    assert len(stage.logged("database.waited_for")) >= 3
    [line] = stage.logged("program.gave_up")
    assert "DB_DSN" in line["advice"]
    assert "hidden-password" not in stage.log.read_text()
