"""Where figures come from: free glances beside paid checks, and free glances alone; through the whole program."""

from collections.abc import AsyncIterator

import pytest

from deploy.sandbox.dexscreener import DexScreenerApi
from deploy.sandbox.pairs import Pair
from deploy.sandbox.world import mint_of
from tests.e2e.stage import Stage, words
from tests.made import MINT, OTHER_MINT, pair
from tests.waiting import until

pytestmark = pytest.mark.timeout(150)


@pytest.fixture
async def listing(stage: Stage) -> AsyncIterator[DexScreenerApi]:
    """A DexScreener that lists what it is told."""
    async with DexScreenerApi(stage.world) as api:
        stage.more["DEXSCREENER_URL"] = api.url
        yield api


def pool(mint: str, count: int, liquidity: float = 60_000) -> Pair:
    """A pool of the token with so many trades in the last five minutes."""
    return pair(
        pairAddress=mint_of(f"{mint}:pumpswap"),
        baseToken={"address": mint, "name": "A busy token", "symbol": "BUSY"},
        txns={"m5": {"buys": count - 40, "sells": 40}, "h1": {"buys": count, "sells": 40}},
        liquidity={"usd": liquidity},
    )


async def test_a_glance_activates_and_its_alert_carries_the_score_of_one_paid_check(
    stage: Stage, listing: DexScreenerApi
) -> None:
    listing.tell(MINT, [pool(MINT, 300)])
    listing.tell(OTHER_MINT, [pool(OTHER_MINT, 45, 900)])
    async with stage.program():
        await stage.ask(stage.admin, "/subscribe")
        stage.feed.push({"signature": "x", "mint": OTHER_MINT, "txType": "migrate", "pool": "pump-amm"})
        stage.migrate(MINT)
        await until(lambda: alerts(stage), 15, "the alert")
        [alert] = alerts(stage)
        assert "Score" in alert
        asked = list(stage.market.requests)
        for command in (f"/token {MINT}", f"/token {OTHER_MINT}", "/top", "/status"):
            await stage.ask(stage.admin, command)
        told = words(await stage.ask(stage.admin, "/status"))
        assert "Birdeye: " in told
        assert OTHER_MINT not in asked, "a quiet token is glanced at for free"
        code, health = await stage.health()
        assert (code, health["parts"]["dexscreener"]["state"]) == (200, "ok")
        assert health["parts"]["birdeye"]["spent_cu"] > 0


def alerts(stage: Stage) -> list[str]:
    return [words(message) for message in stage.telegram.messages(stage.admin.id) if message.photo]


async def test_a_bot_token_alone_is_enough(stage: Stage, listing: DexScreenerApi) -> None:
    stage.more["BIRDEYE_API_KEY"] = ""
    listing.tell(MINT, [pool(MINT, 300)])
    async with stage.program():
        await stage.ask(stage.admin, "/subscribe")
        stage.feed.push({"signature": "x", "mint": MINT, "txType": "migrate", "pool": "pump-amm"})
        await until(lambda: alerts(stage), 15, "the activation's alert")
        assert "BUSY" in words(await stage.ask(stage.admin, "/top"))
        for command in ("/status", "/help"):
            assert "Only free figures" in words(await stage.ask(stage.admin, command))
        code, health = await stage.health()
        assert (code, "birdeye" in health["parts"]) == (200, False)
    assert stage.market.requests == []
    [warning] = stage.logged("figures.free_only")
    assert "coverage .5" in warning["consequence"]
