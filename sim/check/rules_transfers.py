"""Rules of check about transfers, other vessels, and parts of the scenario that nothing uses."""

from collections.abc import Iterator

import numpy as np

from sim.check.bounds import Bounds
from sim.check.patrol_bounds import takeoff_keys
from sim.check.quantities import maximum, median
from sim.check.registry import DOUBTFUL, NOTE, SENSELESS, Found, rule
from sim.core.arrays import Floats
from sim.core.units import HOURS_PER_DAY, HOURS_PER_MONTH
from sim.model.background.anchorage import Anchorage
from sim.model.background.bunkering import Bunkering
from sim.model.background.fleet import Fleet
from sim.model.background.random_courses import RandomCourses
from sim.model.sun import Sun
from sim.scenario.problems import Path

_CROWDED = 1.0  # ships, or pairs alongside, per square nautical mile: an assumption of what no sea holds


@rule(SENSELESS)
def no_transfers(bounds: Bounds) -> Iterator[Found]:
    """No transfer is expected and contacts are not counted, so every measure that divides by transfers is empty."""
    scenario = bounds.scenario
    if scenario.outputs.contacts or any(bounds.expected_transfers(name) > 0.0 for name in scenario.transfers):
        return
    first = next(iter(scenario.transfers), None)
    key: Path = ("transfers",) if first is None else ("transfers", first, "per_month")
    problem = (
        "No transfer ever begins (its rate is 0 in the deployment) and contacts are not counted, so there is nothing "
        "to measure."
    )
    yield Found(key, problem, "Set per_month above 0, or set outputs.contacts = true.")


@rule(SENSELESS)
def transfers_over_before_flights(bounds: Bounds) -> Iterator[Found]:
    """Transfers begin by night only, or by day only, and have always ended when a patrol flies: none is detected."""
    flights = np.vstack([np.zeros((0, 2)), *(patrol.flight_windows_h for patrol in bounds.patrols)])
    for name, source in bounds.scenario.transfers.items():
        if source.night_share not in (0.0, 1.0) or not len(flights):
            continue
        begin, end = _windows_alongside_h(bounds, name)
        overlap = (begin[:, None] < flights[:, 1]) & (end[:, None] > flights[:, 0])
        if not overlap.any():
            problem = (
                f"All transfers begin by {'night' if source.night_share else 'day'}, last "
                f"{maximum(source.duration_h):g} h at most, and are over whenever a patrol flies."
            )
            keys = takeoff_keys(bounds.patrols)
            advice = f"Change {keys} of [patrols], raise duration_h, or set night_share between 0 and 1."
            yield Found(("transfers", name, "night_share"), problem, advice)


def _windows_alongside_h(bounds: Bounds, name: str) -> tuple[Floats, Floats]:
    """From the earliest beginning to the latest end of transfers, for each night (or day) of the deployment, hours."""
    scenario, source = bounds.scenario, bounds.scenario.transfers[name]
    west, south, east, north = scenario.areas[source.area].shape.bounds
    lon, lat = np.array([west, west, east, east]), np.array([south, north, south, north])
    longest_h = maximum(source.duration_h)
    before = np.ceil(min(longest_h, scenario.duration_h) / HOURS_PER_DAY)
    days = np.arange(-2.0 - before, scenario.duration_days + 2.0)
    sunset, sunrise = Sun(scenario.start).night(days[:, None], lon, lat)
    if source.night_share:
        return sunset.min(axis=1), sunrise.max(axis=1) + longest_h
    return sunrise[:-1].min(axis=1), sunset[1:].max(axis=1) + longest_h


def _shortest_stay_h(bounds: Bounds) -> float | None:
    """The least time that any crew stays beside a contact, hours; None if no crew investigates."""
    identifications = [aircraft.identification for _, aircraft in bounds.investigating_aircraft()]
    return min((identification.time_h for identification in identifications if identification), default=None)


@rule(SENSELESS)
def transfers_too_short(bounds: Bounds) -> Iterator[Found]:
    """Transfers never last as long as a crew must stay beside them, so none is documented."""
    stay_h = _shortest_stay_h(bounds)
    for name, source in bounds.scenario.transfers.items():
        if stay_h is not None and (longest_h := maximum(source.duration_h)) <= stay_h:
            problem = (
                f"No transfer lasts longer than {longest_h:g} h, and a crew must stay beside it for {stay_h:g} h "
                "before it documents it, so none is documented."
            )
            advice = "Raise duration_h, or lower identification.time_h of the aircraft."
            yield Found(("transfers", name, "duration_h"), problem, advice)


@rule(DOUBTFUL)
def transfers_often_too_short(bounds: Bounds) -> Iterator[Found]:
    """Half of the transfers or more end before a crew has stayed beside them as long as it must.

    The result depends mostly on `time_h`.
    """
    stay_h = _shortest_stay_h(bounds)
    for name, source in bounds.scenario.transfers.items():
        half_h = median(source.duration_h)
        if stay_h is not None and half_h <= stay_h < maximum(source.duration_h):
            problem = (
                f"Half of these transfers last no longer than {half_h:.3g} h, and a crew stays beside one for "
                f"{stay_h:g} h before it documents it."
            )
            advice = "Raise duration_h, or lower identification.time_h of the aircraft."
            yield Found(("transfers", name, "duration_h"), problem, advice)


@rule(DOUBTFUL)
def crowded_sea(bounds: Bounds) -> Iterator[Found]:
    """There is more than one ship, or pair of ships, per square nautical mile (a threshold chosen here).

    This is most often a mistake in a number or in an area.
    """
    scenario = bounds.scenario
    whole = scenario.clock, 0.0, scenario.duration_h
    counts: list[tuple[Path, str, float, str]] = [
        (("background", name, "present"), source.area, source.profile(*whole).greatest, "ships")
        for name, source in scenario.background.items()
        if isinstance(source, RandomCourses | Fleet | Anchorage | Bunkering) and source.present is not None
    ]
    for name, transfers in scenario.transfers.items():
        greatest = transfers.greatest_per_month(scenario.clock, scenario.duration_h)
        present = greatest / HOURS_PER_MONTH * median(transfers.duration_h)
        counts.append((("transfers", name, "per_month"), transfers.area, present, "pairs of ships"))
    for path, area, count, what in counts:
        sea = float(bounds.sea_of(area).area)
        if count > _CROWDED * sea:
            problem = (
                f"About {count:.0f} {what} are present at a time in the {sea:.0f} sq nmi of sea of the area {area}: "
                "more than one per square nautical mile."
            )
            yield Found(path, problem, f"Lower {path[-1]}, or correct the polygon of areas.{area}.")


@rule(NOTE)
def few_transfers(bounds: Bounds) -> Iterator[Found]:
    """Less than one transfer is expected in a deployment, so confidence intervals are wide."""
    expected = {name: bounds.expected_transfers(name) for name in bounds.scenario.transfers}
    total = sum(expected.values())
    if 0.0 < total < 1.0:
        first = next(name for name, count in expected.items() if count > 0.0)
        problem = f"On average at most {total:.2g} transfers begin in a deployment, so confidence intervals are wide."
        advice = "Raise per_month or duration_days, or run more replications."
        yield Found(("transfers", first, "per_month"), problem, advice)


@rule(NOTE)
def unused(bounds: Bounds) -> Iterator[Found]:
    """Nothing refers to an area, vessel class, aircraft, base, route or nation, so it has no effect.

    It is a spare for a study or a variant, or its name is misspelt where it is meant to be used.
    """
    for section, names in _used_names(bounds).items():
        for name in getattr(bounds.scenario, section):
            if name not in names:
                problem = f"Nothing in the scenario refers to {section}.{name}, so it has no effect."
                advice = f"Leave it if a study puts it to use. Otherwise write {name} where it is meant, or remove it."
                yield Found((section, name), problem, advice)


def _used_names(bounds: Bounds) -> dict[str, set[str]]:
    """The names to which something refers, by section of the scenario."""
    scenario = bounds.scenario
    patrols, sources = scenario.patrols.values(), bounds.vessel_sources
    placed = [*scenario.routes.values(), *scenario.intercepts.values(), *scenario.observers.values()]
    areas = {area for source in sources for area in source.area_names}
    areas |= {area for part in placed if (area := getattr(part, "area", None))}
    areas |= {area for source in scenario.transfers.values() if source.learning for area in source.learning.areas or []}
    areas |= {area for _, _, priority in bounds.prioritising_aircraft() for area in priority.watch_areas}
    return {
        "areas": areas,
        "vessels": {hull for source in sources for hulls in source.hull_sets for hull in hulls},
        "aircraft": {patrol.aircraft for patrol in patrols},
        "bases": {base for patrol in patrols for base in (patrol.base, *patrol.alternates)},
        "nations": {
            *(patrol.nation or "" for patrol in patrols),
            *(observer.nation for observer in scenario.observers.values()),
            *(nation for agreement in scenario.agreements.values() for nation in agreement.nations),
        },
        "routes": {route for patrol in bounds.patrols for route in patrol.assignment.routes},
    }
