"""Birdeye's plans and prices as data. Pure. Both changed twice within a year: what a call really cost wins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from engine.errors import ConfigError

OVERVIEW = "/defi/token_overview"
MARKETS = "/defi/v2/markets"
SECURITY = "/defi/token_security"
MULTI_PRICE = "/defi/multi_price"
CREDITS = "/utils/v1/credits"

CU_PER_CALL: Mapping[str, int] = MappingProxyType({OVERVIEW: 15, MARKETS: 30, SECURITY: 50, MULTI_PRICE: 3, CREDITS: 1})
UNKNOWN_CU = 50  # an endpoint without a price counts as the dearest one
ABSURD_CU = 100_000  # no call costs as much, so a header that says so is broken


@dataclass(frozen=True, slots=True)
class Plan:
    """What an account may use: compute units (CU) a month, requests a second and a minute."""

    name: str
    monthly_cu: int
    rps: int
    rpm: int


PLANS: Mapping[str, Plan] = MappingProxyType(
    {
        plan.name: plan
        for plan in (
            Plan("standard", 30_000, 1, 60),
            Plan("lite", 2_500_000, 15, 900),
            Plan("starter", 8_000_000, 15, 900),
            Plan("premium", 20_000_000, 50, 1_000),
            Plan("business", 60_000_000, 100, 1_500),
        )
    }
)
CUSTOM = "custom"


def plan_of(name: str, *, monthly_cu: int | None = None, rps: int | None = None, rpm: int | None = None) -> Plan:
    """The plan of that name; figures that are given win over the table's, and `custom` needs all three.

    Raises ConfigError for an unknown name, a missing figure or one below 1.
    """
    given = {"monthly_cu": monthly_cu, "rps": rps, "rpm": rpm}
    table = PLANS.get(name)
    if table is None and name != CUSTOM:
        raise ConfigError(f"BIRDEYE_PLAN is none of {', '.join([*PLANS, CUSTOM])}; for example BIRDEYE_PLAN=lite")
    figures = {key: _figure(key, value, table) for key, value in given.items()}
    return Plan(name, **figures)


def _figure(key: str, given: int | None, table: Plan | None) -> int:
    value: int | None = given if given is not None or table is None else getattr(table, key)
    if value is None or value < 1:
        variable = f"BIRDEYE_{key.upper()}"
        fault = "is not set, but BIRDEYE_PLAN=custom needs it" if value is None else "is not a whole number from 1"
        raise ConfigError(f"{variable} {fault}; for example {variable}=900")
    return value


def is_price(told_cu: int) -> bool:
    """Whether a call can have cost that: none is free, and none is absurdly dear."""
    return 1 <= told_cu <= ABSURD_CU


@dataclass(frozen=True, slots=True)
class Prices:
    """CU per call by endpoint; what answers told wins over the table."""

    observed: Mapping[str, int] = field(default_factory=dict)

    def of(self, endpoint: str) -> int:
        """CU that a call of the endpoint costs as far as is known."""
        return self.observed.get(endpoint) or CU_PER_CALL.get(endpoint, UNKNOWN_CU)

    def corrected(self, endpoint: str, used_cu: int) -> Prices:
        """The prices with what a call really cost; a figure that cannot be a price changes nothing."""
        if not is_price(used_cu) or used_cu == self.of(endpoint):
            return self
        return Prices({**self.observed, endpoint: used_cu})
