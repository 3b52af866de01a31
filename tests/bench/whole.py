"""The whole program on the bench: a database of its own, alerts that are decided beside it, what Telegram accepted."""

from __future__ import annotations

import logging
import re
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import structlog
from sqlalchemy import insert, text

from deploy.sandbox.telegram.values import Json
from engine.decision import decide
from engine.model import Alert, AlertKind, Verdict
from engine.settings import Settings
from storage.database import Database
from storage.embedded import embedded_postgres
from storage.store import Store
from storage.tables import ChatRow
from tests.e2e.stage import Stage
from tests.made import migration, sample

LATER = timedelta(days=1)
SIGNS = {AlertKind.HIGH_SCORE: "🔥", AlertKind.ACTIVATED: "🚀", AlertKind.REVIVED: "♻", AlertKind.ARCHIVED: "🗄"}
Key = tuple[int, str, str]  # a chat, a mint and a kind of alert

COUNTED = re.compile(r'^tothemoon_(alert_\w+)_total\{kind="([^"]*)"\} (\d+)', re.MULTILINE)
OPEN = text("""
    SELECT count(*) FROM outbox
    WHERE outcome IS NULL AND action <> 'edit' AND (SELECT off_at FROM chats WHERE id = chat_id) IS NULL
""")
# The program that had claimed these rows is gone: as if the time of their leases had passed.
PASS_LEASES = text("UPDATE outbox SET lease_until = clock_timestamp() WHERE lease_until > clock_timestamp()")
ROWS = text("""
    SELECT outbox.chat_id, tokens.address, alerts.kind, outbox.outcome
    FROM outbox JOIN alerts ON alerts.id = alert_id JOIN tokens ON tokens.id = token_id
    WHERE action <> 'edit'
""")


def quiet() -> None:
    """Let a bench print what it measured, and the code under it errors only."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    logging.disable(logging.INFO)


@asynccontextmanager
async def own_database() -> AsyncIterator[dict[str, Any]]:
    """Keyword arguments for `asyncpg.connect` to an embedded PostgreSQL with all tables, which goes with the bench."""
    with tempfile.TemporaryDirectory(prefix="tothemoon-bench-") as folder:
        async with embedded_postgres(Path(folder)) as address:
            async with opened(address) as store:
                await store.database.migrate()
            yield address


@asynccontextmanager
async def opened(address: dict[str, Any]) -> AsyncIterator[Store]:
    """Storage over the database that the program works on."""
    database = Database(address)
    try:
        yield Store(database)
    finally:
        await database.close()


def listener(chat_id: int, kind: str, now: datetime, **facts: Any) -> dict[str, Any]:
    """The row of a chat that hears high scores, without a cap: these are never told together with others."""
    heard = {"hear_activated": "off", "hear_revived": "off", "hourly_cap": None, "pictures": False, "thread_id": None}
    times = {"created_at": now, "subscribed_at": now - timedelta(hours=1)}
    return {"id": chat_id, "type": kind, "title": None, "language": "en", **times, **heard, **facts}


async def subscribe(store: Store, rows: list[dict[str, Any]]) -> None:
    """Let these chats listen."""
    chats: Any = ChatRow.__table__  # the mapped class would leave out "no cap", and the column's default come instead
    async with store.database.transaction() as session:
        await session.execute(insert(chats), rows)
        await session.execute(text("ANALYZE chats"))


async def ring(store: Store, mint: str, now: datetime) -> None:
    """A high score of a new token, recorded as the program records it: every chat that listens hears of it."""
    await store.looks.record([await high_score(store, mint, now)], now, Settings())


async def high_score(store: Store, mint: str, now: datetime, level: float | None = None, **facts: Any) -> Verdict:
    """What is decided of a new token that gets hot; the program looks at it by itself much later only."""
    await store.tokens.track(migration(mint, heard_at=now - timedelta(hours=1), **facts), first_check_at=now + LATER)
    [token] = await store.tokens.find(mint)
    decided = decide(token, sample(ts=now), (), now, Settings())
    return replace(decided, alerts=(Alert(AlertKind.HIGH_SCORE, 1, now, level=level),))


async def still_open(store: Store) -> int:
    """How many rows are to be sent yet, to chats that are not off."""
    async with store.database.transaction() as session:
        return await session.scalar(OPEN) or 0


async def pass_leases(store: Store) -> None:
    """Let what was claimed be claimed again at once."""
    async with store.database.transaction() as session:
        await session.execute(PASS_LEASES)


async def rows(store: Store) -> dict[Key, str | None]:
    """The outcome of each alert about a token for each chat; None while it is open."""
    async with store.database.transaction() as session:
        found = (await session.execute(ROWS)).all()
    return {(chat_id, mint, kind): outcome for chat_id, mint, kind, outcome in found}


def told(sends: Iterable[Json]) -> Counter[Key]:
    """How often each alert about a token is among these sends."""
    keys = [key_of(send) for send in sends]
    return Counter(key for key in keys if key is not None)


def key_of(send: Json) -> Key | None:
    """Which alert for whom this is; None for anything else. Its sign begins an alert, its mint ends it."""
    words = str(send.get("caption") or send.get("text") or "")
    kinds = [kind for kind, sign in SIGNS.items() if words.startswith(sign)]
    return (send["chat_id"], words.rpartition("\n")[2].strip(), kinds[0].value) if kinds else None


async def counts(stage: Stage) -> dict[tuple[str, str], int]:
    """The program's counters about alerts in /metrics, by what and kind."""
    url = stage.health_url.replace("/health", "/metrics")
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return counts_of(await answer.text())


def counts_of(metrics: str) -> dict[tuple[str, str], int]:
    """The same, of this text."""
    return {(what, kind): int(float(count)) for what, kind, count in COUNTED.findall(metrics)}
