"""What no-go zones must leave free: bases, the points of routes, some of every area to search."""

from collections.abc import Callable, Iterator
from typing import Any

import shapely

from sim.core.airspace import MARGIN_NMI, airspace_of
from sim.scenario.problems import Path, Problem, key_text, toml_text
from sim.scenario.schema import Scenario


def places(scenario: Scenario) -> Iterator[tuple[Path, Any, Any]]:
    """Where sorties must come: the key, what is given there, and its shape on the plane."""
    plane = scenario.plane
    points: list[tuple[Path, Any]] = [
        (("bases", name, "position"), one.position) for name, one in scenario.bases.items()
    ]
    for name, route in scenario.routes.items():
        for key, value in route:
            path: Path = ("routes", name, key)
            if value is None:
                continue
            if key == "area":
                yield path, value, plane.sea(scenario.areas[value].shape)
            elif isinstance(value, tuple):
                points.append((path, value))
            elif isinstance(value, list):
                points += [((*path, at), one) for at, one in enumerate(value) if isinstance(one, tuple)]
    for path, place in points:
        yield path, list(place), shapely.Point(*plane.to_xy(*place))


def problems_of_clearance(
    scenario: Scenario, locate: Callable[[Path], tuple[str, int | None]], is_newer: Callable[[Path, Path], bool]
) -> list[Problem]:
    """The problems of places within a no-go zone or its margin, and of areas without any sea outside the zones.

    `locate` answers file and line of a key. Of a place and a zone that exclude each other the newer is reported.
    """
    zones = {name: zone.shape for name, zone in scenario.zones.items()}
    problems = []
    for path, given, shape in places(scenario) if zones else ():
        if not _holds(scenario, tuple(zones.values()), shape):
            continue
        each = [name for name, zone in zones.items() if _holds(scenario, (zone,), shape)]
        over = each[:1] or list(zones)  # no single one: together they cover it, or enclose it
        names = " and ".join(f"zones.{name}" for name in over)
        zone: Path = ("zones", over[-1])
        is_area = path[-1] == "area"
        if is_newer(zone, path):
            given = f"{names} over {key_text(path)} {toml_text(given)}"
            allowed = "zones that leave some of its sea" if is_area else f"zones at least {MARGIN_NMI:g} nmi from it"
            problems.append(Problem(*locate(zone), key_text(zone), given, allowed))
        else:
            allowed = "an area with some sea" if is_area else f"a place at least {MARGIN_NMI:g} nmi"
            problems.append(Problem(*locate(path), key_text(path), toml_text(given), f"{allowed} outside {names}"))
    return problems


def _holds(scenario: Scenario, zones: tuple[Any, ...], shape: Any) -> bool:
    """Whether zones with their margin, and what they enclose, cover a shape."""
    return bool(shapely.covers(airspace_of(scenario.plane, zones).kept_clear, shape))
