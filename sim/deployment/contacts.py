"""What a crew may know of a contact, and what makes a contact worth a look.

A vessel has traits; a crew knows those that its sensors tell. Their weights add up to a score.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import shapely

from sim.model.aircraft import Aircraft, Priority
from sim.model.sensors.base import Sensor
from sim.scenario.schema import Scenario

# The bits of what may be known of a vessel. Dark always means without AIS.
DARK, SPOOFING, STATIONARY, ALONGSIDE, LISTED, WATCHED, SUSPICIOUS, NEAR_TIP = (1 << bit for bit in range(8))


class Feature(NamedTuple):
    """Something about a contact that may make it worth a look; its weight is the key of that name of a `priority`."""

    name: str
    bit: int
    known_by: str
    """How a crew knows it."""
    text: str
    """Why a contact was flown to, where this feature counted most, in plain words, for tables."""


FEATURES = (
    Feature("dark", DARK, "an AIS receiver that hears nothing of it", "for want of AIS"),
    Feature("suspect", SPOOFING, "an AIS receiver, and another sensor", "for AIS claims that did not fit"),
    Feature("stationary", STATIONARY, "any sensor", "for lying still"),
    Feature("alongside", ALONGSIDE, "a radar that resolves two hulls at its range", "for two hulls side by side"),
    Feature("listed", LISTED, "an AIS receiver, if the vessel transmits", "for standing on a list"),
    Feature("watched", WATCHED, "any sensor, in a watch area", "for where they were"),
    Feature("suspicious", SUSPICIOUS, "any sensor", "for looking odd"),
    Feature("near_tip", NEAR_TIP, "any sensor, and a tip", "for lying near a tip"),
)
STATIONARY_KN = 2.0  # below it a vessel loiters: Global Fishing Watch's criterion
HULL_GAP_M = 25.0  # from the middle of one hull alongside to that of the other, two beams' half: an assumption

Class = tuple[tuple[str, ...], bool]


def classes_of(scenario: Scenario) -> list[Class]:
    """All classes of targets: the hulls' names (none: size unknown), and whether they have AIS on; in order."""
    found: set[Class] = {((), False)}
    for source in scenario.background.values():
        found |= {(source.hulls, has) for has in (True, False)}
    for pair in scenario.transfers.values():
        found |= {(hulls, has) for has in (True, False) for hulls in (pair.hulls, pair.hulls[:1], pair.hulls[-1:])}
    return sorted(found)


def class_numbers(scenario: Scenario, hulls: Sequence[str]) -> tuple[int, int]:
    """The numbers of a hull's or pair's class with AIS and without."""
    classes = classes_of(scenario)
    return classes.index((tuple(hulls), True)), classes.index((tuple(hulls), False))


@dataclass(frozen=True)
class ContactScoring:
    """How a crew judges contacts."""

    sensors: list[Sensor]
    priority: Priority | None
    areas: list[Any]
    """Watch areas on the plane."""

    @cached_property
    def has_ais(self) -> bool:
        """Whether it can tell who transmits."""
        return any(sensor.receives_ais for sensor in self.sensors)

    @cached_property
    def tells_hulls(self) -> bool:
        """Whether a radar can tell two hulls alongside apart, near enough."""
        return any(sensor.resolves(0.0, HULL_GAP_M) for sensor in self.sensors)

    def heeds_place(self, pair: bool) -> bool:
        """Whether it matters where a contact is, and how far away."""
        return bool(self.areas) or (pair and self.tells_hulls)

    def known(self, traits: int) -> int:
        """What a crew knows of a contact wherever it is: the traits that show."""
        if not self.has_ais:
            return traits & (SUSPICIOUS | STATIONARY)
        return traits & (SUSPICIOUS | STATIONARY | DARK | (0 if traits & DARK else SPOOFING | LISTED))

    def known_there(self, pair: bool, sensor: int, range_nmi: float, x: float, y: float) -> int:
        """What a crew knows of a contact by where a sensor has detected it, and at what range."""
        apart = pair and self.sensors[sensor].resolves(range_nmi, HULL_GAP_M)
        watched = any(shapely.contains_xy(area, x, y) for area in self.areas)
        return (ALONGSIDE if apart else 0) | (WATCHED if watched else 0)

    @cached_property
    def weights(self) -> list[float]:
        """The weight of each feature; without rules, of the suspicious ones 1."""
        if self.priority is None:
            return [float(feature.bit == SUSPICIOUS) for feature in FEATURES]
        return [getattr(self.priority, feature.name) for feature in FEATURES]

    @cached_property
    def score(self) -> list[float]:
        """What a contact is worth, by what shows of it.

        To be watched counts where it is worth something otherwise; to be near a tip where anything odd shows.
        """

        def worth(shows: int) -> float:
            return sum(weight for bit, weight in enumerate(self.weights) if shows >> bit & 1)

        def counts(shows: int) -> bool:
            tipped = shows & NEAR_TIP and shows & ~(NEAR_TIP | WATCHED)
            return bool(tipped or worth(shows & ~(NEAR_TIP | WATCHED)))

        return [worth(shows) if counts(shows) else 0.0 for shows in range(1 << len(FEATURES))]

    @cached_property
    def weighs_tips(self) -> bool:
        """Whether it matters that a contact lies near a tip."""
        return any(w > 0.0 for feature, w in zip(FEATURES, self.weights, strict=True) if feature.bit == NEAR_TIP)

    @cached_property
    def leading(self) -> list[str]:
        """The name of the feature that counts most, by what shows of a contact."""

        def best(shows: int) -> int:
            return max(range(len(FEATURES)), key=lambda bit: (self.weights[bit] if shows >> bit & 1 else -1.0, -bit))

        return [FEATURES[best(shows)].name for shows in range(1 << len(FEATURES))]


def plan_scoring(scenario: Scenario, aircraft: Aircraft) -> ContactScoring:
    """The rules of an aircraft's crew."""
    identification = aircraft.identification
    priority = identification.priority if identification else None
    areas = [scenario.plane.project(scenario.areas[name].shape) for name in (priority.watch_areas if priority else [])]
    for area in areas:
        shapely.prepare(area)
    return ContactScoring([scenario.sensors[name] for name in aircraft.sensors], priority, areas)
