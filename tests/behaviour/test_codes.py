"""Codes and positions that compiled functions share with the rest: each test fails if the two sides come apart."""

import math

import numpy as np
import pytest

from sim.core import chance, codes, kernels
from sim.core.codes import PHASES, Purpose
from sim.core.motion import Motion
from sim.model.laws.definite_range import DefiniteRange
from tests.helpers import kernel_laws, moving_targets

KEY = chance.replication_key(5, 3)
EYES = np.array([chance.identity("eye")], np.uint64)
SPEED = 100.0


def fly(legs, *, stop=False, until=math.inf, by_fuel=math.inf, by_clock=math.inf, burn=None, room=9, found=None):
    """Fly legs (x, y, speed, phase) from (0, 0) past one ship that lies still at (50, 1); base is at (0, 0)."""
    limits = np.array([SPEED, math.inf, math.inf, 0.0, 0.0, *(burn or [1.0] * len(PHASES))])
    limits[codes.HOME_BY_FUEL], limits[codes.HOME_BY_CLOCK] = by_fuel, by_clock
    nothing = np.zeros((0, 4))
    homing = (limits, np.zeros((1, 2)), np.zeros((1, 3)), nothing, nothing)
    ships: Motion = moving_targets(np.array([[0.0, 99.0, 50.0, 1.0, 0.0, 0.0]]), np.array([0]))
    laws, tables = kernel_laws([DefiniteRange(kind="definite_range", range_nmi=5.0, probability=1.0)])
    numbers = np.zeros((codes.MEMORY_ROWS, 1, 1))
    numbers[codes.THRESHOLD], numbers[codes.RANGE_FELL] = -1.0, -math.inf
    marks, state, flown = np.zeros((codes.MARKS, 1), bool), np.zeros(8), np.empty((room, 7))
    rows = np.array([[*leg, 0.0] for leg in legs])
    found = np.empty((1, 3)) if found is None else found
    code = kernels.fly(
        rows, state, stop, until, homing, (ships.rows, ships.owner, ships.reach, ships.vessels, ships.kinds),
        (KEY, EYES, laws, tables, laws[:, 1].copy()), (numbers, np.zeros(2, np.int64), marks), np.zeros((1, 2)), flown,
        found,
    )  # fmt: skip
    return code, state, flown, numbers, marks, ships


THERE, BACK = (100.0, 0.0, SPEED, 0.0), (0.0, 0.0, SPEED, 0.0)


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
    code, state, *_ = fly([THERE, BACK], **how)
    assert code == getattr(codes, name)
    assert state[codes.STATE_H] == pytest.approx(hour, abs=1e-9)
    assert len({codes.DONE, codes.DETECTED, codes.BINGO, codes.FULL, codes.CHANGE}) == 5


def test_the_state_of_a_flight_holds_what_its_positions_say():
    found = np.empty((1, 3))
    _, state, flown, _, marks, _ = fly([THERE, (100.0, 50.0, SPEED, 0.0)], stop=True, found=found)
    when = 0.5 - math.sqrt(24.0) / SPEED
    assert (state[codes.STATE_X], state[codes.STATE_Y]) == pytest.approx((SPEED * when, 0.0))
    assert [state[one] for one in (codes.STATE_LEG, codes.STATE_ROWS, codes.STATE_FOUND)] == [0.0, 1.0, 1.0]
    assert state[codes.STATE_CONTINUES] == 1.0  # the leg was broken off, and its row will be extended
    assert flown[0, :2].tolist() == [0.0, found[0, 0]]
    assert marks[codes.SEEN, 0]
    assert not marks[codes.WAITING, 0]
    assert not marks[codes.MET, 0]  # the flight stops at the edge of the ship's range, not within it
    assert fly([THERE])[4][codes.MET, 0]
    _, state, *_ = fly([THERE, (100.0, 50.0, SPEED, 0.0)], until=1.25)
    assert (state[codes.STATE_X], state[codes.STATE_Y]) == pytest.approx((100.0, 25.0))
    assert [state[one] for one in (codes.STATE_LEG, codes.STATE_ROWS, codes.STATE_CONTINUES)] == [1.0, 2.0, 0.0]


@pytest.mark.parametrize("phase", range(len(PHASES)))
def test_each_phase_burns_its_own_share_of_fuel(phase):
    burn = [1.0 + 0.1 * number for number in range(len(PHASES))]
    _, state, flown, *_ = fly([(*THERE[:3], float(phase))], burn=burn)
    assert state[codes.STATE_EXTRA_FUEL] == pytest.approx(0.1 * phase)
    assert flown[0, 6] == phase


def test_thresholds_are_drawn_for_their_purpose_and_kept_in_their_row():
    _, _, _, numbers, _, ships = fly([THERE])
    luck = chance.uniform(KEY, Purpose.THRESHOLD, ships.vessels[0], EYES[0])
    assert numbers[codes.THRESHOLD, 0, 0] == -math.log(luck)
    assert numbers[codes.EXPOSURE, 0, 0] == -math.inf  # -1 less the exposure, infinite: certainty, once a sortie


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
