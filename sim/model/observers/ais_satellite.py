"""The AIS satellite: a receiver that hears, at each pass, the vessels of a sea whose messages do not collide."""

from typing import Annotated, Any, Literal

import numpy as np
import shapely
from pydantic import Field, ValidationInfo, ValidatorFunctionWrapHandler, field_validator

from sim.core import chance
from sim.core.arrays import Entities, Floats, Ints
from sim.model.local_times import HourOfScenario
from sim.model.observers.ais_receiver import AisReceiver
from sim.model.observers.base import ExpectedTransfers, Glimpses, ObserverPlan, TransfersAtSea
from sim.model.satellite_passes import PHASES, first_pass_h, passes_during


class AisSatellite(AisReceiver):
    """A satellite with an AIS receiver. Its view is so wide that it holds the whole area at each pass."""

    kind: Literal["ais_satellite"]
    revisit_h: Annotated[float, Field(strict=True, ge=0.1, le=10000.0)]
    """The time, in hours, from one pass to the next."""
    first_pass_h: HourOfScenario | None = None
    """The hour of the first pass in the deployment, at most `revisit_h`, or a local time of day, as of a `satellite`.
    If it is left out, the hour is drawn at random in each replication."""
    in_view_s: Annotated[float, Field(strict=True, ge=1.0, le=10000.0)] = 600.0
    """The time, in seconds, for which a vessel is in view in one pass. The default of 10 minutes is an assumption: the
    longest pass of a satellite at 600 km takes somewhat more."""
    overlap: Annotated[float, Field(strict=True, ge=0.0, le=10.0)] = 0.7
    """How much more of a slot is lost to messages that reach the satellite late, as a share of the slot. The default
    gives the published design points of a satellite."""

    @field_validator("first_pass_h", mode="wrap")
    @classmethod
    def _first(cls, given: Any, handler: ValidatorFunctionWrapHandler, info: ValidationInfo) -> float | None:
        """The hour of the first pass; of a pass at a local time, that of the first one that follows from it."""
        return first_pass_h(given, handler, info)

    @property
    def title(self) -> str:
        """The name of this kind of observer in tables."""
        return "AIS satellite"

    @property
    def overlap_of_slots(self) -> float:
        """The key `overlap`."""
        return self.overlap

    @property
    def listens_s(self) -> float:
        """The key `in_view_s`."""
        return self.in_view_s

    def occasions(self, plan: ObserverPlan, key: Entities, begin: Floats, end: Floats) -> tuple[Ints, Entities, Floats]:
        """The passes, each of which takes no time."""
        from sim.core import kernels

        end = np.minimum(end, plan.duration_h)
        row, number, hour = passes_during(self.revisit_h, self.first_pass_h, plan, key, begin, end)
        if row.size == 0:
            return row, np.zeros(0, np.uint64), hour
        first = int(number.min())
        passes: Entities = kernels.entities(plan.identity, first, int(number.max()) + 1 - first)
        return row, passes[number - first], hour

    def glimpses(self, plan: ObserverPlan, key: Entities, transfers: TransfersAtSea) -> Glimpses:
        """A glimpse of each transfer in its sea at each pass in which at least one of its hulls was heard."""
        row, _, occasion, hour = self.hulls_heard(plan, key, transfers, transfers.end)
        inside = shapely.contains_xy(plan.sea, *transfers.places(row, hour))
        row, occasion, hour = row[inside], occasion[inside], hour[inside]
        identity = chance.join_each(transfers.vessels, plan.identity)[row] ^ occasion
        one, first, count = np.unique(identity, return_index=True, return_counts=True)
        return Glimpses(row[first], one, hour[first], count)

    def seen_per_transfer(self, plan: ObserverPlan, expected: ExpectedTransfers) -> float:
        """The mean number of passes while a transfer lasts, times the reports from each."""
        place = plan.sea.representative_point()
        begin, end = expected.times(plan.sun, *map(float, plan.plane.to_lonlat(place.x, place.y)))
        first = self.first_pass_h
        phases = np.array([first]) if first is not None else (np.arange(PHASES) + 0.5) / PHASES * self.revisit_h
        before, after = (np.ceil((hours - phases[:, None]) / self.revisit_h) for hours in (begin, end))
        passes = float(np.mean(after - before))
        return passes * self.reports_of(self.chance_at(plan, self.hours_of(plan)), expected)

    def summary(self, plan: ObserverPlan) -> str:
        """What it hears at a pass, and the probabilities of a report."""
        text = f"{self.hearing_text(plan)} of the vessels that send at a pass every {self.revisit_h:g} h"
        lone = f", {100.0 * self.lone_probability:g} % of lone vessels" if self.lone_probability else ""
        return f"{text}; reports {100.0 * self.probability:g} % of the pairs heard{lone}"
