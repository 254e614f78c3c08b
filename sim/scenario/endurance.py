"""The endurance of an aircraft: how long fuel, crew and airframe allow it to fly, and which of them ends a flight."""

import math
from typing import NamedTuple

from sim.model.aircraft import Aircraft

FUEL = "endurance_h"
TIME_LIMITS = ("max_flight_h", "max_flight_h_a_day")


class FlightLimit(NamedTuple):
    """The hours that an aircraft can fly, and the key that limits them."""

    hours: float
    """At least 0."""
    key: str
    """`endurance_h`, `max_flight_h` or `max_flight_h_a_day`; of equal limits the first."""

    @property
    def cause(self) -> str:
        """The cause of the limit, for tables: `fuel`, or the key of a limit of crew or airframe."""
        return "fuel" if self.key == FUEL else self.key

    @property
    def keys_to_change(self) -> str:
        """The keys that could give more hours."""
        return "endurance_h and reserve_h" if self.key == FUEL else self.key


def fuel_h(aircraft: Aircraft) -> float:
    """The hours of transit for which the fuel lasts, without the reserve."""
    return aircraft.endurance_h - aircraft.reserve_h


def time_limit_h(aircraft: Aircraft) -> float:
    """The hours that crew and airframe may fly in one flight, whatever they do; infinite where no key limits them."""
    return min((value for key in TIME_LIMITS if (value := getattr(aircraft, key)) is not None), default=math.inf)


def flight_limit(aircraft: Aircraft, away_h: float = 0.0, burn: float = 1.0) -> FlightLimit:
    """The hours of a flight, or what is left of them after `away_h` hours of transit if each hour burns `burn` of fuel.

    Fuel lasts (endurance_h - reserve_h - away_h) / burn hours. Crew and airframe have as many hours as they may fly,
    less away_h, whatever the aircraft burns.
    """
    limits = [(FUEL, (fuel_h(aircraft) - away_h) / burn)]
    limits += [(key, value - away_h) for key in TIME_LIMITS if (value := getattr(aircraft, key)) is not None]
    key, hours = min(limits, key=lambda limit: limit[1])
    return FlightLimit(max(0.0, hours), key)
