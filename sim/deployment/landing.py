"""The latest hours at which a flight may land, by fuel and by the clock, and the one rule that applies them.

Every decision in Python asks `LandingLimits.allow`. The compiled flight (`sim.core.kernels.fuel`) has the same rule in
its own arithmetic, since it searches for the last moment to turn home; `tests/theory/test_landing.py` holds the two
together.
"""

from typing import NamedTuple

from sim.model.aircraft import Aircraft


class LandingLimits(NamedTuple):
    """The latest hours at which a flight may land."""

    by_fuel_h: float
    """The hour at which only the reserve would be left, if every hour of the flight burnt as much as one of transit."""
    by_clock_h: float
    """The hour until which crew and airframe may fly; infinite without a limit."""

    @classmethod
    def of_flight(cls, aircraft: Aircraft, takeoff_h: float, longest_h: float) -> "LandingLimits":
        """Return the limits of a flight that takes off at an hour; `longest_h`: what crew and airframe may fly."""
        return cls(takeoff_h + aircraft.endurance_h - aircraft.reserve_h, takeoff_h + longest_h)

    def allow(self, landing_h: float, extra_burn_h: float, rounding_h: float = 0.0) -> bool:
        """Return whether the flight may land at an hour.

        `extra_burn_h` is the fuel burnt by then beyond that of transit, in hours of transit: an hour of search at a
        burn of 0.7 adds -0.3. Above 0 it brings the limit by fuel nearer,
        below 0 it moves that limit away; the limit by the clock does not change. `rounding_h` is either 0
        or `sim.core.codes.ROUNDING_H`, see there.
        """
        return landing_h + extra_burn_h <= self.by_fuel_h + rounding_h and landing_h <= self.by_clock_h + rounding_h
