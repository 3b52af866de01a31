"""What the same world came to at two speeds: which tokens agree, and which differ by more than the polling grain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
from statistics import median

# What lies between two looks at one token: its glance is due once a minute, and what DexScreener tells is up to ten
# seconds old. A check is due every half minute, so it lies well within. Ten low looks archive a token: what each
# is late adds up, so the same archiving may be further apart than that.
GRAIN_SECONDS = 70.0
TOLERATED_SHARE = 1 / 20  # of the tokens: they touch a threshold for less than a grain

Told = tuple[str, str]  # a mint and a kind of alert


@dataclass(frozen=True, slots=True)
class Story:
    """What became of one token, in seconds since the world began: `moved_at` is when it was heard of or its status
    changed last, `news` when its alerts of each kind were decided.
    """

    symbol: str
    status: str
    moved_at: float = 0.0
    news: Mapping[str, tuple[float, ...]] = field(default_factory=dict)

    def __str__(self) -> str:
        told = [f"{kind} {', '.join(f'{at:.0f} s' for at in times)}" for kind, times in sorted(self.news.items())]
        return "; ".join([f"{self.status} since {self.moved_at:.0f} s", *told])


@dataclass(frozen=True, slots=True)
class Run:
    """A world at one speed until `seconds` of its time: the stories by mint, what the person without a limit was told,
    how many digests the other one got, and the pauses between two checks of a token, the shortest first.
    """

    speed: float
    seconds: float
    stories: Mapping[str, Story]
    told: frozenset[Told] = frozenset()
    digests: int = 0
    pauses: tuple[float, ...] = ()


UNKNOWN = Story("?", "unknown")


def pairs(slow: Run, fast: Run) -> dict[str, tuple[Story, Story]]:
    """The story of each token at both speeds."""
    mints = dict.fromkeys([*slow.stories, *fast.stories])
    return {mint: (slow.stories.get(mint, UNKNOWN), fast.stories.get(mint, UNKNOWN)) for mint in mints}


def same_status(one: Story, other: Story) -> bool:
    """Whether both end in the same status."""
    return one.status == other.status


def same_alerts(one: Story, other: Story, kind: str) -> bool:
    """Whether as many alerts of the kind were decided."""
    return len(one.news.get(kind, ())) == len(other.news.get(kind, ()))


def agree(one: Story, other: Story) -> bool:
    """The same status and the same alerts."""
    return same_status(one, other) and all(same_alerts(one, other, kind) for kind in kinds([(one, other)]))


def agree_but_for_the_end(one: Story, other: Story, seconds: float) -> bool:
    """The same, when news of the last grain before the end, `seconds`, may be missing on either side."""
    late = seconds - GRAIN_SECONDS
    status = same_status(one, other) or max(one.moved_at, other.moved_at) > late
    return status and all(
        None not in (a, b) or max(filter(None, (a, b))) > late
        for kind in kinds([(one, other)])
        for a, b in zip_longest(one.news.get(kind, ()), other.news.get(kind, ()))
    )


def kinds(stories: list[tuple[Story, Story]]) -> list[str]:
    """The kinds of alerts that are in any of them."""
    return sorted({kind for pair in stories for story in pair for kind in story.news})


def delays(stories: list[tuple[Story, Story]], kind: str) -> list[float]:
    """How many seconds of the world lie between the same alert at both speeds."""
    return [
        abs(a - b)
        for one, other in stories
        for a, b in zip(one.news.get(kind, ()), other.news.get(kind, ()), strict=False)
    ]


def differing(slow: Run, fast: Run) -> dict[str, tuple[Story, Story]]:
    """The tokens whose stories differ by more than the news of the last grain."""
    found = pairs(slow, fast).items()
    return {mint: (a, b) for mint, (a, b) in found if not agree_but_for_the_end(a, b, slow.seconds)}


def told_otherwise(slow: Run, fast: Run) -> set[str]:
    """The tokens of which the same was decided at both speeds, and something else told."""
    same = {mint for mint, stories in pairs(slow, fast).items() if agree(*stories)}
    return same & {mint for mint, _ in slow.told ^ fast.told}


def broken(slow: Run, fast: Run) -> list[str]:
    """Every law that does not hold, in words."""
    tokens, others = len(pairs(slow, fast)), len(differing(slow, fast))
    allowed = int(tokens * TOLERATED_SHARE)
    untold = len(told_otherwise(slow, fast))
    laws = {
        "there was no token at all": tokens > 0,
        f"{others} of {tokens} tokens differ, at most {allowed} may": others <= allowed,
        f"{untold} of {tokens} tokens were told otherwise, at most {allowed} may": untold <= allowed,
    }
    both = list(pairs(slow, fast).values())
    for kind in sorted(set(kinds(both)) - {"archived"}):  # its ten low looks add up, see above
        apart = median(delays(both, kind) or [0.0])
        laws[f"{kind} is {apart:.0f} s apart, at most a grain may be"] = apart <= GRAIN_SECONDS
    return [law for law, holds in laws.items() if not holds]


def table(slow: Run, fast: Run) -> str:
    """What agrees and what does not, in lines."""
    return "\n".join(_lines(slow, fast))


def _lines(slow: Run, fast: Run) -> Iterator[str]:
    both, speeds = list(pairs(slow, fast).values()), f"{slow.speed:g}x and {fast.speed:g}x"
    yield f"{speeds}: {len(both)} tokens of the same world after {slow.seconds / 60:g} of its minutes"
    for run in (slow, fast):
        yield f"  {run.speed:g}x: {_pauses(run.pauses)}; {run.digests} digests"
    yield f"  {'the same status':<24}{sum(same_status(*pair) for pair in both):>6} of {len(both)} tokens"
    for kind in kinds(both):
        yield _kind_line(kind, both)
    yield _told_line(slow, fast)
    yield f"  {'all the same':<24}{sum(agree(*pair) for pair in both):>6} of {len(both)} tokens"
    within = sum(agree_but_for_the_end(*pair, slow.seconds) for pair in both)
    yield f"  {'but for the last grain':<24}{within:>6} of {len(both)} tokens (a grain is {GRAIN_SECONDS:g} s)"
    for mint, stories in differing(slow, fast).items():
        yield f"  differs: {stories[0].symbol!a} {mint}"
        yield from (f"    {run.speed:g}x: {story}" for run, story in zip((slow, fast), stories, strict=True))


def _kind_line(kind: str, both: list[tuple[Story, Story]]) -> str:
    late, counts = delays(both, kind), [sum(len(pair[side].news.get(kind, ())) for pair in both) for side in (0, 1)]
    begin = f"  {'the same ' + kind:<24}{sum(same_alerts(*pair, kind) for pair in both):>6} of {len(both)} tokens"
    apart = f", apart by {median(late):.0f} s (median), {max(late):.0f} s at most" if late else ""
    return f"{begin}, {counts[0]} and {counts[1]} alerts{apart}"


def _pauses(pauses: tuple[float, ...]) -> str:
    if not pauses:
        return "no token was checked twice"
    most = pauses[int(0.9 * len(pauses))]
    return f"{median(pauses):.0f} s between two checks of a token (median), {most:.0f} s at most of nine in ten"


def _told_line(slow: Run, fast: Run) -> str:
    same, all_told = len(slow.told & fast.told), len(slow.told | fast.told)
    return f"  {'the same in the chat':<24}{same:>6} of {all_told} alerts, {len(slow.told)} and {len(fast.told)} told"
