"""What looks at tokens, built from the configuration: free glances, paid checks where there is a key, one recorder."""

from __future__ import annotations

import math
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bot.config import Config
from engine.account import Account
from engine.birdeye import Birdeye
from engine.checks import Checks
from engine.dexscreener import DexScreener
from engine.errands import Errands
from engine.glances import Glances
from engine.heartbeat import Heartbeat
from engine.http import JsonClient
from engine.model import Status
from engine.patience import Patience
from engine.ports import Clock
from engine.recorder import Recorder
from engine.shown import PaidSupply, Supply
from engine.ticker import Ticker
from engine.till import Till
from storage.store import Store

Loops = dict[str, Callable[[], Coroutine[Any, Any, None]]]

LISTED_SECONDS = 60.0  # DexScreener renews its answers as often: where checks are paid, more glances tell nothing


@dataclass(frozen=True, slots=True)
class Paid:
    """What a Birdeye key buys."""

    birdeye: Birdeye
    till: Till
    account: Account
    checks: Checks
    errands: Errands

    def supply(self) -> PaidSupply:
        """The account as it is now."""
        purse, bound, rest = self.till.purse, self.checks.bound_seconds, self.birdeye.resting()
        return PaidSupply(
            plan=self.till.plan.name,
            monthly_cu=self.till.plan.monthly_cu,
            spent_cu=purse.spent_cu if purse else None,
            ends_at=purse.ends_at if purse else None,
            bound_seconds=bound if bound is not None and math.isfinite(bound) else None,
            resting=type(rest).__name__ if rest else None,
        )


@dataclass(frozen=True, slots=True)
class Looking:
    """The loops that look at tokens; `paid` is None without a Birdeye key, and then glances are scored."""

    ticker: Ticker
    glances: Glances
    paid: Paid | None

    def supply(self) -> Supply:
        """Where figures come from now."""
        glances = self.glances.working if self.glances.enabled else None
        return Supply(glances, self.paid.supply() if self.paid else None)

    def loops(self) -> Loops:
        """Each loop by its name."""
        loops: Loops = {"ticker": self.ticker.run}
        if self.paid is not None:
            loops |= {"account": self.paid.account.run, "errands": self.paid.errands.run}
        return loops


class Lookers:
    """Builds `Looking` out of what the composition root has opened."""

    def __init__(self, config: Config, store: Store, clock: Clock, heartbeat: Heartbeat, patience: Patience) -> None:
        self._config = config
        self._store = store
        self._clock = clock
        self._heartbeat = heartbeat
        self._patience = patience

    def build(self, paid_client: JsonClient, free_client: JsonClient, on_alert: Callable[[], None]) -> Looking:
        """All loops, joined to each other."""
        key = self._config.birdeye_api_key
        if key is None:
            recorder = self._recorder(on_alert, glances_score=True)
            glances = self._glances(free_client, recorder, None)
            return Looking(Ticker(glances, None, recorder), glances, None)
        return self._paying(key.get_secret_value(), paid_client, free_client, on_alert)

    def _paying(
        self, key: str, paid_client: JsonClient, free_client: JsonClient, on_alert: Callable[[], None]
    ) -> Looking:
        till = Till(self._config.plan(), self._store.spending, self._clock)
        birdeye = Birdeye(paid_client, self._config.birdeye_url, key, self._clock, self._heartbeat, till)
        account = Account(birdeye, till, self._clock, self._heartbeat, self._patience)

        def ring() -> None:
            on_alert()
            errands.wake()

        recorder = self._recorder(ring, glances_score=False)
        checks = self._checks(birdeye, till, recorder)
        glances = self._glances(free_client, recorder, checks)
        checks.glances_work = lambda: glances.working
        errands = self._errands(birdeye, till, glances)
        return Looking(Ticker(glances, checks, recorder), glances, Paid(birdeye, till, account, checks, errands))

    def _errands(self, birdeye: Birdeye, till: Till, glances: Glances) -> Errands:
        return Errands(
            birdeye,
            till,
            self._store.safeties,
            self._store.pools,
            lambda: glances.working,
            self._clock,
            self._heartbeat,
            self._patience,
        )

    def _recorder(self, on_alert: Callable[[], None], *, glances_score: bool) -> Recorder:
        return Recorder(
            self._store.tokens,
            self._store.looks,
            self._store.watches,
            self._clock,
            self._heartbeat,
            self._patience,
            on_alert,
            glances_score=glances_score,
        )

    def _glances(self, client: JsonClient, recorder: Recorder, checks: Checks | None) -> Glances:
        active_seconds = self._config.sched_interval_active_sec
        if checks is not None:
            active_seconds = max(active_seconds, LISTED_SECONDS)
        return Glances(
            self._store.tokens,
            self._store.settings,
            self._source(client),
            recorder,
            self._clock,
            self._heartbeat,
            self._patience,
            self._intervals(active_seconds),
            batches_per_minute=self._glances_per_minute(),
            ask_checks=checks.at_once if checks else None,
        )

    def _source(self, client: JsonClient) -> DexScreener | None:
        if not self._config.dexscreener_enabled:
            return None
        rpm = self._glances_per_minute()
        return DexScreener(client, self._config.dexscreener_url, self._clock, self._heartbeat, rpm)

    def _glances_per_minute(self) -> float:
        """Requests in a real minute: a pretend DexScreener counts the minutes of its fast world."""
        return self._config.dexscreener_rpm * self._config.time_speed

    def _checks(self, birdeye: Birdeye, till: Till, recorder: Recorder) -> Checks:
        return Checks(
            self._store.tokens,
            self._store.settings,
            birdeye,
            till,
            recorder,
            self._clock,
            self._heartbeat,
            self._patience,
            self._intervals(self._config.sched_interval_active_sec),
            at_once=2 * self._config.ext_max_concurrency,  # while some are on the wire, others are decided
        )

    def _intervals(self, active_seconds: float) -> dict[Status, timedelta]:
        return {
            Status.INITIAL: timedelta(seconds=self._config.sched_interval_initial_sec),
            Status.ACTIVE: timedelta(seconds=active_seconds),
        }
