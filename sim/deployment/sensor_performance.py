"""What an aircraft's sensors achieve: the detection laws in force, by class of vessels and by conditions."""

from collections.abc import Sequence

import numpy as np

from sim.core.arrays import Floats
from sim.model.laws.base import blind_row, kernel_row, kernel_tables
from sim.model.sensors.base import NOTHING_STATED, Conditions, Sensor
from sim.model.vessels import Vessel


class SensorPerformance:
    """The laws of an aircraft's sensors against each class of vessels, as the kernels take them.

    The laws in force under some conditions are a law set. Law sets are computed when their conditions are first met,
    and numbered in that order.
    """

    def __init__(
        self, sensors: Sequence[Sensor], altitude_ft: float, classes: Sequence[tuple[Sequence[Vessel], bool]]
    ) -> None:
        """Take the sensors of an aircraft, its altitude, and the classes: their hulls, and whether AIS is sent."""
        self.sensors, self.altitude_ft, self.classes = sensors, altitude_ft, classes
        self.tables = kernel_tables([sensor.nominal_law for sensor in self.sensors])
        self.law_sets: list[Floats] = []
        """For each law set (classes * sensors, 6): the laws of all sensors against the first class, and so on."""
        self.farthest_nmi: list[Floats] = []
        """For each law set (classes,): the farthest range at which any sensor sees a vessel of the class."""
        self._numbers: dict[Conditions, int] = {}
        changing = frozenset[str]().union(*(sensor.depends_on for sensor in self.sensors))
        self.depends_on_sea, self.depends_on_visibility = "sea_state" in changing, "visibility_nmi" in changing
        self.depends_on_wind, self.depends_on_light = "wind_kn" in changing, "light" in changing
        hours = {sensor.tires_after_h for sensor in self.sensors}
        self.fatigue_after_h = sorted(after_h for after_h in hours if after_h is not None)
        """Hours of flight after which one of the sensors' operators is tired."""
        self.depends_on_weather = self.depends_on_sea or self.depends_on_visibility or self.depends_on_wind
        self.depends_on_conditions = self.depends_on_weather or self.depends_on_light or bool(self.fatigue_after_h)

    def law_set(self, conditions: Conditions) -> int:
        """Return the number of the law set under some conditions; conditions on which no sensor depends are ignored."""
        if not self.depends_on_conditions and self.law_sets:
            return 0
        relevant = Conditions(
            conditions.sea_state if self.depends_on_sea else NOTHING_STATED.sea_state,
            conditions.visibility_nmi if self.depends_on_visibility else NOTHING_STATED.visibility_nmi,
            conditions.wind_kn if self.depends_on_wind else NOTHING_STATED.wind_kn,
            conditions.light if self.depends_on_light else NOTHING_STATED.light,
            conditions.tired if self.fatigue_after_h else NOTHING_STATED.tired,
        )
        # What is not stated is NaN, which equals nothing. A dictionary finds a NaN again only if it is the same object.
        nan = NOTHING_STATED.sea_state
        sea, visibility, wind = (nan if value != value else value for value in relevant[:3])
        relevant = relevant._replace(sea_state=sea, visibility_nmi=visibility, wind_kn=wind)
        if relevant not in self._numbers:
            self._numbers[relevant] = len(self.law_sets)
            rows = [self._row(k, hulls, has, relevant) for hulls, has in self.classes for k in range(len(self.sensors))]
            laws = np.array(rows)
            self.law_sets.append(laws)
            self.farthest_nmi.append(laws[:, 1].reshape(len(self.classes), -1).max(axis=1))
        return self._numbers[relevant]

    def _row(self, k: int, hulls: Sequence[Vessel], transmits: bool, conditions: Conditions) -> list[float]:
        """The law of sensor `k` against a class of vessels; one that detects nothing where the sensor is blind."""
        sensor = self.sensors[k]
        found = sensor.in_force(hulls, transmits, self.altitude_ft, conditions)
        if found is None:
            return blind_row(sensor.nominal_law.code, k)
        return kernel_row(found.law, k, found.scale, found.cut_nmi)
