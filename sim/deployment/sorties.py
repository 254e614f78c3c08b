"""What a sortie leaves behind: its legs as flown, its detections, its investigations, its flights to tips."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from sim.core.arrays import Floats
from sim.deployment.patrols import DIVERT, REJOIN, RETURN, SEARCH


class TipFlight(NamedTuple):
    """How a sortie followed a tip: from when, when it could be there, until when, and which transfers it documented.

    `about`: the transfers that the tip's reports were about as the crew left for it, as rows of the dissemination's
    table.
    """

    nation: str
    tip: int
    begin_h: float
    there_h: float
    end_h: float
    documented: list[int]
    about: frozenset[int]


@dataclass
class Sortie:
    """One flight as flown."""

    patrol: str
    number: int
    takeoff_h: float
    landing_h: float
    flown: Floats
    """Legs (n, 7): t0, t1, x0, y0, x1, y1, phase."""
    investigations: list[tuple[float, int, str]]
    """When each began, its target, and the name of the feature that led to it."""
    found: Floats
    """The hour of each detection."""
    never_looked_at: int
    """How many contacts worth a look nobody looked at; only those detected before the deployment's end."""
    progress: dict[int, int]
    """How far each transfer came for which this sortie did something: a code of `sim.deployment.ladder`."""
    tips: list[TipFlight] = field(default_factory=list)


def legs_before(flown: Floats, end: float) -> Floats:
    """Legs as flown (n, 6 or more) up to an hour: what happens after the deployment's end is not observed."""
    flown = flown[flown[:, 0] < end].copy()
    late = flown[:, 1] > end
    share = ((end - flown[late, 0]) / (flown[late, 1] - flown[late, 0]))[:, None]
    flown[late, 4:6] = flown[late, 2:4] + share * (flown[late, 4:6] - flown[late, 2:4])
    flown[late, 1] = end
    return flown


def hours_at_work(sorties: Sequence[Sortie], end: float) -> tuple[float, float]:
    """Hours on station and, of them, those that contacts take, the way there and back included, up to an end.

    On station is from reaching the route to leaving for base, and with any contact visited on the way out.
    """
    if not sorties:
        return 0.0, 0.0
    flown = np.vstack([s.flown for s in sorties])
    begins = np.cumsum([0, *(len(s.flown) for s in sorties[:-1])])
    whose = np.repeat(np.arange(len(sorties)), [len(s.flown) for s in sorties])
    phase, hours = flown[:, 6], np.minimum(flown[:, 1], end) - np.minimum(flown[:, 0], end)
    searched, left = np.cumsum(phase == SEARCH), np.cumsum(phase == RETURN)
    reached = searched > (searched - (phase == SEARCH))[begins][whose]
    gone = left > (left - (phase == RETURN))[begins][whose]
    contact = (phase >= DIVERT) & (phase <= REJOIN)
    return float(hours[(reached & ~gone) | contact].sum()), float(hours[contact].sum())
