"""What chats and admins are told of the program's settings: what a change means to them, what one holds. Pure."""

from __future__ import annotations

from engine.model import Reason
from engine.settings import N_, Settings

TEST = N_("This is a test: alerts reach this chat. There was none yet that could serve as an example.")
_FLOOD = N_(
    "{decided} alerts were decided within 10 minutes; alerts_per_10_minutes allows {allowed}. All but alarms are held"
    " until there are fewer. /pause holds them for longer."
)
_CROWDED = N_(
    "More alerts are due than may be sent at a time: {waiting} wait, the oldest for {minutes} min. DELIVERY_RATE sets"
    " the pace; what gets too old is counted and not sent."
)
_WEIGHTS = N_(
    "An admin has changed the weights of the score. Ordinary trading used to score {before:.2f}, now it scores"
    " {after:.2f}. Your threshold {threshold:.2f} was {was:.1f}× that, now it is {now:.1f}×. /alerts changes it."
)
_WEIGHTS_WITHOUT_RATIO = N_(
    "An admin has changed the weights of the score. Ordinary trading used to score {before:.2f}, now it scores"
    " {after:.2f}. Your threshold is {threshold:.2f}. /alerts changes it."
)


def flood(decided: int, allowed: int) -> Reason:
    """Why alerts are held that are too many."""
    return Reason(_FLOOD, {"decided": decided, "allowed": allowed})


def crowded(waiting: int, oldest_seconds: float) -> Reason:
    """Why alerts come late although they are being sent."""
    return Reason(_CROWDED, {"waiting": waiting, "minutes": round(oldest_seconds / 60)})


def ordinary_score(settings: Settings) -> float:
    """What steady trading scores: tx_accel and vol_momentum 1, as many sellers as buyers, no new holders."""
    return settings.weight_tx_accel + settings.weight_vol_momentum


def weights_changed(before: float, after: float, threshold: float) -> Reason:
    """What a change of the ordinary score means to a chat's own threshold."""
    scores = {"before": before, "after": after, "threshold": threshold}
    if before <= 0 or after <= 0:
        return Reason(_WEIGHTS_WITHOUT_RATIO, scores)
    return Reason(_WEIGHTS, scores | {"was": threshold / before, "now": threshold / after})
