"""Rules of check about no-go zones, interceptions, and patrols that fly as a group."""

from collections.abc import Iterator

import shapely

from sim.check.bounds import Bounds, share_outside
from sim.check.registry import DOUBTFUL, NOTE, Found, rule
from sim.scenario.groups import patrols_on_route
from sim.scenario.problems import InputError
from sim.scenario.routes import lay_route


@rule(DOUBTFUL)
def zone_over_route(bounds: Bounds) -> Iterator[Found]:
    """No-go zones cover half of the tracks of a route or more: what is flown is not the pattern that is named."""
    scenario = bounds.scenario
    if not scenario.zones:
        return
    without_zones = scenario.model_copy(update={"zones": {}})
    for name in scenario.routes:
        for patrol in patrols_on_route(scenario, name)[:1]:
            try:
                tracks = lay_route(without_zones, name, scenario.patrols[patrol].aircraft).tracks[0]
                share = 1.0 - share_outside(tracks, bounds.airspace.closed)
            except InputError:  # It can be flown only with the zones: a time_h may be too short for all of an area.
                continue
            if share >= 0.5:
                problem = (
                    f"No-go zones cover {100.0 * share:.0f} % of the tracks of the route {name}, so what is flown "
                    "hardly resembles its pattern."
                )
                yield Found(("routes", name), problem, "Move or shrink the [zones], or choose another route.")


@rule(DOUBTFUL)
def group_inconsistent(bounds: Bounds) -> Iterator[Found]:
    """A group overrides the routes of its members, their take-offs drift apart, or it cannot divide a route.

    At least one key of the group or of its members has no effect.
    """
    for title in bounds.scenario.groups:
        yield from _members_that_differ(bounds, title)
        yield from _routes_not_divided(bounds, title)


def _members_that_differ(bounds: Bounds, title: str) -> Iterator[Found]:
    scenario, group = bounds.scenario, bounds.scenario.groups[title]
    leader = group.patrols[0]
    first = scenario.patrols[leader]
    for name in group.patrols[1:]:
        member = scenario.patrols[name]
        if member.routes != first.routes:
            problem = f"{name} never flies its own routes: groups.{title} makes it fly those of {leader}."
            advice = f"Give {name} the routes of {leader}, or take it out of groups.{title}."
            yield Found(("patrols", name, "routes"), problem, advice)
        if group.divide != "area" and (member.takeoff, member.days) != (first.takeoff, first.days):
            problem = (
                f"{name} never takes off by its own takeoff and days: groups.{title} makes it follow the take-offs of "
                f"{leader}."
            )
            yield Found(("patrols", name, "takeoff"), problem, f"Give {name} the takeoff and days of {leader}.")
        if member.route_weights != first.route_weights and member.route_weights is not None:
            problem = (
                f"{name} never draws by its own route_weights: groups.{title} makes it fly the routes of {leader}."
            )
            yield Found(("patrols", name, "route_weights"), problem, f"Remove route_weights of {name}.")
        if member.tasking != first.tasking and "tasking" in member.model_fields_set:
            problem = f"{name} is never tasked by its own tasking: groups.{title} makes it fly the routes of {leader}."
            yield Found(("patrols", name, "tasking"), problem, f"Give {name} the tasking of {leader}, or remove it.")
        if group.divide != "area" and None not in (member.every_h, first.every_h) and member.every_h != first.every_h:
            order = "spread evenly" if group.divide == "time" else "in turn"
            problem = (
                f"{name} takes off every {member.every_h:g} h and {leader} every {first.every_h:g} h, so the take-offs "
                f"of groups.{title} do not stay {order}."
            )
            advice = f"Set every_h of {name} to {first.every_h:g}."
            yield Found(("patrols", name, "every_h"), problem, advice)


def _routes_not_divided(bounds: Bounds, title: str) -> Iterator[Found]:
    group = bounds.scenario.groups[title]
    names = bounds.scenario.patrols[group.patrols[0]].routes
    routes = {name: bounds.scenario.routes[name] for name in names}
    undivided = [name for name, route in routes.items() if not route.is_divisible]
    restarted = [name for name, route in routes.items() if route.unfinished == "restart"]
    key = ("groups", title, "divide")
    if group.divide == "area" and undivided:
        problem = (
            f"The area of {', '.join(undivided)} cannot be cut into strips, so each patrol of groups.{title} flies all "
            "of it."
        )
        yield Found(key, problem, "Use a parallel_sweep or a creeping_line, or another divide.")
    if group.divide == "hand_over" and restarted:
        problem = (
            f"Each sortie begins the route {', '.join(restarted)} anew, so no patrol of groups.{title} continues "
            "another's."
        )
        yield Found(key, problem, f'Set routes.{restarted[0]}.unfinished = "resume", or use another divide.')


@rule(DOUBTFUL)
def intercepts_nowhere(bounds: Bounds) -> Iterator[Found]:
    """Interceptions are given for an area that no route within reach touches, so they never happen."""
    scenario = bounds.scenario
    if scenario.zones or not bounds.patrols or any(patrol.follows_tips for patrol in bounds.patrols):
        return  # Where a patrol may fly is then not certain.
    hulls = [route.track.convex_hull for patrol in bounds.patrols for route in patrol.reachable_routes]
    for name, intercepts in scenario.intercepts.items():
        if intercepts.area is None:
            continue
        area = scenario.plane.project(scenario.areas[intercepts.area].shape)
        if not any(shapely.intersects(area, hull) for hull in hulls):
            problem = (
                f"No route that a patrol can reach touches the area {intercepts.area}, so these interceptions never "
                "happen."
            )
            advice = "Change area, or lay a route of [patrols] through that area."
            yield Found(("intercepts", name, "area"), problem, advice)


@rule(NOTE)
def zones_without_effect(bounds: Bounds) -> Iterator[Found]:
    """The no-go zones lie where no patrol would fly, so they have no effect."""
    if not bounds.scenario.zones or not bounds.patrols or any(patrol.follows_tips for patrol in bounds.patrols):
        return
    regions = [
        shapely.buffer(patrol.flown_region, patrol.identification.max_detour_nmi if patrol.identification else 0.0)
        for patrol in bounds.patrols
    ]
    if not any(shapely.intersects(bounds.airspace.closed_with_margin, region) for region in regions):
        problem = "No patrol would fly through any of the no-go zones, so they have no effect."
        yield Found(("zones",), problem, "Correct the polygons of [zones], or remove them.")


@rule(NOTE)
def intercepts_without_cost(bounds: Bounds) -> Iterator[Found]:
    """Interceptions have a `per_100_h` or a `time_h` of 0, so they never happen, or cost no time."""
    for name, intercepts in bounds.scenario.intercepts.items():
        effects = {"per_100_h": "these interceptions never happen", "time_h": "these interceptions cost no time"}
        key = next((key for key in effects if getattr(intercepts, key) == 0.0), None)
        if key is not None:
            yield Found(("intercepts", name, key), f"{key} is 0, so {effects[key]}.", f"Set {key} above 0.")
