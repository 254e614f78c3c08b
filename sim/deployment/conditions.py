"""The conditions of the moment in a flight: what the sensors see, the wind, the way home, and what will change next."""

import math
from typing import Any

import numpy as np

from sim.core.codes import ROUNDING_H
from sim.deployment.changes import Change, changes_during_flight
from sim.deployment.inbox import Inbox
from sim.deployment.landing import LandingLimits
from sim.deployment.patrols import PatrolPlan

Homing = tuple[Any, ...]
"""What the compiled functions take as the way home, see `sim.core.kernels.fuel.soonest_base`."""
Sight = tuple[Any, ...]
"""What the compiled functions take as the sensors in force: key, identities, laws, tables, and farthest ranges."""

_OWN_BASE: tuple[int, ...] = (0,)  # by number: a patrol's own base, then its alternates


class Conditions:
    """What holds at the hour of a flight, and until when."""

    def __init__(
        self, plan: PatrolPlan, inbox: Inbox, sensor_ids: Any, slot: int, takeoff_h: float, longest_h: float
    ) -> None:
        """Begin at take-off. `longest_h`: how long crew and airframe may fly; `sensor_ids`: of this slot."""
        from sim.core import kernels

        self.plan, self.inbox, self.kernels, self.takeoff_h = plan, inbox, kernels, takeoff_h
        self.sensor_ids = sensor_ids
        self.landing_limits = LandingLimits.of_flight(plan.aircraft, takeoff_h, longest_h)
        self.no_zones = not len(plan.airspace.walls)
        self.wind = (0.0, 0.0)
        self.sight: Sight = ()
        self.homing: Homing = ()
        self.usable_bases, self.straight_home = _OWN_BASE, True
        """Numbers of the bases where it may land; whether the way home is a straight line."""
        self.changes = changes_during_flight(plan, inbox, slot, takeoff_h)
        """What is still to change, the last one first."""
        self.apply(takeoff_h, plan.base, 0.0)

    @property
    def next_change_h(self) -> float:
        """The hour of the next change; infinite if there is none."""
        return self.changes[-1].hour if self.changes else math.inf

    def take_until(self, hour: float) -> list[Change]:
        """Return the changes up to an hour, in order, which are then no longer to come."""
        taken = []
        while self.changes and self.changes[-1].hour <= hour:
            taken.append(self.changes.pop())
        return taken

    def expect(self, coming: Change) -> None:
        """Expect another change."""
        self.changes = sorted([*self.changes, coming], reverse=True)

    def keep(self) -> tuple[Any, ...]:
        """Return a copy of all that changes."""
        now = (self.wind, self.sight, self.homing, self.usable_bases, self.straight_home)
        return list(self.changes), now

    def put_back(self, kept: tuple[Any, ...]) -> None:
        """Be as when the conditions were kept."""
        self.changes = list(kept[0])
        self.wind, self.sight, self.homing, self.usable_bases, self.straight_home = kept[1]

    def apply(self, hour: float, place: tuple[float, float], extra_burn_h: float) -> None:
        """Work out what holds from an hour on for an aircraft at a place that has burnt so much beyond transit."""
        plan, inbox, performance = self.plan, self.inbox, self.plan.sensor_performance
        number = 0
        if performance.depends_on_conditions or not performance.law_sets:
            number = plan.law_set_at(hour, self.takeoff_h, inbox.weather)
        laws, farthest_nmi = performance.law_sets[number], performance.farthest_nmi[number]
        self.sight = (inbox.key, self.sensor_ids, laws, performance.tables, farthest_nmi)
        if not inbox.still_air:
            row = int(np.searchsorted(inbox.winds[:, 0], hour, side="right")) - 1
            self.wind = (float(inbox.winds[max(0, row), 1]), float(inbox.winds[max(0, row), 2]))
        self._set_homing(self._find_usable_bases(hour), hour, place, extra_burn_h)

    def _find_usable_bases(self, hour: float) -> tuple[int, ...]:
        """The bases where it may land: its own while that is open, else those that are; all, if none is open."""
        names, openings = self.plan.base_names, self.inbox.openings
        if not openings and (self.plan.spec.lands == "home" or len(names) == 1):
            return _OWN_BASE
        is_open = tuple(i for i, name in enumerate(names) if name not in openings or openings[name].is_open(hour))
        if self.plan.spec.lands == "home" and 0 in is_open:
            return _OWN_BASE
        return is_open or tuple(range(len(names)))

    def _set_homing(
        self, usable_bases: tuple[int, ...], hour: float, place: tuple[float, float], extra_burn_h: float
    ) -> None:
        """Set the way home to some bases, with the landing limits; to all where none is in reach."""
        plan, winds, walls = self.plan, self.inbox.winds, self.plan.airspace.walls
        limits = np.array([plan.aircraft.transit_speed_kn, *self.landing_limits, *self.wind, *plan.burn_by_phase])
        bases, corners = plan.way_home_arrays(usable_bases)
        self.homing = (limits, bases, winds, corners, walls)
        if len(plan.base_names) > 1 and self._is_too_late(hour, place, extra_burn_h):
            usable_bases = tuple(range(len(plan.base_names)))
            bases, corners = plan.way_home_arrays(usable_bases)
            self.homing = (limits, bases, winds, corners, walls)
        self.usable_bases = usable_bases
        self.straight_home = len(usable_bases) == 1 and self.inbox.still_air and self.no_zones

    def _is_too_late(self, hour: float, place: tuple[float, float], extra_burn_h: float) -> bool:
        """Whether no base of the way home can be reached in time any more; at bingo fuel it just can."""
        return not self.landing_limits.allow(hour + self.hours_home(hour, *place), extra_burn_h, ROUNDING_H)

    def hours_home(self, hour: float, x: float, y: float) -> float:
        """Return the hours from a place to the base that is reached soonest, if the aircraft leaves at an hour."""
        return float(self.kernels.way_home(hour, x, y, self.homing)[0])
