"""What buttons may ask of a watch, and what that changes of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from engine.chats import Preferences, Watch
from engine.model import Token
from engine.settings import Settings
from engine.watching import reaches

OFF = 0.0
SCORES = (2.0, 3.0, 5.0)
PRICE_PERCENTS = (10.0, 25.0, 50.0)
LIQUIDITY_PERCENTS = (25.0, 50.0)


class WatchWish(StrEnum):
    """What of a watch a button changes."""

    SCORE = "score"
    PRICE = "price"
    LIQUIDITY = "liquidity"
    REVIVED = "revived"
    ARCHIVED = "archived"


def usual_score(wishes: Preferences, settings: Settings, levels: Mapping[int, float]) -> float:
    """The score at which the chat hears of a high one, to two decimals; `levels` are those in force by how many a day.

    Its own threshold, else the level of so many alerts a day as it wants, else the common one.
    """
    own = wishes.threshold if wishes.per_day is None else levels.get(wishes.per_day)
    return max(round(settings.alert_score_on if own is None else own, 2), settings.alert_score_off)


def offered(wish: WatchWish, watch: Watch, usual: float) -> tuple[float, ...]:
    """The values that may be chosen, `OFF` first; `usual` is the chat's usual score. What is watched is among them."""
    values = {
        WatchWish.SCORE: (usual, *SCORES),
        WatchWish.PRICE: PRICE_PERCENTS,
        WatchWish.LIQUIDITY: LIQUIDITY_PERCENTS,
    }.get(wish, (1.0,))
    return (OFF, *sorted({*values, chosen(wish, watch)} - {OFF}))


def chosen(wish: WatchWish, watch: Watch) -> float:
    """What is watched now, `OFF` where it is not."""
    values = {
        WatchWish.SCORE: watch.score or OFF,
        WatchWish.PRICE: watch.price_percent or OFF,
        WatchWish.LIQUIDITY: watch.liquidity_percent or OFF,
        WatchWish.REVIVED: float(watch.revived),
        WatchWish.ARCHIVED: float(watch.archived),
    }
    return values[wish]


def changes_of(
    wish: WatchWish, value: float, watch: Watch, token: Token, usual: float, now: datetime, settings: Settings
) -> dict[str, object] | None:
    """The fields of the watch that the wish changes, by name; None for a value that is not offered.

    A score that stands there already is no news; what is watched anew is compared from the next look on.
    """
    if value not in offered(wish, watch, usual):
        return None
    match wish:
        case WatchWish.SCORE:
            reached = value != OFF and reaches(token, value, now, settings)
            return {"score": value or None, "score_reached": reached}
        case WatchWish.PRICE:
            bare = {} if value and watch.price_percent else {"base_price": None, "base_price_at": None}
            return {"price_percent": value or None, **bare}
        case WatchWish.LIQUIDITY:
            bare = {} if value and watch.liquidity_percent else {"base_liquidity": None, "base_liquidity_at": None}
            return {"liquidity_percent": value or None, **bare}
        case _:
            return {wish.value: bool(value)}
