"""The satellite: an observer that passes over and sees the transfers under a strip of sea."""

from typing import Annotated, Any, Literal

import numpy as np
import shapely
from pydantic import Field, ValidationInfo, ValidatorFunctionWrapHandler, field_validator

from sim.core import chance
from sim.core.arrays import Entities, Floats
from sim.core.codes import Purpose
from sim.core.fields import Degrees, Nmi, Probability
from sim.core.geo import Plane
from sim.model.length_curves import LengthCurve
from sim.model.local_times import HourOfScenario
from sim.model.observers.base import (
    AreaObserver,
    Blindness,
    ExpectedTransfers,
    Glimpses,
    ObserverPlan,
    TransfersAtSea,
)
from sim.model.satellite_passes import PHASES, first_pass_h, passes_during
from sim.model.sun import SUNSET_DEG, Sun

# True course of Sentinel-1 over ground at 30 N, going north: cos i = cos(latitude) sin(azimuth), then the Earth turns
# under it. Inclination 98.18 degrees at 693 km: ESA, Sentinel-1A data sheet (2014). Going south it is 193.
SUN_SYNCHRONOUS_DEG = 347.0
_HALF_TURN_NMI = 10_800.0  # half of a great circle: 180 degrees of 60 nmi


class Satellite(AreaObserver):
    """A satellite whose passes lay a strip over the area. At each pass it may see what then lies under the strip."""

    kind: Literal["satellite"]
    sensor: Literal["radar", "optical"]
    """The sensor. An optical sensor needs daylight at the place, from sunrise to sunset, and a pass without cloud."""
    revisit_h: Annotated[float, Field(strict=True, ge=0.1, le=10000.0)]
    """The time, in hours, from one pass over some part of the area to the next."""
    first_pass_h: HourOfScenario | None = None
    """The hour of the first pass in the deployment, at most `revisit_h`; there were passes before it. Or a local time
    of day at which there is a pass, such as "10:30": passes follow, and came before, every `revisit_h`. If it is left
    out, the hour is drawn at random in each replication."""
    swath_nmi: Nmi
    """The width of the strip, in nautical miles. The middle of the strip is uniform over the width of the area and
    half a swath beyond its edges."""
    heading_deg: Degrees = SUN_SYNCHRONOUS_DEG
    """The true course over ground of every pass, in degrees, in the middle of the area. The default is that of a
    sun-synchronous orbit going north."""
    cloud_share: Probability = 0.0
    """The chance, 0 to 1, that an optical pass finds the area under cloud. It is drawn once for each pass and does not
    depend on the weather of the scenario: an assumption. By default there is no cloud."""
    by_length: LengthCurve | None = None
    """How the chance of detection depends on the length of ships; `probability` is then a factor of it. Ships whose
    length is not known have `probability` alone. If it is left out, the length does not matter."""
    merges_within_m: Annotated[float, Field(strict=True, ge=0.0, le=100000.0)] = 500.0
    """The distance, in metres, within which hulls are one contact, with the length of the longest of them: they lie
    side by side, which is an assumption. Hulls that are farther apart are detected each by itself, and one of them is
    enough for a report. It counts only with `by_length`. The default is that of a public program that finds ships in
    radar pictures."""

    @field_validator("first_pass_h", mode="wrap")
    @classmethod
    def _first(cls, given: Any, handler: ValidatorFunctionWrapHandler, info: ValidationInfo) -> float | None:
        """The hour of the first pass; of a pass at a local time, that of the first one that follows from it."""
        return first_pass_h(given, handler, info)

    @property
    def title(self) -> str:
        """The kind of satellite, by its sensor."""
        return f"{self.sensor} satellite"

    def across_track(self, plane: Plane, sea: Any) -> tuple[tuple[float, float], tuple[float, float]]:
        """Unit vector across its track on the plane, and the extent of the sea along that vector."""
        if sea.is_empty:
            return super().across_track(plane, sea)
        middle = sea.centroid
        lon, lat = plane.to_lonlat(middle.x, middle.y)
        course = np.radians(plane.grid_course(self.heading_deg, float(lon), float(lat)))
        vector = float(np.cos(course)), -float(np.sin(course))
        places = shapely.get_coordinates(sea) @ np.array(vector)
        return vector, (float(places.min()), float(places.max()))

    def share_under_swath(self, plan: ObserverPlan) -> float:
        """Chance that any one place lies under a pass's strip, S / (width of the sea across the track + S)."""
        if plan.sea.is_empty:
            return 0.0
        return self.swath_nmi / (plan.extent[1] - plan.extent[0] + self.swath_nmi)

    def glimpses(self, plan: ObserverPlan, key: Entities, transfers: TransfersAtSea) -> Glimpses:
        """A glimpse of each transfer under the strip of a pass that can see it, pass by pass.

        The middle of the strip is uniform over the sea's extent across the track and half a swath S beyond on either
        side, so each place of a sea of width w lies under it with chance S / (w + S). A pass takes no time.
        """
        from sim.core import kernels

        end = np.minimum(transfers.end, plan.duration_h)
        target, number, seen = passes_during(self.revisit_h, self.first_pass_h, plan, key, transfers.begin, end)
        x, y = transfers.places(target, seen)
        inside = shapely.contains_xy(plan.sea, x, y)
        target, number, seen, x, y = target[inside], number[inside], seen[inside], x[inside], y[inside]
        if target.size == 0:
            return Glimpses(target, np.zeros(0, np.uint64), seen)
        first = int(number.min())
        identities: Entities = kernels.entities(plan.identity, first, int(number.max()) + 1 - first)
        offset, cloud = chance.uniforms(key, Purpose.PASS, identities).T
        low, high = plan.extent
        middle = low + offset * (high - low) + (offset - 0.5) * self.swath_nmi
        across = x * plan.across[0] + y * plan.across[1]
        sees = np.abs(across - middle[number - first]) < self.swath_nmi / 2.0
        if self.sensor == "optical":
            lon, lat = plan.plane.to_lonlat(x, y)
            sees &= cloud[number - first] >= self.cloud_share
            sees &= plan.sun.elevation(seen, lon, lat) > SUNSET_DEG
        target, number, seen = target[sees], number[sees], seen[sees]
        return Glimpses(
            target, chance.join_each(transfers.vessels, plan.identity)[target] ^ identities[number - first], seen
        )

    def glimpse_probability(self, glimpses: Glimpses, transfers: TransfersAtSea) -> Any:
        """Its probability, times the chance of ships so long, (n,)."""
        if self.by_length is None or transfers.hulls_m is None:
            return self.probability
        return self.probability * self.chance_by_length(transfers.hulls_m, transfers.gap_m)

    def chance_by_length(self, hulls_m: Floats, gap_m: float) -> Floats:
        """The chance, (n,), that hulls of some lengths, metres, (n, hulls), with a gap between them are detected.

        It is 1 where no length is known, or where no curve is given.
        """
        if self.by_length is None:
            return np.ones(len(hulls_m))
        if gap_m <= self.merges_within_m:
            found = self.by_length.chance(np.fmax.reduce(hulls_m, axis=1, initial=np.nan))
        else:
            each = self.by_length.chance(hulls_m)
            found = 1.0 - np.prod(np.where(np.isnan(each), 1.0, 1.0 - each), axis=1)
            found[np.isnan(each).all(axis=1)] = np.nan
        return np.where(np.isnan(found), 1.0, found)

    def seen_per_transfer(self, plan: ObserverPlan, expected: ExpectedTransfers) -> float:
        """The mean number of passes that can see a transfer, times the chance of its being under the strip and seen."""
        place = plan.sea.representative_point()
        lon, lat = map(float, plan.plane.to_lonlat(place.x, place.y))
        begin, end = expected.times(plan.sun, lon, lat)
        first = self.first_pass_h
        phases = [first] if first is not None else (np.arange(PHASES) + 0.5) / PHASES * self.revisit_h
        counts = [self._passes_between(plan.sun, phase, begin, end, lon, lat) for phase in phases]
        clear = 1.0 - self.cloud_share if self.sensor == "optical" else 1.0
        detected = self.probability
        if self.by_length is not None:
            detected *= float(self.chance_by_length(expected.hulls_m[None, :], expected.gap_m)[0])
        return self.share_under_swath(plan) * detected * (clear * float(np.mean(counts)))

    def _passes_between(self, sun: Sun, phase: float, begin: Floats, end: Floats, lon: float, lat: float) -> float:
        """The mean number of passes between begin and end; only those by day for an optical sensor."""
        every = self.revisit_h
        numbers = np.arange(np.floor((begin.min() - phase) / every), np.ceil((end.max() - phase) / every) + 1.0)
        hours = phase + numbers * every
        lit = np.ones(hours.size)
        if self.sensor == "optical":
            lit = (sun.elevation(hours, np.full(hours.size, lon), np.full(hours.size, lat)) > SUNSET_DEG).astype(float)
        count = np.concatenate([[0.0], np.cumsum(lit)])
        return float(np.mean(count[np.searchsorted(hours, end)] - count[np.searchsorted(hours, begin)]))

    def footprint(self, plan: ObserverPlan) -> Any:
        """The strip of a pass over the middle of the sea, as long as the largest distance on Earth."""
        if plan.sea.is_empty:
            return shapely.Polygon()
        across = np.array(plan.across)
        along, half = np.array([-across[1], across[0]]) * _HALF_TURN_NMI, across * self.swath_nmi / 2.0
        middle = np.array([plan.sea.centroid.x, plan.sea.centroid.y])
        middle += across * (sum(plan.extent) / 2.0 - middle @ across)
        return shapely.Polygon([middle + x * half + y * along for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1))])

    def summary(self, plan: ObserverPlan) -> str:
        """The probabilities, the time between passes and the cloud."""
        cloud = f", {100.0 * self.cloud_share:g} % of the passes under cloud" if self.sensor == "optical" else ""
        if self.by_length is not None:
            top, _, half_m = self.by_length.figures
            cloud = f", by length: {100.0 * top:g} % of the longest, half of that at {half_m:g} m{cloud}"
        swath = f"its swath covers {100.0 * self.share_under_swath(plan):.0f} % of the sea every {self.revisit_h:g} h"
        return f"{super().summary(plan)} in its swath; {swath}{cloud}"

    def blindness(self, longest_h: float | None) -> Blindness | None:
        """The reason where its probability is 0, or where every pass is under cloud."""
        found = super().blindness(longest_h)
        if found is None and self.sensor == "optical" and self.cloud_share == 1.0:
            return Blindness("cloud_share", "Every pass is under cloud", "Set cloud_share below 1")
        return found
