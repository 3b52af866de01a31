"""Which trouble of the program is news: told once when a part fails for long, once when it works again. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.vitals import Part, Report, State
from engine.model import Reason

DATABASE = "database"
LATEST_ERROR_SECONDS = 900.0  # an older error is not why a part fails now
_BAD = frozenset({State.FAILING, State.DEGRADED})


@dataclass(frozen=True, slots=True)
class Trouble:
    """A part that fails since then, or did until `well_since`; `told` if admins know.

    `why` is its latest error, `reason` what can be said of it in any language.
    """

    since: datetime
    why: str | None = None
    well_since: datetime | None = None
    told: bool = False
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Delays:
    """How long a part fails before that is news, and how long it works again before that is."""

    begin: timedelta = timedelta(seconds=60)
    end: timedelta = timedelta(seconds=30)


# What is surely wrong at once; a flood is over when it has been calm for a while.
OWN_DELAYS = {
    "flood": Delays(timedelta(0), timedelta(seconds=60)),
    "refused": Delays(timedelta(0), timedelta(seconds=30)),
}


@dataclass(frozen=True, slots=True)
class News:
    """What is to be told of a part: that it fails, or, with `failed_seconds`, that it works again."""

    part: str
    trouble: Trouble
    failed_seconds: float | None = None


Troubles = Mapping[str, Trouble]


def judged(known: Troubles, report: Report, now: datetime, delays: Delays) -> tuple[dict[str, Trouble], list[News]]:
    """The troubles after this report, and what of them is news; `delays` are those of parts without their own.

    There is none while the program starts, nor while the database fails: nothing could be written then. Its own
    trouble is told when it is over.
    """
    if report.status is State.STARTING:
        return {name: replace(trouble, well_since=None) for name, trouble in known.items() if trouble.told}, []
    followed = {name: _followed(name, known.get(name), report, now, delays) for name in {*known, *report.parts}}
    troubles = {name: trouble for name, trouble in followed.items() if trouble is not None}
    if DATABASE in troubles and troubles[DATABASE].well_since is None:
        return troubles, []
    span = {name: OWN_DELAYS.get(name, delays) for name in troubles}
    news = [what for name in sorted(troubles) if (what := _news(name, troubles[name], now, span[name])) is not None]
    for what in news:
        if what.failed_seconds is None:
            troubles[what.part] = what.trouble
        else:
            del troubles[what.part]
    return troubles, news


def _followed(name: str, trouble: Trouble | None, report: Report, now: datetime, delays: Delays) -> Trouble | None:
    """The part's trouble as of now. One that is over before anybody was told is none, but the database's."""
    part = report.parts.get(name)
    if part is not None and part.state in _BAD:
        trouble = trouble or Trouble(now)
        why, reason = _error(part) or trouble.why, part.reason or trouble.reason
        return replace(trouble, well_since=None, why=why, reason=reason)
    if trouble is None or not (trouble.told or (name == DATABASE and _lasted(trouble, now, delays))):
        return None
    return replace(trouble, well_since=trouble.well_since or now) if _is_well(part) else trouble


def _is_well(part: Part | None) -> bool:
    """Whether the part has succeeded since it failed; one that was not asked since is neither well nor bad."""
    return part is not None and part.state is State.OK and part.pulse.failing_seconds is None


def _error(part: Part) -> str | None:
    seconds = part.pulse.last_error_seconds
    return part.pulse.last_error if seconds is not None and seconds <= LATEST_ERROR_SECONDS else None


def _lasted(trouble: Trouble, now: datetime, delays: Delays) -> bool:
    return (trouble.well_since or now) - trouble.since >= delays.begin


def _news(name: str, trouble: Trouble, now: datetime, delays: Delays) -> News | None:
    if trouble.well_since is not None:
        over = now - trouble.well_since >= delays.end
        return News(name, trouble, (trouble.well_since - trouble.since).total_seconds()) if over else None
    if trouble.told or not _lasted(trouble, now, delays):
        return None
    return News(name, replace(trouble, told=True))
