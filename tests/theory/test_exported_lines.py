"""Lines of exported legs and routes, against the straight lines of the plane that they stand for."""

from itertools import pairwise

import numpy as np
import pyproj
import pytest
import shapely

from sim.core.geo import plane_of
from sim.core.units import METRES_PER_NMI
from sim.study.export.lines import in_degrees

FAR = 0.05  # nmi, as the documentation promises


@pytest.mark.parametrize("along", ["degrees", "great circle"])
@pytest.mark.parametrize("box", [(118.0, 22.0, 146.0, 46.0), (-20.0, 45.0, 40.0, 65.0), (-70.0, -65.0, -40.0, -50.0)])
def test_between_its_points_an_exported_line_lies_within_a_twentieth_of_a_mile_of_the_leg(box, along):
    """Whether a map tool draws it straight in longitude and latitude, or a globe along great circles."""
    plane = plane_of(box)
    west, south, east, north = plane.box
    corners = np.column_stack(plane.to_xy([west, east, east, west], [south, south, north, north]))
    ends = [(corners[a], corners[b]) for a in range(4) for b in range(a)]
    errors, rough = [], []
    for leg in ends:
        (line,) = in_degrees(plane, [shapely.LineString(leg)])
        points = shapely.get_coordinates(line)
        between = middles(points, along)
        x, y = plane.to_xy(between[:, 0], between[:, 1])
        errors.append(shapely.distance(shapely.points(x, y), shapely.LineString(leg)).max())
        coarse = middles(points[[0, -1]], along)
        rough.append(float(shapely.distance(shapely.Point(*plane.to_xy(*coarse[0])), shapely.LineString(leg))))
    assert len(errors) == 6
    assert max(errors) < FAR
    assert max(rough) > 10.0 * FAR  # without its points it would not


def middles(points, along):
    """The middles of the pieces of a line of points in degrees, (n, 2)."""
    if along == "degrees":
        return (points[1:] + points[:-1]) / 2.0
    geod = pyproj.Geod(ellps="WGS84")
    found = [geod.npts(*a, *b, 1)[0] for a, b in pairwise(points)]
    return np.array(found)


def test_the_points_of_a_line_are_at_most_25_miles_apart_and_its_ends_stay():
    plane = plane_of((118.0, 22.0, 146.0, 46.0))
    leg = shapely.LineString([[-300.0, 10.0], [210.0, -40.0]])
    still, (line, one) = shapely.LineString([[5.0, 5.0], [5.0, 5.0]]), in_degrees(plane, [leg, leg])
    assert line.equals(one)
    points = np.column_stack(plane.to_xy(*shapely.get_coordinates(line).T))
    assert np.hypot(*np.diff(points, axis=0).T).max() <= 25.0
    assert np.abs(points[[0, -1]] - shapely.get_coordinates(leg)).max() < 1e-6
    assert METRES_PER_NMI * FAR < 100.0
    assert len(shapely.get_coordinates(in_degrees(plane, [still])[0])) == 2  # an aircraft that waits at a place
