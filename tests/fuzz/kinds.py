"""The table of what is fuzzed: from which templates, and how an input is read into a value or a counted reason."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from engine.credits import parse_credits
from engine.decision import decide
from engine.errors import NoDataYet
from engine.frames import Dropped, parse_frame
from engine.http import parse_body
from engine.markets import parse_markets
from engine.model import Episode, HolderPoint, Sample, Status
from engine.overview import parse_overview
from engine.pairs import parse_pairs
from engine.refusals import credits_used, verdict
from engine.security import parse_security
from engine.settings import Settings
from tests.fuzz import laws, templates
from tests.made import MINT, NOON, OTHER_MINT, minutes, token

STATUSES = (400, 401, 403, 404, 429, 500, 503, 555, 100, 302, 418, 999)
HEADERS = (
    "",
    "15",
    "-1",
    "1e3",
    "NaN",
    "9" * 50,
    "٣",
    "Fri, 03 Jul 2026 12:00:20 GMT",
    "1783080007",
    "0",
    "\x00",
    "1;2",
)
STEPS = (timedelta(), minutes(1), minutes(-1), timedelta(days=-2), timedelta(days=2), timedelta(seconds=-1e-6))
POINTS = tuple(HolderPoint(NOON - minutes(age), holders) for age, holders in ((60, 3000), (7, 1), (-60, 2**31 - 1)))
SETTINGS = (
    Settings(),
    Settings(weight_tx_accel=10, weight_vol_momentum=-10, ewma_alpha=1, degrade_checks=1, version=1),
)


@dataclass(frozen=True, slots=True)
class Kind:
    """One sort of input; `read` gives the outcome's name, and raises for an escape."""

    templates: Sequence[str]
    read: Callable[[bytes, Random], str]


def _answer(parse: Callable[[object, datetime, Random], str]) -> Callable[[bytes, Random], str]:
    """Reads the input as the body of one of Birdeye's answers, as the adapter does."""

    def read(raw: bytes, random: Random) -> str:
        body, now = parse_body(raw), NOON + random.choice(STEPS)
        status = 200 if random.random() < 0.92 else random.choice(STATUSES)
        names = ("x-ratelimit-reset", "retry-after", "x-credits-used")
        headers = {name: random.choice(HEADERS) for name in names if random.random() < 0.3}
        price = credits_used(headers)
        assert price is None or 0 <= price < 10**7
        error = verdict(status, body, headers, now)
        if error is None:
            try:
                return parse(body, now, random)
            except NoDataYet as nothing:
                error = nothing
        laws.check_refusal(error, now)
        return f"no data: {error.kind}" if isinstance(error, NoDataYet) else f"refusal: {type(error).__name__}"

    return read


def _overview(body: object, now: datetime, random: Random) -> str:
    complaints: list[str] = []
    sample = parse_overview(body, MINT, now, complaints.append)
    laws.check_about(_data(body), MINT)
    laws.check_sample(sample, now)
    laws.check_told(sample, _data(body), complaints)
    _decide(sample, random)
    return "sample with missing parts" if complaints or _has_gaps(sample) else "sample"


def _decide(sample: Sample, random: Random) -> None:
    """The sample goes on into a decision whose past may lie in its future."""
    episode = random.choice((Episode(), Episode(1, NOON, None, 1.0, None), Episode(2, NOON, NOON, -1e9, 5.0)))
    past = token(
        status=random.choice(tuple(Status)),
        score=random.choice((None, 0.0, -1e12, 3.0)),
        score_at=NOON,
        last_look_at=NOON,
        settings_version=0,
        episode=episode,
        first_trade_at=random.choice((None, NOON - minutes(9), NOON + minutes(9))),
    )
    archived = replace(past, archived_at=NOON) if past.status is Status.ARCHIVED else past
    laws.check_verdict(decide(archived, sample, POINTS, sample.ts, random.choice(SETTINGS)))


def _security(body: object, now: datetime, _random: Random) -> str:
    safety = parse_security(body, MINT, now)
    laws.check_about(_data(body), MINT)
    laws.check_safety(safety, now)
    facts = (safety.top10_share, safety.creator_share, safety.mutable_metadata)
    known = None not in (*facts, safety.mint_authority, safety.freeze_authority)
    return "safety facts" if known else "safety facts, some unknown"


def _markets(body: object, _now: datetime, _random: Random) -> str:
    complaints: list[str] = []
    pools = parse_markets(body, MINT, complaints.append)
    laws.check_pools(pools, _data(body)["items"], MINT)
    return "pools, some dropped" if complaints else "pools" if pools else "no pools"


def _credits(body: object, now: datetime, _random: Random) -> str:
    units = parse_credits(body, now)
    laws.check_credits(units, now)
    return "credits" if None not in (units.used, units.remaining, units.period_end) else "credits with missing parts"


def _frame(raw: bytes, random: Random) -> str:
    now = NOON + random.choice(STEPS)
    text = raw if random.random() < 0.5 else raw.decode(errors=random.choice(("replace", "surrogateescape")))
    frame = parse_frame(text, now)
    laws.check_frame(frame, now)
    return f"dropped: {frame.kind}" if isinstance(frame, Dropped) else type(frame).__name__.lower()


def _pairs(raw: bytes, random: Random) -> str:
    """DexScreener's answers."""
    now = NOON + random.choice(STEPS)
    complaints: list[str] = []
    glances = parse_pairs(parse_body(raw), (MINT, OTHER_MINT), now, complaints.append)
    assert set(glances) <= {MINT, OTHER_MINT}
    for glance in glances.values():
        laws.check_sample(glance.sample, now)
        for pool in glance.pools:
            laws.check_pool(pool)
        _decide(glance.sample, random)
    return ("glances" if glances else "no glance") + (", some fields dropped" if complaints else "")


def _data(body: object) -> dict[str, Any]:
    return body["data"] if isinstance(body, dict) and isinstance(body["data"], dict) else {}


def _has_gaps(sample: Sample) -> bool:
    return any(getattr(sample, name) is None for name in (*laws.TOLD, "symbol", "name", "last_trade_at"))


KINDS = {
    "overview": Kind((*(templates.OVERVIEW,) * 14, *(templates.SPARSE,) * 6, *templates.REFUSALS), _answer(_overview)),
    "security": Kind((templates.SECURITY,), _answer(_security)),
    "markets": Kind((templates.MARKETS,), _answer(_markets)),
    "credits": Kind((templates.CREDITS,), _answer(_credits)),
    "frame": Kind(templates.FRAMES, _frame),
    "dexscreener": Kind((templates.PAIRS,), _pairs),
}
