"""Values as JSON and back: an alert's facts, a score's components. No queries here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from engine.chats import Watched
from engine.model import COMPONENTS, Component, Score, Source, Token
from engine.shown import AlertFacts
from storage.tables import Json

_FACTS = TypeAdapter(AlertFacts)
_WATCHED = TypeAdapter(Watched)


def to_json(facts: AlertFacts) -> Json:
    """The facts as plain JSON values; times in ISO format."""
    known: Json = _FACTS.dump_python(facts, mode="json", exclude_defaults=True)
    return known


def from_json(stored: Mapping[str, Any]) -> AlertFacts:
    """The facts from their JSON; what a newer release added is ignored."""
    return _FACTS.validate_python(dict(stored))


def watched_to_json(watched: Watched) -> Json:
    """The watch's fields as plain JSON values, and its news beside them."""
    known: Json = _WATCHED.dump_python(watched, mode="json")
    return {**known["watch"], "news": known["news"]}


def score_to_json(score: Score, after: Token) -> Json:
    """Everything needed to compute this score again, and the token's state after it.

    Each component stands under its own name; the rest of the check stands beside them.
    """
    components = {part.name: _component(part, score) for part in score.components}
    return components | {
        "W": score.observed_minutes,
        "W_partial": score.observed_partial,
        "coverage": score.coverage,
        "raw": score.raw,
        "alpha": score.alpha,
        "moved": score.moved,
        "settings_version": score.settings_version,
        "source": score.source.value,
        "state": _state(after),
    }


def score_from_json(ts: datetime, value: float, stored: Mapping[str, Any]) -> Score:
    """The score of a stored row."""
    parts = {name: part for name, part in stored.items() if isinstance(part, dict) and "weight" in part}
    return Score(
        ts=ts,
        value=value,
        raw=stored["raw"],
        components=tuple(_from_component(name, parts[name]) for name in COMPONENTS if name in parts),
        coverage=stored["coverage"],
        observed_minutes=stored["W"],
        observed_partial=stored["W_partial"],
        alpha=stored["alpha"],
        moved=stored["moved"],
        settings_version=stored["settings_version"],
        source=Source(stored["source"]),
    )


def _component(part: Component, score: Score) -> Json:
    return {
        "value": part.value,
        "weight": part.weight,
        "contribution": part.contribution,
        "inputs": dict(part.inputs),
        "age_seconds": part.age_seconds,
        "source": score.source.value,
        "missing": part.value is None,
        "partial": part.partial,
    }


def _from_component(name: str, stored: Mapping[str, Any]) -> Component:
    return Component(
        name,
        stored["value"],
        stored["weight"],
        partial=stored["partial"],
        inputs=stored["inputs"],
        age_seconds=stored["age_seconds"],
    )


def _state(token: Token) -> Json:
    low, episode = token.low_run, token.episode
    return {
        "low_count": len(low.latest),
        "low_since": _iso(low.since),
        "low_latest": [_iso(ts) for ts in low.latest],
        "episode": episode.number,
        "episode_opened_at": _iso(episode.opened_at),
        "episode_below_since": _iso(episode.below_since),
        "episode_peak": episode.peak,
        "episode_floor": episode.floor,
    }


def _iso(ts: datetime | None) -> str | None:
    return None if ts is None else ts.isoformat()
