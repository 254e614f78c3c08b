"""What is straight on the plane, as lines in longitude and latitude, which map tools draw straight in another sense.

A leg is straight on the plane of the scenario. A map tool draws a straight line between two places in longitude and
latitude, or along a great circle. So a long leg is cut into pieces of at most `PIECE_NMI`. The line of a map tool
then lies within 0.05 nmi of the leg between the points, which a test measures.
"""

from typing import Any

import numpy as np
import shapely

from sim.core.geo import DENSIFY_DEG, Plane

PIECE_NMI = 25.0
"""The length of the longest piece into which a line is cut."""


def in_degrees(plane: Plane, shapes: Any) -> Any:
    """Geometries of the plane, (n,), in degrees, their edges cut into pieces of at most `PIECE_NMI` first."""
    fine = np.array(shapes, dtype=object)
    long = shapely.length(fine) > PIECE_NMI  # a line of no length cannot be cut
    fine[long] = shapely.segmentize(fine[long], PIECE_NMI)
    return shapely.transform(fine, lambda points: np.column_stack(plane.to_lonlat(points[:, 0], points[:, 1])))


def in_short_pieces(shapes: Any) -> Any:
    """Geometries in degrees for a globe, which draws great circles: polygons are cut as the simulation cuts them."""
    cut = np.array(shapes, dtype=object)
    is_polygon = shapely.get_dimensions(cut) == 2
    cut[is_polygon] = shapely.segmentize(cut[is_polygon], DENSIFY_DEG)
    return cut
