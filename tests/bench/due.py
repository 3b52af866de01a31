"""The tokens of a tick: rows that are due, their history, who listens, and what the providers say of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import insert, select, text

from deploy.sandbox.birdeye import BirdeyeApi
from deploy.sandbox.birdeye_answers import overview
from deploy.sandbox.births import address_of, mint_of
from deploy.sandbox.cast import STILLBORN
from deploy.sandbox.courses import stretches
from deploy.sandbox.dexscreener import DexScreenerApi
from deploy.sandbox.lives import Figures, Life
from deploy.sandbox.tapes import generator
from deploy.sandbox.trades import Window
from engine.model import Source, Status
from engine.pairs import parse_pairs
from storage.database import Database
from storage.looks import FIGURES
from storage.tables import ChatRow, TokenRow, TokenSnapshotRow
from tests.made import minutes, pair

HISTORY_MINUTES = 90  # as far back as holder growth looks, one look a minute
LATER = timedelta(days=1)
DULL_EACH = 10  # one token in so many does not open the gate
HOT_EACH = 3  # one check in so many rings

HISTORY = text("""
    INSERT INTO token_snapshots (token_id, ts, source, holders, price, liquidity)
    SELECT id, CAST(:now AS timestamptz) - minute * interval '1 minute', :source, :holders, 0.001, 60000
    FROM tokens CROSS JOIN generate_series(1, :minutes) AS minute
""")


@dataclass(frozen=True, slots=True)
class Scene:
    """Tokens of one status that are due for a glance, or else for a check."""

    words: str
    status: Status
    glanced: bool


SCENES = {
    "gate": Scene("Initial tokens due for a glance that mostly opens the gate", Status.INITIAL, glanced=True),
    "checks": Scene("Active tokens due for a check", Status.ACTIVE, glanced=False),
    "still": Scene("Active tokens due for a glance that changes nothing", Status.ACTIVE, glanced=True),
}


async def seed(database: Database, scene: Scene, tokens: int, chats: int, now: datetime) -> list[str]:
    """Write the rows that the scene begins with; the tokens' mints."""
    mints = [mint_of(f"due {number}") for number in range(tokens)]
    async with database.transaction() as session:
        await session.execute(insert(TokenRow), [_token(scene, mint, now) for mint in mints])
        await session.execute(insert(ChatRow), [_chat(number, now) for number in range(1, chats + 1)])
        if scene.status is Status.ACTIVE:
            source, holders = (Source.DEXSCREENER, None) if scene.glanced else (Source.BIRDEYE, 900)
            told = {"now": now, "source": source.value, "holders": holders, "minutes": HISTORY_MINUTES}
            await session.execute(HISTORY, told)
        if scene.status is Status.ACTIVE and scene.glanced:
            rows = await session.execute(select(TokenRow.id, TokenRow.address))
            await session.execute(insert(TokenSnapshotRow), [_seen(token_id, mint, now) for token_id, mint in rows])
    await _analyze(database)
    return mints


def tell(scene: Scene, mints: Sequence[str], now: datetime, birdeye: BirdeyeApi, dexscreener: DexScreenerApi) -> None:
    """Let the stand-ins know what to answer."""
    for number, mint in enumerate(mints):
        dull = scene.status is Status.INITIAL and number % DULL_EACH == DULL_EACH - 1
        dexscreener.tell(mint, [_pair(mint, now, dull=dull)])
        birdeye.tell(mint, _overview(mint, now, hot=number % HOT_EACH == 0))


async def _analyze(database: Database) -> None:
    """Let the planner know the rows, as autovacuum would have done long ago."""
    async with database.transaction() as session:
        await session.execute(text("ANALYZE tokens, token_snapshots, chats"))


def _token(scene: Scene, mint: str, now: datetime) -> dict[str, Any]:
    active = scene.status is Status.ACTIVE
    return {
        "address": mint,
        "status": scene.status,
        "created_at": now - minutes(100 if active else 1),
        "activated_at": now - minutes(95) if active else None,
        "checked_at": now - minutes(15) if active else None,
        "last_score_value": 0.5 if active else None,
        "last_score_at": now - minutes(15) if active else None,
        "score_source": Source.BIRDEYE.value if active else None,
        "settings_version": 0 if active else None,
        "first_trade_at": now - minutes(105) if active else None,
        "next_check_at": now + LATER if scene.glanced else now - minutes(1),
        "next_glance_at": now - minutes(1) if scene.glanced else now + LATER,
    }


def _chat(number: int, now: datetime) -> dict[str, Any]:
    return {"id": number, "type": "private", "language": "en", "created_at": now, "subscribed_at": now - minutes(60)}


def _seen(token_id: int, mint: str, now: datetime) -> dict[str, Any]:
    """The glance of a moment ago, with the figures that DexScreener is about to repeat."""
    sample = parse_pairs([_pair(mint, now)], [mint], now, lambda _: None)[mint].sample
    figures = {name: getattr(sample, name) for name in FIGURES}
    return {**figures, "token_id": token_id, "source": sample.source.value, "ts": now - minutes(0.1)}


def _pair(mint: str, now: datetime, *, dull: bool = False) -> dict[str, Any]:
    return pair(
        pairAddress=address_of(f"{mint}:pool"),
        baseToken={"address": mint, "name": "Due Token", "symbol": "DUE"},
        liquidity={"usd": 9_000 if dull else 60_000},
        pairCreatedAt=int((now - minutes(25)).timestamp() * 1000),
    )


def _overview(mint: str, now: datetime, *, hot: bool) -> dict[str, object]:
    """A check's figures: trading speeds up where it is hot, and is even elsewhere."""
    hour = Window(250, 200, 25_000, 20_000) if hot else Window(2_400, 2_400, 240_000, 240_000)
    figures = Figures(0.001, 60_000, 1_000_000, 1_000, now, Window(220, 180, 22_000, 18_000), hour, markets=2)
    tape = partial(stretches, generator(mint), STILLBORN)  # any: the figures are told here
    return overview(Life(mint, "DUE", "Due Token", now - minutes(30), 300, tape), figures)
