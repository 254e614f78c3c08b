"""What the rival of `benchmarks/crew_rival.py` meets: the wind, the ships, and what each sensor sees of them."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from sim.core.arrays import Entities, Flags, Floats, Ints
from sim.deployment.patrols import PatrolPlan, wind_speed
from sim.deployment.world import World
from sim.model.laws.base import Law
from sim.model.laws.definite_range import DefiniteRange
from sim.model.laws.inverse_cube import InverseCube
from sim.model.laws.scan import Scan
from sim.model.sensors.base import Conditions
from sim.model.weather import Weather

ROUNDS = 8  # of the iteration to a meeting: each makes the error some eight times smaller


class Air:
    """The wind of every hour, and how far it has carried the air since hour 0: a crew knows the winds to come."""

    def __init__(self, weather: Weather) -> None:
        """Add up the drift of the air, stretch by stretch."""
        self.weather, self.hours = weather, np.concatenate([[0.0], weather.begin[1:], [1e6]])
        self.x = np.concatenate([[0.0], np.cumsum(weather.wind_x * np.diff(self.hours))])
        self.y = np.concatenate([[0.0], np.cumsum(weather.wind_y * np.diff(self.hours))])

    def wind(self, hour: float) -> tuple[float, float, float]:
        """The wind at an hour, knots, and the hour until which it holds."""
        row = self.weather.row_at(hour)
        return float(self.weather.wind_x[row]), float(self.weather.wind_y[row]), float(self.hours[row + 1])

    def drift(self, begin: float, end: Any) -> tuple[Any, Any]:
        """How far the wind carries the air between two hours, nmi."""
        x, y = np.interp(end, self.hours, self.x), np.interp(end, self.hours, self.y)
        return x - np.interp(begin, self.hours, self.x), y - np.interp(begin, self.hours, self.y)

    def hours_to(self, begin: float, dx: Any, dy: Any, speed: float, vx: Any = 0.0, vy: Any = 0.0) -> Any:
        """Hours until an aircraft meets things dx, dy away that move at vx, vy.

        While the wind holds, they are the root of a quadratic equation; if it changes on the way, an iteration finds
        them: the distance through the air over the speed.
        """
        wind_x, wind_y, until = self.wind(begin)
        air_x, air_y = vx - wind_x, vy - wind_y
        a, b = speed**2 - air_x**2 - air_y**2, dx * air_x + dy * air_y
        hours = (b + np.sqrt(b * b + a * (dx * dx + dy * dy))) / a
        if begin + np.max(hours, initial=0.0) > until:
            for _ in range(ROUNDS):
                x, y = self.drift(begin, begin + hours)
                hours = np.hypot(dx + vx * hours - x, dy + vy * hours - y) / speed
        return hours

    def steer(
        self, begin: float, hours: float, dx: float, dy: float, vx: float = 0.0, vy: float = 0.0
    ) -> tuple[float, float]:
        """The velocity over the ground now, on the heading that leads to a meeting after some hours."""
        wind_x, wind_y, until = self.wind(begin)
        if begin + hours <= until:
            return dx / hours + vx, dy / hours + vy
        x, y = self.drift(begin, begin + hours)
        return float((dx - x) / hours + vx + wind_x), float((dy - y) / hours + vy + wind_y)

    def speed_along(self, hour: float, dx: float, dy: float, speed: float) -> float:
        """The speed over the ground on a straight track: the wind triangle."""
        (x, y, _), length = self.wind(hour), float(np.hypot(dx, dy))
        across = (x * dy - y * dx) / length
        return (x * dx + y * dy) / length + float(np.sqrt(speed * speed - across * across))


@dataclass
class Ships:
    """Ships that may be investigated, an element of each array a ship."""

    rows: Floats
    """Begin and end, hours, place at the beginning, nmi, and velocity, knots (6, n)."""
    vessels: Entities
    kinds: Ints
    traits: Ints
    is_pair: Flags

    @classmethod
    def of(cls, world: World) -> "Ships":
        """All ships of a world: the transfers first."""
        motion, count = world.targets, world.targets.vessels.size
        if len(motion.rows) != count:
            raise TypeError("the rival knows ships that keep their courses")
        rows = motion.rows[np.argsort(motion.owner)].T.copy()
        return cls(rows, motion.vessels, motion.kinds, motion.traits, np.arange(count) < world.transfers.begin.size)

    def select(self, some: Ints) -> "Ships":
        """Only some of the ships."""
        rows = self.rows[:, some].copy()
        return Ships(rows, self.vessels[some], self.kinds[some], self.traits[some], self.is_pair[some])

    @property
    def end(self) -> Floats:
        """When each leaves, or parts from its partner."""
        end: Floats = self.rows[1]
        return end

    def here(self, hour: float) -> Flags:
        """Whether each exists at an hour."""
        here: Flags = (self.rows[0] <= hour) & (hour < self.rows[1])
        return here

    def at(self, hour: float, some: Any = slice(None)) -> tuple[Any, Any, Any, Any]:
        """Where some ships are, nmi, and their velocities, knots."""
        begin, _, x, y, vx, vy = self.rows[:, some]
        return x + vx * (hour - begin), y + vy * (hour - begin), vx, vy


class Eyes(NamedTuple):
    """What one sensor sees under some conditions: its law, and by class of vessel the reach and the law's size."""

    law: Law
    reach: Floats
    size: Floats

    def rate(self, kinds: Ints, ranges: Floats) -> Floats:
        """The rate of detection of ships at some ranges, per hour."""
        if isinstance(self.law, Scan):
            rate = self.law.rate(ranges / self.size[kinds])
        elif isinstance(self.law, InverseCube):
            rate = self.size[kinds] / ranges**3
        else:
            rate = np.full(ranges.shape, np.inf)
        return np.where(ranges < self.reach[kinds], rate, 0.0)


def _size(law: Law, scale: float) -> float:
    """What makes a law that of a class of vessels: the strength of an inverse cube law, else the scale of lengths."""
    if isinstance(law, DefiniteRange) and law.probability < 1.0:
        raise TypeError("the rival knows definite ranges within which all is detected")
    return law.strength * scale**2 if isinstance(law, InverseCube) else scale


class Watch:
    """The sensors of the aircraft, as weather, light and fatigue let them see."""

    def __init__(self, patrol: PatrolPlan, weather: Weather) -> None:
        """Know no conditions yet."""
        self.patrol, self.weather, self.known = patrol, weather, dict[Any, tuple[list[Eyes], Floats]]()

    def at(self, hour: float, takeoff_h: float) -> tuple[list[Eyes], Floats]:
        """The sensors at an hour of a flight, and the farthest reach of any by class of vessel."""
        tired = any(hour >= takeoff_h + after for after in self.patrol.sensor_performance.fatigue_after_h)
        row, light = self.weather.row_at(hour), self.patrol.light.at(hour)
        if (row, light, tired) not in self.known:
            sea, clear = float(self.weather.sea_state[row]), float(self.weather.visibility_nmi[row])
            eyes = self._under(Conditions(sea, clear, wind_speed(self.weather, row), light, tired))
            self.known[row, light, tired] = eyes, np.max([one.reach for one in eyes], axis=0)
        return self.known[row, light, tired]

    def _under(self, conditions: Conditions) -> list[Eyes]:
        eyes, performance = [], self.patrol.sensor_performance
        for sensor in performance.sensors:
            law, reach, size = sensor.nominal_law, np.zeros(len(performance.classes)), np.ones(len(performance.classes))
            for kind, (hulls, transmits) in enumerate(performance.classes):
                found = sensor.in_force(hulls, transmits, performance.altitude_ft, conditions)
                if found is not None:
                    reach[kind], size[kind] = found.reach_nmi, _size(found.law, found.scale)
            eyes.append(Eyes(law, reach, size))
        return eyes
