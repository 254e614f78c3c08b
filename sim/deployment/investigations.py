"""What compiled code asks about an investigation: what came of a look at a transfer, and the ways round no-go zones."""

from collections.abc import Callable, Mapping

import numpy as np

from sim.core import chance
from sim.core.codes import (
    ASK_CLASSIFIED,
    ASK_DOCUMENTED,
    ASK_LAWFUL,
    ASK_STAY,
    ASK_WAY,
    ASK_WAY_BACK,
    ASK_WAYS,
    CLASSIFIED_DARKNESS,
    CLASSIFIED_LEFT,
    DARKNESS,
    DOCUMENTED,
    FAILED,
    LEG_PASS,
    NOT_CLASSIFIED,
    NOT_DOCUMENTED,
    REJOIN,
    SUCCEEDED,
    UNTRIED,
    Purpose,
)
from sim.deployment.flight import Flight
from sim.deployment.legs import leg
from sim.deployment.lookalikes import TOLD_FROM_AFAR
from sim.deployment.ways import is_clear_beside, way_to, ways_to
from sim.model.aircraft import Identification, Rung


# ---------------------------------------------------------------------------------------------------- the ladder
def _classify(flight: Flight) -> None:
    """Try to recognise a transfer as two vessels alongside, at an hour of the approach."""
    state, rung = flight.state, _identification(flight).classify
    target, hour = state.target, state.classify_h
    if not _conditions_allow(flight, rung, hour, *state.place_at(hour)):
        flight.note_progress(target, DARKNESS, hour)
        succeeds = False
    else:
        succeeds = _step_succeeds(flight, target, Purpose.CLASSIFY, rung.probability)
        flight.note_progress(target, CLASSIFIED_LEFT if succeeds else NOT_CLASSIFIED, hour)
    flight.report("classified" if succeeds else "not_classified", target, "", hour)
    state.classified = SUCCEEDED if succeeds else FAILED


def _document(flight: Flight) -> None:
    """Try to take imagery of a transfer that was classified, at the end of the time beside it."""
    state, rung = flight.state, _identification(flight).document
    target, hour = state.target, state.hour
    succeeds = False
    if not _conditions_allow(flight, rung, hour, *state.place):
        flight.note_progress(target, CLASSIFIED_DARKNESS, hour)
    else:
        succeeds = _step_succeeds(flight, target, Purpose.DOCUMENT, rung.probability)
        flight.note_progress(target, DOCUMENTED if succeeds else NOT_DOCUMENTED, hour)
    flight.report("documented" if succeeds else "identified", target)
    if succeeds:
        flight.documented.append((target, hour, *state.place))


def _tell_lawful(flight: Flight) -> None:
    """Try to tell from afar that hulls side by side are no transfer; a crew that tells so breaks off."""
    state = flight.state
    target, hour = state.target, state.hour
    rung = flight.plan.lookalikes.rung_of(flight.inbox.targets, target)
    succeeds = _conditions_allow(flight, rung, hour, *state.place)
    succeeds = succeeds and _step_succeeds(flight, target, Purpose.TELL_LAWFUL, rung.probability)
    state.told_lawful = SUCCEEDED if succeeds else FAILED
    if succeeds:
        if state.classified == UNTRIED:  # whoever reported it withdraws the report
            flight.report("not_classified", target)
        flight.report("identified", target, TOLD_FROM_AFAR)
        flight.told.append((hour, target))


def _identification(flight: Flight) -> Identification:
    identification = flight.plan.aircraft.identification
    if identification is None:
        raise AssertionError("a crew without `identification` investigates nothing")
    return identification


def _conditions_allow(flight: Flight, rung: Rung, hour: float, x: float, y: float) -> bool:
    """Whether visibility and light let a rung of the ladder be climbed at an hour and a place."""
    weather, light = flight.inbox.weather, flight.plan.light
    if weather.visibility_nmi[weather.row_at(hour)] < rung.min_visibility_nmi:  # visibility that is not stated is NaN
        return False
    if not rung.needs_light:
        return True
    lon, lat = flight.plan.plane.to_lonlat(x, y)
    return bool(light.sun.elevation(hour, lon, lat) > light.least_deg)


def _step_succeeds(flight: Flight, target: int, purpose: Purpose, probability: float) -> bool:
    """Whether a step of the ladder succeeds: the same luck for a vessel, patrol and slot, whatever the route."""
    vessel = flight.inbox.targets.vessels[target]
    luck = chance.uniform(flight.inbox.key, purpose, vessel, *flight.plan.luck_of("step", flight.slot))
    return luck < probability


# ---------------------------------------------------------------------------------------------------- round zones
def _give_ways(flight: Flight) -> None:
    """Find the ways to the contacts that wait."""
    state = flight.state
    targets = state.waiting_targets[: state.waiting].tolist()
    state.ways[: len(targets), :-1] = ways_to(flight, targets)


def _give_way(flight: Flight) -> None:
    """Find the way to the contact that is investigated."""
    state = flight.state
    way = way_to(flight, state.target)
    state.meet_h, state.meet_x, state.meet_y, state.turn_h, state.end_h = way[:5]
    state.range_nmi, state.vx, state.vy, state.ground_x, state.ground_y, state.hold_h = way[5:11]
    state.has_via = way.via is not None
    state.via_x, state.via_y = way.via or (0.0, 0.0)


def _say_whether_clear(flight: Flight) -> None:
    """Say whether the aircraft may stay beside the contact and enter no zone."""
    state = flight.state
    hours = min(_identification(flight).time_h, state.end_h - state.hour)
    state.is_clear = is_clear_beside(flight, state.vx, state.vy, hours)


def _lead_back(flight: Flight) -> None:
    """Lead the aircraft back to where its route was left."""
    state = flight.state
    number = float(state.legs[state.leg, LEG_PASS]) if flight.is_on_route else 0.0
    speed_kn = flight.plan.aircraft.transit_speed_kn
    way_back = leg(state.left_x, state.left_y, speed_kn=speed_kn, phase=REJOIN, number=number)
    flight.set_legs(np.vstack([way_back, state.legs[state.route_leg :]]))


ANSWERS: Mapping[int, Callable[[Flight], None]] = {
    ASK_WAYS: _give_ways,
    ASK_WAY: _give_way,
    ASK_STAY: _say_whether_clear,
    ASK_WAY_BACK: _lead_back,
    ASK_CLASSIFIED: _classify,
    ASK_DOCUMENTED: _document,
    ASK_LAWFUL: _tell_lawful,
}
"""By the code of each question of the compiled crew: what answers it."""
