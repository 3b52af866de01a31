"""Several alerts for many chats, against a Telegram that lets nothing pass beyond its limits."""

from __future__ import annotations

from collections import Counter

from deploy.sandbox.telegram import STRICT, BotApi
from storage.database import Database
from tests.integration.talking.stage import TOKEN, Stage
from tests.made import MINT, OTHER_MINT
from tests.waiting import until

THIRD_MINT = "So11111111111111111111111111111111111111112"
GROUP_IDS = range(-1_001_000_000_010, -1_001_000_000_000)
EARLY_IDS, LATER_IDS = range(100, 120), range(120, 150)
RATE_PER_SECOND = 22
DEADLINE_SECONDS = 60
# Else they would be folded into one message.
URGENT = """UPDATE outbox SET facts = facts || '{"kind": "high_score"}', priority = 10 RETURNING 1"""


async def test_chats_and_groups_hear_every_alert_once_and_no_limit_is_met(database: Database) -> None:
    async with BotApi(TOKEN, rate_limits=STRICT) as api:
        stage = Stage(api, database)
        owner = api.user(9, "Ann")
        for chat_id in GROUP_IDS:
            api.group(chat_id, f"Traders {chat_id}", owner=owner)
        for chat_id in (*GROUP_IDS, *EARLY_IDS):
            await stage.listens(chat_id)
        await stage.activated()
        await stage.activated(OTHER_MINT)
        for chat_id in LATER_IDS:
            await stage.listens(chat_id)
        await stage.activated(THIRD_MINT)
        await stage.rows(URGENT)
        async with stage.delivering(RATE_PER_SECOND):
            await until(stage.all_done, DEADLINE_SECONDS)
        heard = {chat_id: mints(api, chat_id) for chat_id in (*GROUP_IDS, *EARLY_IDS, *LATER_IDS)}
    assert {status for _, status in api.answers} == {200}
    assert [heard[chat_id] for chat_id in (*GROUP_IDS, *EARLY_IDS)] == [once(MINT, OTHER_MINT, THIRD_MINT)] * 30
    assert [heard[chat_id] for chat_id in LATER_IDS] == [once(THIRD_MINT)] * 30
    assert api.violations == []


def once(*mints: str) -> Counter[str]:
    return Counter(dict.fromkeys(mints, 1))


def mints(api: BotApi, chat_id: int) -> Counter[str]:
    """How often the chat was told of each token."""
    told = [str(message.caption or message.text) for message in api.messages(chat_id)]
    return Counter(mint for mint in (MINT, OTHER_MINT, THIRD_MINT) for words in told if mint in words)
