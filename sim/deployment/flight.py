"""One aircraft in the air: where it is, what it may still fly, and the compiled flight to its next decision.

SimPy works at the level of missions. Between two decisions (a contact, the end of the legs, bingo fuel, a fault, news)
the compiled kernel flies leg after leg. Where the weather, the light or the bases change, the kernel stops, the flight
takes in the new conditions, and the kernel goes on. The aircraft reads nothing of the world but its inbox.
"""

import math
from typing import Any, NamedTuple

import numpy as np

from sim.core.arrays import Flags, Floats, Ints
from sim.core.codes import CHANGE, FULL, HOME_BY_CLOCK, HOME_BY_FUEL, STATE_CONTINUES, STATE_LEG
from sim.core.motion import Rendezvous
from sim.deployment.changes import NEEDS_NO_DECISION, Change, changes_during_flight
from sim.deployment.contact_list import ContactList
from sim.deployment.detection import DetectionState
from sim.deployment.inbox import Inbox
from sim.deployment.landing import ROUNDING_H, LandingLimits
from sim.deployment.patrols import PatrolPlan, round_zones
from sim.deployment.sorties import Sortie, TipFlight
from sim.model.cells import Tip

Homing = tuple[Any, ...]  # what the compiled functions take as the way home, see `sim.core.kernels.fuel.soonest_base`

_OWN_BASE: tuple[int, ...] = (0,)  # by number: a patrol's own base, then its alternates


class Checkpoint(NamedTuple):
    """A flight at one of its decisions: all that `Flight.fly_without_reporting` changes."""

    state: Floats
    legs: Floats
    opportunities: Floats
    draft_calls: Ints
    flags: Flags
    last_row: Floats
    """The last leg as flown, which the kernel may extend; the rows before it stay."""
    changes: list[Change]
    pending_decisions: list[str]
    observation: tuple[bool, Flags]
    conditions: tuple[Any, ...]


class Flight:
    """One sortie while it is flown."""

    def __init__(
        self, plan: PatrolPlan, inbox: Inbox, detection: DetectionState, slot: int, takeoff_h: float, longest_h: float
    ) -> None:
        """Take off with nothing detected. `longest_h`: how long crew and airframe may fly."""
        from sim.core import kernels

        self.plan, self.inbox, self.detection, self.slot = plan, inbox, detection, slot
        self.kernels = kernels
        detection.begin_sortie()
        self.state = np.array([takeoff_h, *plan.base, 0.0, 0.0, 0.0, 0.0, 0.0])
        """What the kernel updates; the next eight attributes are read from it. See `sim.core.codes.STATE_H`."""
        self.now, self.place = takeoff_h, plan.base
        """The flight's own hour, which runs ahead of SimPy's during a call of the kernel; its place, nmi."""
        self.leg, self.flown_count, self.detection_count = 0, 0, 0
        """The number of the leg now flown; how many rows of `detection.flown` and `.detections` are used."""
        self.extra_burn_h = 0.0
        """Fuel burnt so far beyond that of transit, in hours of transit."""
        self.legs = np.zeros((0, 5))
        """The legs to fly: x, y, speed (or, below 0, hours that the leg takes), phase, number of the pass."""
        self.interrupted_route: Floats | None = None
        """What is left of the route while the aircraft is away from it for a contact, an interceptor or a tip."""
        aircraft = plan.aircraft
        self.takeoff_h, self.transit_speed_kn = takeoff_h, aircraft.transit_speed_kn
        self.landing_limits = LandingLimits.of_flight(aircraft, takeoff_h, longest_h)
        self.extra_burn_beside = aircraft.burn.identification - 1.0
        """Fuel burnt in an hour beside a contact beyond that of transit, in hours of transit."""
        self.no_zones = not len(plan.airspace.walls)
        targets = inbox.targets
        self.sensor_ids = detection.sensor_ids[slot]
        self.kernel_targets = (targets.rows, targets.owner, targets.reach, targets.vessels, targets.kinds)
        self.cell = inbox.cells.get(plan.spec.nation or "") if plan.follows_tips else None
        """The cell whose tips the crew follows; None if it follows none."""
        self.cell_revision = self.cell.changes if self.cell is not None else 0
        """`cell.changes` as the crew last asked its cell: a larger number there is news."""
        self.is_following_tip = False
        self.contacts = ContactList(plan, inbox, detection, self.cell)
        self.investigations: list[tuple[float, int, str]] = []
        self.documented: list[tuple[int, float, float, float]] = []
        """Target, hour and place of the aircraft of each transfer that was documented."""
        self.tip_flights: list[TipFlight] = []
        self.pending_decisions: list[str] = []
        """What has happened that the crew must still decide about, in order: see `sim.deployment.changes.Change`."""
        self.homing: Homing = ()
        self.homing_unlimited: Homing = ()
        """The way home with the landing limits, and without them for flights that do not watch the fuel."""
        self.wind = (0.0, 0.0)
        self.usable_bases, self.base, self.straight_home = _OWN_BASE, plan.base, True
        """Numbers of the bases where it may land; the place of the first; whether the way home is a straight line."""
        self.changes = changes_during_flight(plan, inbox, slot, takeoff_h)
        self._apply_conditions()

    # ------------------------------------------------------------------------------------------------ conditions
    def _apply_conditions(self) -> None:
        """Work out what holds from now on: the laws of the sensors, the wind, the way home, and the next change."""
        plan, inbox, performance = self.plan, self.inbox, self.plan.sensor_performance
        self.next_change_h = self.changes[-1][0] if self.changes else math.inf
        number = 0
        if performance.depends_on_conditions or not performance.law_sets:
            number = plan.law_set_at(self.now, self.takeoff_h, inbox.weather)
        laws, farthest_nmi = performance.law_sets[number], performance.farthest_nmi[number]
        self.sensors_in_force = (inbox.key, self.sensor_ids, laws, performance.tables, farthest_nmi)
        if self.detection.undisturbed_homing is not None:
            self.homing, self.homing_unlimited = self.detection.undisturbed_homing
            self.homing[0][HOME_BY_FUEL], self.homing[0][HOME_BY_CLOCK] = self.landing_limits
            return
        if not inbox.still_air:
            row = int(np.searchsorted(inbox.winds[:, 0], self.now, side="right")) - 1
            self.wind = (float(inbox.winds[max(0, row), 1]), float(inbox.winds[max(0, row), 2]))
        self._set_homing(self._find_usable_bases())
        if plan.undisturbed and self.straight_home and not inbox.openings and len(plan.base_names) == 1:
            self.detection.undisturbed_homing = self.homing, self.homing_unlimited

    def reconsider_bases(self) -> None:
        """Work out again at which bases it may land: one that could be reached earlier may be too far by now."""
        if self.inbox.openings:
            self._apply_conditions()

    def _find_usable_bases(self) -> tuple[int, ...]:
        """The bases where it may land: its own while that is open, else those that are; all, if none is open."""
        names, openings = self.plan.base_names, self.inbox.openings
        if not openings and (self.plan.spec.lands == "home" or len(names) == 1):
            return _OWN_BASE
        is_open = tuple(i for i, name in enumerate(names) if name not in openings or openings[name].is_open(self.now))
        if self.plan.spec.lands == "home" and 0 in is_open:
            return _OWN_BASE
        return is_open or tuple(range(len(names)))

    def _set_homing(self, usable_bases: tuple[int, ...]) -> None:
        """Set the way home to some bases, with the landing limits and without; to all where none is in reach."""
        plan, winds, walls = self.plan, self.inbox.winds, self.plan.airspace.walls
        limits = np.array([self.transit_speed_kn, *self.landing_limits, *self.wind, *plan.burn_by_phase])
        no_limits = limits.copy()
        no_limits[[HOME_BY_FUEL, HOME_BY_CLOCK]] = np.inf
        bases, corners = plan.way_home_arrays(usable_bases)
        if len(plan.base_names) > 1 and self._is_too_late_for((limits, bases, winds, corners, walls)):
            usable_bases = tuple(range(len(plan.base_names)))
            bases, corners = plan.way_home_arrays(usable_bases)
        self.usable_bases, self.base = usable_bases, tuple(bases[0].tolist())
        self.straight_home = len(usable_bases) == 1 and self.inbox.still_air and self.no_zones
        self.homing = (limits, bases, winds, corners, walls)
        self.homing_unlimited = (no_limits, bases, winds, corners, walls)

    def _is_too_late_for(self, homing: Homing) -> bool:
        """Whether no base of a way home can be reached in time any more; at bingo fuel it just can."""
        hours = self.kernels.way_home(self.now, *self.place, homing)[0]
        return not self.landing_limits.allow(self.now + hours, self.extra_burn_h, ROUNDING_H)

    def _apply_changes(self) -> None:
        """Take in everything that changes now. News changes no conditions."""
        conditions_change = False
        while self.changes and self.changes[-1][0] <= self.now:
            _, what = self.changes.pop()
            conditions_change |= what != "tip"
            if what == "end":
                self.detection.stop_observing()
            if what not in NEEDS_NO_DECISION or (what == "light" and self.plan.waits_for_light):
                self.pending_decisions.append(what)
        if conditions_change:
            self._apply_conditions()
        else:
            self.next_change_h = self.changes[-1][0] if self.changes else math.inf

    # ------------------------------------------------------------------------------------------------ reports
    def report(self, event: str, target: int = -1, detail: str = "", hour: float | None = None) -> None:
        """Report an event that happens here and now, or one that happened at an earlier hour of the flight."""
        x, y = self.place if hour is None else self.place_at(hour)
        self.inbox.report(self.now if hour is None else hour, event, self.plan.name, self.slot, target, x, y, detail)

    def place_at(self, hour: float) -> tuple[float, float]:
        """Return where the aircraft was at an hour of the flight, nmi."""
        rows = self.detection.flown[: self.flown_count]
        after = rows[:, 0].searchsorted(hour, side="right")
        if after == 0:
            return self.place
        t0, t1, x0, y0, x1, y1, _ = rows[after - 1].tolist()
        share = min(1.0, (hour - t0) / (t1 - t0))
        return x0 + share * (x1 - x0), y0 + share * (y1 - y0)

    def report_detections(self, before: int) -> None:
        """Report the detections from index `before` on, and add them to the contacts."""
        if self.detection_count == before:
            return
        inbox, add, name, slot, sensors = self.inbox, self.contacts.add, self.plan.name, self.slot, self.plan.sensors
        for hour, number, index in self.detection.detections[before : self.detection_count].tolist():
            target, sensor, place = int(number), int(index), self.place_at(hour)
            inbox.report(hour, "detected", name, slot, target, *place, sensors[sensor])
            add(target, sensor, hour, place)

    # ------------------------------------------------------------------------------------------------ flying
    def set_legs(self, legs: Floats) -> None:
        """Fly these legs next, led round zones; a leg that takes a given time is flown as it is."""
        as_given = self.no_zones or legs[0, 2] < 0.0
        self.legs, self.leg = legs if as_given else round_zones(self.plan.airspace, self.place, legs), 0
        self.state[STATE_LEG] = self.state[STATE_CONTINUES] = 0.0

    def fly(self, stop_at_contacts: bool, watch_fuel: bool, stop_for_decisions: bool = False) -> int:
        """Fly the legs to the next decision and report what was detected on the way; return the kernel's code.

        Changes on the way are taken in. With `stop_for_decisions` a change that needs a decision ends the flight with
        the code CHANGE. Without `watch_fuel` neither fuel nor the clock ends it.
        """
        before = self.detection_count
        code = self.fly_without_reporting(stop_at_contacts, watch_fuel, stop_for_decisions)
        self.report_detections(before)
        return code

    def fly_without_reporting(self, stop_at_contacts: bool, watch_fuel: bool, stop_for_decisions: bool) -> int:
        """Fly as `fly` does, but leave the reports to `report_detections`, so that the flight can still be undone."""
        detection = self.detection
        while True:
            code: int = self.kernels.fly(
                self.legs, self.state, stop_at_contacts, self.next_change_h,
                self.homing if watch_fuel else self.homing_unlimited, self.kernel_targets, self.sensors_in_force,
                detection.kernel_memory, detection.reconsider_ranges, detection.flown, detection.detections,
            )  # fmt: skip
            self.now, x, y, leg, rows, detections, _, self.extra_burn_h = self.state.tolist()
            self.place, self.leg, self.flown_count, self.detection_count = (x, y), int(leg), int(rows), int(detections)
            if code == FULL:
                detection.flown = np.vstack([detection.flown, np.empty_like(detection.flown)])
            elif code == CHANGE:
                self._apply_changes()
                if stop_for_decisions and self.pending_decisions:
                    break
            else:
                break
        if self.now >= self.next_change_h:
            self._apply_changes()
        return code

    def checkpoint(self) -> Checkpoint:
        """Return all that `fly_without_reporting` changes, so that `restore_checkpoint` can undo the flight."""
        detection = self.detection
        return Checkpoint(
            self.state.copy(),
            self.legs.copy(),  # of a leg timed by hours the kernel writes back what remains
            detection.opportunities.copy(),
            detection.draft_calls.copy(),
            detection.flags.copy(),
            detection.flown[max(0, self.flown_count - 1)].copy(),
            list(self.changes),
            list(self.pending_decisions),
            (detection.is_observed, detection.in_range_at_end),
            self._conditions(),
        )

    def _conditions(self) -> tuple[Any, ...]:
        ways_home = (self.homing, self.homing_unlimited, self.usable_bases, self.base, self.straight_home)
        return self.sensors_in_force, self.wind, ways_home

    def restore_checkpoint(self, checkpoint: Checkpoint, news_h: float) -> None:
        """Undo what was flown since a checkpoint, and let news come at an hour of the flight to be flown anew."""
        detection = self.detection
        self.state[:], self.legs = checkpoint.state, checkpoint.legs.copy()
        detection.opportunities[:], detection.draft_calls[:] = checkpoint.opportunities, checkpoint.draft_calls
        detection.flags[:] = checkpoint.flags
        self.now, x, y, leg, rows, detections, _, self.extra_burn_h = self.state.tolist()
        self.place, self.leg, self.flown_count, self.detection_count = (x, y), int(leg), int(rows), int(detections)
        detection.flown[max(0, self.flown_count - 1)] = checkpoint.last_row
        self.pending_decisions = list(checkpoint.pending_decisions)
        detection.is_observed, detection.in_range_at_end = checkpoint.observation
        self.sensors_in_force, self.wind, ways_home = checkpoint.conditions
        self.homing, self.homing_unlimited, self.usable_bases, self.base, self.straight_home = ways_home
        self.changes = sorted([*checkpoint.changes, (news_h, "tip")], reverse=True)
        self.next_change_h = self.changes[-1][0]

    # ------------------------------------------------------------------------------------------------ tips
    @property
    def has_news(self) -> bool:
        """Whether the cell has learnt something since the crew last asked that the crew could act on."""
        return self.cell is not None and self.cell.changes != self.cell_revision and not self.is_following_tip

    def is_at_tip(self, tip: Tip, x: float, y: float) -> bool:
        """Return whether a place may well be that of a tip, as far as the cell knows now."""
        return self.cell is not None and self.cell.covers(tip, x, y, self.now)

    # ------------------------------------------------------------------------------------------------ home in time
    def hours_home(self, hour: float, x: float, y: float) -> float:
        """Return the hours from a place to the base that is reached soonest, if the aircraft leaves at an hour."""
        if self.straight_home:
            base = self.base
            return math.hypot(x - base[0], y - base[1]) / self.transit_speed_kn
        return float(self.kernels.way_home(hour, x, y, self.homing_unlimited)[0])

    def can_land_from(self, hour: float, x: float, y: float) -> bool:
        """Return whether it lands in time if it goes home from a place at an hour, with no extra burn until then."""
        landing_h = hour + self.hours_home(hour, x, y)
        return self.landing_limits.allow(landing_h, self.extra_burn_h)

    def can_stay_beside(self, way: Rendezvous, stay_h: float, rounding_h: float = 0.0) -> bool:
        """Return whether it lands in time if it goes a way, stays beside the vessel as that moves on, and goes home.

        `rounding_h`: see `sim.deployment.landing.ROUNDING_H`.
        """
        leave_h = way.meet_h + stay_h
        landing_h = leave_h + self.hours_home(leave_h, way.x + way.vx * stay_h, way.y + way.vy * stay_h)
        return self.landing_limits.allow(landing_h, self.extra_burn_beside * stay_h + self.extra_burn_h, rounding_h)

    def sortie(self) -> Sortie:
        """Return the flight as it was flown; it must have landed."""
        detection, end_h = self.detection, self.inbox.end_h
        detection.end_sortie()
        visited = {target for hour, target, _ in self.investigations if hour < end_h}
        return Sortie(
            patrol=self.plan.name,
            number=self.slot,
            takeoff_h=self.takeoff_h,
            landing_h=self.now,
            flown=detection.flown[: self.flown_count].copy(),
            investigations=self.investigations,
            detected_h=detection.detections[: self.detection_count, 0].copy(),
            never_looked_at=self.contacts.never_looked_at(visited, self.now),
            progress=self.contacts.progress,
            tip_flights=self.tip_flights,
        )
