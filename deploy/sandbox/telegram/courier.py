"""Brings the updates to the bot's webhook, one after another, each again until it is answered with a 2xx."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import aiohttp

from deploy.sandbox.telegram.values import Json, Webhook
from deploy.sandbox.telegram.world import World

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  a header's name
ANSWER_SECONDS = 30.0
FIRST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 1.0


class Courier:
    """`loses_answer` says whether an answer that arrived is to be taken for lost; `remark` takes violations."""

    def __init__(self, world: World, loses_answer: Callable[[], bool], remark: Callable[[str], None]) -> None:
        self._world = world
        self._loses_answer = loses_answer
        self._remark = remark

    async def run(self) -> None:
        """Delivers until cancelled, whenever a webhook is set and updates wait."""
        timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
        pause_seconds = FIRST_PAUSE_SECONDS
        async with aiohttp.ClientSession(timeout=timeout) as session:
            while True:
                webhook = self._world.webhook
                if webhook is None or not self._world.updates:
                    await self._world.change()
                elif await self._deliver(session, webhook, self._world.updates[0]):
                    pause_seconds = FIRST_PAUSE_SECONDS
                else:
                    await asyncio.sleep(pause_seconds)
                    pause_seconds = min(2 * pause_seconds, LONGEST_PAUSE_SECONDS)

    async def _deliver(self, session: aiohttp.ClientSession, webhook: Webhook, update: Json) -> bool:
        """Whether the bot took the update, which then waits no longer."""
        fault = await self._call(session, webhook, update)
        if fault is None:
            self._world.forget(update)
            return True
        webhook.last_error_message = fault
        webhook.last_error_date = int(self._world.now().timestamp())
        self._world.touch()
        return False

    async def _call(self, session: aiohttp.ClientSession, webhook: Webhook, update: Json) -> str | None:
        """One POST; what went wrong, in Telegram's words, or None."""
        headers = {SECRET_HEADER: webhook.secret_token} if webhook.secret_token else {}
        try:
            async with session.post(webhook.url, json=update, headers=headers, allow_redirects=False) as answer:
                body = await answer.read()
        except TimeoutError:
            return "Read timeout expired"
        except aiohttp.ClientConnectorError:
            return "Connection refused"
        except aiohttp.ClientError:
            return "Connection reset by peer"
        if not 200 <= answer.status < 300:
            return f"Wrong response from the webhook: {answer.status} {answer.reason}"
        if b'"method"' in body:
            self._remark("webhook: a method in the answer is not played by this stand-in")
        return "Read timeout expired" if self._loses_answer() else None
