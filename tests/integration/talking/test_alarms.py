"""From an API key that Birdeye refuses to what an admin reads, and from its mending to the end of the alarm."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from bot.alarms import JUDGED_EVERY_SECONDS, Alarming
from bot.health import Health
from bot.masking import Mask
from bot.vitals import PULSES
from deploy.sandbox.birdeye import UNAUTHORIZED
from deploy.sandbox.clock import HandClock
from engine.birdeye import Birdeye
from engine.errors import ProviderError
from engine.heartbeat import Heartbeat
from engine.patience import Patience
from engine.shown import Chat, PaidSupply, Supply, Term
from storage.store import Store
from tests.integration.birdeye_scene import KEY, Scene, birdeye_scene
from tests.integration.talking.stage import ADMIN_ID, Stage
from tests.made import NOON, minutes
from tests.waiting import until


class Watch:
    """A program whose parts all work, but for Birdeye, which is what the stand-in makes of it."""

    def __init__(self, stage: Stage, scene: Scene) -> None:
        self.scene, self.store = scene, Store(stage.database)
        stage.clock = scene.clock  # type: ignore[assignment]
        self.heartbeat = Heartbeat(self._seconds)
        self.birdeye = Birdeye(scene.client, scene.api.url, KEY, scene.clock, self.heartbeat, scene.till)
        health = Health(self.heartbeat, Mask(), self._seconds)
        health.watch(
            self.store.database.ping,
            lambda: self.store.outbox.backlog(scene.clock.now()),
            lambda: self.store.gaps.last_day(scene.clock.now()),
            self._supply,
            lambda: Term(leading=True, seconds=1000),
        )
        self.health = health
        self.alarming = self.begun()

    def begun(self) -> Alarming:
        """The loop as a program's start builds it."""
        return Alarming(
            report=self.health.report,
            alarms=self.store.alarms,
            admin_ids={ADMIN_ID},
            mask=Mask(["refuses"]),
            clock=self.scene.clock,
            wall_clock=self.scene.clock,
            patience=Patience(5),
            on_alarm=lambda: None,
        )

    async def pass_time(self, seconds: float) -> None:
        """So many seconds with a check and a judgement every ten."""
        for _ in range(round(seconds / JUDGED_EVERY_SECONDS)):
            self.scene.clock.move(JUDGED_EVERY_SECONDS)
            for part in {*PULSES} - {"birdeye"}:
                self.heartbeat.beat(part)
            with suppress(ProviderError):
                await self.birdeye.look(self.scene.hero, fresh=True)
            await self.alarming.judge_once()

    def _seconds(self) -> float:
        return (self.scene.clock.now() - NOON).total_seconds()

    def _supply(self) -> Supply:
        rest = self.birdeye.resting()
        return Supply(None, PaidSupply("business", 1, 0, None, None, type(rest).__name__ if rest else None))


@pytest.fixture
async def watch(stage: Stage) -> AsyncIterator[Watch]:
    async with birdeye_scene(HandClock(NOON)) as scene:
        yield Watch(stage, scene)


async def told(stage: Stage) -> list[str]:
    """All that the admin has been sent, once nothing waits any more."""
    async with stage.delivering():
        await until(stage.all_done)
    return [str(message.text) for message in stage.api.messages(ADMIN_ID)]


async def test_a_refused_key_is_one_alarm_and_its_mending_one_end(stage: Stage, watch: Watch) -> None:
    stage.api.say(stage.api.user(ADMIN_ID, "Ada"), "/hello")
    await watch.pass_time(60)
    watch.scene.api.fail(UNAUTHORIZED)
    await watch.pass_time(180)
    assert await told(stage) == []
    await watch.pass_time(20)
    alarm = "⚠️ Alarm: Birdeye\nBirdeye *** the API key: check BIRDEYE_API_KEY"
    assert await told(stage) == [alarm]
    await watch.pass_time(1000)
    watch.scene.api.heal()
    await watch.pass_time(700)
    [first, end] = await told(stage)
    assert first == alarm
    assert end.startswith("✅ Works again: Birdeye\nIt failed for ")
    assert [params["disable_notification"] for params in stage.sends()] == [False, False]


async def test_the_end_of_an_alarm_is_told_after_a_restart_in_the_readers_language(stage: Stage, watch: Watch) -> None:
    stage.api.say(stage.api.user(ADMIN_ID, "Ada"), "/hello")
    await stage.chats.subscribe(Chat(ADMIN_ID, "private", language="ru"), NOON - minutes(60))
    watch.scene.api.fail(UNAUTHORIZED)
    await watch.pass_time(240)
    assert len(await told(stage)) == 1
    watch.scene.api.heal()
    watch.alarming = watch.begun()
    await watch.alarming.resume()
    await watch.pass_time(700)
    [_, end] = await told(stage)
    assert end.startswith("✅ Снова работает: Birdeye\nСбой длился ")
