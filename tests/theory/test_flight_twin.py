"""The compiled flight against its readable twin in plain Python, on random flights past random ships."""

import math
from itertools import pairwise

import numpy as np
import pytest

from sim.core import chance, codes
from sim.core.codes import Purpose
from sim.deployment.legs import hold, leg
from tests.flight_twin import Fuel, Law, Line, flown, search
from tests.helpers import PastShips, moving_targets

LAWS = (Law(reach=30.0, strength=900.0), Law(reach=12.0, jump=-math.log(0.4)))
SENSORS = np.array([chance.identity("radar"), chance.identity("camera")], np.uint64)
BURN = (1.0, 1.3, 0.9, 1.6)
CODES = {codes.DONE: "done", codes.BINGO: "bingo"}


class World:
    """A flight and ships drawn at random: some ships lie still, some turn, some come late or leave early."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.key = chance.replication_key(seed, 0)
        self.start = tuple(rng.uniform(-80.0, 80.0, 2))
        places, phases = rng.uniform(-80.0, 80.0, (6, 2)), rng.integers(0, len(BURN), 6)
        self.legs = [(*place, 200.0, int(phase)) for place, phase in zip(places, phases, strict=True)]
        self.legs.insert(3, (*places[2], -0.4, 2))  # a leg timed by hours: it stays where it is
        whole = sum(line.end - line.begin for line in flown(self.legs, self.start, self.fuel(math.inf, math.inf))[0])
        self.limits = rng.uniform(0.3, 1.8, 2) * whole
        ships = []
        for _ in range(9):
            cuts = np.sort(rng.uniform(-0.5, 1.2 * whole, rng.integers(2, 5)))
            (x, y), lines = rng.uniform(-80.0, 80.0, 2), []
            for begin, end in pairwise(cuts):
                vx, vy = rng.normal(0.0, 12.0, 2) * (rng.random() < 0.8)
                lines.append(Line(begin, end, x, y, vx, vy))
                x, y = lines[-1].at(end)
            ships.append(lines)
        self.ships = ships

    @staticmethod
    def fuel(by_fuel: float, by_clock: float) -> Fuel:
        return Fuel((0.0, -20.0), 240.0, by_fuel, by_clock, BURN)

    def expected(self):
        """By the twin: the flight, why it ends, the first detection of each ship (hour, sensor), and exposures."""
        lines, reason = flown(self.legs, self.start, self.fuel(*self.limits))
        first, exposures = {}, {}
        for number, ship in enumerate(self.ships):
            identity = chance.identities(chance.identity("test"), len(self.ships))[number]
            drawn = [chance.uniform(self.key, Purpose.THRESHOLD, identity, sensor) for sensor in SENSORS]
            searched = [search(law, ship, lines, -math.log(u)) for law, u in zip(LAWS, drawn, strict=True)]
            when, sensor = min((when, sensor) for sensor, (when, _) in enumerate(searched))
            if when < math.inf:
                first[number] = (when, sensor)
            else:
                exposures[number] = [total for _, total in searched]
        return lines, reason, first, exposures


def fly(world: World, stop: bool):
    """The same by the compiled flight: it is called again after each contact that stops it."""
    rows = np.array([[s.begin, s.end, s.x, s.y, s.vx, s.vy] for ship in world.ships for s in ship])
    owner = np.array([number for number, ship in enumerate(world.ships) for _ in ship])
    targets = moving_targets(rows, owner)
    laws = np.array(
        [
            [codes.INVERSE_CUBE, LAWS[0].reach, LAWS[0].strength, 0.0, 1.0, 0.0],
            [codes.DEFINITE_RANGE, LAWS[1].reach, LAWS[1].jump, 0.0, 1.0, 0.0],
        ]
    )
    fuel = world.fuel(*world.limits)
    limits = np.array([fuel.home_speed, fuel.by_fuel, fuel.by_clock, 0.0, 0.0, *fuel.burn])
    no_walls = np.zeros((0, 4))
    homing = (limits, np.array([fuel.base]), np.zeros((1, 3)), no_walls, no_walls)
    sensing = (world.key, SENSORS, laws, np.zeros((2, 2, 2, 4)), np.array([30.0]))
    legs = np.vstack([leg_of(*each) for each in world.legs])
    flight = PastShips(legs, homing, targets, sensing, x=world.start[0], y=world.start[1], stops_at_contacts=stop)
    stops = 0
    while (code := flight.fly()) == codes.DETECTED:
        stops += 1
    return code, flight, stops


def leg_of(x, y, speed, phase):
    """A leg of the twin, whose speed below 0 is minus the hours that it takes."""
    return leg(x, y, speed_kn=speed, phase=phase) if speed > 0.0 else hold(x, y, hours=-speed, phase=phase)


@pytest.mark.parametrize("stop", [False, True])
def test_the_compiled_flight_does_what_its_twin_does(stop):
    reasons, detections, undetected = [], 0, 0
    for seed in range(40):
        world = World(seed)
        lines, reason, first, exposures = world.expected()
        code, flight, stops = fly(world, stop)
        flights, found, numbers = flight.flown[: flight["rows"]], flight.found[: flight["found"]], flight.numbers
        assert CODES[code] == reason
        assert flight["hour"] == pytest.approx(lines[-1].end, abs=1e-9)
        assert (flight["x"], flight["y"]) == pytest.approx(lines[-1].at(lines[-1].end), abs=1e-6)
        real = [line for line in lines if line.end > line.begin]
        assert flights[:, :2] == pytest.approx(np.array([[line.begin, line.end] for line in real]), abs=1e-9)
        assert flights[:, 2:4] == pytest.approx(np.array([[line.x, line.y] for line in real]), abs=1e-6)
        by_ship = {int(ship): (when, int(sensor)) for when, ship, sensor in found}
        assert by_ship.keys() == first.keys()
        for ship, (when, sensor) in first.items():
            assert by_ship[ship] == (pytest.approx(when, abs=1e-6), sensor)
        for ship, totals in exposures.items():
            kept = numbers[codes.EXPOSURE, :, ship]
            assert kept[0] == pytest.approx(totals[0], rel=1e-6, abs=1e-9)
            assert (-1.0 - kept[1] if kept[1] < 0.0 else 0.0) == pytest.approx(totals[1])
        assert stops == (len(first) if stop else 0)
        reasons.append(reason)
        detections, undetected = detections + len(first), undetected + len(exposures)
    assert 5 < reasons.count("bingo") < 35
    assert min(detections, undetected) > 40


def test_detections_come_in_the_order_of_time_where_each_stops_the_flight():
    flights = [fly(World(seed), True)[1] for seed in range(10)]
    hours = [flight.found[: flight["found"], 0] for flight in flights]
    assert sum(len(found) for found in hours) > 10
    assert all(np.all(np.diff(found) >= 0.0) for found in hours)


@pytest.mark.parametrize("burn", [0.7, 1.0, 1.5])
def test_bingo_fuel_is_where_the_way_home_takes_what_is_left(burn):
    """Straight away from base at the speed of the way home: out and back takes by_fuel, by hand."""
    fuel = Fuel((0.0, 0.0), 200.0, 3.0, math.inf, (burn,))
    lines, reason = flown([(2000.0, 0.0, 200.0, 0)], (0.0, 0.0), fuel)
    assert reason == "bingo"
    assert lines[-1].end == pytest.approx(3.0 / (1.0 + burn))


def test_the_twin_integrates_the_rate_over_the_part_of_a_pass_in_range():
    from scipy.integrate import quad

    from tests.flight_twin import exposure

    law, ship = Law(reach=10.0, strength=50.0), Line(0.0, 1.0, 4.0, 6.0, 3.0, -2.0)
    aircraft = Line(0.0, 1.0, -60.0, 0.0, 200.0, 10.0)

    def rate(hour):
        apart = math.dist(ship.at(hour), aircraft.at(hour))
        return law.strength / apart**3 if apart < law.reach else 0.0

    exact = quad(rate, 0.0, 1.0, points=[0.27, 0.325, 0.38], limit=500)[0]
    assert exposure(law, ship, aircraft, 0.0, 1.0) == pytest.approx(exact, rel=1e-5)
