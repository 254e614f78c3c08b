"""Lanes whose line comes to land, or turns too sharply for a corridor along it: refused when loaded."""

from collections.abc import Iterator

import numpy as np

from sim.core.corridors import GREATEST_BEND_DEG, Ashore, ashore, bends_deg
from sim.core.geo import Plane
from sim.model.background.lane import Lane
from sim.scenario.problems import Path, Problem, key_text
from sim.scenario.schema import Scenario
from sim.scenario.source import Source


def problems_of_lanes(scenario: Scenario, source: Source) -> list[Problem]:
    """The problems of the lines of all lanes."""
    problems = []
    for name, lane in scenario.background.items():
        if isinstance(lane, Lane):
            for index, given, allowed, hint in _faults(lane, scenario.plane):
                path: Path = ("background", name, "line", index)
                key = source.inlined.get(key_text(path[:-1]))
                problems.append(Problem(*source.locate(path), key or key_text(path), given, allowed, hint))
    return problems


def _faults(lane: Lane, plane: Plane) -> Iterator[tuple[int, str, str, str]]:
    """The faults of a line: for each the point, what was given, what is allowed, and a hint."""
    points = np.column_stack(plane.to_xy(*np.array(lane.line).T))
    for found in ashore(points, plane.coast):
        yield found.point, *_of_land(lane, plane, found)
    for index, bend in enumerate(bends_deg(points), 1):
        if abs(bend) > GREATEST_BEND_DEG:
            given = f"{_place(*lane.line[index])}, where the line turns by {abs(bend):.0f} degrees"
            allowed = f"a line that turns by at most {GREATEST_BEND_DEG:g} degrees at a point"
            yield index, given, allowed, "turn at several points, or make two lanes of it"


def _of_land(lane: Lane, plane: Plane, found: Ashore) -> tuple[str, str, str]:
    """What was given, what is allowed, and a hint, where a line comes to land."""
    here = _place(*lane.line[found.point])
    if found.is_point:
        hint = ""
        if found.sea is not None:
            hint = f"a place off the nearest coast is {_place(*map(float, plane.to_lonlat(*found.sea)))}"
        return f"{here}, which is on land", "a line at sea", hint
    there = _place(*map(float, plane.to_lonlat(found.x, found.y)))
    given = f"{here}, from which the line to {_place(*lane.line[found.point + 1])} crosses land at {there}"
    return given, "a line at sea", "put a point between the two, so that the line goes round the land"


def _place(lon: float, lat: float) -> str:
    """A place as a file has it."""
    return f"[{lon:.6g}, {lat:.6g}]"
