"""Ships that come and go with a calendar: each is there only while the number of ships allows its level.

Ships are laid out for the greatest number, and the segments of each are cut at the moments at which the number falls
below its level or rises above it, see `sim.core.profiles`. So the number present is Poisson at every moment, its mean
is what the file says, and where and how they move does not depend on the calendar. A ship that leaves in this way has
made port or ended the work that the number counts: an assumption, because no file says where it goes.
"""

import numpy as np

from sim.core import chance
from sim.core.arrays import Entities
from sim.core.codes import Purpose
from sim.core.motion import Fleet
from sim.core.profiles import Profile


def while_present(fleet: Fleet, profile: Profile, key: Entities) -> Fleet:
    """The ships of a fleet while they are present; those that never are, are left out.

    Each ship's level is keyed by `key`, the key of the replication, (2,), and by the identity of the ship.
    """
    levels = chance.uniforms(key, Purpose.LEVEL, fleet.vessels)[:, 0]
    rows = fleet.rows
    which, begin, end = profile.present(rows[:, 0], rows[:, 1], levels[fleet.owner])
    cut = rows[which]
    cut[:, 2] += cut[:, 4] * (begin - cut[:, 0])
    cut[:, 3] += cut[:, 5] * (begin - cut[:, 0])
    cut[:, 0], cut[:, 1] = begin, end
    owner = fleet.owner[which]
    stays = np.zeros(fleet.vessels.size, bool)
    stays[owner] = True
    number = np.cumsum(stays) - 1
    vessels, labels = fleet.vessels[stays], fleet.labels[stays]
    return Fleet(cut, number[owner], vessels, labels, fleet.kinds[stays], fleet.traits[stays])
