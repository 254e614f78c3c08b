"""What every source of background ships must answer, and the keys that all have."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

import numpy as np

from sim.core.arrays import Floats
from sim.core.fields import Probability, Quantity
from sim.core.geo import Plane
from sim.core.kinds import Kind
from sim.core.limits import LEAST_SEA_SHARE

_QUANTILES: Floats = np.linspace(0.0025, 0.9975, 200)  # of a speed, to tell the share that is lower


class Fault(NamedTuple):
    """What is wrong with the place of a source, which only the map tells."""

    key: str
    """The key of its table."""
    reason: str
    """What is wrong with what the file gives there, as a phrase that follows it."""
    allowed: str
    """What is allowed."""
    hint: str = ""


class Background(Kind):
    """Ships that are no transfer: they cost the crew time, and they hide those that are."""

    default_kind: ClassVar[str] = "random_courses"
    kind: str
    """Which kind of source this is."""
    suspicious_share: Probability = 0.0
    """The share of the ships that look suspicious to any crew, for whatever reason. By default none."""
    dark_share: Probability = 0.0
    """The share of the ships that do not transmit AIS. By default none."""
    spoofing_share: Probability = 0.0
    """The share of the ships whose AIS claims do not fit what a sensor sees. By default none."""
    listed_share: Probability = 0.0
    """The share of the ships that are on a watch list. By default none."""

    number_key: ClassVar[str] = "present"
    """The key that sets how many ships there are."""

    @property
    def plain_share(self) -> float:
        """The share of the ships that have none of these traits."""
        plain = (1.0 - self.suspicious_share) * (1.0 - self.dark_share)
        return plain * (1.0 - self.spoofing_share) * (1.0 - self.listed_share)

    @property
    @abstractmethod
    def hull_sets(self) -> tuple[tuple[str, ...], ...]:
        """The classes of its targets: of each the names of its hulls, or nothing if their size is unknown."""

    @property
    def hull_gaps_m(self) -> tuple[float, ...]:
        """The distance between the hulls of each of its classes, in metres; 0 for a single hull, which all are here."""
        return (0.0,) * len(self.hull_sets)

    @property
    def leaves_area(self) -> bool:
        """Whether its ships are outside of their area at times; by default not."""
        return False

    @property
    def chooses_classes(self) -> bool:
        """Whether the class of a ship depends on the lengths of the classes in [vessels]; by default not."""
        return False

    @property
    @abstractmethod
    def area_names(self) -> tuple[str, ...]:
        """The areas, of [areas], on which its ships depend; the first of them is where its ships are."""

    @property
    def place_text(self) -> str:
        """Where its ships are, as a phrase for tables: by default the name of the first area."""
        return self.area_names[0]

    @property
    @abstractmethod
    def speed_text(self) -> str:
        """The speed of its ships in knots, as a phrase for tables."""

    @property
    @abstractmethod
    def course_text(self) -> str:
        """How its ships move, as a phrase for tables."""

    @abstractmethod
    def share_slower_than(self, speed_kn: float) -> float:
        """The share of the ships present that are slower than a speed, 0 to 1."""

    def faults(self, plane: Plane, areas: Mapping[str, Any]) -> list[Fault]:
        """What makes it impossible to lay out its ships; `areas` are the areas of the scenario by name, in degrees.

        By default nothing.
        """
        return []


def share_below(speed: Quantity, speed_kn: float) -> float:
    """The share of the values of a random speed that are below another speed, 0 to 1, to about half a percent."""
    return float(np.mean(speed.quantile(_QUANTILES) < speed_kn))


def faults_of_box(key: str, sea: Any) -> list[Fault]:
    """The fault of a sea so thin that random places in the box about it hardly ever lie in it."""
    west, south, east, north = sea.bounds
    share = float(sea.area) / ((east - west) * (north - south))
    if share >= LEAST_SEA_SHARE:
        return []
    reason = f"whose sea is {share:.2g} of the box about it"
    allowed = f"an area whose sea is at least 1/{1.0 / LEAST_SEA_SHARE:,.0f} of the box about it"
    return [Fault(key, reason, allowed, "widen or divide the area")]
