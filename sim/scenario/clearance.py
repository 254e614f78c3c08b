"""No-go zones that cover a base, a point of a route, or all sea of an area to be searched: refused when loaded."""

from collections.abc import Callable, Iterator
from typing import Any

import shapely

from sim.core.airspace import MARGIN_NMI, airspace_of, outline_corners
from sim.core.limits import MOST_OUTLINE_CORNERS, MOST_ZONE_CORNERS
from sim.model.places import SIMPLIFY
from sim.scenario.problems import Path, Problem, key_text, toml_text
from sim.scenario.schema import Scenario


def places(scenario: Scenario) -> Iterator[tuple[Path, Any, Any]]:
    """The places that sorties must reach: the key, what the file gives there, and its geometry on the plane."""
    plane = scenario.plane
    points: list[tuple[Path, Any]] = [
        (("bases", name, "position"), base.position) for name, base in scenario.bases.items()
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
                points += [((*path, at), point) for at, point in enumerate(value) if isinstance(point, tuple)]
    for path, place in points:
        yield path, list(place), shapely.Point(*plane.to_xy(*place))


def problems_of_clearance(
    scenario: Scenario, locate: Callable[[Path], tuple[str, int | None]], is_newer: Callable[[Path, Path], bool]
) -> list[Problem]:
    """The problems of places within a no-go zone or its margin, and of areas without any sea outside the zones.

    `locate` gives the file and line of a key; `is_newer` says whether one key was written after another. Of a place and
    a zone that exclude each other the key that was written later is reported.
    """
    zones = {name: zone.shape for name, zone in scenario.zones.items()}
    corners, most = outline_corners(scenario.plane, tuple(zones.values())), MOST_OUTLINE_CORNERS
    if corners <= most:
        corners, most = len(airspace_of(scenario.plane, tuple(zones.values())).corners), MOST_ZONE_CORNERS
    if corners > most:
        allowed = f"zones whose outlines have at most {most:,} corners together"
        given = f"outlines with {corners:,} corners"
        return [Problem(*locate(("zones",)), "zones", given, allowed, SIMPLIFY)]
    problems = []
    for path, given, shape in places(scenario) if zones else ():
        if not _covers(scenario, tuple(zones.values()), shape):
            continue
        alone = [name for name, zone in zones.items() if _covers(scenario, (zone,), shape)]
        over = alone[:1] or list(zones)  # where no zone does so alone, they cover or enclose it together
        names = " and ".join(f"zones.{name}" for name in over)
        zone: Path = ("zones", over[-1])
        is_area = path[-1] == "area"
        if is_newer(zone, path):
            given = f"{names} over {key_text(path)} {toml_text(given)}"
            allowed = (
                "zones that leave some sea of the area free"
                if is_area
                else f"zones at least {MARGIN_NMI:g} nmi from that place"
            )
            problems.append(Problem(*locate(zone), key_text(zone), given, allowed))
        else:
            allowed = "an area with some sea" if is_area else f"a place at least {MARGIN_NMI:g} nmi"
            problems.append(Problem(*locate(path), key_text(path), toml_text(given), f"{allowed} outside {names}"))
    return problems


def _covers(scenario: Scenario, zones: tuple[Any, ...], shape: Any) -> bool:
    """Whether zones with their margin, and what they enclose, cover a geometry of the plane."""
    return bool(shapely.covers(airspace_of(scenario.plane, zones).closed_with_margin, shape))
