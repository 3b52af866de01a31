"""Storage with the few steps that most stories about it begin with."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text

from engine.decision import decide
from engine.model import Alert, AlertKind, Sample, Status, Token, Verdict
from engine.parcels import Parcel
from engine.settings import Settings
from engine.shown import Chat
from storage.store import Store
from tests.made import MINT, NOON, migration, minutes, sample

WAIT = {Status.INITIAL: timedelta(seconds=30), Status.ACTIVE: timedelta(seconds=20), Status.ARCHIVED: minutes(5)}
ALICE = Chat(id=11, type="private", language="ru")
BOB = Chat(id=22, type="private")


class Story(Store):
    """All of storage, with the few steps that most stories begin with."""

    async def tracked(self, mint: str = MINT, heard_at: datetime = NOON) -> Token:
        await self.tokens.track(migration(mint, heard_at=heard_at), first_check_at=NOON)
        return (await self.tokens.find(mint))[0]

    async def look(
        self, token: Token, found: Sample | None, now: datetime, settings: Settings | None = None
    ) -> Verdict:
        """One look, decided and recorded."""
        rules = settings or await self.settings.current()
        verdict = decide(token, found, (), now, rules)
        await self.looks.record([verdict], now, rules)
        return verdict

    async def alerted(self, mint: str, at: datetime, kind: AlertKind = AlertKind.HIGH_SCORE, episode: int = 1) -> Token:
        """A tracked token for which such an alert was decided."""
        token = await self.tracked(mint, heard_at=at)
        verdict = replace(decide(token, None, (), at, Settings()), alerts=(Alert(kind, episode, at),))
        await self.looks.record([verdict], at, Settings())
        return token

    async def rows(self, sql: str) -> list[Any]:
        async with self.database.transaction() as session:
            return [tuple(row) for row in (await session.execute(text(sql))).all()]

    async def change(self, sql: str, **values: Any) -> None:
        async with self.database.transaction() as session:
            await session.execute(text(sql), values)

    async def heard(self) -> list[tuple[int, str]]:
        parcels = await self.outbox.claim(100, 60, NOON)
        return sorted((parcel.chat_id, parcel.facts.kind.value) for parcel in parcels)


async def one_parcel(store: Story) -> Parcel:
    """The one row of an activation that Alice hears, claimed."""
    await store.chats.subscribe(ALICE, NOON - minutes(1))
    await store.look(await store.tracked(), sample(), NOON)
    [parcel] = await store.outbox.claim(10, 60, NOON)
    return parcel
