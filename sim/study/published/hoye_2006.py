"""The chance that a satellite hears a ship's AIS in one pass: Hoye (2006)."""

import numpy as np

from sim.model import theory
from sim.study.published.base import Effort, Publication, ReproducedRow, figure, shown

_PASS_S = 900.0  # time in view of the design point of 900 ships, for which none was read: an assumption
_PUBLISHED = 0.99
_EARTH_KM, _ALTITUDE_KM = 6371.0, 600.0  # the height of a usual orbit: chosen
_GRAVITY_KM3_S2 = 398_600.4  # of the Earth: the gravitational constant times its mass
_ROUNDING = 0.005  # "99 %" and "better than 99 %" are given to a whole per cent


def _in_view_s() -> float:
    """The longest time, seconds, that a satellite is above the horizon of a ship, on an Earth that does not turn."""
    radius = _EARTH_KM + _ALTITUDE_KM
    return float(2.0 * np.arccos(_EARTH_KM / radius) * np.sqrt(radius**3 / _GRAVITY_KM3_S2))


def _rows(_effort: Effort) -> list[ReproducedRow]:
    heard = theory.heard_by_satellite
    return [
        ReproducedRow("900 ships, a report each 6 s, 15 min in view", _PUBLISHED, 1.0, heard(900, 6.0, _PASS_S),
                      allowed=0.0),
        shown("the same, from 600 km, above the horizon", heard(900, 6.0, _in_view_s())),
        shown("that time, min", _in_view_s() / 60.0, 1),
        figure("10,000 ships, a report each 5.5 min, 36 min", _PUBLISHED, heard(10_000, 330.0, 2160.0), _ROUNDING),
        figure("2,000 ships, a report each 6 s, 15 min in view", 0.08, heard(2_000, 6.0, _PASS_S), _ROUNDING),
    ]  # fmt: skip


PUBLICATION = Publication(
    name="hoye_2006",
    title="AIS heard by a satellite",
    citation="G. Hoye, Space-based AIS: theoretical considerations and system parameter optimization, FFI report "
    "2006/02495 (Norwegian Defence Research Establishment, 2006); and the report on the extended observation area "
    "(FFI).",
    published="Ships in view send on the same slots, and messages that collide are lost. One sensor handles up to 900 "
    "ships with a chance of better than 99 % that each is heard. It handles 10,000 ships with 99 % if each reports "
    "every 5.5 minutes and is in view for at least 36 minutes.",
    method="`heard_by_satellite` in `sim/model/theory.py` is the closed form. Observers of the kind "
    "`ais_satellite` hear by it. The row of 2,000 ships is not from the reports but was worked out from the same "
    "form: in a crowded sea, to hear no AIS does not mean that none was sent.",
    not_available="The reports could not be read, only their abstracts. The form and its factor s = 0.7 were chosen "
    "so that it gives both design points. The time in view of the first is not in the "
    "abstract. 15 minutes is an assumption, longer than a satellite at 600 km is above the horizon; the rows that are "
    "not judged have that time, with which the chance is a little lower.",
    rows=_rows,
    is_exact=True,
)
