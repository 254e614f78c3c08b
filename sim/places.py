"""Places and names in a scenario: points within the theatre, and references to parts that must exist.

Validation needs a context, the theatre's box and the names that exist, so that places and references are checked in
the same pass as everything else.
"""

from itertools import pairwise
from typing import Annotated, Any

from pydantic import AfterValidator, Field, ValidationInfo

from sim.fields import refuse


def in_theatre(points: list[tuple[float, float]], info: ValidationInfo) -> None:
    """Refuse points outside the theatre, and say so where longitude and latitude look swapped."""
    box = (info.context or {}).get("theatre")
    if box is None:
        return
    west, south, east, north = box
    for lon, lat in points:
        if not (west <= lon <= east and south <= lat <= north):
            swapped = west <= lat <= east and south <= lon <= north
            hint = "; longitude and latitude look swapped: longitude comes first" if swapped else ""
            where = f"a point in the theatre, {west:g} to {east:g} east and {south:g} to {north:g} north"
            raise refuse("place", f"{where}, not [{lon:g}, {lat:g}]{hint}")


def _position(value: tuple[float, float], info: ValidationInfo) -> tuple[float, float]:
    in_theatre([value], info)
    return value


def _reference(section: str) -> AfterValidator:
    """A name that must stand in a section of the scenario."""

    def check(value: str, info: ValidationInfo) -> str:
        names: dict[str, list[str]] = (info.context or {}).get("names", {})
        if names and value not in names.get(section, []):
            known = ", ".join(sorted(names.get(section, []))) or "none is defined"
            raise refuse(f"reference:{section}", f"a name from [{section}]: {known}")
        return value

    return AfterValidator(check)


def _own(value: str, info: ValidationInfo) -> str:
    """Whose a patrol is: any name, or one of [nations] where there are any."""
    names: dict[str, list[str]] = (info.context or {}).get("names", {})
    if names.get("nations") and value not in names["nations"]:
        raise refuse("reference:nations", f"a name from [nations]: {', '.join(sorted(names['nations']))}")
    return value


def beside_nation(value: Any, info: ValidationInfo) -> Any:
    """Refuse what a nation's cell must have where the table's own `nation` is none of [nations]."""
    names: dict[str, list[str]] = (info.context or {}).get("names", {})
    alone = "nation" in info.data and info.data["nation"] is None
    if value is not None and (alone or (names and not names.get("nations"))):
        raise refuse("nation", "tips of a patrol with a nation, one of [nations]: its cell has them")
    return value


Number = Annotated[float, Field(strict=True)]
Position = Annotated[tuple[Number, Number], AfterValidator(_position)]


def _extended(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    if any(one == two for one, two in pairwise(points)):
        raise refuse("line", "points of which no two in a row are the same")
    return points


Line = Annotated[list[Position], Field(min_length=2, max_length=1000), AfterValidator(_extended)]
AreaName = Annotated[str, _reference("areas")]
SensorName = Annotated[str, _reference("sensors")]
AircraftName = Annotated[str, _reference("aircraft")]
BaseName = Annotated[str, _reference("bases")]
RouteName = Annotated[str, _reference("routes")]
PatrolName = Annotated[str, _reference("patrols")]
VesselName = Annotated[str, _reference("vessels")]
NationName = Annotated[str, _reference("nations")]
OwnNation = Annotated[str, Field(max_length=60), AfterValidator(_own)]
