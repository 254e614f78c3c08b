"""Which ships of the background were in the searched sea while an aircraft was on station, and which it detected.

A pair of a ship and a sortie counts as present if the ship was at some time in the sea that the sortie searched, while
the aircraft was on station: from reaching its route until it left for home. That sea is the area of the route on which
the sortie was sent. Where the route has none it is the area of the ships, and all the sea where they have none either.
The ship counts as seen if the sortie detected it, wherever that was. The ships are realised again from the key of the
replication, so who does not ask pays nothing.
"""

from typing import Any, NamedTuple

import numpy as np
import shapely

from sim.core.arrays import Floats
from sim.core.motion import Fleet
from sim.deployment.counting import count_along, law_sets_along
from sim.deployment.patrols import PatrolPlan
from sim.deployment.sorties import Sortie, leg_hours, legs_before
from sim.deployment.traffic.base import SegmentBuffers
from sim.deployment.world import Plan, World


class Ships(NamedTuple):
    """Pairs of a ship and a sortie."""

    present: int
    """How many there were in the searched sea."""
    seen: int
    """How many of these the sorties detected."""


def ships_met(plan: Plan, world: World, sorties: list[Sortie], routes: dict[tuple[str, int], str]) -> dict[str, Ships]:
    """The pairs of each source of background ships in one replication, by its name.

    `routes` has the route that each sortie was sent to, by its patrol and its number; those for a tip have none.
    """
    patrols, end = {patrol.name: patrol for patrol in plan.patrols}, plan.scenario.duration_h
    found = {}
    for source in plan.traffic:
        own = next(iter(source.spec.area_names), None)
        fleets = [fleet for fleet in source.realise(world.key, True, SegmentBuffers()) if fleet is not None]
        present = seen = 0
        for sortie in sorties:
            window = on_station(sortie, end)
            if window is None:
                continue
            route = routes.get((sortie.patrol, sortie.number))
            area = own if route is None else plan.scenario.routes[route].searched_area or own
            if area == own and not source.spec.leaves_area:
                area = None  # all ships are there at all times
            sea = None if area is None else plan.scenario.plane.project(plan.scenario.areas[area].shape)
            met = [present_in(fleet, sea, *window) for fleet in fleets]
            present += sum(fleet.vessels.size for fleet in met)
            seen += _detected(patrols[sortie.patrol], world, sortie, met, end)
        found[source.name] = Ships(present, seen)
    return found


def on_station(sortie: Sortie, end: float) -> tuple[float, float] | None:
    """The hours from and until which a sortie was on station before an end; None where it never was."""
    legs = leg_hours([sortie], end)
    hours = legs.on_station & (legs.begin_h < legs.end_h)
    if not hours.any():
        return None
    return float(legs.begin_h[hours].min()), float(legs.end_h[hours].max())


def present_in(fleet: Fleet, sea: Any, begin_h: float, end_h: float) -> Fleet:
    """The vessels of a fleet that are in a sea, a shape on the plane, at some time between two hours.

    Where the sea is None, it holds wherever they are.
    """
    t0, t1 = np.maximum(fleet.rows[:, 0], begin_h), np.minimum(fleet.rows[:, 1], end_h)
    meets = t0 < t1
    if sea is not None:
        meets[meets] = shapely.intersects(shapely.linestrings(_ends(fleet.rows[meets], t0[meets], t1[meets])), sea)
    is_there = np.zeros(fleet.vessels.size, bool)
    is_there[fleet.owner[meets]] = True
    rows = is_there[fleet.owner]
    numbers = np.cumsum(is_there) - 1
    return Fleet(
        fleet.rows[rows], numbers[fleet.owner[rows]], fleet.vessels[is_there], fleet.labels[is_there],
        fleet.kinds[is_there], fleet.traits[is_there],
    )  # fmt: skip


def _ends(rows: Floats, begin: Floats, end: Floats) -> Floats:
    """The places at which segments (n, 6) are at two hours each, (n, 2, 2)."""
    return np.stack([rows[:, 2:4] + rows[:, 4:6] * (hour - rows[:, 0])[:, None] for hour in (begin, end)], axis=1)


def _detected(plan: PatrolPlan, world: World, sortie: Sortie, fleets: list[Fleet], end: float) -> int:
    """How many vessels of some fleets a sortie detected before an end."""
    flown = [legs_before(sortie.flown, end) if sortie.landing_h > end else sortie.flown]
    return count_along(
        flown, fleets, world.key, np.array([plan.sensor_ids_of(sortie.number)]),
        np.vstack(plan.sensor_performance.law_sets), plan.sensor_performance.tables,
        law_sets_along(plan, flown, [sortie.takeoff_h], world.weather),
    )  # fmt: skip
