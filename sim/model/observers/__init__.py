"""Observers: who else watches the sea and reports transfers.

An observer detects a transfer that it could see with its probability, places it with an error, and needs a delay until
that is a report in its nation's hands; some of its reports are false. What all observers report in a replication is
worked out in `sim.model.sightings`.

* `base`: the questions that every observer answers.
* `ais_desk`: analysts of AIS.
* `coastal_radar`: a radar ashore.
* `human`: human sources.
* `patrol`: a patrol of the simulation.
* `satellite`: a satellite that passes over.

A new observer is one more file here with one subclass of `base.AreaObserver`. Agreements know its kind at once.
"""

from sim.core.kinds import import_all

import_all(__name__, __path__)
