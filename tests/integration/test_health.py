"""/health and /metrics over a real socket."""

import asyncio
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest

from bot import __version__, health
from bot.catalogs import Catalogs
from bot.health import Health
from bot.masking import Mask
from bot.views.operating import health as health_view
from bot.vitals import PULSES
from engine.errors import ConfigError, DatabaseAway
from engine.heartbeat import Heartbeat
from engine.shown import Backlog, FeedGaps, Leader, Supply, Term
from tests.made import NOON

PARTS = ["database", "leader", "feed", "ticker", "birdeye", "dexscreener", "delivery", "flood", "refused", "polling"]


@dataclass
class Ages:
    """A monotonic clock that goes only when told."""

    seconds: float = 1000.0

    def __call__(self) -> float:
        return self.seconds


@dataclass
class Database:
    """Answers pings like the real one; can be away or hang."""

    away: Exception | None = None
    hangs: bool = False
    leading: bool = True
    backlog_now: Backlog = field(default_factory=lambda: Backlog(waiting=0, oldest_seconds=None))
    gaps_now: FeedGaps = field(default_factory=lambda: FeedGaps(0, 0.0))

    def supply(self) -> Supply | None:
        return None

    async def ping(self) -> float:
        if self.hangs:
            await asyncio.Event().wait()
        if self.away is not None:
            raise self.away
        return 0.001

    def term(self) -> Term | None:
        return Term(self.leading, 1.23, Leader("berlin-1", NOON, 4.56))

    async def backlog(self) -> Backlog:
        return self.backlog_now

    async def gaps(self) -> FeedGaps:
        return self.gaps_now


@dataclass
class Running:
    """A served Health with everything around it."""

    ages: Ages
    heartbeat: Heartbeat
    health: Health
    database: Database
    url: str
    client: aiohttp.ClientSession

    async def get(self) -> tuple[int, dict[str, Any]]:
        async with self.client.get(f"{self.url}/health") as response:
            return response.status, await response.json()

    def start(self) -> None:
        database = self.database
        self.health.watch(database.ping, database.backlog, database.gaps, database.supply, database.term)
        for part in ("feed", "feed_subscribed", "glances", "checks", "recorder", "delivery", "polling"):
            self.heartbeat.beat(part)


@pytest.fixture
async def running() -> AsyncIterator[Running]:
    ages = Ages()
    heartbeat = Heartbeat(ages)
    served = Health(heartbeat, Mask(["hunter2"]), ages)
    async with served.serve("127.0.0.1", 0) as port, aiohttp.ClientSession() as client:
        yield Running(ages, heartbeat, served, Database(), f"http://127.0.0.1:{port}", client)


async def test_no_reader_of_the_report_sees_a_secret(running: Running) -> None:
    running.start()
    for part in PULSES:
        running.heartbeat.fail(part, f"{part} refused hunter2 at postgresql://moon:hunter2@db/x")
    report = await running.health.report()
    with Catalogs().speaking("en"):
        shown, _entities = health_view(report).render()
    assert "hunter2" not in repr(report)
    assert "hunter2" not in shown
    assert "refused *** at postgresql://***@db/x" in shown


async def test_before_there_is_a_database_it_is_starting(running: Running) -> None:
    running.ages.seconds += 125.26

    status, told = await running.get()

    assert (status, told["status"], told["version"]) == (503, "starting", __version__)
    assert told["uptime_seconds"] == 125.3
    assert told["waiting_for"] == ["database migrations", "leadership", "feed subscription", "first answer to polling"]
    assert told["parts"]["database"] == {
        "state": "starting",
        "age_seconds": None,
        "last_error": None,
        "last_error_age_seconds": None,
        "ping_ms": None,
    }


async def test_once_everything_has_begun_it_is_ok(running: Running) -> None:
    running.start()
    running.database.backlog_now = Backlog(waiting=2, oldest_seconds=7.77)
    running.database.gaps_now = FeedGaps(count=3, seconds=240.04)
    running.ages.seconds += 3

    status, told = await running.get()

    assert (status, told["status"]) == (200, "ok")
    assert "waiting_for" not in told
    assert list(told["parts"]) == [
        "database",
        "leader",
        "feed",
        "ticker",
        "birdeye",
        "dexscreener",
        "delivery",
        "flood",
        "refused",
        "polling",
    ]
    assert told["parts"]["database"]["age_seconds"] == 0
    assert told["parts"]["database"]["ping_ms"] == 1.0
    assert told["parts"]["feed"]["age_seconds"] == 3
    assert told["parts"]["feed"]["subscribed"] is True
    assert (told["parts"]["feed"]["gaps_24h"], told["parts"]["feed"]["gap_seconds_24h"]) == (3, 240.0)
    assert (told["parts"]["delivery"]["waiting"], told["parts"]["delivery"]["oldest_seconds"]) == (2, 7.8)
    assert told["parts"]["birdeye"]["state"] == "idle"


async def test_a_program_that_stands_by_is_well_and_says_so(running: Running) -> None:
    running.start()
    running.database.leading = False

    status, told = await running.get()

    assert (status, told["status"], list(told["parts"])) == (200, "standby", ["database", "leader"])
    assert (told["parts"]["leader"]["leading"], told["parts"]["leader"]["since_seconds"]) == (False, 4.6)


async def test_the_database_is_asked_anew_at_every_request(running: Running) -> None:
    running.start()
    assert (await running.get())[0] == 200

    running.database.away = DatabaseAway("connection to postgres://moon:hunter2@db refused")
    status, told = await running.get()
    assert (status, told["status"], told["parts"]["database"]["state"]) == (503, "failing", "failing")
    assert told["parts"]["database"]["last_error"] == "connection to postgres://***@db refused"
    assert told["parts"]["feed"]["gaps_24h"] is None

    running.database.away = None
    running.ages.seconds += 4
    status, told = await running.get()
    assert (status, told["parts"]["database"]["state"]) == (200, "ok")
    assert told["parts"]["database"]["last_error_age_seconds"] == 4


async def test_a_database_that_hangs_is_failing_within_the_bound(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "PROBE_SECONDS", 0.05)
    running.start()
    running.database.hangs = True

    async with asyncio.timeout(5):
        status, told = await running.get()

    assert (status, told["parts"]["database"]["state"]) == (503, "failing")
    assert told["parts"]["database"]["last_error"] == "no answer within 0.05 s"


async def test_an_error_is_told_in_one_short_line_without_secrets(running: Running) -> None:
    running.heartbeat.fail("polling", f"refused:\n  hunter2 bot123456789:{'A' * 35}/getMe " + "x" * 1000)

    _, told = await running.get()

    error = told["parts"]["polling"]["last_error"]
    assert error.startswith("refused: *** bot***/getMe xxx")
    assert len(error) == 300


async def test_a_part_that_grows_silent_turns_the_answer(running: Running) -> None:
    running.start()
    running.ages.seconds += 31

    status, told = await running.get()

    assert (status, told["status"]) == (503, "failing")
    assert [name for name, part in told["parts"].items() if part["state"] == "failing"] == ["ticker"]


async def test_metrics_are_prometheus_text(running: Running) -> None:
    running.start()
    running.heartbeat.count("frame_dropped", "bad_mint")

    async with running.client.get(f"{running.url}/metrics") as response:
        text = await response.text()

    assert response.status == 200
    assert response.headers["Content-Type"].startswith("text/plain")
    assert "tothemoon_up 1.0" in text
    assert 'tothemoon_frame_dropped_total{kind="bad_mint"} 1.0' in text
    assert 'tothemoon_part_state{part="database",state="ok"} 1.0' in text


async def test_other_paths_and_broken_requests_do_not_disturb_it(running: Running) -> None:
    running.start()
    async with running.client.get(f"{running.url}/etc/passwd") as response:
        assert response.status == 404
    async with running.client.post(f"{running.url}/health") as response:
        assert response.status == 405
    port = int(running.url.rsplit(":", 1)[1])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"\x16\x03\x01 not HTTP at all\r\n\r\n")
    await reader.read()
    writer.close()
    await writer.wait_closed()

    assert (await running.get())[0] == 200


async def test_a_port_in_use_is_one_line_that_names_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=rf"^HEALTH_PORT {port} is in use; .+ for example HEALTH_PORT=8001$"):
            async with Health(Heartbeat(), Mask()).serve("127.0.0.1", port):
                pass


@pytest.mark.parametrize("host", ["192.0.2.1", "a..b", "x" * 70])
async def test_a_host_that_is_not_ours_is_one_line_that_names_it(host: str) -> None:
    with pytest.raises(ConfigError, match=r"^HEALTH_HOST is not .+; for example HEALTH_HOST=127\.0\.0\.1$"):
        async with Health(Heartbeat(), Mask()).serve(host, 0):
            pass


async def test_the_port_is_free_again_afterwards() -> None:
    served = Health(Heartbeat(), Mask())
    async with served.serve("127.0.0.1", 0) as port:
        pass
    async with served.serve("127.0.0.1", port) as again:
        assert again == port
