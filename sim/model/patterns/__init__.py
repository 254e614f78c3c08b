"""Search patterns: the waypoints of one pass, on the plane, and the ends it may be entered by.

Names are IAMSAR's where it has one (IAMSAR Manual, volume II, chapter 5). The geometry is in `sim.core.legs`.

* `base`: the questions that every pattern answers, and a pattern laid over the plane.
* `barrier`: there and back along a line.
* `expanding_square`: outwards from a datum in growing squares.
* `racetrack`: two parallel straights joined by half circles.
* `sector`: across a datum again and again.
* `sweeps`: parallel tracks over an area: the parallel sweep and the creeping line.
* `track_line`: along a line, once or several times beside it.
* `waypoints`: explicit waypoints.

A new pattern is one more file here with one subclass of `base.Route`.
"""

from sim.core.kinds import import_all

import_all(__name__, __path__)
