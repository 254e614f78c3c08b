"""What a crew may know of a contact, and what makes a contact worth an investigation.

A vessel has traits. A crew knows those of its traits that its sensors show, and where the contact is: together they are
the features of the contact. Each feature has a weight, and the weights of the features add up to the score.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import shapely

from sim.core import chance
from sim.core.arrays import Entities, Flags, Floats, Ints
from sim.core.codes import (
    ALONGSIDE,
    DARK,
    LISTED,
    NEAR_TIP,
    SPOOFING,
    STATIONARY,
    SUSPICIOUS,
    WATCHED,
    Purpose,
)
from sim.core.geo import polygon_edges
from sim.model.aircraft import Aircraft, Priority
from sim.model.background.base import Background
from sim.model.sensors.base import Sensor
from sim.model.transfers import TransferSource
from sim.scenario.schema import Scenario


class Feature(NamedTuple):
    """Something about a contact that may make it worth an investigation.

    Its weight is the key of that name of a `priority`.
    """

    name: str
    bit: int
    text: str
    """Why a contact was flown to, where this feature counted most, as a phrase for tables."""


FEATURES = (
    Feature("dark", DARK, "for sending no AIS"),
    Feature("suspect", SPOOFING, "for AIS claims that did not fit"),
    Feature("stationary", STATIONARY, "for lying still"),
    Feature("alongside", ALONGSIDE, "for two hulls side by side"),
    Feature("listed", LISTED, "for standing on the watch list"),
    Feature("watched", WATCHED, "for lying in a watch area"),
    Feature("suspicious", SUSPICIOUS, "for looking suspicious"),
    Feature("near_tip", NEAR_TIP, "for lying near a tip"),
)

_EDGE_NMI = 1e-6  # a place so near to the edge of a watch area lies in it: ships may enter their sea along that edge


class Class(NamedTuple):
    """A class of targets; what the sensors of an aircraft may tell of a target depends on its class."""

    hulls: tuple[str, ...]
    """The names of the hulls; none where their size is unknown."""
    has_ais: bool
    """Whether the target has AIS on."""
    gap_m: float = 0.0
    """The distance between the hulls of the target; 0 for a single hull."""


def classes_of(background: Mapping[str, Background], transfers: Mapping[str, TransferSource]) -> list[Class]:
    """All classes of targets that some sources have, sorted; the number of a class is its place in this list."""
    found, sources = {Class((), False)}, list[Background | TransferSource](background.values())
    for source in [*sources, *transfers.values()]:
        sets = zip(source.hull_sets, source.hull_gaps_m, strict=True)
        found |= {Class(hulls, has_ais, gap_m) for hulls, gap_m in sets for has_ais in (True, False)}
    for pair in transfers.values():
        found |= {Class(hulls, has) for has in (True, False) for hulls in pair.single_hulls}
    return sorted(found)


def class_numbers(classes: Sequence[Class], hulls: Sequence[str], gap_m: float = 0.0) -> tuple[int, int]:
    """The numbers of the classes of a hull, or of hulls with a gap between them, with AIS and without."""
    return classes.index(Class(tuple(hulls), True, gap_m)), classes.index(Class(tuple(hulls), False, gap_m))


def draw_traits(source: Background | TransferSource, key: Entities, vessels: Entities) -> Ints:
    """The traits of vessels (n,) that a source has in shares: dark, spoofing, listed.

    `key` is the key of the replication, (2,), and `vessels` (n,) the identities. No number is drawn where all three
    shares are 0.
    """
    traits = np.zeros(vessels.size, np.int64)
    if source.dark_share or source.spoofing_share or source.listed_share:
        first, second = (chance.uniforms(key, Purpose.TRAITS, vessels, counter) for counter in (0, 1))
        traits |= np.where(first[:, 0] < source.dark_share, DARK, 0)
        traits |= np.where(first[:, 1] < source.spoofing_share, SPOOFING, 0)
        traits |= np.where(second[:, 0] < source.listed_share, LISTED, 0)
    return traits


def background_traits(
    source: Background, key: Entities, vessels: Entities, luck: Floats, lies_still: Flags | bool
) -> Ints:
    """The traits of background ships (n,), as bits: those of `draw_traits`, suspicious, and stationary.

    `luck` (n,): uniform numbers from 0 to 1, by which ships look suspicious. `lies_still`: which ships are slower
    than `STATIONARY_KN`, (n,), or whether all ships are.
    """
    suspicious = np.where(luck < source.suspicious_share, SUSPICIOUS, 0)
    return suspicious | np.where(lies_still, STATIONARY, 0) | draw_traits(source, key, vessels)


@dataclass(frozen=True)
class ContactScoring:
    """How the crew of an aircraft judges contacts: which features its sensors show, and what they are worth."""

    sensors: list[Sensor]
    priority: Priority | None
    """The weights of the features; None: only suspicious contacts are worth an investigation."""
    areas: list[Any]
    """Watch areas, shapes on the plane."""
    gaps_m: list[float]
    """The distance between the hulls of each class of targets; 0 for a single hull."""

    @cached_property
    def has_ais(self) -> bool:
        """Whether the crew can tell which vessels transmit AIS."""
        return any(sensor.receives_ais for sensor in self.sensors)

    @cached_property
    def chance_unheard(self) -> float:
        """The chance that the crew hears no AIS of a vessel that sends it, in one sortie; 0 without a receiver."""
        return float(np.prod([1.0 - sensor.chance_heard for sensor in self.sensors])) if self.has_ais else 0.0

    @cached_property
    def may_mistake_ships(self) -> bool:
        """Whether a ship without any trait may be worth an investigation, because the crew hears no AIS of it."""
        by_place = (0, WATCHED, NEAR_TIP, WATCHED | NEAR_TIP)
        return self.chance_unheard > 0.0 and any(self.score[DARK | place] > 0.0 for place in by_place)

    def traits_as_heard(self, traits: Ints, vessels: Entities, key: Entities, sensor_ids: Entities) -> Ints:
        """The traits of vessels as one sortie hears them: those that send and are not heard look dark, (m,).

        What decides is the threshold of the opportunity, by which the receiver itself detects the vessel or does not.

        Args:
            traits: The traits of the vessels, (m,).
            vessels: The identities of the vessels, (m,).
            key: Key of the replication, (2,).
            sensor_ids: Identity of each sensor in the sortie, (sensors,).
        """
        unheard = np.ones(traits.size, bool)
        for sensor, identity in zip(self.sensors, sensor_ids, strict=True):
            if sensor.receives_ais:
                luck = chance.uniforms(key, Purpose.THRESHOLD, chance.join_each(vessels, identity))[:, 0]
                unheard &= luck <= 1.0 - sensor.chance_heard  # a threshold -ln(u) of the exposure -ln(1 - p) or more
        return np.where(unheard, traits | DARK, traits)

    def resolves_hulls(self, gap_m: float) -> bool:
        """Whether a radar can tell apart hulls with a gap between them at some range."""
        return any(sensor.resolves(0.0, gap_m) for sensor in self.sensors)

    def resolved_within_nmi(self, gap_m: float) -> float:
        """The range within which a radar tells apart hulls with a gap between them, nmi; 0 where none does."""
        return max((sensor.resolved_within_nmi(gap_m) for sensor in self.sensors), default=0.0) if gap_m > 0.0 else 0.0

    def features_anywhere(self, traits: int) -> int:
        """The features of a contact with some traits that the sensors show wherever the contact is.

        Two hulls side by side are no such feature, because they show only within a range.
        """
        if not self.has_ais:
            return traits & (SUSPICIOUS | STATIONARY)
        return traits & (SUSPICIOUS | STATIONARY | DARK | (0 if traits & DARK else SPOOFING | LISTED))

    @cached_property
    def tables(self) -> tuple[Ints, Floats, Floats, Floats]:
        """What the compiled crew needs to judge contacts.

        The features that show anywhere, together with `ALONGSIDE` where that shows within a range, and the score, both
        indexed by a set of traits or features, (256,); the range within which each sensor tells the hulls of each class
        apart, nmi, (classes, sensors); and the edges of the watch areas (e, 5): number of the area, start and vector,
        nmi.
        """
        every_set = range(1 << len(FEATURES))
        anywhere = np.array([self.features_anywhere(traits) | traits & ALONGSIDE for traits in every_set], np.int64)
        resolved = np.array([[sensor.resolved_within_nmi(gap) for sensor in self.sensors] for gap in self.gaps_m])
        edges = [np.zeros((0, 5))]
        for number, area in enumerate(self.areas):
            outline = polygon_edges(shapely.buffer(area, _EDGE_NMI, join_style="mitre")).T
            edges.append(np.column_stack([np.full(len(outline), float(number)), outline]))
        return anywhere, np.array(self.score), resolved, np.vstack(edges)

    @cached_property
    def weights(self) -> list[float]:
        """The weight of each feature, in the order of `FEATURES`; without a priority 1 for suspicious contacts."""
        if self.priority is None:
            return [float(feature.bit == SUSPICIOUS) for feature in FEATURES]
        return [getattr(self.priority, feature.name) for feature in FEATURES]

    @cached_property
    def score(self) -> list[float]:
        """The score of a contact, indexed by its set of features; 0: it is not worth an investigation.

        The weight of a watch area counts only for a contact that has a score without it. The weight of a tip counts for
        any contact with another feature, apart from a watch area.
        """

        def sum_of_weights(features: int) -> float:
            return sum(weight for bit, weight in enumerate(self.weights) if features >> bit & 1)

        def is_worth_investigating(features: int) -> bool:
            others = features & ~(NEAR_TIP | WATCHED)
            return bool((features & NEAR_TIP and others) or sum_of_weights(others))

        every_set = range(1 << len(FEATURES))
        return [sum_of_weights(features) if is_worth_investigating(features) else 0.0 for features in every_set]

    @cached_property
    def weighs_tips(self) -> bool:
        """Whether it matters that a contact lies near a tip."""
        return any(w > 0.0 for feature, w in zip(FEATURES, self.weights, strict=True) if feature.bit == NEAR_TIP)

    @cached_property
    def leading(self) -> list[str]:
        """The name of the feature with the largest weight, indexed by a contact's set of features."""

        def heaviest(features: int) -> int:
            return max(range(len(FEATURES)), key=lambda bit: (self.weights[bit] if features >> bit & 1 else -1.0, -bit))

        return [FEATURES[heaviest(features)].name for features in range(1 << len(FEATURES))]


def plan_scoring(scenario: Scenario, aircraft: Aircraft, sensors: Sequence[Sensor] | None = None) -> ContactScoring:
    """Prepare the rules by which the crew of a type of aircraft judges contacts.

    `sensors` are the sensors of the aircraft as they work where it flies; by default, as the scenario says.
    """
    identification = aircraft.identification
    priority = identification.priority if identification else None
    areas = [scenario.plane.project(scenario.areas[name].shape) for name in (priority.watch_areas if priority else [])]
    gaps_m = [one.gap_m for one in classes_of(scenario.background, scenario.transfers)]
    given = [scenario.sensors[name] for name in aircraft.sensors] if sensors is None else list(sensors)
    return ContactScoring(given, priority, areas, gaps_m)
