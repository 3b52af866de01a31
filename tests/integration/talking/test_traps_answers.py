"""Traps of answering: saved before it was, parameters that are gone, markup in names, late and forged taps."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from bot.telegram import DELIVERY_TIMEOUT_SECONDS, delivery_bot, polling_bot
from deploy.sandbox.telegram import User
from engine.settings import Settings
from tests.integration.talking.stage import TOKEN, Stage, raw_message
from tests.made import MINT
from tests.waiting import until

BREAKS_AT_THE_COMMIT = """
    CREATE FUNCTION breaks() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the server goes' USING ERRCODE = '57P01'; END $$;
    CREATE CONSTRAINT TRIGGER breaks AFTER INSERT ON setting_changes DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION breaks()
"""


async def run(stage: Stage, sql: str) -> None:
    async with stage.database.transaction() as session:
        for statement in sql.split(";\n    CREATE"):
            prefix = "" if statement.lstrip().startswith("CREATE") else "CREATE"
            await (await session.connection()).exec_driver_sql(prefix + statement)


@pytest.mark.usefixtures("polling")
async def test_nothing_is_told_as_saved_when_the_commit_fails(stage: Stage, ada: User) -> None:
    await run(stage, BREAKS_AT_THE_COMMIT)
    question = await stage.asked(ada, "/set min_tx_count 50")
    assert "database is away" in await stage.tapped(ada, question, "✅ Confirm")
    assert await stage.settings.current() == Settings()
    assert "Saved" not in str(stage.api.messages(ada.id))


@pytest.mark.usefixtures("polling")
async def test_no_preview_is_shown_and_no_removed_parameter_is_sent(stage: Stage, ann: User) -> None:
    await stage.activated(symbol="PEPE")
    await stage.asked(ann, "/top")
    sent = stage.sends()[-1]
    assert sent["link_preview_options"] == {"is_disabled": True}
    assert "disable_web_page_preview" not in sent


@pytest.mark.usefixtures("polling")
async def test_markup_in_a_name_arrives_as_it_is_and_nothing_is_parsed(stage: Stage, ann: User) -> None:
    await stage.activated(symbol='<a href="', name='"><b>*_`[x](t.me/scam)')
    await stage.asked(ann, "/top")
    card = await stage.asked(ann, f"/token {MINT}")
    assert '<a href="' in str(card.caption)
    assert not [made for made in stage.api.requests if "parse_mode" in made.params]
    assert not [entity for entity in card.entities if entity["type"] in {"text_link", "url", "mention"}]


@pytest.mark.usefixtures("polling")
async def test_a_tap_that_is_too_old_to_be_answered_is_no_fault(stage: Stage, ann: User) -> None:
    message = await stage.asked(ann, "/help")
    stage.api.tap(ann, message, "Alerts")
    stage.api.age_queries(151)
    with capture_logs() as logs:
        await until(stage.is_idle)
        await until(lambda: any(made.method == "answerCallbackQuery" for made in stage.api.requests))
        await until(stage.is_idle)
    assert not [entry for entry in logs if entry["event"] == "command.failed"]


async def test_alerts_have_a_session_of_their_own_that_gives_up_sooner(stage: Stage) -> None:
    hearing = polling_bot(TOKEN, stage.api.url, stage.heartbeat)
    sending = delivery_bot(TOKEN, stage.api.url, stage.heartbeat)
    assert hearing.session is not sending.session
    assert sending.session.timeout == DELIVERY_TIMEOUT_SECONDS
    assert 15 <= DELIVERY_TIMEOUT_SECONDS <= 20
    for bot in (hearing, sending):
        await bot.session.close()


async def test_an_alert_arrives_while_a_long_poll_waits(stage: Stage) -> None:
    await stage.listens(7)
    async with stage.polling(), stage.delivering():
        await stage.api.until(lambda: stage.api.world.poller)
        await stage.activated()
        assert MINT in str((await stage.api.next_message(7)).caption)
        assert stage.api.world.poller is not None


@pytest.mark.usefixtures("polling")
async def test_a_question_in_the_general_topic_is_answered_without_its_number(stage: Stage, ann: User) -> None:
    forum = stage.api.group(-100_555, "Traders", owner=ann, is_forum=True)
    await stage.api.next_message(forum.id)
    stage.api.raw_update(
        {"message": raw_message(text="/top", chat=forum.as_json(), message_thread_id=1, is_topic_message=True)}
    )
    assert "No token is active" in str((await stage.api.next_message(forum.id)).text)
    assert "message_thread_id" not in stage.sends()[-1]
