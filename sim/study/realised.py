"""What a replication held that its tables do not name: its weather, and where its vessels were; realised again.

Both follow from the scenario, the seed and the number of the replication, so nothing of them is stored.
"""

from collections.abc import Iterable
from functools import cached_property
from typing import NamedTuple

import numpy as np

from sim.core.codes import ALONGSIDE, DARK, LISTED, SPOOFING, STATIONARY, SUSPICIOUS
from sim.core.motion import Motion
from sim.deployment.world import World, prepare, realise
from sim.model.weather import Weather
from sim.scenario.schema import Outputs, Scenario

TRAITS = {
    DARK: "sends no AIS",
    SPOOFING: "AIS claims do not fit",
    STATIONARY: "lies still",
    ALONGSIDE: "two hulls side by side",
    LISTED: "on the watch list",
    SUSPICIOUS: "looks suspicious",
}
"""What a vessel may be, as a phrase for people, by its bit."""

JUST_BEFORE_H = 1e-6
"""So long before the end of a vessel it is still there."""


class Sailing(NamedTuple):
    """One vessel at some hours: its place on the plane at each, nmi, and what it is, the bits of `TRAITS`."""

    x: list[float]
    y: list[float]
    traits: int


class Realised:
    """One replication of a scenario, realised again from its seed when something of it is asked for."""

    def __init__(self, scenario: Scenario, seed: int, replication: int) -> None:
        """Name the replication."""
        self.scenario, self.seed, self.replication = scenario, seed, replication

    @cached_property
    def _world(self) -> World:
        """The world of the replication, without the ships that no event names."""
        scenario = self.scenario.model_copy(update={"outputs": Outputs()})
        return realise(prepare(scenario), self.seed, self.replication)

    @property
    def weather(self) -> Weather:
        """The weather of the replication."""
        return self._world.weather

    @cached_property
    def _numbers(self) -> dict[str, int]:
        """The number of each vessel by its name."""
        return {str(name): number for number, name in enumerate(self._world.targets.labels)}

    def vessel(self, name: str, hours: Iterable[float]) -> Sailing | None:
        """Where a vessel that events name is at some hours; None where it is not known, or not there at one of them."""
        targets, number = self._world.targets, self._numbers.get(name)
        if number is None:
            return None
        try:
            places = np.array([_place_at(targets, number, hour) for hour in hours])
        except ValueError:  # it is not there at that hour: the run was made by another version of the code
            return None
        return Sailing(places[:, 0].tolist(), places[:, 1].tolist(), int(targets.traits[number]))


def _place_at(targets: Motion, number: int, hour: float) -> tuple[float, float]:
    """Where a vessel is at an hour, and at the hour of its end where it was just before; ValueError where it is not."""
    return targets.place_at(number, hour if targets.exists_at(number, hour) else hour - JUST_BEFORE_H)
