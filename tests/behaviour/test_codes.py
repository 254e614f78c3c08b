"""Codes and positions that compiled functions share with the rest: each test fails if the two sides come apart."""

import math

import numpy as np
import pytest

from sim.core import chance, codes, kernels
from sim.core.codes import PHASES, TRANSIT, Purpose
from sim.core.motion import Motion
from sim.deployment.legs import hold, leg
from sim.model.laws.definite_range import DefiniteRange
from tests.helpers import PastShips, kernel_laws, moving_targets

KEY = chance.replication_key(5, 3)
EYES = np.array([chance.identity("eye")], np.uint64)
SPEED = 100.0
WHY = (
    "DONE", "DETECTED", "BINGO", "FULL", "CHANGE", "CATCH_UP", "BACK", "ASK_WAYS", "ASK_WAY", "ASK_STAY",
    "ASK_WAY_BACK", "ASK_CLASSIFIED", "ASK_DOCUMENTED",
)  # fmt: skip


def past_a_ship(legs, *, by_fuel=math.inf, by_clock=math.inf, burn=None, until=math.inf, stop=False, **options):
    """Fly legs (n, 6) from (0, 0) past one ship that lies still at (50, 1); base is at (0, 0). Code and flight."""
    limits = np.array([SPEED, math.inf, math.inf, 0.0, 0.0, *(burn or [1.0] * len(PHASES))])
    limits[codes.HOME_BY_FUEL], limits[codes.HOME_BY_CLOCK] = by_fuel, by_clock
    nothing = np.zeros((0, 4))
    homing = (limits, np.zeros((1, 2)), np.zeros((1, 3)), nothing, nothing)
    ships: Motion = moving_targets(np.array([[0.0, 99.0, 50.0, 1.0, 0.0, 0.0]]), np.array([0]))
    laws, tables = kernel_laws([DefiniteRange(kind="definite_range", range_nmi=5.0, probability=1.0)])
    sensing = (KEY, EYES, laws, tables, laws[:, 1].copy())
    flight = PastShips(np.vstack(legs), homing, ships, sensing, next_change_h=until, stops_at_contacts=stop, **options)
    return flight.fly(), flight, ships


def to(x, y, phase=TRANSIT):
    return leg(x, y, speed_kn=SPEED, phase=phase)


THERE, BACK = to(100.0, 0.0), to(0.0, 0.0)


@pytest.mark.parametrize(
    ("name", "hour", "how"),
    [
        ("DONE", 2.0, {}),
        ("DETECTED", 0.5 - math.sqrt(24.0) / SPEED, {"stop": True}),
        ("BINGO", 0.75, {"by_fuel": 1.5}),
        ("BINGO", 0.75, {"by_clock": 1.5}),
        ("FULL", 1.0, {"room": 1}),
        ("CHANGE", 0.25, {"until": 0.25}),
    ],
)
def test_a_flight_says_why_it_ends(name, hour, how):
    code, flight, _ = past_a_ship([THERE, BACK], **how)
    assert code == getattr(codes, name)
    assert flight["hour"] == pytest.approx(hour, abs=1e-9)


def test_the_codes_of_a_flight_differ():
    assert len({getattr(codes, name) for name in WHY}) == len(WHY)


def test_the_record_of_a_flight_holds_what_its_fields_say():
    _, flight, _ = past_a_ship([THERE, to(100.0, 50.0)], stop=True)
    when = 0.5 - math.sqrt(24.0) / SPEED
    assert (flight["x"], flight["y"]) == pytest.approx((SPEED * when, 0.0))
    assert [flight[one] for one in ("leg", "rows", "found")] == [0, 1, 1]
    assert flight["continues"]  # the leg was broken off, and its row will be extended
    assert flight.flown[0, :2].tolist() == [0.0, flight.found[0, 0]]
    assert flight.marks[codes.SEEN, 0]
    assert not flight.marks[codes.WAITING, 0]
    assert not flight.marks[codes.MET, 0]  # the flight stops at the edge of the ship's range, not within it
    assert past_a_ship([THERE])[1].marks[codes.MET, 0]
    _, flight, _ = past_a_ship([THERE, to(100.0, 50.0)], until=1.25)
    assert (flight["x"], flight["y"]) == pytest.approx((100.0, 25.0))
    assert [flight[one] for one in ("leg", "rows", "continues")] == [1, 2, False]


def test_a_leg_timed_by_hours_takes_them_however_often_it_is_broken_off():
    _, flight, _ = past_a_ship([hold(30.0, 0.0, hours=2.0)], until=0.5)
    assert (flight["x"], flight["hours_left"]) == pytest.approx((7.5, 1.5))
    flight.record["next_change_h"] = 1.25
    assert flight.fly() == codes.CHANGE
    flight.record["next_change_h"] = math.inf
    assert flight.fly() == codes.DONE
    assert (flight["hour"], flight["x"], flight["hours_left"]) == pytest.approx((2.0, 30.0, 0.0))


@pytest.mark.parametrize("phase", range(len(PHASES)))
def test_each_phase_burns_its_own_share_of_fuel(phase):
    burn = [1.0 + 0.1 * number for number in range(len(PHASES))]
    _, flight, _ = past_a_ship([to(100.0, 0.0, phase)], burn=burn)
    assert flight["extra_burn_h"] == pytest.approx(0.1 * phase)
    assert flight.flown[0, codes.FLOWN_PHASE] == phase


def test_thresholds_are_drawn_for_their_purpose_and_kept_in_their_row():
    _, flight, ships = past_a_ship([THERE])
    luck = chance.uniform(KEY, Purpose.THRESHOLD, ships.vessels[0], EYES[0])
    assert flight.numbers[codes.THRESHOLD, 0, 0] == -math.log(luck)
    assert flight.numbers[codes.EXPOSURE, 0, 0] == -math.inf  # -1 less the exposure, infinite: certainty, once a sortie


def test_arrivals_and_voyages_are_drawn_for_their_purposes():
    source = chance.identity("source")
    times, vessels, _ = kernels.arrivals(KEY, source, 1, 0, 0.0, 50.0, 100)
    gaps = -np.log(chance.uniforms(KEY, Purpose.GAP, vessels)[:, 0])
    assert len(times) > 20
    assert times == pytest.approx(np.cumsum(gaps), rel=1e-12)
    edges = np.array([[0.0, 40.0, 40.0, 0.0], [0.0, 0.0, 20.0, 20.0], [40.0, 0.0, -40.0, 0.0], [0.0, 20.0, 0.0, -20.0]])
    rows, owner = np.empty((100, 6)), np.empty(100, np.int64)
    still, pace = np.zeros(vessels.size), np.full(vessels.size, 10.0)
    perimeter = np.array([40.0, 60.0, 100.0, 120.0])
    count = kernels.voyages(KEY, vessels, still, pace, edges, perimeter, math.inf, 9.0, rows, owner, 0, 0)
    assert count == vessels.size
    assert rows[:count, 2:4] == pytest.approx(chance.uniforms(KEY, Purpose.PLACE, vessels) * [40.0, 20.0])
    turn = 2.0 * np.pi * chance.uniforms(KEY, Purpose.COURSE, vessels)[:, 0]  # the kernel uses 32 bits of it
    assert rows[:count, 4:] == pytest.approx(10.0 * np.column_stack([np.cos(turn), np.sin(turn)]), abs=1e-6)
