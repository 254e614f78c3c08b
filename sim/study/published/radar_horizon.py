"""How far a radar sees over the curve of the Earth."""

import numpy as np

from sim.model.sensors.base import RADIO_HORIZON, horizon_nmi
from sim.study.published.base import Effort, Publication, ReproducedRow, figure

_EARTH_NMI = 3440.065  # the mean radius of the Earth, 6,371.0 km
_FEET_PER_NMI = 6076.115
_BENDING = 4.0 / 3.0  # of the Earth's radius, in the standard atmosphere
_HEIGHTS_FT = ((1_000.0, 50.0), (10_000.0, 100.0), (25_000.0, 0.0))  # of the aircraft and of a ship: chosen


def _rows(_effort: Effort) -> list[ReproducedRow]:
    constant = float(np.sqrt(2.0 * _BENDING * _EARTH_NMI / _FEET_PER_NMI))
    rows = [figure("nmi per square root of feet", RADIO_HORIZON, constant, 0.005)]
    for altitude, height in _HEIGHTS_FT:
        radius = _BENDING * _EARTH_NMI
        tangents = [np.sqrt((radius + ft / _FEET_PER_NMI) ** 2 - radius**2) for ft in (altitude, height)]
        published = horizon_nmi(altitude, height)
        rows.append(figure(f"{altitude:,g} ft and {height:g} ft, nmi", published, float(sum(tangents)), 0.3, 2))
    return rows


PUBLICATION = Publication(
    name="radar_horizon",
    title="The radar horizon",
    citation="The rule of search and rescue manuals: 1.23 (sqrt H + sqrt h) nautical miles for heights in feet.",
    published="Radar sees as far as 1.23 (sqrt H + sqrt h) nmi, with H the height of the aircraft and h that of the "
    "target, in feet. The 1.23 stands for an Earth of 4/3 of its radius, over which radio waves go straight.",
    method="Seasweep cuts radar and AIS at this rule (`horizon_nmi` in `sim/model/sensors/base.py`). The rows compare "
    "it with the two tangents to a sphere of 4/3 of the Earth's radius, without the rule's approximation.",
    not_available="Nothing. Weather that bends waves more or less is not modelled.",
    rows=_rows,
    is_exact=True,
)
