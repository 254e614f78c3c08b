"""Rules of check about when patrols fly: take-offs, crews, airframes and bases."""

import math
from collections.abc import Iterator

import numpy as np

from sim.check.bounds import Bounds
from sim.check.patrol_bounds import PatrolBounds
from sim.check.registry import DOUBTFUL, NOTE, SENSELESS, Found, rule
from sim.core.arrays import Ints
from sim.core.units import HOURS_PER_DAY
from sim.scenario.endurance import fuel_h
from sim.scenario.problems import Path

_FEW_TAKEOFFS = 0.1  # Nobody intends so small a share of the scheduled take-offs: an assumption.


@rule(SENSELESS)
def no_sortie(bounds: Bounds) -> Iterator[Found]:
    """There is no patrol, or a patrol never takes off or reaches its route before the deployment ends.

    It adds nothing to any measure.
    """
    end_h = bounds.scenario.duration_h
    if not bounds.patrols:
        yield Found(("patrols",), "There is no patrol, so no aircraft flies.", "Add a table of [patrols].")
    for patrol in bounds.patrols:
        first_h, key_name = patrol.schedule.first_h, patrol.takeoff_key[-1]
        verb = "Change" if key_name == "takeoff" else "Lower"
        advice = f"{verb} {key_name}, or raise duration_days: the deployment lasts {end_h:g} h."
        if patrol.stands_by:
            continue
        if patrol.spec.sorties == 0:
            key: Path = ("patrols", patrol.name, "sorties")
            yield Found(
                key, f"{patrol.name} flies 0 sorties.", f"Set sorties to 1 or more, or remove patrols.{patrol.name}."
            )
        elif first_h is None and patrol.spec.every_h is None and patrol.spec.takeoff is None:
            problem = f"{patrol.name} has no schedule and follows no tip, so it never takes off."
            yield Found(("patrols", patrol.name, "standby"), problem, "Add takeoff, or observers whose tips reach it.")
        elif first_h is None:
            takeoff_h = patrol.assignment.first_takeoff_h
            at = "" if takeoff_h is None else f", at hour {takeoff_h:g},"
            problem = f"The first take-off of {patrol.name}{at} is after the deployment ends."
            yield Found(patrol.takeoff_key, problem, advice)
        elif patrol.reachable_routes and not len(patrol.station_windows_h):
            problem = (
                f"{patrol.name} first takes off at hour {first_h:g}, and reaches its route after the deployment ends."
            )
            yield Found(patrol.takeoff_key, problem, advice)


@rule(SENSELESS)
def never_serviceable(bounds: Bounds) -> Iterator[Found]:
    """An aircraft has a `serviceability` of 0, so it never flies."""
    for name, aircraft in bounds.scenario.aircraft.items():
        if aircraft.serviceability == 0.0 and bounds.patrols_of(name):
            problem = f"The serviceability is 0, so {name} never takes off."
            yield Found(("aircraft", name, "serviceability"), problem, "Set serviceability above 0.")


@rule(DOUBTFUL)
def takeoffs_too_frequent(bounds: Bounds) -> Iterator[Found]:
    """Take-offs are scheduled closer together than a sortie and the turn-round take.

    Sorties are late, and in the end cancelled.
    """
    for patrol in bounds.patrols:
        busy_h = patrol.shortest_flight_h + patrol.aircraft.turn_round_h
        schedule = patrol.schedule
        if not patrol.shortest_flight_h or schedule.possible < 2:
            continue
        takes = f"a sortie takes {patrol.shortest_flight_h:.3g} h and the turn-round {patrol.aircraft.turn_round_h:g} h"
        if patrol.spec.every_h is not None:
            if busy_h > patrol.spec.every_h:
                problem = (
                    f"Take-offs of {patrol.name} are {patrol.spec.every_h:g} h apart, but {takes}, so the aircraft is "
                    "not ready in time."
                )
                advice = f"Raise every_h to at least {math.ceil(busy_h * 100.0 - 1e-9) / 100.0:g}."
                yield Found(("patrols", patrol.name, "every_h"), problem, advice)
            continue
        least_h = busy_h - patrol.spec.max_delay_h
        share = schedule.share_closer_than(least_h)
        if share > 0.0:
            drawn = "take-offs that lots draw for" if schedule.is_by_lot else "take-offs of"
            problem = (
                f"Of the {drawn} {patrol.name}, {100.0 * share:.2g} % follow the one before by less than {least_h:.3g} "
                f"h, but {takes}, and no take-off waits longer than {patrol.spec.max_delay_h:g} h, so the aircraft is "
                "not ready in time."
            )
            advice = f"Leave {least_h:.3g} h between take-offs, raise max_delay_h, or add a patrol for some of them."
            yield Found(patrol.takeoff_key, problem, advice)


@rule(DOUBTFUL)
def crews_too_few(bounds: Bounds) -> Iterator[Found]:
    """There are fewer crews than the flights and the rest between them require, or rest is given without crews.

    Sorties are cancelled, or the rest has no effect.
    """
    for patrol in bounds.patrols:
        crews, rest_h, flight_h = patrol.spec.crews, patrol.spec.crew_rest_h, patrol.shortest_flight_h
        if crews is None and rest_h > 0.0:
            problem = f"The number of crews is not limited, so {rest_h:g} h of rest have no effect."
            yield Found(("patrols", patrol.name, "crew_rest_h"), problem, "Add crews, or remove crew_rest_h.")
        elif crews is not None and patrol.schedule.possible > crews and flight_h:
            every_h = patrol.schedule.mean_gap_h
            needed = (flight_h + rest_h) / every_h
            if needed > crews:
                often = f"every {every_h:.4g} h" + ("" if patrol.spec.every_h is not None else " in the mean")
                problem = (
                    f"Flights of {flight_h:.3g} h and {rest_h:g} h of rest, {often}, need {needed:.3g} crews, and "
                    f"{patrol.name} has {crews}."
                )
                fewer = "raise every_h" if patrol.spec.every_h is not None else "take off less often"
                advice = f"Raise crews to {math.ceil(needed)}, or {fewer}."
                yield Found(("patrols", patrol.name, "crews"), problem, advice)


@rule(DOUBTFUL)
def base_nearly_always_closed(bounds: Bounds) -> Iterator[Found]:
    """A base is nearly always closed, as home or as alternate.

    Less than a tenth of its take-offs take place, or as an alternate it is open for less than a tenth of the time (a
    threshold chosen here).
    """
    for name, base in bounds.scenario.bases.items():
        homed = [patrol for patrol in bounds.patrols if patrol.spec.base == name]
        used = homed or any(name in patrol.spec.alternates for patrol in bounds.patrols)
        if base.closed is None or not used:
            continue
        open_h, closed_h = base.closed.mean_open_h, base.closed.mean_closed_h
        share_closed = closed_h / (open_h + closed_h)
        # Spells are exponential: one met when a take-off is due lasts max_delay_h more by exp(-max_delay_h / mean).
        chances = [1.0 - share_closed * math.exp(-patrol.spec.max_delay_h / closed_h) for patrol in homed]
        if max(chances, default=1.0 - share_closed) < _FEW_TAKEOFFS:
            scheduled = sum(patrol.schedule.expected for patrol in homed)
            flown = sum(chance * patrol.schedule.expected for chance, patrol in zip(chances, homed, strict=True))
            effect = (
                f"about {flown:.2g} of {scheduled:.4g} take-offs take place" if homed else "few patrols can land there"
            )
            problem = f"The base {name} is open {100.0 * (1.0 - share_closed):.2g} % of the time, so {effect}."
            more = ", or raise max_delay_h of its patrols" if homed else ""
            yield Found(("bases", name, "closed"), problem, f"Raise mean_open_h or lower mean_closed_h{more}.")


@rule(DOUBTFUL)
def alternates_unused(bounds: Bounds) -> Iterator[Found]:
    """A patrol has alternates, but lands at a base that never closes, so the alternates have no effect."""
    for patrol in bounds.patrols:
        home = bounds.scenario.bases[patrol.spec.base]
        never_diverts = (
            patrol.spec.lands == "home" and home.closed is None and not bounds.strongest_wind_in_deployment_kn
        )
        if patrol.spec.alternates and never_diverts:
            problem = (
                f"The base {patrol.spec.base} never closes, so {patrol.name} always lands there, never at "
                f"{' or '.join(patrol.spec.alternates)}."
            )
            advice = f'Set lands = "nearest", give bases.{patrol.spec.base}.closed, or remove alternates.'
            yield Found(("patrols", patrol.name, "alternates"), problem, advice)


@rule(NOTE)
def airframe_out_of_hours(bounds: Bounds) -> Iterator[Found]:
    """The flights scheduled in a day take more hours than the airframe may fly.

    Sorties are late, short or cancelled.
    """
    for patrol in bounds.patrols:
        limit_h, every_h = patrol.aircraft.max_flight_h_a_day, patrol.schedule.mean_gap_h
        if limit_h is not None and patrol.schedule.possible > 1:
            endurance_h = fuel_h(patrol.aircraft)
            flight_h = min(endurance_h, patrol.aircraft.max_flight_h or endurance_h)
            if flight_h * max(1.0, np.floor(HOURS_PER_DAY / every_h)) > limit_h:
                problem = (
                    f"Flights of {flight_h:g} h every {every_h:.4g} h take more than the {limit_h:g} h that the "
                    "airframe may fly in any 24 h, so sorties are late, short or cancelled."
                )
                schedule = f"every_h of patrols.{patrol.name}"
                if patrol.spec.every_h is None:
                    schedule = f"the time between take-offs of patrols.{patrol.name}"
                advice = f"Raise max_flight_h_a_day, or {schedule}, or lower max_flight_h."
                yield Found(("aircraft", patrol.spec.aircraft, "max_flight_h_a_day"), problem, advice)


@rule(NOTE)
def patrols_alike(bounds: Bounds) -> Iterator[Found]:
    """Each sortie of a patrol flies the same route, from the same base and at the same time, as one of another patrol.

    Their aircraft are of one type, and no group divides the route, so both are planned to search the same sea together.
    Patrols whose take-offs or routes are drawn by lot, or tasked by belief, are left out.
    """
    crowds: dict[tuple[str, str, int, int], list[PatrolBounds]] = {}
    for patrol in bounds.patrols:
        spec, assignment = patrol.spec, patrol.assignment
        if patrol.schedule.is_by_lot or assignment.route_weights is not None or assignment.by_belief:
            continue
        crowds.setdefault((spec.base, spec.aircraft, assignment.part, assignment.parts), []).append(patrol)
    route_numbers = {name: number for number, name in enumerate(bounds.scenario.routes)}
    for crowd in crowds.values():
        slots = [_slots(patrol, route_numbers) for patrol in crowd] if len(crowd) > 1 else []
        for index, patrol in enumerate(crowd[: len(slots)]):
            other = next((other for other in range(len(slots)) if _is_copy(slots, index, other)), None)
            if other is not None:
                problem = (
                    f"Each sortie of {patrol.name} flies the same route as one of {crowd[other].name}, from the same "
                    "base and at the same time, so both search the same sea together."
                )
                advice = (
                    f"Give {patrol.name} another {patrol.takeoff_key[-1]} or other routes, or add a group of [groups] "
                    "that divides the route."
                )
                yield Found(("patrols", patrol.name), problem, advice)


def _slots(patrol: PatrolBounds, route_numbers: dict[str, int]) -> Ints:
    """A number for the minute and the route of each scheduled sortie of a patrol, in ascending order, (n,)."""
    turns = np.array([route_numbers[name] for name in patrol.assignment.routes])
    minutes = np.round(patrol.schedule.low_h[:, 0] * 60.0).astype(np.int64)
    slots: Ints = minutes * len(route_numbers) + turns[np.arange(minutes.size) % turns.size]
    return slots


def _is_copy(slots: list[Ints], index: int, other: int) -> bool:
    """Whether all slots of a patrol are slots of another; of two patrols with the same slots the later is a copy."""
    if index == other or not slots[index].size or slots[index].size > slots[other].size:
        return False
    if slots[index].size == slots[other].size and index < other:
        return False
    return bool(_among(slots[index][:1], slots[other]) and _among(slots[index], slots[other]))


def _among(few: Ints, many: Ints) -> bool:
    """Whether all of some numbers are among others, which are in ascending order and at least one."""
    places = np.minimum(np.searchsorted(many, few), many.size - 1)
    return bool((many[places] == few).all())
