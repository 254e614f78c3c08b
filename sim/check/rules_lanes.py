"""Rules of check about lanes: crowded ones, ends in open sea, and land that hardly leaves room."""

from collections.abc import Iterator

import numpy as np
import shapely

from sim.check.bounds import Bounds
from sim.check.registry import DOUBTFUL, NOTE, Found, rule
from sim.core.geo import OPEN_SEA_NMI, is_open_sea
from sim.deployment.traffic.lane import LanePlan

_CROWDED = 1.0  # ships in a square nautical mile, on average over a lane: an assumption, as in `crowded_sea`
_TIGHT = 0.1  # the share of its half width that a lane has on one side of its line: an assumption


def _lanes(bounds: Bounds) -> Iterator[LanePlan]:
    """The lanes of a scenario."""
    yield from (plan for plan in bounds.traffic.values() if isinstance(plan, LanePlan))


def _place(bounds: Bounds, x: float, y: float) -> str:
    """A place of the plane as a file has it."""
    lon, lat = bounds.scenario.plane.to_lonlat(x, y)
    return f"[{float(lon):.2f}, {float(lat):.2f}]"


@rule(DOUBTFUL)
def crowded_lane(bounds: Bounds) -> Iterator[Found]:
    """A lane has more than one ship in a square nautical mile (a threshold chosen here).

    This is most often a mistake in the number of ships a day, in their speed, or in the spread.
    """
    for plan in _lanes(bounds):
        present, area = plan.mean_present(0.0, plan.duration_h), float(plan.corridor.shape.area)
        if present > _CROWDED * area:
            problem = (
                f"About {present:,.0f} ships are present at a time in the {area:,.0f} sq nmi of the lane "
                f"{plan.name}: more than one per square nautical mile."
            )
            path = ("background", plan.name, "flows" if plan.spec.flows else "per_day")
            yield Found(path, problem, "Lower per_day, or raise speed_kn or spread_nmi.")


@rule(NOTE)
def lane_ends_in_open_sea(bounds: Bounds) -> Iterator[Found]:
    """An end of a lane lies in open sea, away from the edge of the theatre and from the end of any other lane.

    Ships appear and vanish there, which is true of no sea. This does not matter where no patrol comes.
    """
    west, south, east, north = bounds.scenario.theatre.box
    for plan in _lanes(bounds):
        others = [other.line[[0, -1]] for other in _lanes(bounds) if other is not plan]
        ends = shapely.multipoints(np.vstack([np.zeros((0, 2)), *others]))
        for at in (0, -1):
            (lon, lat), place = plan.spec.line[at], shapely.Point(plan.line[at])
            edge = min((lon - west) * np.cos(np.radians(lat)), (east - lon) * np.cos(np.radians(lat)))
            edge_nmi = 60.0 * min(edge, lat - south, north - lat)
            joins = not ends.is_empty and shapely.distance(ends, place) <= max(OPEN_SEA_NMI, plan.corridor.half_width)
            if edge_nmi > OPEN_SEA_NMI and not joins and is_open_sea(lon, lat):
                problem = (
                    f"The lane {plan.name} {'begins' if at == 0 else 'ends'} in open sea at [{lon:g}, {lat:g}], where "
                    "ships appear and vanish."
                )
                advice = (
                    "Draw line on to a port, the edge of the theatre or another lane, or leave it where nobody flies."
                )
                yield Found(("background", plan.name, "line"), problem, advice)


@rule(NOTE)
def lane_hardly_has_room(bounds: Bounds) -> Iterator[Found]:
    """Land or a bend leaves a lane less than a tenth of its half width on one side (a threshold chosen here).

    All ships on that side pass there one behind the other. The line may lie too near to land.
    """
    for plan in _lanes(bounds):
        half, room = plan.corridor.half_width, plan.corridor.room
        side, point = np.unravel_index(int(np.argmin(room)), room.shape)
        if room[side, point] < _TIGHT * half:
            problem = (
                f"At {_place(bounds, *plan.corridor.points[point])} the lane {plan.name} has {room[side, point]:.1f} "
                f"nmi {'to port' if side == 0 else 'to starboard'} of its line, and {half:.1f} nmi where nothing is "
                "near, so its ships pass there one behind the other."
            )
            advice = "Move the points of line away from land, or lower spread_nmi, unless the passage is so narrow."
            yield Found(("background", plan.name, "line"), problem, advice)
