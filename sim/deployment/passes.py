"""How much of their routes the sorties of a replication flew, and how much they could have flown without contacts."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import shapely

from sim.core.arrays import Flags, Floats
from sim.core.codes import LEG_PASS, LEG_PHASE, SEARCH
from sim.deployment.patrols import PatrolPlan
from sim.deployment.sorties import Sortie, legs_before
from sim.scenario.endurance import flight_limit

MUCH_AT_CONTACTS = 2.0 / 3.0
"""The part of the time on station beyond which contacts, not the route, decide what is searched: an assumption."""
_STEPS = 2000  # of a route, to find where the crew must turn home: exact to 1/2000 of what its fuel could last


class RouteShare(NamedTuple):
    """What a patrol can fly of one of its routes."""

    pass_nmi: float
    """The length of one pass."""
    planned: float
    """The passes, or the part of one, that a sortie flies in still air if nothing diverts it."""


def plan_shares(plan: PatrolPlan) -> dict[str, RouteShare]:
    """What a patrol can fly of each of its routes, by the route's name."""
    return {route.name: _share(plan, number) for number, route in enumerate(plan.routes)}


def _share(plan: PatrolPlan, number: int) -> RouteShare:
    """What a patrol can fly of a route that it enters where it is nearest to its base."""
    route, aircraft = plan.routes[number], plan.aircraft
    legs = plan.chains[number][route.nearest_pass(plan.base)]
    line, first = shapely.LineString(legs[:, :2]), legs[legs[:, LEG_PASS] == 0.0]
    pass_nmi = float(np.hypot(*np.diff(first[:, :2], axis=0).T)[first[1:, LEG_PHASE] == SEARCH].sum())
    far_nmi = np.linspace(0.0, line.length, _STEPS + 1)
    spots = shapely.get_coordinates(shapely.line_interpolate_point(line, far_nmi))
    home_nmi = plan.airspace.lengths_home(spots, plan.bases[0])
    out_h = float(home_nmi[0]) / aircraft.transit_speed_kn
    hours = [
        flight_limit(aircraft, out_h + back, aircraft.burn.search).hours
        for back in home_nmi / aircraft.transit_speed_kn
    ]
    late = np.flatnonzero(far_nmi / aircraft.search_speed_kn > np.array(hours))
    planned = float(far_nmi[late[0] - 1 if late[0] else 0] if len(late) else far_nmi[-1]) / pass_nmi
    if route.resumes and not route.repeats and 0.0 < planned < 1.0:
        planned = 1.0 / math.ceil(1.0 / planned)  # several sorties for one pass, and the last of them has only its rest
    return RouteShare(pass_nmi, planned)


def passes_flown(sortie: Sortie, share: RouteShare, end: float) -> float:
    """The passes of its route that a sortie flew up to an end; a part of one counts by its length."""
    legs = legs_before(sortie.flown, end)
    legs = legs[legs[:, 6] == SEARCH]
    at_tips = _within(legs[:, 0], [(flight.begin_h, flight.end_h) for flight in sortie.tip_flights])
    return float(np.hypot(*(legs[:, 4:6] - legs[:, 2:4])[~at_tips].T).sum()) / share.pass_nmi


def passes_planned(sortie: Sortie, share: RouteShare, end: float) -> float:
    """The passes that a sortie could have flown up to an end if nothing had diverted it."""
    if sortie.landing_h <= end:
        return share.planned
    return share.planned * (end - sortie.takeoff_h) / (sortie.landing_h - sortie.takeoff_h)


def _within(hours: Floats, spells: Sequence[tuple[float, float]]) -> Flags:
    """Whether each hour (n,) lies in one of some spells."""
    found: Flags = np.zeros(len(hours), bool)
    for begin, finish in spells:
        found |= (hours >= begin) & (hours < finish)
    return found
