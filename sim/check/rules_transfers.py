"""Rules of check about transfers, other vessels, and parts of the scenario that nothing uses."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from sim.check.prospects import Prospects, expected, investigators, longest, middle, priorities, sea_of
from sim.check.registry import DOUBTFUL, NOTE, SENSELESS, Found, rule
from sim.core.units import HOURS_PER_DAY, HOURS_PER_MONTH
from sim.model.sun import Sun
from sim.scenario.problems import Path

_CROWDED = 1.0  # vessels a square nautical mile, everywhere: an assumption of what no sea holds


@rule(SENSELESS)
def no_transfers(prospects: Prospects) -> Iterator[Found]:
    """No transfer is expected and contacts are not counted: every measure that divides by transfers is empty."""
    scenario = prospects.scenario
    if scenario.outputs.contacts or any(expected(scenario, name) > 0.0 for name in scenario.transfers):
        return
    first = next(iter(scenario.transfers), None)
    key: Path = ("transfers",) if first is None else ("transfers", first, "per_month")
    yield Found(key, "no transfer ever begins, and contacts are not counted", "per_month, or outputs.contacts")


@rule(SENSELESS)
def never_under_a_sortie(prospects: Prospects) -> Iterator[Found]:
    """Transfers begin by night only, or by day only, and have ended whenever a patrol flies: none is detected."""
    flights = np.vstack([np.zeros((0, 2)), *(one.flights for one in prospects.patrols)])
    for name, spec in prospects.scenario.transfers.items():
        if spec.night_share not in (0.0, 1.0) or not len(flights):
            continue
        begin, end = _alongside(prospects, name)
        meet = (begin[:, None] < flights[:, 1]) & (end[:, None] > flights[:, 0])
        if not meet.any():
            said = f"all begin by {'night' if spec.night_share else 'day'} and are over when somebody flies"
            yield Found(("transfers", name, "night_share"), said, "duration_h, or first_takeoff_h of [patrols]")


def _alongside(prospects: Prospects, name: str) -> tuple[Any, Any]:
    """From the first possible moment alongside to the last, each night (or day) of the deployment."""
    scenario, spec = prospects.scenario, prospects.scenario.transfers[name]
    west, south, east, north = scenario.areas[spec.area].shape.bounds
    lon, lat = np.array([west, west, east, east]), np.array([south, north, south, north])
    most = longest(spec.duration_h)
    cycles = np.arange(-2.0 - np.ceil(min(most, scenario.duration_h) / HOURS_PER_DAY), scenario.duration_days + 2.0)
    sunset, sunrise = Sun(scenario.start).night(cycles[:, None], lon, lat)
    if spec.night_share:
        return sunset.min(axis=1), sunrise.max(axis=1) + most
    return sunrise[:-1].min(axis=1), sunset[1:].max(axis=1) + most


@rule(SENSELESS)
def over_too_soon(prospects: Prospects) -> Iterator[Found]:
    """Transfers never last as long as a crew must stay beside them: none is documented."""
    stays = [one.identification.time_h for _, one in investigators(prospects) if one.identification]
    for name, spec in prospects.scenario.transfers.items():
        if stays and longest(spec.duration_h) <= min(stays):
            said = f"none lasts longer than the {min(stays):g} h that a crew stays beside it before it documents"
            yield Found(("transfers", name, "duration_h"), said, "identification.time_h")


@rule(DOUBTFUL)
def often_over_too_soon(prospects: Prospects) -> Iterator[Found]:
    """Half of the transfers or more end before a crew has stayed beside them as long as it must.

    `time_h` decides the result.
    """
    stays = [one.identification.time_h for _, one in investigators(prospects) if one.identification]
    for name, spec in prospects.scenario.transfers.items():
        if stays and middle(spec.duration_h) <= min(stays) < longest(spec.duration_h):
            said = f"half of them last no longer than the {min(stays):g} h that a crew stays beside one"
            yield Found(("transfers", name, "duration_h"), said, "identification.time_h")


@rule(DOUBTFUL)
def crowded_sea(prospects: Prospects) -> Iterator[Found]:
    """There is more than one vessel a square nautical mile (a threshold chosen here).

    A mistake in a number, or in an area.
    """
    scenario, hours = prospects.scenario, HOURS_PER_MONTH
    many = [(("background", name, "present"), one.area, one.present) for name, one in scenario.background.items()]
    many += [
        (("transfers", name, "per_month"), one.area, one.per_month / hours * middle(one.duration_h))
        for name, one in scenario.transfers.items()
    ]
    for path, area, count in many:
        sea = float(sea_of(prospects, area).area)
        if count > _CROWDED * sea:
            said = f"{count:.0f} at a time in {sea:.0f} sq nmi of sea are more than one a square mile"
            yield Found(path, said, f"areas.{area}")


@rule(NOTE)
def few_transfers(prospects: Prospects) -> Iterator[Found]:
    """Less than one transfer is expected in a deployment: confidence intervals are wide."""
    scenario = prospects.scenario
    many = sum(expected(scenario, name) for name in scenario.transfers)
    if 0.0 < many < 1.0:
        first = next(name for name in scenario.transfers if expected(scenario, name) > 0.0)
        said = f"{many:.2g} transfers are expected a deployment"
        yield Found(("transfers", first, "per_month"), said, "more replications, or duration_days")


@rule(NOTE)
def unused(prospects: Prospects) -> Iterator[Found]:
    """Nothing refers to an area, vessel class, aircraft, base, route or nation.

    A misspelt name, or a part that a variant replaced.
    """
    scenario = prospects.scenario
    patrols, sources = scenario.patrols.values(), prospects.sources
    places = [*scenario.routes.values(), *scenario.intercepts.values()]
    areas = {one.area for one in sources} | {area for one in places if (area := getattr(one, "area", None))}
    areas |= {area for one in scenario.observers.values() if (area := getattr(one, "area", None))}
    areas |= {area for _, _, rules in priorities(prospects) for area in rules.watch_areas}
    used: dict[str, set[str]] = {
        "areas": areas,
        "vessels": {hull for one in sources for hull in one.hulls},
        "aircraft": {one.aircraft for one in patrols},
        "bases": {base for one in patrols for base in (one.base, *one.alternates)},
        "nations": {
            *(one.nation or "" for one in patrols),
            *(one.nation for one in scenario.observers.values()),
            *(nation for one in scenario.agreements.values() for nation in one.nations),
        },
        "routes": {route for one in prospects.patrols for route in one.assignment.routes},
    }
    for section, names in used.items():
        for name in getattr(scenario, section):
            if name not in names:
                yield Found((section, name), "nothing refers to it", "a slip, or left over from what this extends")
