"""The ladder of a transfer, detected, classified, documented, and the reasons why a transfer was not documented.

How far a transfer came in one sortie is a code. A code is larger where more steps succeeded, so the largest code of
all sorties tells what stopped the transfer in its best sortie.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.core.codes import (
    CLASSIFIED_DARKNESS,
    CLASSIFIED_LEFT,
    DARKNESS,
    LEFT,
    NO_ONE_THERE,
    NOT_CHOSEN,
    NOT_CLASSIFIED,
    NOT_DETECTED,
    NOT_DOCUMENTED,
)

STATUSES = ("missed", "detected", "classified", "documented")
RUNGS = STATUSES[1:]


class Reason(NamedTuple):
    """A reason why a transfer was not documented."""

    name: str
    codes: tuple[int, ...]
    """The codes of transfers that this reason stopped."""
    text: str
    """The reason as a phrase, for tables."""


REASONS = (
    Reason("no_one_there", (NO_ONE_THERE,), "no sensor came within range"),
    Reason("not_detected", (NOT_DETECTED,), "in range, but not detected"),
    Reason("not_chosen", (NOT_CHOSEN,), "detected, but no crew flew there"),
    Reason("left_too_soon", (LEFT, CLASSIFIED_LEFT), "the ships parted too soon"),
    Reason("no_light", (DARKNESS, CLASSIFIED_DARKNESS), "too little light or visibility"),
    Reason("not_classified", (NOT_CLASSIFIED,), "not recognised as two vessels"),
    Reason("not_documented", (NOT_DOCUMENTED,), "recognised, but no good imagery"),
)
_REASON_OF = {code: reason.name for reason in REASONS for code in reason.codes}


def reasons_of(progress: NDArray[np.int64]) -> list[str | None]:
    """The name of the reason for each transfer, by how far it came, codes (n,); None for a documented transfer."""
    return [_REASON_OF.get(code) for code in progress.tolist()]
