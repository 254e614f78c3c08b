"""Background traffic: ships that are no transfer. A file for each kind of source, and what every kind must answer.

* `base`: what every source of background ships must answer, and the keys that all have.
* `in_area`: what sources share whose ships are of one class and in one area.
* `seasonal`: what sources share whose number follows the year and the hour of the day.
* `lying_still`: what sources share whose ships lie still.
* `anchorage`: ships at anchor in an area.
* `bunkering`: lawful transfers: pairs alongside that look like a transfer.
* `fleet`: boats that work in an area: they trawl, drift, and come home to a port.
* `lane`: ships that follow a lane, in both directions.
* `random_courses`: ships that pass through an area on random courses; the kind of a table that names none.
* `recorded`: ships as AIS recorded them.

A new kind is one more file here with one subclass of `base.Background`, and one in `sim.deployment.traffic` that lays
out its ships in each replication.
"""

from sim.core.kinds import import_all

import_all(__name__, __path__)
