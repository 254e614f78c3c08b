"""Ships at anchor, and pairs alongside in a lawful transfer, in one replication: they lie still and stay for a time.

Their places are uniform over the sea of their area on the plane. They come as a Poisson process and stay for
independent times, so that their number is Poisson with the same mean at every hour (see `stays`).
"""

from abc import abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Self

import numpy as np
import shapely

from sim.core import chance
from sim.core.arrays import Entities, Floats, Ints
from sim.core.codes import ALONGSIDE, DARK, Purpose
from sim.core.fields import Quantity
from sim.core.geo import Plane
from sim.core.motion import Fleet, empty_fleet, labels_of
from sim.core.profiles import Profile
from sim.core.stretches import Stretches
from sim.deployment.contacts import background_traits, class_numbers, classes_of
from sim.deployment.traffic.base import SegmentBuffers, SourceShape, TrafficPlan
from sim.deployment.traffic.stays import draw_stays, draw_visits, parts_in_season
from sim.model.background.anchorage import Anchorage
from sim.model.background.bunkering import Bunkering
from sim.model.places import uniform_places
from sim.model.vessels import Hulls
from sim.scenario.schema import Scenario

_MIDDLES: Floats = np.linspace(0.0025, 0.9975, 200)  # probabilities of lengths, and parts of a time, for means


@dataclass(frozen=True)
class StillPlan(TrafficPlan):
    """What targets that lie still need in every replication."""

    name: str
    spec: Anchorage | Bunkering
    sea: Any
    """The sea of their area, a prepared shape on the plane."""
    plane: Plane
    duration_h: float
    kinds: tuple[int, int]
    """Numbers of the classes of its targets with AIS and without."""
    profile: Profile
    """The mean number present through the deployment; where `comes_by_rate`, those that come in an hour."""

    pair_bit: ClassVar[int] = 0
    """The trait of a pair."""

    @classmethod
    def of(cls, scenario: Scenario, name: str) -> Self:
        """Prepare the sea of their area."""
        spec = scenario.background[name]
        if not isinstance(spec, Anchorage | Bunkering):
            raise TypeError(f"{name} is no source of ships that lie still")
        sea = scenario.plane.sea(scenario.areas[spec.area].shape)
        shapely.prepare(sea)
        kinds = class_numbers(classes_of(scenario.background, scenario.transfers), spec.hulls, *spec.hull_gaps_m)
        begin_h = -spec.duration_h.bounds()[1] if isinstance(spec, Bunkering) and spec.present is None else 0.0
        profile = spec.profile(scenario.clock, begin_h, scenario.duration_h)
        return cls(name, spec, sea, scenario.plane, scenario.duration_h, kinds, profile)

    @property
    @abstractmethod
    def _stay_h(self) -> Quantity:
        """How long each stays."""

    @cached_property
    def stay(self) -> Stretches:
        """The law of the stays."""
        return Stretches(self._stay_h)

    @property
    def comes_by_rate(self) -> bool:
        """Whether the file says how many come, and not how many are present."""
        return self.spec.present is None

    def mean_present(self, begin_h: float, end_h: float, shape: Any = None) -> float:
        """The mean number present at a time between two hours; in a shape in proportion to its part of the sea."""
        part = 1.0 if shape is None else float(shapely.intersection(self.sea, shape).area) / float(self.sea.area)
        if not self.comes_by_rate:
            return part * self.profile.mean(begin_h, end_h)
        if self.profile.is_constant:
            return part * self.profile.greatest * self.stay.mean
        lengths = self.stay.lengths(_MIDDLES)  # those came since their length ago that are still there
        hours = begin_h + (end_h - begin_h) * _MIDDLES[:, None]
        return part * float(np.mean(self.profile.integral(hours) - self.profile.integral(hours - lengths)))

    @property
    def mean_ships(self) -> float:
        """Those present at hour 0, and those that come."""
        if self.comes_by_rate:
            return float(self.profile.integral(self.profile.breaks[-1:])[0])
        return self.profile.greatest * (1.0 + self.duration_h / self.stay.mean)

    @property
    def segments_per_ship(self) -> float:
        """One: they lie still."""
        return 1.0

    def present_by_class(self, begin_h: float, end_h: float, shape: Any = None) -> dict[Hulls, float]:
        """All are of one class."""
        return {self.spec.hulls: self.mean_present(begin_h, end_h, shape)}

    def density(self, x: Floats, y: Floats, begin_h: float, end_h: float) -> dict[Hulls, Floats]:
        """The same everywhere in their sea."""
        inside = shapely.contains_xy(self.sea, x, y)
        return {self.spec.hulls: np.where(inside, self.mean_present(begin_h, end_h) / float(self.sea.area), 0.0)}

    def shapes(self, begin_h: float, end_h: float) -> list[SourceShape]:
        """The sea in which they lie."""
        return [SourceShape(self.spec.area, self.sea)]

    def realise(self, key: Entities, all_ships: bool, buffers: SegmentBuffers) -> tuple[Fleet, Fleet | None]:
        """All of them: whoever lies still has that trait, so that there are no others."""
        source = chance.identity("background", self.name)
        if self.comes_by_rate and not self.profile.is_constant:
            stays = draw_visits(key, source, self.profile, self.stay)
            stays = stays.select(stays.end > 0.0)
        else:
            present = self.profile.greatest * (self.stay.mean if self.comes_by_rate else 1.0)
            stays = draw_stays(key, source, present, self.stay, 0.0, self.duration_h)
        place = uniform_places(self.sea, self.plane, np.inf, key, Purpose.PLACE, stays.vessels)
        still = np.zeros(stays.vessels.size)
        rows, owner = np.column_stack([stays.begin, stays.end, place, still, still]), np.arange(still.size)
        if not self.comes_by_rate and not self.profile.is_constant:
            parts = parts_in_season(key, stays, self.profile)
            rows = rows[parts.stay]
            rows[:, 0], rows[:, 1] = parts.begin, parts.end
            kept, owner = np.unique(parts.stay, return_inverse=True)
            stays = stays.select(kept)
        traits = self._traits(key, stays.vessels, stays.luck)
        with_ais, dark = self.kinds
        kinds, labels = np.where(traits & DARK, dark, with_ais), labels_of(self.name, stays.ordinal)
        suspects = Fleet(rows, owner, stays.vessels, labels, kinds, traits)
        return suspects, empty_fleet() if all_ships else None

    def _traits(self, key: Entities, vessels: Entities, luck: Floats) -> Ints:
        """The traits of each target, (n,)."""
        return self.pair_bit | background_traits(self.spec, key, vessels, luck, lies_still=True)


class AnchoragePlan(StillPlan):
    """What ships at anchor need in every replication."""

    kind: ClassVar[str] = "anchorage"
    spec: Anchorage

    @property
    def _stay_h(self) -> Quantity:
        """How long a ship lies at anchor."""
        return self.spec.stay_h


class BunkeringPlan(StillPlan):
    """What lawful transfers need in every replication."""

    kind: ClassVar[str] = "bunkering"
    spec: Bunkering
    pair_bit: ClassVar[int] = ALONGSIDE

    @property
    def _stay_h(self) -> Quantity:
        """How long a pair lies alongside."""
        return self.spec.duration_h
