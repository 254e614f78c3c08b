"""How long an aircraft can fly: what its fuel is good for, what crew and airframe may fly, which of them ends it."""

import math
from typing import NamedTuple

from sim.model.aircraft import Aircraft

FUEL = "endurance_h"
CLOCKS = ("max_flight_h", "max_flight_h_a_day")


class Usable(NamedTuple):
    """Hours that can be flown, and the key of the aircraft that ends them."""

    hours: float
    """Not below 0."""
    key: str
    """`endurance_h`, `max_flight_h` or `max_flight_h_a_day`; of equals the first."""

    @property
    def said(self) -> str:
        """The key, or fuel, for tables."""
        return "fuel" if self.key == FUEL else self.key

    @property
    def hint(self) -> str:
        """The keys to look at where these hours are too few."""
        return "endurance_h and reserve_h" if self.key == FUEL else self.key


def fuel_h(aircraft: Aircraft) -> float:
    """Hours of transit that the fuel is good for, the reserve left."""
    return aircraft.endurance_h - aircraft.reserve_h


def clock_h(aircraft: Aircraft) -> float:
    """Hours that crew and airframe may fly at a stretch, whatever they do; infinite where nothing is said."""
    return min((value for key in CLOCKS if (value := getattr(aircraft, key)) is not None), default=math.inf)


def usable(aircraft: Aircraft, away_h: float = 0.0, burn: float = 1.0) -> Usable:
    """The hours of a flight, or what is left of them after `away_h` hours of transit, if each takes `burn` of fuel.

    Fuel lasts (endurance_h - reserve_h - away_h) / burn hours; crew and airframe have as many as they may fly, less
    away_h, whatever burns.
    """
    limits = [(FUEL, (fuel_h(aircraft) - away_h) / burn)]
    limits += [(key, value - away_h) for key in CLOCKS if (value := getattr(aircraft, key)) is not None]
    key, hours = min(limits, key=lambda one: one[1])
    return Usable(max(0.0, hours), key)
