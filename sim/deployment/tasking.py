"""Tasking by belief: the next sortie flies the route on which an hour is expected to document most.

A desk tasks the patrols of one nation, which tell each other what they have searched; a patrol without a nation has a
desk of its own. Before a take-off at hour T it knows the rates at which transfers begin and how long they last, as the
scenario has them; the legs of all sorties that have landed; where those in the air were sent; and the tips of its
nation's cell. It knows nothing of other nations' flights, nor of pairs that were found: those say nothing of others.

For each route of the patrol the desk takes the flight as planned, in still air and with nothing that diverts it, and
adds up over the sea and the hours of the flight the pairs that are alongside and unfound, times the chance that the
flight detects them, times the chance that a crew then classifies and documents them (by the light of that hour). It
divides by the hours from take-off to landing, and sends the sortie along the route with the highest quotient.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product

import numpy as np

from sim.core.arrays import Floats, Ints
from sim.deployment.exposure_spells import cut_at, exposure_in_spells
from sim.deployment.inbox import Inbox
from sim.deployment.patrols import PatrolPlan, law_rows, wind_speed
from sim.deployment.planned_flights import PlannedFlight, planned_flight
from sim.deployment.sorties import Sortie
from sim.deployment.tasking_sea import SPELL_H, TaskingSea, plan_tasking_sea
from sim.deployment.transfers import TransferPlan
from sim.model.cells import CellState, Tip
from sim.model.sensors.base import Conditions
from sim.model.theory import after_search
from sim.model.weather import Weather
from sim.scenario.schema import Scenario

_MOST_REMEMBERED = 64  # exposures of routes under different conditions that are kept for later
_RINGS, _AROUND = 3, 6  # points that stand for the place of a tip: so many rings, and so many points on each
_TIES = 1e-9  # promises that differ by a smaller share are equal: of these, the route whose turn is next is flown


@dataclass(frozen=True)
class TaskedPatrol:
    """A patrol whose flights a desk counts with."""

    plan: PatrolPlan
    sea: TaskingSea
    flights: list[PlannedFlight]
    """The planned flight along each route of the patrol."""
    _remembered: dict[tuple[int, bytes], Floats] = field(default_factory=dict, repr=False)

    @cached_property
    def spells(self) -> int:
        """The number of spells that its longest flight has."""
        return max(math.ceil(flight.hours / SPELL_H) for flight in self.flights)

    @cached_property
    def edges(self) -> Floats:
        """The edges of these spells, hours since take-off."""
        return SPELL_H * np.arange(self.spells + 1, dtype=float)

    @cached_property
    def pieces(self) -> list[Floats]:
        """The legs of each flight, cut at these edges, (n, 6)."""
        return [cut_at(flight.legs, self.edges) for flight in self.flights]

    @cached_property
    def lasting(self) -> Floats:
        """The chance that a pair detected so many spells after it began can still be documented, (sources, spells)."""
        identification = self.plan.aircraft.identification
        beside_h = 0.0 if identification is None else identification.time_h
        return np.ascontiguousarray(self.sea.lasting(beside_h, self.sea.oldest + self.spells + 1))

    def rows(self, number: int, takeoff_h: float, weather: Weather) -> Ints:
        """The first row of the laws in force on each piece of a flight: by the weather of the take-off throughout."""
        plan, performance = self.plan, self.plan.sensor_performance
        rows_in_set = len(performance.classes) * len(plan.sensors)
        pieces = self.pieces[number]
        if not performance.depends_on_conditions:
            return np.full(len(pieces), rows_in_set * plan.law_set_at(takeoff_h, takeoff_h, weather))
        at, light = weather.row_at(takeoff_h), plan.light
        sea, visibility, wind = float(weather.sea_state[at]), float(weather.visibility_nmi[at]), wind_speed(weather, at)
        middle = (pieces[:, 0] + pieces[:, 1]) / 2.0
        tired = middle >= min(performance.fatigue_after_h, default=math.inf)
        lit = light.light_at_first != (np.searchsorted(light.changes, takeoff_h + middle, side="right") % 2 > 0)
        found = np.zeros(len(pieces), np.int64)
        for is_lit, is_tired in product((False, True), repeat=2):
            alike = (lit == is_lit) & (tired == is_tired)
            if alike.any():
                conditions = Conditions(sea, visibility, wind, is_lit, is_tired)
                found[alike] = rows_in_set * performance.law_set(conditions)
        return found

    def exposure(self, number: int, takeoff_h: float, weather: Weather) -> Floats:
        """The exposure of the sea by a flight in each of its spells, (p, spells)."""
        rows = self.rows(number, takeoff_h, weather)
        key = (number, rows.tobytes())
        if key not in self._remembered:
            if len(self._remembered) >= _MOST_REMEMBERED:
                self._remembered.clear()
            self._remembered[key] = exposure_in_spells(
                self.plan, self.pieces[number], rows, self.edges, self.sea.places, self.sea.kinds, turns=True
            )
        return self._remembered[key]

    def worth(self, takeoff_h: float, weather: Weather, end_h: float) -> Floats:
        """The chance that a detection in each spell becomes a documentation, (spells,); 0 after the deployment's end.

        For an aircraft that investigates nothing it is the chance that a detection counts: 1.
        """
        hours = takeoff_h + self.edges[:-1] + SPELL_H / 2.0
        identification, light = self.plan.aircraft.identification, self.plan.light
        if identification is None:
            return np.where(hours < end_h, 1.0, 0.0)
        visibility = float(weather.visibility_nmi[weather.row_at(takeoff_h)])
        found = np.where(hours + identification.time_h < end_h, 1.0, 0.0)
        for rung, later_h in ((identification.classify, 0.0), (identification.document, identification.time_h)):
            found *= rung.probability * (not visibility < rung.min_visibility_nmi)  # NaN where none is stated
            if rung.needs_light:
                found *= [light.at(hour + later_h) for hour in hours.tolist()]
        return found


@dataclass(frozen=True)
class TaskingPlan:
    """What all desks of a scenario need, the same in every replication."""

    sea: TaskingSea
    desks: list[dict[str, TaskedPatrol]]
    """The patrols of each desk, by name."""


def plan_tasking(
    scenario: Scenario, patrols: Sequence[PatrolPlan], sources: Sequence[TransferPlan]
) -> TaskingPlan | None:
    """Prepare the desks of a scenario; None where no patrol is tasked by belief."""
    tasked = [plan for plan in patrols if plan.tasked_by_belief]
    if not tasked:
        return None
    sea = plan_tasking_sea(sources, scenario.duration_h)
    desks = []
    for record in dict.fromkeys(plan.identification_record for plan in tasked):
        mine = [plan for plan in patrols if plan.identification_record == record]
        desks.append(
            {
                plan.name: TaskedPatrol(plan, sea, [planned_flight(plan, k) for k in range(len(plan.routes))])
                for plan in mine
            }
        )
    return TaskingPlan(sea, desks)


@dataclass
class _Searched:
    """What one sortie has searched, or is to search: legs (n, 6) in hours, and the first row of the laws on each."""

    patrol: TaskedPatrol
    legs: Floats
    rows: Ints


class Desk:
    """A desk in one replication: what its patrols have searched, and where the next sortie is sent."""

    def __init__(self, patrols: Mapping[str, TaskedPatrol], sea: TaskingSea, inbox: Inbox) -> None:
        """Nothing has been searched."""
        self.patrols, self.sea, self.inbox = patrols, sea, inbox
        self.searched = np.zeros_like(sea.beginning)
        """The exposure of the sea in each spell by sorties that have landed, and as planned by those in the air."""
        self.in_air: dict[str, tuple[int, Floats, _Searched]] = {}
        """For each patrol in the air: the column of the first spell, the planned exposure, and the planned legs."""
        self.landed: list[_Searched] = []
        """The sorties of the last days that have landed."""
        self.edges = SPELL_H * (sea.first + np.arange(self.searched.shape[1] + 1, dtype=float))
        """The edges of all spells, hours."""
        self._read = 0

    def task(self, plan: PatrolPlan, takeoff_h: float, turn: int, sorties: Sequence[Sortie]) -> int:
        """The route of a patrol that takes off now, which the desk notes; `turn` is the one that would be next.

        `sorties`: all that have landed so far. A patrol that is not tasked by belief flies its turn.
        """
        self.take_in(sorties, takeoff_h)
        route = self.choose(plan.name, takeoff_h, turn) if plan.tasked_by_belief else turn
        self.take_off(plan.name, route, takeoff_h)
        return route

    # ------------------------------------------------------------------------------------------------ what is known
    def take_in(self, sorties: Sequence[Sortie], hour: float) -> None:
        """Take in the sorties that have landed since the desk last looked, of a list that only grows.

        Only cells ask where those searched that landed long ago, for tips that are not older.
        """
        for sortie in sorties[self._read :]:
            patrol = self.patrols.get(sortie.patrol)
            if patrol is None:
                continue
            if sortie.patrol in self.in_air:
                first, planned, _ = self.in_air.pop(sortie.patrol)
                part = self.searched[:, first : first + planned.shape[1]]
                part -= planned
                np.maximum(part, 0.0, out=part)  # a difference of two equal sums may be below 0 by rounding
            legs = cut_at(sortie.flown[:, :6], self.edges)
            rows = law_rows(patrol.plan, legs[:, 0], sortie.takeoff_h, self.inbox.weather)
            first = int(np.searchsorted(self.edges, legs[0, 0], side="right")) - 1
            last = int(np.searchsorted(self.edges, legs[-1, 1], side="left"))
            self.searched[:, first:last] += exposure_in_spells(
                patrol.plan, legs, rows, self.edges[first : last + 1], self.sea.places, self.sea.kinds, turns=True
            )
            self.landed.append(_Searched(patrol, legs, rows))
        self._read = len(sorties)
        lasts_h = max((cell.spec.lasts_h for cell in self.inbox.cells.values()), default=0.0)
        self.landed = [one for one in self.landed if one.legs[-1, 1] > hour - lasts_h]

    def take_off(self, name: str, number: int, takeoff_h: float) -> None:
        """Note that a patrol has taken off along a route."""
        patrol, weather = self.patrols[name], self.inbox.weather
        first, planned = self.sea.spell_of(takeoff_h), patrol.exposure(number, takeoff_h, weather)
        planned = planned[:, : self.searched.shape[1] - first]
        self.searched[:, first : first + planned.shape[1]] += planned
        legs = patrol.pieces[number] + np.array([takeoff_h, takeoff_h, 0.0, 0.0, 0.0, 0.0])
        self.in_air[name] = first, planned, _Searched(patrol, legs, patrol.rows(number, takeoff_h, weather))

    # ------------------------------------------------------------------------------------------------ the choice
    def choose(self, name: str, takeoff_h: float, turn: int) -> int:
        """The route of a patrol that takes off at an hour; where routes promise alike, the next one in turn."""
        if len(self.patrols[name].flights) == 1:
            return 0
        promises = self.promises(name, takeoff_h)
        count, best = len(promises), float(promises.max())
        in_turn = [(turn + k) % count for k in range(count)]
        return next(number for number in in_turn if promises[number] >= best * (1.0 - _TIES))

    def promises(self, name: str, takeoff_h: float) -> Floats:
        """The expected documentations an hour of a flight along each route of a patrol, (routes,)."""
        from sim.core import kernels

        patrol, sea, weather = self.patrols[name], self.sea, self.inbox.weather
        first, worth = sea.spell_of(takeoff_h), patrol.worth(takeoff_h, weather, self.inbox.end_h)
        oldest = min(sea.oldest, first)
        before, after = slice(first - oldest, first), slice(first, first + patrol.spells)
        others = self.searched[:, after]
        spells = others.shape[1]  # fewer than the flight has where it ends beyond the last spell
        begun = sea.beginning[:, before] * self.unfound_after(self.searched[:, before])
        beginning = sea.beginning[:, after]
        if sea.needs_calm:
            begun *= sea.calm(weather, sea.hours_of(before.start, oldest))
            beginning = beginning * sea.calm(weather, np.full(1, takeoff_h))
        arrays = [np.ascontiguousarray(array) for array in (begun, beginning, others)]
        cell = self._cell(patrol)
        live = [] if cell is None else _live(cell, takeoff_h)
        tips = [(tip, *self._tip_places(cell, tip, takeoff_h)) for tip in live if cell is not None]
        found = []
        for number, flight in enumerate(patrol.flights):
            flown = np.ascontiguousarray(patrol.exposure(number, takeoff_h, weather)[:, :spells])
            finds = kernels.expected_finds(
                arrays[0], arrays[1], flown, arrays[2], patrol.lasting, sea.source, worth[:spells]
            )
            finds += sum(self._tip_finds(patrol, number, takeoff_h, worth, *tip) for tip in tips)
            found.append(finds / max(flight.hours, 1e-9))
        return np.array(found)

    @staticmethod
    def unfound_after(searched: Floats) -> Floats:
        """The chance that a pair that began in each of some spells is unfound at their end, (p, spells)."""
        later = np.cumsum(searched[:, ::-1], axis=1)[:, ::-1]
        return np.asarray(np.exp(searched / 2.0 - later), float)  # it began in the middle of its spell

    # ------------------------------------------------------------------------------------------------ tips
    def _cell(self, patrol: TaskedPatrol) -> CellState | None:
        """The cell of the nation of a patrol whose crews follow tips."""
        return self.inbox.cells.get(patrol.plan.spec.nation or "") if patrol.plan.follows_tips else None

    def _tip_places(self, cell: CellState, tip: Tip, hour: float) -> tuple[Floats, Floats]:
        """Points that stand for the place of a tip, (k, 2), and the chance that a pair there is unfound, (k,)."""
        quantile = (np.arange(_RINGS) + 0.5) / _RINGS  # of the distance from the middle of a bivariate normal place
        radius = cell.error_at(tip, hour) * np.sqrt(-2.0 * np.log1p(-quantile))
        angle = 2.0 * math.pi * (np.arange(_AROUND)[None, :] + 0.5 * np.arange(_RINGS)[:, None]) / _AROUND
        east, north = radius[:, None] * np.sin(angle), radius[:, None] * np.cos(angle)
        places = np.column_stack([tip.x + east.ravel(), tip.y + north.ravel()])
        exposure = np.zeros(len(places))
        edges = np.array([tip.seen_h, math.inf])
        for one in [*self.landed, *(planned for _, _, planned in self.in_air.values())]:
            since = one.legs[:, 0] >= tip.seen_h
            kinds = np.full(len(places), self._kind)
            legs, rows = one.legs[since], one.rows[since]
            exposure += exposure_in_spells(one.patrol.plan, legs, rows, edges, places, kinds)[:, 0]
        return places, np.asarray(np.exp(-exposure), float)

    @cached_property
    def _kind(self) -> int:
        """The class of most pairs, for which that of a tip is taken."""
        kinds, weight = np.unique(self.sea.kinds), self.sea.beginning.sum(axis=1)
        return int(kinds[np.argmax([weight[self.sea.kinds == kind].sum() for kind in kinds])]) if len(kinds) else 0

    def _tip_finds(
        self, patrol: TaskedPatrol, number: int, takeoff_h: float, worth: Floats, tip: Tip, places: Floats, left: Floats
    ) -> float:
        """The chance that a flight finds and documents the pair of a tip."""
        cell, identification = self._cell(patrol), patrol.plan.aircraft.identification
        if cell is None or identification is None:
            return 0.0
        rows = patrol.rows(number, takeoff_h, self.inbox.weather)
        kinds = np.full(len(places), self._kind)
        flown = exposure_in_spells(patrol.plan, patrol.pieces[number], rows, patrol.edges, places, kinds)
        before = np.cumsum(flown, axis=1) - flown
        hours = takeoff_h + patrol.edges[:-1] + SPELL_H / 2.0 + identification.time_h
        told = np.array([cell.chance_at(tip, hour) for hour in hours.tolist()])
        there = after_search(told, 1.0 - float(left.mean()))
        share = left / max(float(left.sum()), 1e-300)
        return float(share @ (np.exp(-before) * -np.expm1(-flown)) @ (worth * there))


def _live(cell: CellState, hour: float) -> list[Tip]:
    """The tips of a cell at an hour that no crew is on its way to."""
    fresh = [tip for tip in cell.live if hour - tip.seen_h < cell.spec.lasts_h]
    return [tip for tip in fresh if not tip.resolved and not tip.assigned]


def open_desks(plan: TaskingPlan | None, inbox: Inbox) -> dict[str, Desk]:
    """The desk of each patrol that has one, by the name of the patrol."""
    if plan is None:
        return {}
    found: dict[str, Desk] = {}
    for patrols in plan.desks:
        desk = Desk(patrols, plan.sea, inbox)
        found |= dict.fromkeys(patrols, desk)
    return found
