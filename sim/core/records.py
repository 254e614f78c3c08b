"""Records that compiled functions and the rest of the program share: the state of a flight, and the rules of a crew.

A record is a structured array of one element, (1,). Compiled functions read and write its fields by name, as
``flight.hour``; `field` lets a class of Python do the same. The digest that keys the cache of compiled code covers this
file.
"""

from typing import Any

import numpy as np

_H, _NMI, _KN, _COUNT, _FLAG = "f8", "f8", "f8", "i8", "?"

FLIGHT = np.dtype(
    [
        # Where the aircraft is, and what it has flown.
        ("hour", _H),
        ("x", _NMI),
        ("y", _NMI),
        ("extra_burn_h", _H),  # fuel burnt beyond that of transit, in hours of transit
        ("leg", _COUNT),  # number of the leg of its route that is flown now, or next
        ("hours_left", _H),  # of a leg that is timed by hours and has been broken off; 0 of any other
        ("rows", _COUNT),  # used of the legs as flown
        ("continues", _FLAG),  # whether the last of these belongs to the leg now flown, and will be extended
        ("found", _COUNT),  # detections
        ("taken_in", _COUNT),  # detections that the crew has taken in as contacts
        ("events", _COUNT),  # events that have not been read yet
        # What the outside says before each call.
        ("next_change_h", _H),  # when conditions change
        ("caught_up_h", _H),  # the hour up to which nobody else acts any more
        ("in_step", _COUNT),  # ALONE, IN_STEP or IN_SMALL_STEPS
        ("stops_at_contacts", _FLAG),  # whether the crew investigates what it detects on these legs
        ("watches_fuel", _FLAG),  # whether it turns home in time on these legs
        ("may_be_undone", _FLAG),  # whether somebody may call the flight back to an earlier hour
        ("returns", _FLAG),  # whether to return to the caller after the present investigation
        ("decisions", _COUNT),  # what has happened that the crew must still decide about
        ("aborted", _FLAG),  # whether a fault is among them
        ("has_news", _FLAG),  # whether a tip may be worth more than the next contact
        # What the crew is doing.
        ("asked", _FLAG),  # whether the caller has answered the question of the present task
        ("task", _COUNT),
        ("why", _COUNT),  # why the flight along its legs ended, while others catch up
        ("waiting", _COUNT),  # contacts that wait for an investigation
        ("has_gone", _FLAG),  # whether it has left its route for a contact
        ("left_x", _NMI),  # where it has left, or leaves, its route
        ("left_y", _NMI),
        ("route_leg", _COUNT),  # the leg with which the route goes on from there
        ("target", _COUNT),
        ("classified", _COUNT),  # UNTRIED, or whether the contact was recognised as two vessels alongside
        ("told_lawful", _COUNT),  # UNTRIED, or whether the crew told that hulls side by side are no transfer
        ("lawful_nmi", _NMI),  # the range at which it may tell; 0 where it cannot
        # The way to the contact: see `sim.core.motion.Rendezvous`.
        ("meet_h", _H),
        ("meet_x", _NMI),
        ("meet_y", _NMI),
        ("turn_h", _H),
        ("end_h", _H),
        ("range_nmi", _NMI),
        ("vx", _KN),
        ("vy", _KN),
        ("ground_x", _KN),
        ("ground_y", _KN),
        ("hold_h", _H),
        ("has_via", _FLAG),
        ("via_x", _NMI),
        ("via_y", _NMI),
        ("classify_h", _H),  # when the range for classification is reached on this way
        ("lawful_h", _H),  # when the range is reached at which it may tell that the contact is no transfer
        ("beside_h", _H),  # when the aircraft is beside the contact
        ("aim_again_h", _H),  # when it aims anew, or is there
        ("is_clear", _FLAG),  # whether it may stay there without entering a no-go zone
    ],
    align=True,
)
"""The state of a flight: all that changes while it is flown, apart from what it knows of each target."""

RULES = np.dtype(
    [
        ("pairs", _COUNT),  # the first so many targets are transfers
        ("end_h", _H),  # of the deployment
        ("transit_speed_kn", _KN),
        ("burn_beside", "f8"),  # fuel of an hour beside a contact beyond that of transit, in hours of transit
        ("open_sea", _FLAG),  # whether there are no no-go zones
        # Identification.
        ("time_h", _H),
        ("classify_nmi", _NMI),
        ("document_nmi", _NMI),
        ("max_detour_nmi", _NMI),
        ("remember_h", _H),
        ("waits_for_light", _FLAG),
        ("light_at_first", _FLAG),
        # Which contact is worth an investigation.
        ("has_priority", _FLAG),  # whether scores rank the contacts
        ("cost_per_h", "f8"),
        ("reconsider_nmi", _NMI),
        ("reconsider_share", "f8"),
        ("follows_tips", _FLAG),
        ("weighs_tips", _FLAG),
        # How the cell of the nation judges a tip.
        ("lasts_h", _H),
        ("spread_kn", _KN),
    ],
    align=True,
)
"""The rules of a crew: what does not change during its flight."""


def new_record(layout: np.dtype[Any], **values: Any) -> np.ndarray[Any, np.dtype[Any]]:
    """Return a record (1,) of a layout, its fields 0 but for those given."""
    record = np.zeros(1, layout)
    for name, value in values.items():
        record[name] = value
    return record
