"""What every observer answers."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, NamedTuple, Protocol

import numpy as np
import shapely
from pydantic import Field

from sim.core import chance
from sim.core.arrays import Entities, Flags, Floats, Ints
from sim.core.fields import Probability, Quantity, within
from sim.core.geo import Plane
from sim.core.kinds import Kind
from sim.model.levels import Level
from sim.model.places import AreaName, NationName
from sim.model.sun import Sun

Delay = Annotated[Quantity, within(0.0, 10000.0, "hours")]
PositionError = Annotated[float, Field(strict=True, ge=0.0, le=1000.0)]


class TransfersAtSea(NamedTuple):
    """The transfers of one replication, an element each, all (m,)."""

    begin: Floats
    end: Floats
    x: Floats
    y: Floats
    vessels: Entities
    dark: Flags
    """Whether neither vessel has its AIS on."""


class Looks(NamedTuple):
    """The transfers that an observer could see, and when: one element for each look at one transfer, all (n,)."""

    target: Ints
    """Row of the transfer."""
    identity: Entities
    """Identity of the report that would be made."""
    seen: Floats
    """Hour of the look."""


class ExpectedTransfers(Protocol):
    """What is known beforehand of the transfers of one source, from which the mean number of reports follows."""

    @property
    def dark_share(self) -> float:
        """Chance that neither vessel has its AIS on."""

    def share_longer(self, hours: float) -> float:
        """Share of the transfers that last longer than some hours."""

    def times(self, sun: Sun, lon: float, lat: float) -> tuple[Floats, Floats]:
        """Hours of beginning and of end, (n,), spread evenly over their distribution at a place in degrees."""


class Blindness(NamedTuple):
    """Why an observer never sees a transfer."""

    key: str
    """The key at fault."""
    reason: str
    remedy: str
    """What to look at."""


class Observer(Kind):
    """Someone who sees transfers and reports them to a nation."""

    kind: str
    """Which kind of observer this is."""
    nation: NationName
    """The nation that the observer belongs to, and that has its reports first."""
    probability: Probability
    """The chance, 0 to 1, that the observer sees a transfer that it could see: a satellite at each pass, all others
    once."""
    position_error_nmi: PositionError
    """The standard deviation, in nautical miles, of the reported place in each axis."""
    delay_h: Delay
    """The time, in hours, from seeing a transfer to having a report in the nation's hands."""
    classification: Level = "unclassified"
    """The classification of its reports, which the ceiling of an agreement may stop."""
    credibility: Probability = 1.0
    """The chance, 0 to 1, that a report of this observer is true, as the cells that read it reckon."""

    @property
    def title(self) -> str:
        """What tables call this kind of observer."""
        return self.kind.replace("_", " ")

    @property
    def crew(self) -> tuple[str, str] | None:
        """The patrol whose crew it is, and the rung of the ladder from which it reports; None: no crew."""
        return None

    @property
    def false_reports_per_month(self) -> float:
        """Rate of reports that are about no transfer, per month."""
        return 0.0

    @property
    def foretold_h(self) -> Quantity | None:
        """How long before a transfer begins the observer knows of it; None: it sees transfers as they happen."""
        return None

    def watched_sea(self, plane: Plane, shapes: Mapping[str, Any], default_areas: Sequence[str]) -> Any:
        """The sea that it watches by itself, on the plane; empty for a crew.

        `shapes` has the areas by name, in degrees; `default_areas` names those watched by an observer without an area.
        """
        return shapely.Polygon()

    def strip(self, plane: Plane, sea: Any) -> tuple[tuple[float, float], tuple[float, float]]:
        """Unit vector across a satellite's track, and the extent of the sea along it: only for what passes over."""
        return (1.0, 0.0), (0.0, 0.0)

    def looks(self, plan: "ObserverPlan", key: Entities, transfers: TransfersAtSea) -> Looks:
        """Its looks at transfers in one replication, by the key of the replication, (2,)."""
        none = np.zeros(0, np.int64)
        return Looks(none, np.zeros(0, np.uint64), np.zeros(0))

    def chance_of_seeing(self, dark: Flags) -> Any:
        """The chance that a look sees a transfer: a number, or (n,) by whether each is dark."""
        return self.probability

    def seen_per_transfer(self, plan: "ObserverPlan", expected: ExpectedTransfers) -> float:
        """How often it sees one transfer in the sea that it watches, on average."""
        return self.probability

    def view(self, plan: "ObserverPlan") -> str:
        """What it sees, in a few words for a table."""
        return f"{100.0 * self.probability:g} %"

    def blindness_at_sea(self, plan: "ObserverPlan") -> Blindness | None:
        """Why it sees nothing wherever transfers take place; None where it may."""
        return None

    def blindness(self, longest_h: float | None) -> Blindness | None:
        """Why it sees no transfer, where the longest in its sea lasts some hours (None: no transfer at all)."""
        return None if self.probability > 0.0 else Blindness("probability", "it never sees a transfer", "above 0")


class AreaObserver(Observer):
    """What those observers have in common that watch an area by themselves."""

    false_per_month: Annotated[float, Field(strict=True, ge=0.0, le=100000.0)] = 0.0
    """The mean number of reports in 30 days that are about no transfer: a Poisson process, uniform over the sea that
    the observer watches."""
    area: AreaName | None = None
    """The area that the observer watches. If it is left out, it watches the areas of all transfers."""

    @property
    def false_reports_per_month(self) -> float:
        """As the file gives it."""
        return self.false_per_month

    def watched_sea(self, plane: Plane, shapes: Mapping[str, Any], default_areas: Sequence[str]) -> Any:
        """The sea of its area, or of the default areas."""
        names = sorted(set(default_areas)) if self.area is None else [self.area]
        seas = [plane.sea(shapes[name]) for name in names]
        return seas[0] if len(seas) == 1 else shapely.union_all(seas)

    @property
    def notices_after_h(self) -> float:
        """How long a pair must have lain alongside before a look at it is possible."""
        return 0.0

    def looks(self, plan: "ObserverPlan", key: Entities, transfers: TransfersAtSea) -> Looks:
        """One look at each transfer in its sea that lasts until the observer notices."""
        seen = transfers.begin + self.notices_after_h
        target = np.flatnonzero((seen < transfers.end) & shapely.contains_xy(plan.sea, transfers.x, transfers.y))
        return Looks(target, chance.join_each(transfers.vessels[target], plan.source), seen[target])


class PatientObserver(AreaObserver):
    """What those area observers have in common that notice a pair only after it has lain alongside for a while."""

    @property
    @abstractmethod
    def notices_after_h(self) -> float:
        """How long a pair must have lain alongside."""

    def seen_per_transfer(self, plan: "ObserverPlan", expected: ExpectedTransfers) -> float:
        """The chance of a look at a transfer that lasts long enough."""
        return self.probability * expected.share_longer(self.notices_after_h)

    def blindness(self, longest_h: float | None) -> Blindness | None:
        """No chance, or no transfer that lasts long enough."""
        found = super().blindness(longest_h)
        if found is None and longest_h is not None and longest_h <= self.notices_after_h:
            said = f"no transfer lasts longer than {longest_h:g} h"
            return Blindness("after_h", said, "duration_h of [transfers]")
        return found


@dataclass(frozen=True, eq=False)
class ObserverPlan:
    """One observer made ready for replications."""

    number: int
    """Its place among the names of observers, sorted."""
    name: str
    source: np.uint64
    """Its identity, on which its luck depends."""
    spec: Observer
    sea: Any
    """The sea that it watches, on the plane; empty for a crew, and for a radar with no sea of its area in range."""
    plane: Plane
    sun: Sun
    duration_h: float
    least_scale: float
    """At most the least area scale over that sea."""
    across: tuple[float, float]
    """Unit vector across a satellite's track, on the plane."""
    extent: tuple[float, float]
    """Least and most of the sea across the track, nmi."""
