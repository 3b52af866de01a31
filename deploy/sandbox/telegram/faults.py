"""Faults that tests order in advance: refusals, cut connections, silence, a revoked token."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any, Literal

from deploy.sandbox.telegram.mix import Mix
from deploy.sandbox.telegram.rates import SENDS
from deploy.sandbox.telegram.refused import Refused
from deploy.sandbox.telegram.values import Json

Cut = Literal["before", "after"]


@dataclass(slots=True)
class _Failure:
    method: str | None
    chat_id: int | None
    refused: Refused
    times: int

    def fits(self, method: str, chat_id: object) -> bool:
        wanted = self.method is None or self.method.lower() == method.lower()
        return self.times > 0 and wanted and self.chat_id in {None, chat_id}


@dataclass(slots=True)
class _Drop:
    method: str
    cut: Cut


class Faults:
    """What goes wrong next. Everything is off until ordered. `mix` has faults for sends at random."""

    def __init__(self) -> None:
        self.revoked = False
        self.mix: Mix | None = None
        self._failures: list[_Failure] = []
        self._drops: list[_Drop] = []
        self._lost_answers = 0
        self._sound = asyncio.Event()
        self._sound.set()

    def fail_next(
        self,
        method: str | None,
        status: int,
        description: str,
        parameters: Json | None = None,
        times: int = 1,
        chat_id: int | None = None,
    ) -> None:
        """The next `times` calls of the method (None: of any), to this chat if given, get this error."""
        self._failures.append(_Failure(method, chat_id, Refused(status, description, parameters), times))

    def forgive(self, *methods: str) -> None:
        """No call (of these methods, if any are named) is refused any more that was ordered to be."""
        self._failures = [failure for failure in self._failures if methods and failure.method not in methods]

    def drop_next(self, method: str, *, before: bool) -> None:
        """The connection of the method's next call breaks, before or after it took effect."""
        self._drops.append(_Drop(method, "before" if before else "after"))

    def lose_answers(self, times: int = 1) -> None:
        """The webhook's next good answers get lost on their way, so the same updates are delivered again."""
        self._lost_answers += times

    def revoke(self) -> None:
        """The token is not known any more: every call gets a 401."""
        self.revoked = True

    def restore(self) -> None:
        """The token is good again."""
        self.revoked = False

    def silence(self) -> None:
        """From now on calls are taken in and never answered."""
        self._sound.clear()

    def end_silence(self) -> None:
        """Calls are answered again; those that waited are cut off unheard."""
        self._sound.set()

    @property
    def silent(self) -> bool:
        """Whether calls go unanswered now."""
        return not self._sound.is_set()

    async def silence_to_end(self) -> None:
        """Returns when the silence is over."""
        await self._sound.wait()

    def take_failure(self, method: str, params: dict[str, Any]) -> None:
        """Raises the failure that was ordered for this call or that it meets by chance, if any."""
        for failure in self._failures:
            if failure.fits(method, params.get("chat_id")):
                failure.times -= 1
                raise failure.refused
        if self.mix and method.lower() in SENDS:
            self.mix.before(params)

    def take_loss(self, method: str, params: dict[str, Any]) -> None:
        """Raises what happens instead of the answer to this call, which was accepted."""
        if self.mix and method.lower() in SENDS:
            self.mix.after(params)

    def take_drop(self, method: str) -> Cut | None:
        """When to cut this call's connection, if that was ordered."""
        for drop in self._drops:
            if drop.method.lower() == method.lower():
                self._drops.remove(drop)
                return drop.cut
        return None

    def take_lost_answer(self) -> bool:
        """Whether this answer of the webhook is to get lost."""
        lost = self._lost_answers > 0
        self._lost_answers -= lost
        return lost
