"""Observers: satellites, coastal radars, AIS desks, human sources and patrols that report transfers to a nation.

An observer detects a transfer that it could see with its probability, places it with an error, and needs a delay until
that is a report in its nation's hands; some of its reports are false. The reports of all observers in one replication
are made in `sim.model.sightings`.

* `base`: what every observer must answer, and the keys that all observers have.
* `ais_desk`: analysts of AIS, who look for anomalies.
* `ais_receiver`: what AIS receivers share: what is sent is not always heard.
* `ais_satellite`: a satellite that receives AIS.
* `ais_station`: an AIS receiver ashore, with its range.
* `coastal_radar`: a radar ashore, with its range.
* `human`: human sources, who know of a transfer before it begins.
* `patrol`: a patrol of the simulation, which reports what its crew finds.
* `satellite`: a satellite that passes over and sees a strip of sea.

A new observer is one more file here with one subclass of `base.AreaObserver`. Agreements know its kind at once.
"""

from sim.core.kinds import import_all

import_all(__name__, __path__)
