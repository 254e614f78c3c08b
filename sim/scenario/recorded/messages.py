"""Batches of AIS messages, and the reasons for which messages are left out."""

from collections import Counter
from typing import Any, NamedTuple

from sim.core.arrays import Floats, Ints


class Reason(NamedTuple):
    """Why messages are left out."""

    name: str
    text: str
    """What was wrong, as a phrase for tables."""


REASONS = {
    reason.name: reason
    for reason in (
        Reason("no_row", "rows that are cut, have too few or too many cells, or cannot be decoded"),
        Reason("unreadable", "a time, a place or an MMSI that is missing or cannot be read"),
        Reason("wrong_mmsi", "an MMSI that does not have nine digits"),
        Reason("no_ship", "base stations, aids to navigation, aircraft, groups and rescue devices"),
        Reason("wrong_place", "an impossible place: beyond 90 or 180 degrees, such as 91 and 181, or exactly 0 and 0"),
        Reason("outside", "a place outside the box that is asked for"),
        Reason("wrong_clock", "a time outside the period of the file"),
        Reason("duplicate", "received before: the same ship, second and place"),
        Reason("jump", "a place that no ship can reach in time"),
        Reason("alone", "no other message of the ship within the longest gap"),
    )
}
"""Every reason, in the order in which messages are examined: each message counts under the first that holds."""


class Messages(NamedTuple):
    """One batch of n messages that tell a place, before they are examined."""

    mmsi: Ints
    """(n,); -1 where it cannot be read."""
    time_s: Ints
    """(n,) seconds since 1970 in UTC; `NO_TIME` where it cannot be read."""
    lon: Floats
    """(n,) degrees; NaN where it cannot be read."""
    lat: Floats
    """(n,) degrees; NaN where it cannot be read."""
    about: Any
    """What the batch tells of ships, a table of pyarrow with the columns of `ABOUT`; None where it tells nothing."""
    dropped: Counter[str]
    """How many rows are no messages at all, by reason."""


NO_TIME = -(2**62)
ABOUT = ("mmsi", "length_m", "ship_type", "name")
"""What messages tell of a ship: its MMSI, length over all, kind by ITU-R M.1371, and name."""
