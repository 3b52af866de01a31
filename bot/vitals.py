"""Judges from facts whether the program does its job. Pure; bot.health gathers the facts and tells the report."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from engine.heartbeat import Pulse
from engine.model import Reason
from engine.notices import crowded, flood
from engine.shown import Backlog, FeedGaps, Leader, Supply, Term

# Beyond these many real seconds a part counts as failing.
FEED_FAILING_SECONDS = 30
FEED_SILENT_SECONDS = 180
FEED_ALONE_SILENT_SECONDS = 960
TICKER_SILENT_SECONDS = 30
PROVIDER_FAILING_SECONDS = 120
DELIVERY_SILENT_SECONDS = 60
DELIVERY_LATE_SECONDS = 120
SENDING_FAILING_SECONDS = 60
POLLING_FAILING_SECONDS = 30
POLLING_SILENT_SECONDS = 90

# What the heartbeat calls the parts; "feed_subscribed" is the moment of the feed's latest subscription, "feed_alone"
# its latest sign of life while it heard migrations alone.
PULSES = (
    "database",
    "feed",
    "feed_subscribed",
    "feed_alone",
    "glances",
    "checks",
    "recorder",
    "birdeye",
    "dexscreener",
    "delivery",
    "sending",
    "refused",
    "polling",
)
_SAME_MOMENT_SECONDS = 0.1


class State(StrEnum):
    """How a part, or the whole program, is.

    `IDLE` is a part that had nothing to do yet, `DEGRADED` one that fails while another stands in for it, or does
    only a part of its job, `STANDBY` a program that waits until another one stops leading.
    """

    OK = "ok"
    STARTING = "starting"
    FAILING = "failing"
    IDLE = "idle"
    DEGRADED = "degraded"
    STANDBY = "standby"


WELL = frozenset({State.OK, State.STANDBY})


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known at one moment, ages in real seconds.

    `migrated_seconds` is the age of a database that is open and migrated, None until then. `ping_seconds` is None when
    the database did not answer, `backlog` and `gaps` when it could not be asked, `supply` until looks begin. `pulses`
    has one for each of `PULSES`. Without the bot there is neither delivery nor polling.
    `term` is None until the database told who leads.
    """

    uptime_seconds: float
    pulses: Mapping[str, Pulse]
    with_bot: bool = True
    term: Term | None = None
    migrated_seconds: float | None = None
    ping_seconds: float | None = None
    backlog: Backlog | None = None
    gaps: FeedGaps | None = None
    supply: Supply | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One part's state, its signs of life, and facts that only it has; `reason` says in words why it fails."""

    state: State
    pulse: Pulse
    facts: Mapping[str, float | bool | str | None] = field(default_factory=dict)
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """The whole program's status, its parts by name, what a start still waits for, and who leads if known."""

    status: State
    uptime_seconds: float
    parts: Mapping[str, Part]
    waiting_for: tuple[str, ...] = ()
    leader: Leader | None = None


def judge(facts: Facts) -> Report:
    """The report for these facts. A start ends once it waits for nothing; after that any failing part fails it all."""
    if facts.term is not None and not facts.term.leading:
        return _standby(facts)
    parts = {
        "database": _database(facts),
        "leader": _leader(facts),
        "feed": _feed(facts),
        "ticker": _ticker(facts),
        **_providers(facts),
    }
    if facts.with_bot:
        parts |= {"delivery": _delivery(facts), "flood": _flood(facts), "refused": _refused(facts)}
        parts["polling"] = _polling(facts)
    waiting_for = _waiting_for(facts)
    failing = any(part.state is State.FAILING for part in parts.values())
    return Report(
        _state(starting=bool(waiting_for), failing=failing), facts.uptime_seconds, parts, waiting_for, _named(facts)
    )


def _standby(facts: Facts) -> Report:
    """Only the leader has loops, so there is little to judge."""
    parts = {"database": _database(facts), "leader": _leader(facts)}
    status = State.FAILING if parts["database"].state is State.FAILING else State.STANDBY
    return Report(status, facts.uptime_seconds, parts, leader=_named(facts))


def _named(facts: Facts) -> Leader | None:
    return facts.term.leader if facts.term else None


def _waiting_for(facts: Facts) -> tuple[str, ...]:
    waits = {
        "database migrations": facts.migrated_seconds is None,
        "leadership": facts.term is None,
        "feed subscription": facts.pulses["feed_subscribed"].beat_seconds is None,
        "first answer to polling": facts.with_bot and facts.pulses["polling"].beat_seconds is None,
    }
    return tuple(what for what, missing in waits.items() if missing)


def _database(facts: Facts) -> Part:
    state = _state(starting=facts.migrated_seconds is None, failing=facts.ping_seconds is None)
    ping_ms = None if facts.ping_seconds is None else round(facts.ping_seconds * 1000, 1)
    return Part(state, facts.pulses["database"], {"ping_ms": ping_ms})


def _leader(facts: Facts) -> Part:
    """Who leads, since when, on the leader as on every standby."""
    term = facts.term
    if term is None:
        return Part(State.STARTING, Pulse(), dict.fromkeys(("leading", "name", "since", "since_seconds")))
    leader = term.leader if facts.ping_seconds is not None or term.leading else None  # who led may do so no more
    told = {
        "leading": term.leading,
        "name": leader.name if leader else None,
        "since": leader.since.isoformat(timespec="seconds") if leader else None,
        "since_seconds": term.seconds if term.leading else leader.seconds if leader else None,
    }
    return Part(State.OK if term.leading else State.STANDBY, Pulse(), told)


def _feed(facts: Facts) -> Part:
    pulse, subscribed_seconds = facts.pulses["feed"], facts.pulses["feed_subscribed"].beat_seconds
    silence = subscribed_seconds if pulse.beat_seconds is None else pulse.beat_seconds
    limit = FEED_ALONE_SILENT_SECONDS if _hears_migrations_alone(facts) else FEED_SILENT_SECONDS
    failing = _over(pulse.failing_seconds, FEED_FAILING_SECONDS) or _over(silence, limit)
    told = {
        "subscribed": subscribed_seconds is not None and pulse.failing_seconds is None,
        "gaps_24h": facts.gaps.count if facts.gaps else None,
        "gap_seconds_24h": facts.gaps.seconds if facts.gaps else None,
    }
    return Part(_state(starting=subscribed_seconds is None, failing=failing), pulse, told)


def _hears_migrations_alone(facts: Facts) -> bool:
    """Whether the feed's latest sign of life came while it heard no creations: then minutes of silence are normal."""
    latest, alone = facts.pulses["feed"].beat_seconds, facts.pulses["feed_alone"].beat_seconds
    return alone is not None and latest is not None and alone <= latest + _SAME_MOMENT_SECONDS


def _ticker(facts: Facts) -> Part:
    """The ticker works while it glances, checks where that is paid, and records what the looks bring."""
    halves = (
        ("glances", "recorder") if facts.supply and facts.supply.paid is None else ("glances", "checks", "recorder")
    )
    silences = [_silence(facts.pulses[half], facts) for half in halves]
    failing = any(_over(silence, TICKER_SILENT_SECONDS) for silence in silences)
    return Part(_state(starting=None in silences, failing=failing), facts.pulses["glances"])


def _providers(facts: Facts) -> dict[str, Part]:
    """Those that are in use. DexScreener only degrades the program where Birdeye can stand in for it."""
    if (supply := facts.supply) is None:
        return {name: Part(State.IDLE, facts.pulses[name]) for name in ("birdeye", "dexscreener")}
    parts = {}
    if (paid := supply.paid) is not None:
        told = {"spent_cu": paid.spent_cu, "monthly_cu": paid.monthly_cu, "bound_seconds": paid.bound_seconds}
        parts["birdeye"] = _provider(facts.pulses["birdeye"], State.FAILING, told, resting=paid.resting is not None)
    if supply.glances is not None:
        worst = State.FAILING if supply.paid is None else State.DEGRADED
        parts["dexscreener"] = _provider(facts.pulses["dexscreener"], worst, {})
    return parts


def _provider(
    pulse: Pulse, worst: State, told: Mapping[str, float | bool | str | None], *, resting: bool = False
) -> Part:
    """One failure long ago says little of a provider that is seldom asked, unless it rests because of it."""
    if pulse.beat_seconds is None and pulse.failing_seconds is None:
        return Part(State.IDLE, pulse, told)
    stale = _over(pulse.last_error_seconds, PROVIDER_FAILING_SECONDS) and not resting
    failing = _over(pulse.failing_seconds, PROVIDER_FAILING_SECONDS) and not stale
    return Part(worst if failing else State.OK, pulse, told)


def _delivery(facts: Facts) -> Part:
    """Delivery works while it looks for rows and, when it tried to send, some send succeeded.

    More alerts than may go out at a time make it late, which degrades the program; it fails when it is late and idle.
    """
    pulse, sending, backlog = facts.pulses["delivery"], facts.pulses["sending"], facts.backlog
    silence, waiting = _silence(pulse, facts), backlog.waiting if backlog else None
    oldest_seconds = backlog.oldest_seconds if backlog else None
    late = _over(oldest_seconds, DELIVERY_LATE_SECONDS)
    busy = sending.beat_seconds is not None and sending.beat_seconds <= SENDING_FAILING_SECONDS
    failing = _over(silence, DELIVERY_SILENT_SECONDS) or _over(sending.failing_seconds, SENDING_FAILING_SECONDS)
    state = _state(starting=silence is None, failing=failing or (late and not busy))
    shown = replace(pulse, last_error=sending.last_error, last_error_seconds=sending.last_error_seconds)
    told = {"waiting": waiting, "oldest_seconds": oldest_seconds}
    if state is State.OK and late:
        return Part(State.DEGRADED, shown, told, crowded(waiting or 0, oldest_seconds or 0))
    return Part(state, shown, told)


def _flood(facts: Facts) -> Part:
    """More alerts than may be are held, which is meant: it degrades the program, and is told, but does not fail it."""
    backlog = facts.backlog
    if backlog is None:
        return Part(State.IDLE, Pulse(), {"decided_10min": None, "allowed": None})
    told = {"decided_10min": backlog.decided_10min, "allowed": backlog.allowed}
    if not backlog.is_flooded:
        return Part(State.OK, Pulse(), told)
    return Part(State.DEGRADED, Pulse(), told, flood(backlog.decided_10min, backlog.allowed))


def _refused(facts: Facts) -> Part:
    """Alerts that Telegram takes for none of their chats rest; all others go out."""
    pulse = facts.pulses["refused"]
    if pulse.failing_seconds is not None:
        return Part(State.DEGRADED, pulse)
    return Part(State.IDLE if facts.pulses["sending"].beat_seconds is None else State.OK, pulse)


def _polling(facts: Facts) -> Part:
    pulse = facts.pulses["polling"]
    silent = _over(pulse.beat_seconds, POLLING_SILENT_SECONDS)
    failing = silent or _over(pulse.failing_seconds, POLLING_FAILING_SECONDS)
    return Part(_state(starting=pulse.beat_seconds is None, failing=failing), pulse)


def _silence(pulse: Pulse, facts: Facts) -> float | None:
    """How long a loop has been quiet: since its last beat, else since it could begin."""
    if pulse.beat_seconds is not None or facts.term is None:
        return pulse.beat_seconds
    return facts.term.seconds


def _over(seconds: float | None, limit_seconds: float) -> bool:
    return seconds is not None and seconds > limit_seconds


def _state(*, starting: bool, failing: bool) -> State:
    if starting:
        return State.STARTING
    return State.FAILING if failing else State.OK
