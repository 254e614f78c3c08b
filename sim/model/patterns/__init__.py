"""Search patterns: the keys of [routes.NAME], and the waypoints of one pass of each pattern on the plane.

Patterns are named as in the IAMSAR Manual where it has a name (volume II, chapter 5). The geometry is in
`sim.core.legs`.

* `base`: what every pattern must answer, and how a pattern is laid over the plane.
* `barrier`: the barrier, there and back along a line.
* `expanding_square`: the expanding square (SS), outwards from a datum in growing squares.
* `racetrack`: the racetrack, two parallel straights joined by half circles.
* `sector`: the sector search (VS), across a datum again and again.
* `sweeps`: parallel tracks over an area, the parallel sweep (PS) and the creeping line (CS).
* `track_line`: the track line search (TS), along a line once or several times beside it.
* `waypoints`: waypoints flown in the order of the file.

A new pattern is one more file here with one subclass of `base.Route`.
"""

from sim.core.kinds import import_all

import_all(__name__, __path__)
