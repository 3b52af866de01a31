"""The engine alone: no Telegram, no token, no Birdeye key; what it would have told stays a row."""

from typing import Any

import asyncpg
import pytest

from deploy.sandbox.dexscreener import DexScreenerApi
from deploy.sandbox.pumpportal import migrate_frame
from tests.databases import execute
from tests.e2e.stage import Stage, dsn
from tests.made import MINT, pair
from tests.waiting import until

pytestmark = pytest.mark.timeout(90)
BUSY = {"baseToken": {"address": MINT, "symbol": "BUSY", "name": "Busy"}, "txns": {"m5": {"buys": 200, "sells": 99}}}
CHAT = "INSERT INTO chats (id, type, language, created_at, subscribed_at) VALUES (1, 'private', 'en', now(), now())"


async def alert_rows(address: dict[str, Any]) -> list[tuple[str, bool]]:
    """Kind and "was it sent" of each alert on its way to a chat."""
    connection = await asyncpg.connect(**address)
    try:
        sql = "SELECT kind::text, outcome IS NOT NULL FROM outbox JOIN alerts ON alerts.id = alert_id"
        found = await connection.fetch(sql)
        return [(row[0], row[1]) for row in found]
    finally:
        await connection.close()


async def test_without_the_bot_alerts_become_rows_and_telegram_hears_nothing(
    stage: Stage, fresh_database: dict[str, Any]
) -> None:
    await execute(fresh_database, CHAT)
    async with DexScreenerApi(stage.world) as glances:
        glances.tell(MINT, [pair(**BUSY, liquidity={"usd": 90_000})])
        stage.words = ("--no-bot",)
        stage.more |= {"BOT_TOKEN": "", "BIRDEYE_API_KEY": "", "DEXSCREENER_URL": glances.url}
        stage.more["DB_DSN"] = dsn(fresh_database)
        async with stage.program():
            stage.feed.push(migrate_frame(MINT))
            await until(lambda: alert_rows(fresh_database), 20, "the alert's row")
            _, health = await stage.health()
    assert await alert_rows(fresh_database) == [("activated", False)]
    assert not {"delivery", "polling"} & set(health["parts"])
    assert stage.telegram.requests == []
    assert stage.market.requests == []
