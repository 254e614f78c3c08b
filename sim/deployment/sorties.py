"""What a sortie leaves behind: its legs as flown, its detections, its investigations, its flights to tips."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from sim.core.arrays import Flags, Floats, Ints
from sim.core.codes import DIVERT, REJOIN, RETURN, SEARCH


class TipFlight(NamedTuple):
    """How a sortie followed a tip."""

    nation: str
    tip: int
    """Number of the tip in the nation's cell."""
    begin_h: float
    """When the crew left for the tip."""
    arrival_h: float
    """When it could be at the place of the tip."""
    end_h: float
    """When it gave the tip up, had searched there, or had documented its ships."""
    documented: list[int]
    """Targets that it documented meanwhile, before the deployment's end."""
    about: frozenset[int]
    """The transfers that the tip's reports were about as the crew left, as rows of the dissemination's table."""


@dataclass
class Sortie:
    """One flight as flown."""

    patrol: str
    number: int
    """The slot in the patrol's schedule; sorties of a crew that stands by are counted on from the last slot."""
    takeoff_h: float
    landing_h: float
    flown: Floats
    """Legs (n, 7): t0, t1, x0, y0, x1, y1, phase."""
    investigations: list[tuple[float, int, str]]
    """When each began, its target, and the name of the feature that led to it."""
    detected_h: Floats
    """The hour of each detection."""
    never_looked_at: int
    """How many contacts worth an investigation had none; only those detected before the deployment's end count."""
    progress: dict[int, int]
    """How far each transfer came for which this sortie did something: a code of `sim.deployment.ladder`."""
    two_hulls: list[tuple[float, int]] = field(default_factory=list)
    """The hour of detection and the target of each contact that showed as two or more hulls side by side."""
    told: list[tuple[float, int]] = field(default_factory=list)
    """When the crew told from afar that hulls side by side were no transfer, and the target."""
    tip_flights: list[TipFlight] = field(default_factory=list)
    from_standby: bool = False
    """Whether the crew stood by, and took off for a tip."""


def legs_before(flown: Floats, end: float) -> Floats:
    """Return legs as flown (n, 6 or more) up to an hour; a leg that is flown at that hour is cut there."""
    flown = flown[flown[:, 0] < end].copy()
    late = flown[:, 1] > end
    share = ((end - flown[late, 0]) / (flown[late, 1] - flown[late, 0]))[:, None]
    flown[late, 4:6] = flown[late, 2:4] + share * (flown[late, 4:6] - flown[late, 2:4])
    flown[late, 1] = end
    return flown


class LegHours(NamedTuple):
    """The legs of some sorties, (n,) each."""

    sortie: Ints
    """Number of the sortie among them."""
    begin_h: Floats
    end_h: Floats
    phase: Floats
    on_station: Flags
    """From reaching the route to leaving for base, and any diversion to a contact on the way out."""
    at_contacts: Flags
    """At a contact, or on the way there or back."""


def leg_hours(sorties: Sequence[Sortie], end: float) -> LegHours:
    """The legs of some sorties, at least one, up to an end, and which of them are work."""
    flown = np.vstack([s.flown for s in sorties])
    begins = np.cumsum([0, *(len(s.flown) for s in sorties[:-1])])
    sortie_of = np.repeat(np.arange(len(sorties)), [len(s.flown) for s in sorties])
    phase = flown[:, 6]
    # Legs so far of all sorties together, less those before the sortie's own first leg: is any of them a search leg?
    searched, returned = np.cumsum(phase == SEARCH), np.cumsum(phase == RETURN)
    reached = searched > (searched - (phase == SEARCH))[begins][sortie_of]
    gone = returned > (returned - (phase == RETURN))[begins][sortie_of]
    contact = (phase >= DIVERT) & (phase <= REJOIN)
    begin_h, end_h = np.minimum(flown[:, 0], end), np.minimum(flown[:, 1], end)
    return LegHours(sortie_of, begin_h, end_h, phase, (reached & ~gone) | contact, contact)


def hours_at_work(sorties: Sequence[Sortie], end: float) -> tuple[float, float]:
    """Return the hours on station up to an end, and of them the hours that contacts took.

    On station is from reaching the route to leaving for base, and also any diversion to a contact on the way out. The
    hours that contacts took include the ways there and back.
    """
    if not sorties:
        return 0.0, 0.0
    legs = leg_hours(sorties, end)
    hours = legs.end_h - legs.begin_h
    return float(hours[legs.on_station].sum()), float(hours[legs.at_contacts].sum())
