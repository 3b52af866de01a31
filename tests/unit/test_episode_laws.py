"""Episodes of any series of looks, against an independent reading of the specification."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from engine.alerting import level_of
from engine.decision import decide
from engine.model import AlertKind, Sample, Status, Verdict
from engine.settings import Settings
from tests.bench.course import Course, Ringing
from tests.bench.oscillating import Look
from tests.made import NOON, minutes, sample, token

BORN_AT = NOON - minutes(8)
FAULTS = ("", "", "", "", "few tx", "low liquidity", "low coverage", "no data")
STEPS = st.tuples(
    st.sampled_from([1, 30, 60, 150, 299, 300, 301, 900]),
    st.floats(0.1, 4.0),
    st.sampled_from(FAULTS),
    st.sampled_from([0, 0, 0, 0, 0, 1]),
)


def look_at(momentum: float, fault: str) -> Sample | None:
    """A look whose score is about that of its volume, with such a fault."""
    if fault == "no data":
        return None
    volume = 5_000.0 * momentum
    found = sample(volume_5m=volume, volume_1h=20_000.0, tx_count_5m=49 if fault == "few tx" else 200)
    found = replace(found, buys_volume_5m=volume, sells_volume_5m=0.0)
    return replace(
        found,
        liquidity=None if fault == "low liquidity" else found.liquidity,
        tx_count_1h=None if fault == "low coverage" else found.tx_count_1h,
    )


def agrees(verdict: Verdict, course: Course, ringing: Ringing | None, settings: Settings) -> bool:
    """Whether the engine tells the same episode, and rings as loud."""
    rings = [alert for alert in verdict.alerts if alert.kind is AlertKind.HIGH_SCORE]
    if (verdict.after.episode.opened_at, len(rings)) != (course.opened_at, 1 if ringing else 0):
        return False
    if not rings or ringing is None:
        return True
    [ring] = rings
    level, floor = ringing.score / ringing.y, ringing.old_news
    assert verdict.score is not None
    assert ring.level == level_of(verdict.score, settings)
    return abs(ring.level - level) < 1e-9 and abs((ring.floor or 0.0) - max(floor, 0.0)) < 1e-9


@given(st.lists(STEPS, min_size=1, max_size=25))
def test_episodes_open_ring_and_close_as_specified(steps: list[tuple[int, float, str, int]]) -> None:
    known, course, now = token(first_trade_at=BORN_AT, status=Status.ACTIVE), Course(), NOON
    settings = Settings(weight_holder_growth=0.1, ewma_alpha=0.4)
    for seconds, momentum, fault, changed in steps:
        now += timedelta(seconds=seconds)
        settings = replace(settings, version=settings.version + changed)
        found = look_at(momentum, fault)
        verdict = decide(known, found and replace(found, ts=now), (), now, settings)
        known = verdict.after
        look = Look(now, known.id, BORN_AT, verdict.sample, settings, before=True, after=True)
        ringing = course.take(look)
        assume(not near_a_bar(verdict, settings))
        assert agrees(verdict, course, ringing, settings)


def near_a_bar(verdict: Verdict, settings: Settings) -> bool:
    """Whether it is a matter of rounding on which side of the lower bar the score is."""
    return verdict.score is not None and abs(level_of(verdict.score, settings) - settings.alert_score_off) < 1e-9
