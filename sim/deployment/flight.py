"""One aircraft in the air: the compiled flight from decision to decision, and what its crew has found.

SimPy works at the level of missions. Between two decisions of the crew (the end of the legs, bingo fuel, a fault,
news) compiled code flies leg after leg, and investigates contacts. Where the weather, the light or the bases change,
it stops, the flight takes in the new conditions, and it goes on. The aircraft reads nothing of the world but its
inbox.
"""

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sim.core.arrays import Floats, Ints
from sim.core.codes import (
    ALONE,
    ALONGSIDE,
    CHANGE,
    EVENT_CODE,
    EVENT_DETAIL,
    EVENT_DIVERTED,
    EVENT_H,
    EVENT_TARGET,
    FULL,
    IDENTIFY,
    IN_STEP,
    LEG_HOURS,
    NO_ONE_THERE,
    ON_LEGS,
    REJOIN,
    SETTLE,
    WAITING,
    WORTHWHILE,
)
from sim.core.records import RULES, new_record
from sim.core.units import HOURS_PER_DAY
from sim.deployment.changes import NEEDS_NO_DECISION, Change, latest_end_h
from sim.deployment.conditions import Conditions
from sim.deployment.events import Event, events_of_rows
from sim.deployment.flight_state import FlightState
from sim.deployment.inbox import Inbox, Visitor
from sim.deployment.legs import leg
from sim.deployment.patrols import RECONSIDER_SHARE, PatrolPlan, round_zones
from sim.deployment.sorties import Sortie, TipFlight
from sim.model.cells import Cell, Tip

_NO_TIPS = np.zeros((0, 6))
# With fewer segments of vessels, a flight searches all of them: to pick out those of its hours would take longer.
_FEW_SEGMENTS = 128


class Crew:
    """What the flights of one patrol share in a replication: its plan, inbox, arrays, and the rules of its crews."""

    def __init__(self, plan: PatrolPlan, inbox: Inbox, in_step: int) -> None:
        """Prepare the flights of a patrol. `in_step`: how far they may run ahead, see `sim.core.codes.ALONE`."""
        self.plan, self.inbox, self.in_step = plan, inbox, in_step
        self.state = FlightState(plan, inbox)
        self.cell = inbox.cells.get(plan.spec.nation or "") if plan.follows_tips else None
        """The cell whose tips the crews follow; None if they follow none."""
        self.rules = self._rules()
        self.remember_h = float(self.rules["remember_h"][0])
        self.last_identified_h = inbox.last_identified_of(plan.identification_record)
        """When each vessel was last identified by a crew that shares its record with these, (m,)."""
        anywhere, *self.scores = plan.scoring.tables
        state = self.state
        self.contacts = (
            state.features, state.waiting_targets, state.progress, self.last_identified_h, state.reconsider_ranges
        )  # fmt: skip
        self.anywhere = anywhere
        self.features_anywhere = anywhere[inbox.targets.traits]
        self.lawful_nmi = plan.lookalikes.ranges_nmi(inbox.targets)
        """The range at which the crew may tell that hulls side by side are no transfer, (m,); 0 where it cannot."""
        self.light = np.array(plan.light.changes, float)
        self.look_at_sea()

    def features_in(self, slot: int) -> Ints:
        """The traits of each vessel that show wherever the vessel is, in one sortie, (m,)."""
        scoring, targets = self.plan.scoring, self.inbox.targets
        if scoring.chance_unheard == 0.0:
            return self.features_anywhere
        ids = self.plan.sensor_ids_of(slot)
        heard: Ints = self.anywhere[scoring.traits_as_heard(targets.traits, targets.vessels, self.inbox.key, ids)]
        return heard

    def look_at_sea(self) -> None:
        """Take the vessels from the inbox as they move now."""
        targets = self.targets = self.inbox.targets
        self.state.make_room(len(targets.rows))
        self.whole_sea = self.sea_of((targets.rows, targets.owner, targets.reach))

    def sea_of(self, segments: tuple[Floats, Ints, Floats]) -> tuple[Any, ...]:
        """Return how the vessels move, of which some segments are searched: see `sim.core.kernels.contacts`."""
        targets = self.targets
        return ((*segments, targets.vessels, targets.kinds), targets.rows, *targets.by_vessel)

    def _rules(self) -> Any:
        """The record of `sim.core.records.RULES`."""
        plan, aircraft, identification = self.plan, self.plan.aircraft, self.plan.aircraft.identification
        cell = Cell() if self.cell is None else self.cell.spec
        rules = new_record(
            RULES,
            pairs=self.inbox.pairs,
            end_h=self.inbox.end_h,
            transit_speed_kn=aircraft.transit_speed_kn,
            burn_beside=plan.burn_by_phase[IDENTIFY] - 1.0,
            open_sea=not len(plan.airspace.walls),
            waits_for_light=plan.waits_for_light,
            light_at_first=plan.light.light_at_first,
            reconsider_nmi=plan.reconsider_nmi,
            reconsider_share=RECONSIDER_SHARE,
            follows_tips=self.cell is not None,
            weighs_tips=self.cell is not None and plan.scoring.weighs_tips,
            lasts_h=cell.lasts_h,
            spread_kn=cell.spread_kn,
        )
        if identification is not None:
            rules["time_h"], rules["remember_h"] = identification.time_h, identification.remember_h
            rules["classify_nmi"] = identification.classify.range_nmi
            rules["document_nmi"] = identification.document.range_nmi
            rules["max_detour_nmi"] = identification.max_detour_nmi
            if identification.priority is not None:
                rules["has_priority"], rules["cost_per_h"] = True, identification.priority.cost_per_h
        return rules


@dataclass
class Unsettled:
    """What a flight that has run ahead has done, and may still undo; see `sim.deployment.foresight`."""

    visitor: Visitor
    """The flight, as pairs alongside meet it."""
    sea_revision: int
    """The number of the last change at sea that it has taken in."""
    parted: int
    """How many of the pairs that have parted early, or come again, it has taken in."""
    rows: list[list[float]] = field(default_factory=list)
    """Events that compiled code has written, and nobody has been told about."""
    met: set[int] = field(default_factory=set)
    """The identities of the pairs that it has met."""
    stop_h: float = math.inf
    """The hour at which it stops to take in a change at sea."""
    has_news: bool = False
    """Whether the cell had news when the flight last set out."""
    judging: tuple[Any, ...] = ()
    """What contacts were judged by when the flight last set out."""

    @classmethod
    def of(cls, crew: Crew, slot: int) -> "Unsettled":
        """Return that of a flight that takes off now."""
        inbox, plan = crew.inbox, crew.plan
        visitor = Visitor(plan.name, slot, *plan.luck_of("flight", slot))
        return cls(visitor, inbox.sea_revision, len(inbox.parted))

    def set_out(self, flight: "Flight") -> None:
        """Note what the crew knows now: when the flight is put back to this moment, it knows no more."""
        self.has_news, self.judging = flight.has_news, flight.judging()


class Flight:
    """One sortie while it is flown."""

    def __init__(self, crew: Crew, slot: int, takeoff_h: float, longest_h: float) -> None:
        """Take off with nothing detected. `longest_h`: how long crew and airframe may fly."""
        from sim.core import kernels

        self.kernels = kernels
        self.crew, self.plan, self.inbox, self.state = crew, crew.plan, crew.inbox, crew.state
        self.slot, self.takeoff_h, self.cell = slot, takeoff_h, crew.cell
        self.features_anywhere = crew.features_in(slot)
        self.unsettled = None if crew.inbox.watch is None else Unsettled.of(crew, slot)
        """What has not been acted on yet, where vessels answer to aircraft; None where none does."""
        if self.unsettled is not None:
            crew.look_at_sea()
        self.state.begin(takeoff_h, crew.plan.base)
        self.state.in_step = crew.in_step
        self.conditions = Conditions(crew.plan, crew.inbox, crew.plan.sensor_ids_of(slot), slot, takeoff_h, longest_h)
        self.search_between(takeoff_h, latest_end_h(crew.plan, takeoff_h))
        self.expect_next_change()
        self.caught_up_h = takeoff_h
        """The hour up to which everybody else is known to have acted."""
        self.left_routes: list[Floats] = []
        """What is left of the routes that the aircraft has left for an interceptor or a tip, the last one last."""
        self.pending: list[Change] = []
        """What has happened that the crew must still decide about, in order."""
        self.cell_revision = self.cell.changes if self.cell is not None else 0
        """`cell.changes` as the crew last asked its cell: a larger number there is news."""
        self.is_following_tip = False
        self.investigations: list[tuple[float, int, str]] = []
        self.documented: list[tuple[int, float, float, float]] = []
        """Target, hour and place of the aircraft of each transfer that was documented."""
        self.told: list[tuple[float, int]] = []
        """When the crew told from afar that hulls side by side were no transfer, and the target."""
        self.tip_flights: list[TipFlight] = []

    # ------------------------------------------------------------------------------------------------ flying
    def set_legs(self, legs: Floats) -> None:
        """Fly these legs (n, 6) next, led round zones; a leg that takes a given time is flown as it is."""
        as_given = self.conditions.no_zones or legs[0, LEG_HOURS] > 0.0
        self.state.set_legs(legs if as_given else round_zones(self.plan.airspace, self.state.place, legs))

    def fly(self, decides: bool = True) -> int:
        """Fly on to the next moment at which something outside compiled code is needed; return the code that says why.

        Changes of conditions on the way are taken in. If the crew has to decide about one, the code is CHANGE; without
        `decides` it flies on all the same.
        """
        state, crew, conditions = self.state, self.crew, self.conditions
        judging = self.judging() if self.unsettled is None else self.unsettled.judging
        if crew.in_step != ALONE:
            state.has_news = self.has_news if self.unsettled is None else self.unsettled.has_news
            quiet_h = math.nextafter(self.inbox.next_event_h(), -math.inf) if crew.in_step == IN_STEP else -math.inf
            state.caught_up_h = max(self.caught_up_h, quiet_h)
        while True:
            code: int = self.kernels.fly_crew(
                state.record, crew.rules, (state.legs, state.aside), conditions.homing, self.sea, conditions.sight,
                state.memory, crew.contacts, judging, crew.light, state.output, state.saved,
            )  # fmt: skip
            self._read_events()
            if code == FULL:
                state.grow()
                continue
            if state.hour >= state.next_change_h and state.task != SETTLE:
                self._take_in_changes()
            if code != CHANGE or (decides and self.pending and state.task == ON_LEGS) or self._stops_for_sea:
                return code

    @property
    def _stops_for_sea(self) -> bool:
        """Whether a change at sea is to be taken in here."""
        return self.unsettled is not None and self.unsettled.stop_h <= self.state.hour

    def judging(self) -> tuple[Any, ...]:
        """What compiled code needs to judge contacts: see `sim.core.kernels.contacts`."""
        tips = self.cell.sightings() if self.cell is not None else _NO_TIPS
        return (self.features_anywhere, *self.crew.scores, self.crew.lawful_nmi, tips)

    def _read_events(self) -> None:
        """Report the events that compiled code has written down."""
        count = self.state.events
        if count == 0:
            return
        rows = self.state.event_rows[:count].tolist()
        self.state.events = 0
        if self.unsettled is not None:
            self.unsettled.rows += rows
        else:
            self.take_in_rows(rows)

    def take_in_rows(self, rows: list[list[float]]) -> None:
        """Report events that compiled code has written as rows of numbers."""
        leading = self.plan.scoring.leading
        self.investigations += [
            (row[EVENT_H], int(row[EVENT_TARGET]), leading[int(row[EVENT_DETAIL])])
            for row in rows
            if row[EVENT_CODE] == EVENT_DIVERTED
        ]
        self.inbox.report_all(events_of_rows(rows, self.plan.name, self.slot, self.plan.sensors))

    def report(self, event: str, target: int = -1, detail: str = "", hour: float | None = None) -> None:
        """Report an event that happens here and now, or one that happened at an earlier hour of the flight."""
        x, y = self.state.place if hour is None else self.state.place_at(hour)
        hour = self.state.hour if hour is None else hour
        self.inbox.report_all([Event(hour, event, self.plan.name, self.slot, target, x, y, detail)])

    # ------------------------------------------------------------------------------------------------ changes
    def _take_in_changes(self) -> None:
        """Take in everything that changes now. News, and what vessels do, change no conditions."""
        conditions_change = False
        for change in self.conditions.take_until(self.state.hour):
            conditions_change |= change.what not in ("tip", "sea")
            if change.what == "end":
                self.state.stop_observing()
            if change.what not in NEEDS_NO_DECISION or (change.what == "light" and self.plan.waits_for_light):
                self.pending.append(change)
        if conditions_change:
            self.reconsider_conditions()
        if self.state.hour >= self.searched_until_h:
            self.search_between(self.state.hour, self.state.hour + HOURS_PER_DAY)
        self.expect_next_change()
        self._count_pending()

    def search_between(self, begin_h: float, end_h: float) -> None:
        """Search segments of vessels that last at some time between two hours, until the second; if few, search all."""
        if len(self.crew.targets.rows) <= _FEW_SEGMENTS:
            self.sea, self.searched_until_h = self.crew.whole_sea, math.inf
            return
        segments = self.crew.targets.between(begin_h, end_h)
        self.sea = self.crew.sea_of(segments)
        self.searched_until_h = end_h

    def expect_next_change(self) -> None:
        """Let compiled code stop where conditions change, or where other segments are to be searched."""
        self.state.next_change_h = min(self.conditions.next_change_h, self.searched_until_h)

    def _count_pending(self) -> None:
        self.state.decisions, self.state.aborted = len(self.pending), self.is_aborted

    @property
    def is_aborted(self) -> bool:
        """Whether a fault is among what the crew must decide about."""
        return any(change.what == "abort" for change in self.pending)

    def next_decision(self) -> Change:
        """Return what the crew must decide about next, and take it out of what is pending."""
        if self.state.task != ON_LEGS:  # the legs that a decision sets would be flown by another task
            raise AssertionError("a crew decides while it flies along its legs")
        change = self.pending.pop(0)
        self._count_pending()
        return change

    def forget_decisions(self) -> None:
        """Decide nothing any more: the crew goes home."""
        self.pending.clear()
        self._count_pending()

    def reconsider_conditions(self) -> None:
        """Work out again what holds now: a base that could be reached earlier may be too far by now."""
        self.conditions.apply(self.state.hour, self.state.place, self.state.extra_burn_h)

    # ------------------------------------------------------------------------------------------------ called back
    def call_back(self, coming: Change) -> None:
        """Undo the flight along the legs, which has run ahead, because of a change that comes first."""
        self.state.restore()
        self.conditions.expect(coming)
        self.expect_next_change()
        self.caught_up_h = coming.hour

    # ------------------------------------------------------------------------------------------------ the route
    @property
    def is_on_route(self) -> bool:
        """Whether legs are left."""
        return self.state.leg < len(self.state.legs)

    def route_left(self) -> Floats:
        """Return what is left of the route (n, 6), also while the aircraft is away from it."""
        state = self.state
        if self.left_routes:
            return self.left_routes[0]
        if state.task == ON_LEGS or not state.has_gone:
            return state.rest()
        way_back = leg(state.left_x, state.left_y, speed_kn=self.plan.aircraft.transit_speed_kn, phase=REJOIN)
        return np.vstack([way_back, state.legs[state.route_leg :]])

    # ------------------------------------------------------------------------------------------------ tips
    @property
    def has_news(self) -> bool:
        """Whether the cell has learnt something since the crew last asked that the crew could act on."""
        return self.cell is not None and self.cell.changes != self.cell_revision and not self.is_following_tip

    def ask_cell(self) -> None:
        """Ask the cell for news; if there is any, contacts are judged again, and the crew decides about tips."""
        if self.cell is not None and self.cell.changes != self.cell_revision:
            self.cell_revision = self.cell.changes
            self.judge_again()
            if not any(change.what == "tip" for change in self.pending):
                self.pending.append(Change(self.state.hour, "tip"))
                self._count_pending()

    def judge_again(self) -> None:
        """Judge all contacts again after a tip has come or is followed: those near it are worth more than before."""
        state, crew = self.state, self.crew
        if self.cell is None or not self.plan.scoring.weighs_tips:
            return
        self.kernels.judge_again(state.record, crew.rules, self.sea, crew.contacts, self.judging(), state.marks)

    def is_at_tip(self, tip: Tip, x: float, y: float) -> bool:
        """Return whether a place may well be that of a tip, as far as the cell knows now."""
        return self.cell is not None and self.cell.covers(tip, x, y, self.state.hour)

    # ------------------------------------------------------------------------------------------------ home in time
    def can_land_from(self, hour: float, x: float, y: float) -> bool:
        """Return whether it lands in time if it goes home from a place at an hour, with no extra burn until then."""
        landing_h = hour + self.conditions.hours_home(hour, x, y)
        return self.conditions.landing_limits.allow(landing_h, self.state.extra_burn_h)

    # ------------------------------------------------------------------------------------------------ the end
    def note_progress(self, target: int, code: int, hour: float) -> None:
        """Note how far a transfer came on the ladder, if the deployment has not ended."""
        if hour < self.inbox.end_h:
            self.state.progress[target] = max(code, int(self.state.progress[target]))

    def sortie(self) -> Sortie:
        """Return the flight as it was flown; it must have landed."""
        state, end_h = self.state, self.inbox.end_h
        state.end()
        visited = {target for hour, target, _ in self.investigations if hour < end_h}
        (reached,) = (state.progress > NO_ONE_THERE).nonzero()
        return Sortie(
            patrol=self.plan.name,
            number=self.slot,
            takeoff_h=self.takeoff_h,
            landing_h=state.hour,
            flown=state.flown[: state.rows].copy(),
            investigations=self.investigations,
            detected_h=state.detections[: state.found, 0].copy(),
            never_looked_at=self._never_looked_at(visited),
            progress=dict(zip(reached.tolist(), state.progress[reached].tolist(), strict=True)),
            two_hulls=self._two_hulls(),
            told=self.told,
            tip_flights=self.tip_flights,
        )

    def _two_hulls(self) -> list[tuple[float, int]]:
        """The detections that showed two or more hulls side by side: the hour and the target of each."""
        found = self.state.detections[: self.state.found]
        targets = found[:, 1].astype(np.int64)
        shown = (self.state.features[targets] & ALONGSIDE) > 0
        return list(zip(found[shown, 0].tolist(), targets[shown].tolist(), strict=True))

    def _never_looked_at(self, visited: set[int]) -> int:
        """Count the worthwhile contacts that were neither visited nor known from an earlier identification."""
        state, crew = self.state, self.crew
        (worthwhile,) = state.marks[WORTHWHILE].nonzero()
        lately = state.hour - crew.last_identified_h[worthwhile] < crew.remember_h
        known = state.marks[WAITING, worthwhile] & lately
        return len(set(worthwhile[~known].tolist()) - visited)
