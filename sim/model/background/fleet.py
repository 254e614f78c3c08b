"""Boats that work in an area: they trawl, drift, and come home to a port."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from sim.core.codes import STATIONARY_KN
from sim.core.fields import Duration, Knots, Quantity, VesselSpeed, Within, refuse
from sim.core.geo import Plane
from sim.core.limits import LEAST_TURN_NMI
from sim.core.stretches import Stretches
from sim.core.units import HOURS_PER_DAY
from sim.model.background.base import Fault, faults_of_box, share_below
from sim.model.background.seasonal import Seasonal
from sim.model.clear_sea import CLEAR_NMI, PORT_NMI, clear_sea, harbour_of
from sim.model.places import AreaName, Position, VesselName

TripDays = Annotated[Quantity, Within(0.05, 200.0, "days")]


class Fleet(Seasonal):
    """Boats that work in an area: as many, on average, everywhere in it; they trawl, drift, and come home."""

    kind: Literal["fleet"]
    area: AreaName
    """The area in which they work. They keep to the part of it that is sea and two miles off land, and turn at its
    edge. With a `port`, water that land and narrow straits enclose is left out. `present` of them are at work; boats on
    passage between the area and the port come on top."""
    speed_kn: VesselSpeed
    """The speed at which they trawl, or work in another way, in knots, 0.1 to 60."""
    mean_leg_nmi: Annotated[float, Field(strict=True, ge=LEAST_TURN_NMI, le=2000.0)] = 10.0
    """The mean distance between changes of course while they trawl, in nautical miles (exponential). The default of 10
    is an assumption: three hours at a little over 3 knots."""
    drift_h: Duration | None = None
    """The time for which a boat drifts before it trawls again, in hours. If it is left out, boats never drift."""
    trawl_h: Duration | None = None
    """The time for which a boat trawls before it drifts, in hours. It is given together with `drift_h`. Boats trawl for
    the share E[trawl_h] / (E[trawl_h] + E[drift_h]) of their time."""
    drift_kn: Annotated[float, Field(strict=True, ge=0.0, le=5.0)] = 0.5
    """The speed at which they drift, in knots; 0 for boats that lie still. The default of 0.5 is an assumption."""
    trip_days: TripDays | None = None
    """The time for which a boat works before it goes home, in days; passages come on top of it. Another boat then takes
    its place. If it is left out, boats stay at work for the whole deployment, or for as long as `calendar` has them
    there."""
    port: Position | None = None
    """The longitude and latitude of the port from which they come and to which they return, by the shortest way round
    land. It needs `trip_days`. If it is left out, boats appear and vanish at their place of work."""
    passage_kn: Annotated[Knots, Field(le=60.0)] = 9.0
    """The speed of their passages between the port and the area, in knots. The default of 9 is an assumption."""
    vessel: VesselName | None = None
    """The class of the boats, one of [vessels]. If it is left out, their size is unknown."""
    pair: bool = Field(False, strict=True)
    """Whether they are pair trawlers: two boats that tow one net side by side, which are one target of two hulls. By
    default each boat works alone."""
    pair_gap_m: Annotated[float, Field(strict=True, gt=0.0, le=2000.0)] = 300.0
    """The distance between the two boats of a pair, in metres. The default of 300 is an assumption: in published
    annotations of satellite scenes off Korea two boats within 535 m are a pair. It has no effect without `pair`."""

    @model_validator(mode="after")
    def _keys_together(self) -> Self:
        if (self.drift_h is None) != (self.trawl_h is None):
            raise refuse("together", "trawl_h and drift_h together, or neither of them", "trawl_h", "drift_h")
        if self.port is not None and self.trip_days is None:
            raise refuse("together", "a port only with trip_days, the time for which a boat works", "port")
        return self

    @property
    def hulls(self) -> tuple[str, ...]:
        """The names of the classes of a boat or a pair, or nothing if the size is unknown."""
        return () if self.vessel is None else (self.vessel,) * (2 if self.pair else 1)

    @property
    def hull_gaps_m(self) -> tuple[float, ...]:
        """The distance between the boats of a pair, in metres; 0 for one boat."""
        return (self.pair_gap_m if self.pair else 0.0,)

    @property
    def leaves_area(self) -> bool:
        """Boats with a port are on passage at times."""
        return self.port is not None

    @property
    def speed_text(self) -> str:
        """The distribution of the speed."""
        if self.drift_h is None:
            return self.speed_kn.text
        return f"{self.speed_kn.text}; drifting {self.drift_kn:g}"

    @property
    def course_text(self) -> str:
        """How often they turn, how long they drift, and how long a trip lasts."""
        text = f"a new one every {self.mean_leg_nmi:g} nmi on average"
        if self.drift_h is not None:
            text += f", drifting {100.0 * (1.0 - self.trawling_share):.0f} % of the time"
        if self.port is not None and self.trip_days is not None:
            text += f", days of a trip: {self.trip_days.text}"
        return text

    @property
    def trawling_share(self) -> float:
        """The share of their time at work for which they trawl."""
        if self.trawl_h is None or self.drift_h is None:
            return 1.0
        trawl_h, drift_h = Stretches(self.trawl_h).mean, Stretches(self.drift_h).mean
        return trawl_h / (trawl_h + drift_h)

    @property
    def trip_h(self) -> Quantity | None:
        """The time for which a boat works before it goes home, in hours."""
        if self.trip_days is None:
            return None
        numbers = self.trip_days.model_dump() if self.trip_days.value is None else {"value": self.trip_days.value}
        return Quantity(**{name: x * (1.0 if name == "sigma" else HOURS_PER_DAY) for name, x in numbers.items()})

    @property
    def plain_share(self) -> float:
        """The share of boats without any trait: pairs have one, and boats that may lie still, now or later."""
        may_lie_still = self.drift_h is not None and self.drift_kn < STATIONARY_KN
        return 0.0 if self.pair or may_lie_still else super().plain_share

    def share_slower_than(self, speed_kn: float) -> float:
        """The share of those at work: drifters, and those that trawl more slowly."""
        slow = share_below(self.speed_kn, speed_kn)
        drifting = 1.0 - self.trawling_share
        return slow * (1.0 - drifting) + (drifting if self.drift_kn < speed_kn else 0.0)

    def sea(self, plane: Plane, areas: Mapping[str, Any]) -> Any:
        """The sea in which they work, a shape on the plane; `areas` are those of the scenario by name, in degrees.

        With a port it is the part that a way leads to.
        """
        return clear_sea(plane, areas[self.area], self.port is not None)

    def faults(self, plane: Plane, areas: Mapping[str, Any]) -> list[Fault]:
        """An area without sea that is clear of land, or from which no way leads to the port."""
        sea = self.sea(plane, areas)
        if sea.is_empty:
            reason = f"which has no sea {CLEAR_NMI:g} nmi off all land"
            reason += "" if self.port is None else " that is not enclosed by land and narrow straits"
            return [Fault("area", reason, "an area with such sea")]
        found = faults_of_box("area", sea)
        if self.port is None:
            return found
        harbour = harbour_of(plane, self.port, sea)
        if harbour.off_nmi > PORT_NMI:
            reason = f"which lies {harbour.off_nmi:.0f} nmi from sea that is {CLEAR_NMI:g} nmi off all land"
            found.append(Fault("port", reason, f"[lon, lat] of a port within {PORT_NMI:g} nmi of such sea"))
        return found
