"""Pairs under way: vessels that make way while they lie alongside, straight and slowly, and stay at sea.

The course is uniform. A course that leads out of the sea of the area before the vessels part is drawn anew; where no
draw stays inside, the pair is slower on the last course, so that it parts before the shore or the edge.
"""

from typing import Any

import numpy as np
import shapely

from sim.core import chance
from sim.core.arrays import Entities, Floats
from sim.core.codes import Purpose
from sim.core.fields import Quantity

_TRIES = 32  # how often a course is drawn
_INSIDE = 0.999  # the part of the way to the edge that a slower pair goes


def velocities(
    making_way_kn: Quantity | None, sea: Any, key: Entities, vessels: Entities, place: Floats, hours: Floats
) -> Floats:
    """The velocities of n pairs alongside, (n, 2), in knots; zeros where they lie still.

    `sea` is the sea in which they stay, a shape on the plane; `place` (n, 2) is where they come alongside, and `hours`
    (n,) is for how long. `key` is the key of the replication, and `vessels` (n,) the identities.
    """
    found = np.zeros((len(vessels), 2))
    if making_way_kn is None or not len(vessels):
        return found
    speed = making_way_kn.quantile(chance.uniforms(key, Purpose.PAIR_WAY, vessels, 0)[:, 0])
    left = np.arange(len(vessels))
    for attempt in range(_TRIES):
        angle = 2.0 * np.pi * chance.uniforms(key, Purpose.PAIR_WAY, vessels[left], attempt)[:, 1]
        found[left] = speed[left, None] * np.column_stack([np.cos(angle), np.sin(angle)])
        left = left[~shapely.covers(sea, _ways(place[left], found[left], hours[left]))]
        if not left.size:
            return found
    ways = _ways(place[left], found[left], hours[left])
    edge = shapely.intersection(ways, shapely.boundary(sea))
    reach = shapely.distance(shapely.points(place[left]), edge) / shapely.length(ways)
    found[left] *= (_INSIDE * np.nan_to_num(reach))[:, None]
    return found


def _ways(place: Floats, velocity: Floats, hours: Floats) -> Any:
    """The ways of pairs as lines."""
    return shapely.linestrings(np.stack([place, place + velocity * hours[:, None]], axis=1))
