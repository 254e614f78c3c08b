"""The rule of landing in time: the compiled flight turns home at the moment at which the rule in Python turns false."""

import math

import numpy as np
import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from sim import load_scenario
from sim.core import chance, codes, kernels
from sim.core.codes import PHASES, ROUNDING_H, SEARCH
from sim.deployment.landing import LandingLimits
from sim.deployment.legs import leg
from sim.model.laws.base import kernel_laws
from tests.helpers import LAWS, PastShips, law_of, moving_targets

FAR_AWAY = moving_targets(np.array([[0.0, 1e3, 1e6, 1e6, 0.0, 0.0]]), np.array([0]))
NO_WALLS = np.zeros((0, 4))
TRANSIT_KN, SEARCH_KN = 350.0, 210.0
LATER_H = 1e-4


def homing_of(limits, speed_kn, wind, burn, bases, winds):
    """The way home as the kernel takes it; the sky is open."""
    burns = [burn if phase == SEARCH else 1.0 for phase in range(len(PHASES))]
    return np.array([speed_kn, *limits, *wind, *burns]), bases, winds, np.zeros((0, 2 + 2 * len(bases))), NO_WALLS


def fly_search_leg(start, end, begin_h, spent_h, homing, until=math.inf):
    """Fly one search leg past nobody; the kernel's code, and the hour, the place and the extra fuel at its end."""
    laws, tables = kernel_laws([law_of(LAWS[0])])
    sensing = (chance.replication_key(1, 0), np.array([7], np.uint64), laws, tables, laws[:, 1].copy())
    legs = leg(*end, speed_kn=SEARCH_KN, phase=SEARCH)
    flight = PastShips(
        legs, homing, FAR_AWAY, sensing, hour=begin_h, x=start[0], y=start[1], extra_burn_h=spent_h, next_change_h=until
    )
    code = flight.fly()
    return code, flight["hour"], np.array([flight["x"], flight["y"]]), flight["extra_burn_h"]


places = st.tuples(st.floats(-300.0, 300.0), st.floats(-300.0, 300.0))
hours = st.floats(0.0, 4.0)
# A search that burns less than its share of transit's speed is refused: the margin would grow on the way home.
burns = st.floats(0.7, 1.6)


@given(places, places, st.floats(0.0, 50.0), st.floats(-1.0, 1.0), burns, hours, hours, st.sampled_from([0.0, 40.0]))
@settings(max_examples=200, deadline=None)
def test_bingo_is_the_moment_at_which_the_rule_turns_false(start, end, begin, spent, burn, fuel_h, clock_h, wind):
    """Limits by fuel and clock, earlier burns, two bases, still air and wind: allowed until then, and not after it."""
    assume(math.dist(start, end) > 1.0)
    bases, winds = np.array([[0.0, 0.0], [200.0, -100.0]]), np.array([[0.0, wind, -wind / 2.0]])
    limits, unlimited = LandingLimits(begin + fuel_h, begin + clock_h), LandingLimits(math.inf, math.inf)
    homing, free = (homing_of(each, TRANSIT_KN, winds[0, 1:], burn, bases, winds) for each in (limits, unlimited))

    def allowed(hour, place, extra, rounding=0.0):
        return limits.allow(hour + kernels.way_home(hour, *place, free)[0], extra, rounding)

    code, hour, place, extra = fly_search_leg(start, end, begin, spent, homing)
    event({codes.DONE: "in time to the end", codes.BINGO: "turned home"}[code])
    assert extra - spent == pytest.approx((burn - 1.0) * (hour - begin), abs=1e-9)
    assert hour == begin or allowed(hour, place, extra, ROUNDING_H)
    if code == codes.DONE:
        assert place == pytest.approx(end)
    else:
        farther = np.array(end) + 10.0 * (np.array(end) - start)
        assert not allowed(*fly_search_leg(place, farther, hour, extra, free, until=hour + LATER_H)[1:])


def test_an_hour_of_extra_burn_brings_the_limit_by_fuel_nearer_and_leaves_the_clock_alone():
    limits = LandingLimits(by_fuel_h=10.0, by_clock_h=9.0)
    assert limits.allow(9.0, 1.0)
    assert not limits.allow(9.0, 1.5)
    assert limits.allow(9.0, -3.0)
    assert not limits.allow(9.5, -3.0)


def test_rounding_is_forgiven_only_where_a_decision_is_examined_again():
    for limits in (LandingLimits(10.0, math.inf), LandingLimits(math.inf, 10.0)):
        assert not limits.allow(10.0 + ROUNDING_H / 2.0, 0.0)
        assert limits.allow(10.0 + ROUNDING_H / 2.0, 0.0, ROUNDING_H)
        assert not limits.allow(10.0 + 2.0 * ROUNDING_H, 0.0, ROUNDING_H)


def test_the_limits_of_a_flight_are_its_fuel_less_the_reserve_and_the_hours_of_its_crew():
    aircraft = load_scenario("neon-spring", {"aircraft.cp140.reserve_h": 1.25}).aircraft["cp140"]
    assert LandingLimits.of_flight(aircraft, 21.0, 6.5) == (21.0 + aircraft.endurance_h - 1.25, 27.5)
