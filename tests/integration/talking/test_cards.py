"""/token as people use it: the card, its pages and its buttons, over real rows and through the stand-in's sockets."""

from __future__ import annotations

from typing import Any

import pytest
from structlog.testing import capture_logs

from deploy.sandbox.telegram import SentMessage, User
from deploy.sandbox.world import mint_of
from engine.decision import decide
from engine.model import PoolFigures, Safety, Source, Token
from engine.settings import Settings
from storage.store import Store
from tests.integration.talking.stage import Stage
from tests.made import MINT, NOON, OTHER_MINT, migration, minutes, sample

pytestmark = pytest.mark.usefixtures("polling")
POOL = mint_of("pool")
STRANGER = mint_of("stranger")


async def pepe(stage: Stage, mint: str = MINT, **facts: Any) -> Token:
    """An active token that is called PEPE."""
    await stage.activated(mint, **({"symbol": "PEPE", "name": "Pepe"} | facts))
    return (await stage.tokens.find(mint))[0]


async def looked(stage: Stage, token: Token, **figures: Any) -> None:
    """One more look at the token, at the clock's time."""
    now = stage.clock.now()
    verdict = decide(token, sample(ts=now, **figures), [], now, Settings())
    await Store(stage.database).looks.record([verdict], now, Settings())


def now_shown(stage: Stage, message: SentMessage) -> SentMessage:
    """The message as it is now."""
    shown = stage.api.world.message(message.chat_id, message.message_id)
    assert shown is not None
    return shown


def titles(message: SentMessage) -> list[str]:
    return [str(button["text"]) for button in message.buttons]


@pytest.mark.parametrize(
    "wanted",
    [
        f"https://dexscreener.com/solana/{POOL}",
        f"https://dexscreener.com/solana/{POOL.lower()}?maker=x",
        f"https://axiom.trade/meme/{POOL}",
        f"https://jup.ag/swap/So11111111111111111111111111111111111111112-{MINT}",
        f"https://gmgn.ai/sol/token/ref_{MINT}",
        f"https://birdeye.so/token/{MINT}?chain=solana",
        f"https://raydium.io/swap/?inputMint=sol&outputMint={MINT} and {MINT}",
        "x" * 3000 + f" {MINT} " + "\u202e" * 500,
    ],
)
async def test_links_to_a_token_or_its_pool_are_understood(stage: Stage, ann: User, wanted: str) -> None:
    token = await pepe(stage)
    await Store(stage.database).pools.keep(token.id, [PoolFigures(POOL, "pumpswap", 60_000.0)], NOON)
    message = await stage.asked(ann, f"/token {wanted}")
    assert message.photo is not None
    assert MINT in str(message.caption)


async def test_a_card_tells_what_changed_lately_and_who_could_harm_its_holders(stage: Stage, ann: User) -> None:
    token = await pepe(stage)
    await Store(stage.database).safeties.keep(token.id, Safety(0.2, None, False, True, None, NOON), NOON)
    stage.clock.time = NOON + minutes(6)
    await looked(stage, token, price=0.0012)
    caption = str((await stage.asked(ann, f"/token {MINT}")).caption)
    assert "5m +20% · 15m – · 1h –" in caption
    assert "top 10 holders: 20% · creator: unknown · mint authority: none · freeze authority: ⚠️ held" in caption
    assert "🛡 Safety, 6m ago" in caption


async def test_a_series_of_another_source_is_no_measure_for_a_change(stage: Stage, ann: User) -> None:
    token = await pepe(stage)
    stage.clock.time = NOON + minutes(3)
    await looked(stage, token, price=0.002)
    stage.clock.time = NOON + minutes(6)
    await looked(stage, token, price=0.5, source=Source.DEXSCREENER)
    assert "5m – · 15m – · 1h –" in str((await stage.asked(ann, f"/token {MINT}")).caption)


async def test_look_alikes_are_marked_and_a_lonely_name_is_not(stage: Stage, ann: User) -> None:
    await pepe(stage)
    assert "other token" not in str((await stage.asked(ann, f"/token {MINT}")).caption)
    await pepe(stage, OTHER_MINT, symbol="p\u200bePe")
    await pepe(stage, STRANGER, symbol="ＰＥＰＥ")
    assert "⚠️ 2 other tokens are called PEPE" in str((await stage.asked(ann, f"/token {MINT}")).caption)


async def test_tokens_without_a_name_are_no_look_alikes(stage: Stage, ann: User) -> None:
    await pepe(stage, symbol="\u200b")
    await pepe(stage, OTHER_MINT, symbol="\u200b\u200b")
    assert "other token" not in str((await stage.asked(ann, f"/token {MINT}")).caption)


async def test_the_pages_turn_in_place_under_the_same_picture(stage: Stage, ann: User) -> None:
    token = await pepe(stage)
    await Store(stage.database).pools.keep(token.id, [PoolFigures(POOL, "pumpswap", 60_000.0)], NOON)
    message = await stage.asked(ann, f"/token {MINT}")
    await stage.tapped(ann, message, "Pools")
    pools = now_shown(stage, message)
    assert "1. Pumpswap · $60K" in str(pools.caption)
    assert "• Pools •" in titles(pools)
    await stage.tapped(ann, message, "Score")
    assert "weight × value = contribution" in str(now_shown(stage, message).caption)
    await stage.tapped(ann, message, "Overview")
    assert now_shown(stage, message).caption == message.caption
    assert now_shown(stage, message).photo == message.photo
    assert len(stage.api.messages(ann.id)) == 1


async def test_a_fresh_look_brings_a_new_picture_and_keeps_the_page(stage: Stage, ann: User) -> None:
    token = await pepe(stage)
    message = await stage.asked(ann, f"/token {MINT}")
    await stage.tapped(ann, message, "Score")
    stage.clock.time = NOON + minutes(2)
    await looked(stage, token, price=0.002)
    assert await stage.tapped(ann, message, "🔄 Refresh") == ""
    fresh = now_shown(stage, message)
    assert fresh.photo != message.photo
    assert "• Score •" in titles(fresh)


async def test_a_fresh_look_at_an_unchanged_token_says_so(stage: Stage, ann: User) -> None:
    await pepe(stage)
    message = await stage.asked(ann, f"/token {MINT}")
    assert "Nothing new" in await stage.tapped(ann, message, "🔄 Refresh")
    assert now_shown(stage, message).caption == message.caption


async def test_the_card_has_a_button_that_watches_the_token(stage: Stage, ann: User) -> None:
    token = await pepe(stage)
    message = await stage.asked(ann, f"/token {MINT}")
    assert "PEPE" in await stage.tapped(ann, message, "👁 Watch")
    assert await Store(stage.database).watches.sight(ann.id, token.id) is not None
    assert now_shown(stage, message).caption == message.caption


async def test_the_same_picture_is_uploaded_once(stage: Stage, ann: User, ada: User) -> None:
    await pepe(stage)
    first = await stage.asked(ann, f"/token {MINT}")
    second = await stage.asked(ada, f"/token {MINT}")
    assert second.photo == first.photo
    uploaded = [str(sent["photo"]).startswith("attach://") for sent in stage.sends()]
    assert uploaded == [True, False]


@pytest.mark.parametrize(
    "data", ["t:0:o:0", "t:404:o:0", "t:9223372036854775807:s:1", "t:9223372036854775808:o:0", "t:-1:o:0", "t:1:x:0"]
)
async def test_a_forged_tap_changes_nothing_and_says_that_it_is_out_of_date(stage: Stage, ann: User, data: str) -> None:
    await pepe(stage, OTHER_MINT)
    message = await stage.asked(ann, "/token PEPE")
    with capture_logs() as logs:
        assert "out of date" in await stage.tapped(ann, message, data, forged=True)
    assert now_shown(stage, message).caption == message.caption
    assert not [entry for entry in logs if entry["event"] == "command.failed"]


# --- several, none


async def test_a_choice_has_a_button_for_each_token_and_a_tap_shows_its_card(stage: Stage, ann: User) -> None:
    await pepe(stage)
    await pepe(stage, OTHER_MINT, symbol="pepe")
    message = await stage.asked(ann, "/token $PEPE")
    assert len(titles(message)) == 2
    [button] = [title for title in titles(message) if title.endswith("3Fdc…sXGW")]
    await stage.tapped(ann, message, button)
    card = now_shown(stage, message)
    assert card.photo is not None
    assert OTHER_MINT in str(card.caption)
    assert MINT not in str(card.caption)


async def test_at_most_ten_are_offered_and_the_others_counted(stage: Stage, ann: User) -> None:
    for number in range(12):
        await pepe(stage, mint_of(f"pepe {number}"))
    message = await stage.asked(ann, "/token pepe")
    assert len(message.buttons) == 10
    assert "…and 2 more" in str(message.text)


async def test_active_tokens_are_offered_before_newer_ones_that_are_not(stage: Stage, ann: User) -> None:
    await pepe(stage)
    await Store(stage.database).tokens.track(migration(OTHER_MINT, symbol="PEPE", heard_at=NOON + minutes(1)), NOON)
    text = str((await stage.asked(ann, "/token PEPE")).text)
    assert text.index(MINT) < text.index(OTHER_MINT)


async def test_an_unknown_mint_is_said_and_linked(stage: Stage, ann: User) -> None:
    message = await stage.asked(ann, f"/token {STRANGER}")
    assert STRANGER in str(message.text)
    assert "do not watch" in str(message.text)
    assert f"https://pump.fun/coin/{STRANGER}" in [button.get("url") for button in message.buttons]


@pytest.mark.parametrize(
    "text", ["A" * 3900, "\u202eevil\u202c", "t.me/scam", "https://t.me/scam", "[x](tg://user?id=1)", "$", "\u200b"]
)
async def test_an_unknown_symbol_is_a_safe_sentence(stage: Stage, ann: User, text: str) -> None:
    message = await stage.asked(ann, f"/token {text}")
    assert not message.buttons
    assert "\u202e" not in str(message.text)
    assert {entity["type"] for entity in message.entities} <= {"code", "bot_command"}


# --- deep links


async def test_a_deep_link_opens_the_card_of_its_mint(stage: Stage, ann: User) -> None:
    await pepe(stage)
    assert MINT in str((await stage.asked(ann, f"/start t_{MINT}")).caption)
    assert "do not watch" in await stage.answer(ann, f"/start t_{STRANGER}")


@pytest.mark.parametrize("payload", ["t_", "t_PEPE", "t_" + "1" * 44, f"x_{MINT}", MINT, f"t_{MINT}x", "t_\x00", "r_1"])
async def test_any_other_payload_is_greeted(stage: Stage, ann: User, payload: str) -> None:
    await pepe(stage)
    assert "/subscribe" in await stage.answer(ann, f"/start {payload}")
