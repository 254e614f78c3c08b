"""The choice of a contact: what each that waits is worth, and whether fuel, clock and light allow it.

The groups of arrays are those of `sim.core.kernels.crew`.
"""

import math
from typing import Any

from sim.core.codes import (
    HOME_BY_CLOCK,
    HOME_BY_FUEL,
    WAITING,
    WAY_END_H,
    WAY_H,
    WAY_VX,
    WAY_VY,
    WAY_X,
    WAY_Y,
    WORTH,
    WORTHWHILE,
)
from sim.core.kernels.compiling import Array, inline, norm
from sim.core.kernels.contacts import keep_waiting
from sim.core.kernels.fuel import soonest_base
from sim.core.kernels.random_numbers import first_above
from sim.core.kernels.rendezvous import meet, worth


@inline
def can_stay(
    flight: Any, rules: Any, homing: Any, meet_h: float, x: float, y: float, vx: float, vy: float, rounding_h: float
) -> bool:
    """Return whether it lands in time if it meets a vessel, stays beside it as that moves on, and goes home.

    The rule is `sim.deployment.landing.LandingLimits.allow`.
    """
    limits, stay_h = homing[0], rules.time_h
    leave_h = meet_h + stay_h
    landing_h = leave_h + soonest_base(leave_h, x + vx * stay_h, y + vy * stay_h, homing)[0]
    extra = rules.burn_beside * stay_h + flight.extra_burn_h
    by_fuel: bool = landing_h + extra <= limits[HOME_BY_FUEL] + rounding_h
    return by_fuel and landing_h <= limits[HOME_BY_CLOCK] + rounding_h


@inline
def way_to(flight: Any, rules: Any, sea: Any, homing: Any, target: int) -> Any:
    """Return the straight way to a vessel, see ``meet``."""
    return meet(sea[1], sea[2], sea[3], target, flight.hour, flight.x, flight.y, rules.transit_speed_kn, homing[2])


@inline
def _has_light(rules: Any, light: Array, hour: float) -> Any:
    """Return whether crews go to a contact whose imagery they would take at an hour, by the almanac."""
    if not rules.waits_for_light:
        return True
    changed: bool = first_above(light, hour) % 2 == 1
    return rules.light_at_first != changed


@inline
def _weigh_contacts(
    flight: Any, rules: Any, homing: Any, sea: Any, contacts: Any, judging: Any, marks: Array, ways: Array
) -> None:
    """Write into the last column of ``ways`` what each contact that waits is worth now; drop those that have gone."""
    features, waiting, kept = contacts[0], contacts[1], 0
    for k in range(flight.waiting):
        target = waiting[k]
        if rules.open_sea:
            way = way_to(flight, rules, sea, homing, target)
            for column in range(WORTH):
                ways[k, column] = way[column]
        if ways[k, WAY_END_H] <= flight.hour:
            marks[WAITING, target] = False
            continue
        back = norm(ways[k, WAY_X] - flight.left_x, ways[k, WAY_Y] - flight.left_y)
        score = judging[1][features[target]] if rules.has_priority else 0.0
        waiting[kept] = target
        for column in range(WORTH):
            ways[kept, column] = ways[k, column]
        ways[kept, WORTH] = worth(
            score, flight.hour, ways[k, WAY_H], back, rules.max_detour_nmi, rules.time_h, rules.cost_per_h,
            rules.transit_speed_kn,
        )  # fmt: skip
        kept += 1
    flight.waiting = kept


@inline
def _best_worth(count: int, ways: Array) -> int:
    """Return the row of the contact that is worth most, of equals the one met soonest; -1 if none is worth anything."""
    best = -1
    for k in range(count):
        value = ways[k, WORTH]
        if value >= 0.0 and (
            best < 0 or value > ways[best, WORTH] or (value == ways[best, WORTH] and ways[k, WAY_H] < ways[best, WAY_H])
        ):
            best = k
    return best


@inline
def best_contact(
    flight: Any, rules: Any, homing: Any, sea: Any, contacts: Any, judging: Any, marks: Array, light: Array, ways: Array
) -> int:
    """Return the contact to investigate next, -1 for none: the one worth most, less its hours; of equals the nearest.

    Fuel and clock must allow to reach the contact, to stay, and to go home. Contacts that were identified lately are
    taken out of those that wait as they are met.
    """
    waiting, identified = contacts[1], contacts[3]
    _weigh_contacts(flight, rules, homing, sea, contacts, judging, marks, ways)
    found = -1
    row = _best_worth(flight.waiting, ways)
    while row >= 0 and found < 0:
        target = waiting[row]
        if flight.hour - identified[target] < rules.remember_h:
            marks[WORTHWHILE, target] = False  # it is left alone for a reason, and does not count as overlooked
            marks[WAITING, target] = False
        elif _has_light(rules, light, ways[row, WAY_H] + rules.time_h) and can_stay(
            flight, rules, homing, ways[row, WAY_H], ways[row, WAY_X], ways[row, WAY_Y], ways[row, WAY_VX],
            ways[row, WAY_VY], 0.0,
        ):  # fmt: skip
            found = target
            marks[WAITING, target] = False
        ways[row, WORTH] = -math.inf
        row = _best_worth(flight.waiting, ways)
    keep_waiting(flight, waiting, marks)
    return found
