"""The owner's own links, as buttons."""

from __future__ import annotations

from bot.links import Link
from deploy.sandbox.telegram import BotApi, User
from storage.database import Database
from tests.integration.talking.stage import Stage
from tests.made import MINT


async def test_the_owners_links_are_under_cards_and_alerts(api: BotApi, database: Database, ann: User) -> None:
    stage = Stage(api, database, links=(Link("Axiom", "https://axiom.trade/t/{mint}"),))
    await stage.listens(8)
    async with stage.polling(), stage.delivering():
        await stage.activated(symbol="PEPE")
        alert = await api.next_message(8)
        card = await stage.asked(ann, f"/token {MINT}")
    for message in (alert, card):
        assert f"https://axiom.trade/t/{MINT}" in [button.get("url") for button in message.buttons]
