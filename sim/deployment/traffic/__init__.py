"""Background traffic in one replication: the ships of each source as segments of their motion.

* `base`: what every source of background traffic must answer, made ready for replications.
* `periods`: months, years and days, for which the numbers of ships are told.
* `batches`: ships that are drawn batch by batch, before their ways are laid out.
* `stays`: who is present when, where ships come at random and stay for random times.
* `presence`: ships that come and go with a calendar: their segments cut at the moments of change.
* `fleet`: the boats of a fleet at work, and on passage.
* `lane`: the ships that follow a lane.
* `random_courses`: the ships that cross an area on random courses.
* `recorded`: the ships of a recording, moved in time and place.
* `still`: ships at anchor, and pairs alongside in a lawful transfer.

A new kind is one more file here with one subclass of `base.TrafficPlan`, and its keys in `sim.model.background`.
"""

from sim.core.kinds import import_all

import_all(__name__, __path__)
