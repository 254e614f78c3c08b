"""What every observer must answer, the keys that all observers have, and an observer prepared for replications."""

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, NamedTuple, Protocol

import numpy as np
import shapely
from pydantic import Field

from sim.core import chance
from sim.core.arrays import Entities, Flags, Floats, Ints
from sim.core.fields import Probability, Quantity, Within
from sim.core.geo import Plane
from sim.core.kinds import Kind
from sim.model.levels import Level
from sim.model.places import AreaName, NationName
from sim.model.sun import Sun

Delay = Annotated[Quantity, Within(0.0, 10000.0, "hours")]
PositionError = Annotated[float, Field(strict=True, ge=0.0, le=1000.0)]


class TransfersAtSea(NamedTuple):
    """The transfers of one replication, an element each, all (m,)."""

    begin: Floats
    """Hours at which the vessels come alongside."""
    end: Floats
    """Hours at which they part."""
    x: Floats
    """Their places on the plane, nmi."""
    y: Floats
    vessels: Entities
    """The identities of the pairs of vessels."""
    dark: Flags
    """Whether none of the vessels has its AIS on."""
    hulls_m: Floats | None = None
    """The lengths of the hulls of each, metres, (m, hulls); NaN where a length is unknown. None: all are unknown."""
    sends: Flags | None = None
    """Whether each of its hulls has its AIS on, (m, hulls). None: two hulls each, alike."""
    false: Flags | None = None
    """Whether their AIS claims are false. None: all claims are true."""
    velocities: Floats | None = None
    """Their velocities while they lie alongside, knots, (m, 2). None: all vessels lie still."""
    gap_m: float = 0.0
    """The distance between two hulls, metres."""

    def select(self, rows: Ints) -> "TransfersAtSea":
        """The transfers of some rows (n,), which may repeat."""
        columns: list[Any] = [None if column is None else column[rows] for column in self[:10]]
        return self._replace(**dict(zip(self._fields, columns, strict=False)))

    def places(self, rows: Ints, hours: Floats) -> Floats:
        """Where some of them, (k,), are at some hours, (k,): (2, k), nmi."""
        places = np.stack([self.x[rows], self.y[rows]])
        if self.velocities is not None:
            places += self.velocities[rows].T * (hours - self.begin[rows])
        return places


class Glimpses(NamedTuple):
    """The occasions on which an observer could see a transfer, one element each, all (n,).

    A glimpse is one occasion to see one transfer (the word is that of Koopman 1946).
    """

    target: Ints
    """Row of the transfer."""
    identity: Entities
    """Identity of the report that would be made."""
    seen: Floats
    """Hour of the glimpse."""
    hulls: Ints | None = None
    """How many of its hulls were heard on AIS; None for an observer that hears no AIS."""


class ExpectedTransfers(Protocol):
    """The distributions of the transfers of one source, from which the mean number of reports follows."""

    @property
    def dark_share(self) -> float:
        """The chance, 0 to 1, that neither vessel has its AIS on."""

    @property
    def partner_dark_share(self) -> float:
        """The chance, 0 to 1, that only one vessel has its AIS on if any has."""

    @property
    def spoofing_share(self) -> float:
        """The chance, 0 to 1, that its AIS claims are false."""

    @property
    def hulls_m(self) -> Floats:
        """The lengths of its hulls, metres, (hulls,); NaN where a length is not known."""

    @property
    def gap_m(self) -> float:
        """The distance between two hulls, metres."""

    def share_longer(self, hours: float) -> float:
        """The share, 0 to 1, of the transfers that last longer than some hours."""

    def times(self, sun: Sun, lon: float, lat: float) -> tuple[Floats, Floats]:
        """Hours of beginning and of end, both (n,), at quantiles spread evenly over their distribution.

        `lon` and `lat` are the place, in degrees.
        """


class Blindness(NamedTuple):
    """Why an observer never sees a transfer."""

    key: str
    """The key at fault."""
    reason: str
    """A clause that says why it sees none."""
    remedy: str
    """A clause that says which key to change."""


class Observer(Kind):
    """Someone who sees transfers and reports them to a nation."""

    kind: str
    """Which kind of observer this is."""
    nation: NationName
    """The nation, one of [nations], that the observer belongs to. It has the reports first."""
    probability: Probability
    """The chance, 0 to 1, that the observer sees a transfer that it could see: a satellite at each pass, all others
    once."""
    position_error_nmi: PositionError
    """The standard deviation, in nautical miles, of the reported place in each axis."""
    delay_h: Delay
    """The time, in hours, from seeing a transfer to having a report in the nation's hands."""
    classification: Level = "unclassified"
    """The classification of its reports. An agreement with a lower ceiling does not pass them on. By default they are
    unclassified."""
    credibility: Probability = 1.0
    """The chance, 0 to 1, that a report of this observer is true, as the cells that read it assume. By default they
    take every report for true."""

    @property
    def title(self) -> str:
        """The name of this kind of observer in tables."""
        return self.kind.replace("_", " ")

    @property
    def crew(self) -> tuple[str, str] | None:
        """The patrol whose crew it is, and the rung of the ladder from which it reports; None for other observers."""
        return None

    @property
    def false_reports_per_month(self) -> float:
        """The rate of reports that are about no transfer, per 30 days."""
        return 0.0

    @property
    def lead_time_h(self) -> Quantity | None:
        """How long before a transfer begins the observer knows of it, in hours; None where it sees them begin."""
        return None

    def watched_sea(self, plane: Plane, shapes: Mapping[str, Any], default_areas: Sequence[str]) -> Any:
        """The sea that it watches by itself, a geometry of the plane; empty for a crew.

        `shapes` has the areas by name, in degrees; `default_areas` names those watched by an observer without an area.
        """
        return shapely.Polygon()

    def across_track(self, plane: Plane, sea: Any) -> tuple[tuple[float, float], tuple[float, float]]:
        """The unit vector across a satellite's track, and the extent of the sea along it, nmi; 0 for others."""
        return (1.0, 0.0), (0.0, 0.0)

    def glimpses(self, plan: "ObserverPlan", key: Entities, transfers: TransfersAtSea) -> Glimpses:
        """Its glimpses of transfers in one replication; `key` is the key of the replication, (2,)."""
        none = np.zeros(0, np.int64)
        return Glimpses(none, np.zeros(0, np.uint64), np.zeros(0))

    def glimpse_probability(self, glimpses: Glimpses, transfers: TransfersAtSea) -> Any:
        """The probability that a glimpse sees its transfer: a number, or (n,) by glimpse.

        `transfers` has the transfer of each glimpse, (n,).
        """
        return self.probability

    def seen_per_transfer(self, plan: "ObserverPlan", expected: ExpectedTransfers) -> float:
        """The mean number of times that it sees one transfer in the sea that it watches."""
        return self.probability

    def footprint(self, plan: "ObserverPlan") -> Any:
        """The part of the plane that it can see at one moment, for maps; empty where its area says it."""
        return shapely.Polygon()

    def summary(self, plan: "ObserverPlan") -> str:
        """What it sees, in a few words for a table."""
        return f"{100.0 * self.probability:g} % of the transfers"

    def blindness_at_sea(self, plan: "ObserverPlan") -> Blindness | None:
        """Why it cannot see a transfer at any place; None where it can."""
        return None

    def blindness(self, longest_h: float | None) -> Blindness | None:
        """Why it sees no transfer; None where it may see one.

        `longest_h` is the length of the longest transfer in the sea that it watches, None where there is none.
        """
        if self.probability > 0.0:
            return None
        return Blindness("probability", "Its probability is 0", "Set probability above 0")


class AreaObserver(Observer):
    """An observer that watches an area by itself."""

    false_per_month: Annotated[float, Field(strict=True, ge=0.0, le=100000.0)] = 0.0
    """The mean number of reports in 30 days that are about no transfer: a Poisson process, uniform over the sea that
    the observer watches. By default there are none."""
    area: AreaName | None = None
    """The area that the observer watches. If it is left out, it watches the areas of all transfers."""

    @property
    def false_reports_per_month(self) -> float:
        """The key `false_per_month`, per 30 days."""
        return self.false_per_month

    def watched_sea(self, plane: Plane, shapes: Mapping[str, Any], default_areas: Sequence[str]) -> Any:
        """The sea of its area, or of the default areas."""
        names = sorted(set(default_areas)) if self.area is None else [self.area]
        seas = [plane.sea(shapes[name]) for name in names]
        return seas[0] if len(seas) == 1 else shapely.union_all(seas)

    @property
    def least_alongside_h(self) -> float:
        """How long, in hours, a pair must have lain alongside before the observer may see it."""
        return 0.0

    def glimpses(self, plan: "ObserverPlan", key: Entities, transfers: TransfersAtSea) -> Glimpses:
        """One glimpse of each transfer in its sea that lasts until the observer may notice it."""
        seen = transfers.begin + self.least_alongside_h
        x, y = transfers.places(np.arange(seen.size), seen)
        target = np.flatnonzero((seen < transfers.end) & shapely.contains_xy(plan.sea, x, y))
        return Glimpses(target, chance.join_each(transfers.vessels[target], plan.identity), seen[target])


class DelayedObserver(AreaObserver):
    """An observer of an area that notices a pair only after it has lain alongside for a while."""

    @property
    @abstractmethod
    def least_alongside_h(self) -> float:
        """How long, in hours, a pair must have lain alongside."""

    def seen_per_transfer(self, plan: "ObserverPlan", expected: ExpectedTransfers) -> float:
        """The probability of seeing a transfer, times the chance that it lasts long enough."""
        return self.probability * expected.share_longer(self.least_alongside_h)

    def blindness(self, longest_h: float | None) -> Blindness | None:
        """The reason where its probability is 0, or where no transfer lasts long enough."""
        found = super().blindness(longest_h)
        if found is None and longest_h is not None and longest_h <= self.least_alongside_h:
            notices = f"It notices a pair after {self.least_alongside_h:g} h"
            reason = f"{notices}, and no transfer lasts longer than {longest_h:g} h"
            return Blindness("after_h", reason, "Lower after_h, or raise duration_h of [transfers]")
        return found


@dataclass(frozen=True, eq=False)
class ObserverPlan:
    """One observer prepared for replications."""

    number: int
    """Its position among the sorted names of observers."""
    name: str
    identity: np.uint64
    """Its identity, by which everything about its reports is drawn."""
    spec: Observer
    sea: Any
    """The sea that it watches, on the plane; empty for a crew, and for a radar with no sea of its area within range."""
    plane: Plane
    sun: Sun
    duration_h: float
    least_scale: float
    """A lower bound of the area scale of the plane over that sea."""
    across: tuple[float, float]
    """Unit vector across a satellite's track, on the plane."""
    extent: tuple[float, float]
    """The least and the greatest coordinate of the sea across the track, nmi."""
    senders: Callable[[Any, Floats], Floats] | None = None
    """How many background ships send AIS in a view, a shape on the plane (None: all of it), at some hours; None where
    that is not known."""
