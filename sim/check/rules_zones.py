"""Rules of check about no-go zones, interceptions, and patrols that fly as a group."""

from collections.abc import Iterator

import shapely

from sim.check.prospects import Prospects, share_outside
from sim.check.registry import DOUBTFUL, NOTE, Found, rule
from sim.scenario.groups import patrols_on_route
from sim.scenario.problems import InputError
from sim.scenario.routes import lay_route


@rule(DOUBTFUL)
def zone_over_route(prospects: Prospects) -> Iterator[Found]:
    """No-go zones cover half of the tracks of a route or more: what is flown is not the pattern that is named."""
    scenario = prospects.scenario
    if not scenario.zones:
        return
    free = scenario.model_copy(update={"zones": {}})
    for name in scenario.routes:
        for one in patrols_on_route(scenario, name)[:1]:
            try:
                tracks = lay_route(free, name, scenario.patrols[one].aircraft).tracks[0]
                share = 1.0 - share_outside(tracks, prospects.air.closed)
            except InputError:  # it can be flown with the zones alone, as a time_h too short for all of an area
                continue
            if share >= 0.5:
                said = f"no-go zones lie over {100.0 * share:.0f} % of its tracks"
                yield Found(("routes", name), said, "[zones], or another route")


@rule(DOUBTFUL)
def group_at_odds(prospects: Prospects) -> Iterator[Found]:
    """A group overrides routes of its members, its take-offs do not stay in step, or it cannot divide a route.

    What is given does not hold.
    """
    scenario = prospects.scenario
    for title, group in scenario.groups.items():
        first, *others = (scenario.patrols[name] for name in group.patrols)
        for name, one in zip(group.patrols[1:], others, strict=True):
            if one.routes != first.routes:
                said = f"its own are never flown: groups.{title} flies those of {group.patrols[0]}"
                yield Found(("patrols", name, "routes"), said, f"the routes of {group.patrols[0]}")
            if group.divide != "area" and one.every_h != first.every_h:
                turns = "spread" if group.divide == "time" else "in turn"
                said = f"take-offs of groups.{title} do not stay {turns}"
                said += f": {group.patrols[0]} flies every {first.every_h:g} h"
                yield Found(("patrols", name, "every_h"), said, "the same every_h")
        routes = {route: scenario.routes[route] for route in first.routes}
        whole = [name for name, one in routes.items() if not one.is_divisible]
        anew = [name for name, one in routes.items() if one.unfinished == "restart"]
        if group.divide == "area" and whole:
            said = f"no area to cut into strips: each patrol flies all of {', '.join(whole)}"
            yield Found(("groups", title, "divide"), said, "a parallel_sweep or a creeping_line")
        if group.divide == "hand_over" and anew:
            said = f"each sortie begins {', '.join(anew)} anew: nothing is handed over"
            yield Found(("groups", title, "divide"), said, f"routes.{anew[0]}.unfinished")


@rule(DOUBTFUL)
def intercepts_nowhere(prospects: Prospects) -> Iterator[Found]:
    """Interceptions are given for an area that no route touches: they never happen."""
    scenario = prospects.scenario
    for name, one in scenario.intercepts.items():
        if (
            one.area is None
            or scenario.zones
            or not prospects.patrols
            or any(patrol.heeds for patrol in prospects.patrols)
        ):
            continue
        area = scenario.plane.project(scenario.areas[one.area].shape)
        hulls = [leg.line.convex_hull for patrol in prospects.patrols for leg in patrol.reached]
        if not any(shapely.intersects(area, hull) for hull in hulls):
            yield Found(("intercepts", name, "area"), f"no route touches {one.area}", "the routes of [patrols]")


@rule(NOTE)
def zone_out_of_the_way(prospects: Prospects) -> Iterator[Found]:
    """The no-go zones lie where no patrol would fly: they have no effect."""
    if any(one.heeds for one in prospects.patrols):
        return
    rooms = [
        shapely.buffer(one.room, one.identification.max_detour_nmi if one.identification else 0.0)
        for one in prospects.patrols
    ]
    if (
        prospects.scenario.zones
        and rooms
        and not any(shapely.intersects(prospects.air.closed_with_margin, one) for one in rooms)
    ):
        yield Found(("zones",), "nobody would fly there: it closes nothing", "the zones' places")


@rule(NOTE)
def intercepts_cost_nothing(prospects: Prospects) -> Iterator[Found]:
    """Interceptions have a `per_100_h` or a `time_h` of 0: they never happen, or cost no time."""
    for name, one in prospects.scenario.intercepts.items():
        for key, said in (("per_100_h", "none ever comes"), ("time_h", "they cost no time")):
            if getattr(one, key) == 0.0:
                yield Found(("intercepts", name, key), said, "above 0")
                break
