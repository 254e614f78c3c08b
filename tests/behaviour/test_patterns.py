"""Search patterns: published geometry, cover without gaps, turns, time, ways round what is closed."""

import numpy as np
import pytest
import shapely

from sim.geo import Plane
from sim.legs import (
    longest_side_course,
)
from sim.patterns import Manner, Route, passes_of

PLANE = Plane(118.0, 22.0, 146.0, 46.0)
BOX = [[123.3, 27.0], [127.0, 27.0], [127.0, 32.0], [123.3, 32.0]]
SPOT = Manner(210.0)
ORIGIN = np.zeros(2)


def route_of(pattern: str, **keys):
    from pydantic import TypeAdapter

    return TypeAdapter(Route).validate_python({"pattern": pattern, **keys})


def shapes_of(*rings):
    return {"box": shapely.Polygon(BOX), **{f"area{k}": ring for k, ring in enumerate(rings)}}


# ------------------------------------------------------------------------------------------- as it always was
def sweep_as_it_was(area, spacing, course_deg):
    """What version 0.1.0 flew over an area whose edges run along or across the tracks."""
    ahead, abeam = (np.array([np.sin(a), np.cos(a)]) for a in (np.radians(course_deg), np.radians(course_deg + 90.0)))
    points = shapely.get_coordinates(area)
    low, high = float((points @ abeam).min()), float((points @ abeam).max())
    near, far = float((points @ ahead).min()) - 1.0, float((points @ ahead).max()) + 1.0
    count = max(1, int(np.ceil((high - low) / spacing - 1e-9)))
    lines = []
    for offset in (low + high) / 2.0 + spacing * (np.arange(count) - (count - 1) / 2.0):
        line = shapely.LineString([abeam * offset + ahead * near, abeam * offset + ahead * far])
        parts = shapely.get_parts(shapely.intersection(area, line))
        pieces = [np.asarray(part.coords) for part in parts if part.length > 0.0]
        if pieces:
            lines.append(sorted(pieces, key=lambda piece: float(piece[0] @ ahead)))
    passes = []
    for downward in (False, True):
        for backward in (False, True):
            flown_lines = []
            for number, pieces in enumerate(reversed(lines) if downward else lines):
                line = np.vstack(pieces)
                flown_lines.append(line[::-1] if backward != (number % 2 == 1) else line)
            passes.append(np.vstack(flown_lines))
    return passes


@pytest.mark.parametrize("spacing", [40.0, 70.0, 500.0])
@pytest.mark.parametrize("heading", [None, 0.0, 90.0])
def test_a_parallel_sweep_of_the_shipped_area_is_what_it_was_bit_by_bit(spacing, heading):
    keys = {} if heading is None else {"heading_deg": heading}
    route = route_of("parallel_sweep", area="box", spacing_nmi=spacing, **keys)
    sea = PLANE.sea(shapely.Polygon(BOX))
    lon, lat = PLANE.to_lonlat(sea.centroid.x, sea.centroid.y)
    along = longest_side_course(sea) if heading is None else PLANE.grid_course(heading, float(lon), float(lat))
    for one, other in zip(
        passes_of(route, PLANE, shapes_of(), SPOT), sweep_as_it_was(sea, spacing, along), strict=True
    ):
        assert np.array_equal(one, other)


def test_a_barrier_and_a_track_line_are_what_they_were_bit_by_bit():
    places = [[123.6, 29.5], [125.0, 30.1], [126.7, 29.5]]
    line = np.column_stack(PLANE.to_xy(*np.array(places).T))
    one, other = passes_of(route_of("barrier", line=places), PLANE, {}, SPOT)
    assert np.array_equal(one, np.vstack([line, line[-2::-1]]))
    assert np.array_equal(other, np.vstack([line[::-1], line[1:]]))
    for pattern in ("track_line", "waypoints"):
        (only,) = passes_of(route_of(pattern, waypoints=places), PLANE, {}, SPOT)
        assert np.array_equal(only, line)
