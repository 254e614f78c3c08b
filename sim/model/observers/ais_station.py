"""The AIS station: a receiver ashore, which hears vessels within its range all the time."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import numpy as np
import shapely
from pydantic import Field

from sim.core import chance
from sim.core.arrays import Entities, Flags, Floats, Ints
from sim.core.codes import Purpose
from sim.core.fields import Feet, Nmi
from sim.core.geo import Plane
from sim.core.units import SECONDS_PER_HOUR
from sim.model.observers.ais_receiver import AisReceiver
from sim.model.observers.base import Blindness, ExpectedTransfers, Glimpses, ObserverPlan, TransfersAtSea
from sim.model.places import Position
from sim.model.sensors.base import SHIP_ANTENNA_FT, horizon_nmi

_LISTENS_H = 1.0 / 6.0  # a track has a position in each ten minutes in which the vessel was heard
_CORNERS_PER_QUARTER = 256  # the area of the disc is then too small by 6e-6 of it
_PHASES = 32  # phases of ten minutes, over which the chance of a report is averaged


class AisStation(AisReceiver):
    """An AIS receiver ashore. In each ten minutes it hears a vessel within range, or does not."""

    kind: Literal["ais_station"]
    position: Position
    """The place of the receiver, [lon, lat] in degrees."""
    range_nmi: Nmi = 43.2
    """The range, in nautical miles, to which it hears. The default of 43.2 nmi is 80 km, as published for stations."""
    antenna_ft: Feet | None = None
    """The height of its antenna above the sea, in feet. It then hears no farther than the line of sight to the antenna
    of a vessel, 50 ft high, which is an assumption. If it is left out, `range_nmi` alone counts."""
    after_h: Annotated[float, Field(strict=True, ge=0.2, le=10000.0)] = 1.0
    """The time, in hours, that a pair must have lain alongside before what was heard of it in that time is reported, if
    it still lies alongside then. This rule and the default of 1 hour are assumptions."""

    @property
    def title(self) -> str:
        """The name of this kind of observer in tables."""
        return "AIS station"

    @property
    def overlap_of_slots(self) -> float:
        """0: within the range of a station no message comes so late that it falls on two slots."""
        return 0.0

    @property
    def listens_s(self) -> float:
        """Ten minutes."""
        return _LISTENS_H * SECONDS_PER_HOUR

    @property
    def reach_nmi(self) -> float:
        """How far it hears: its range, and the line of sight where its height is given."""
        if self.antenna_ft is None:
            return self.range_nmi
        return min(self.range_nmi, horizon_nmi(self.antenna_ft, SHIP_ANTENNA_FT))

    def view_of(self, plan: ObserverPlan) -> Any:
        """The disc within its reach."""
        return self._disc(plan.plane)

    def _disc(self, plane: Plane) -> Any:
        place = shapely.Point(*map(float, plane.to_xy(*self.position)))
        return place.buffer(self.reach_nmi, quad_segs=_CORNERS_PER_QUARTER)

    def watched_sea(self, plane: Plane, shapes: Mapping[str, Any], default_areas: Sequence[str]) -> Any:
        """The sea of its area that lies within reach."""
        return shapely.intersection(super().watched_sea(plane, shapes, default_areas), self._disc(plane))

    def hears_at(self, plan: ObserverPlan, x: Floats, y: Floats) -> Flags:
        """Whether places are within reach."""
        here = plan.plane.to_xy(*self.position)
        within: Flags = np.hypot(x - float(here[0]), y - float(here[1])) < self.reach_nmi
        return within

    def occasions(self, plan: ObserverPlan, key: Entities, begin: Floats, end: Floats) -> tuple[Ints, Entities, Floats]:
        """Ten minutes after ten minutes, and a random moment in each."""
        from sim.core import kernels

        first, last = np.floor(begin / _LISTENS_H), np.floor(np.minimum(end, plan.duration_h) / _LISTENS_H)
        count = np.maximum(last - first + 1.0, 0.0).astype(np.int64)
        row = np.repeat(np.arange(count.size), count)
        if row.size == 0:
            return row, np.zeros(0, np.uint64), np.zeros(0)
        number = np.arange(row.size) - np.repeat(np.cumsum(count) - count, count) + first.astype(np.int64)[row]
        least = int(number.min())
        every: Entities = kernels.entities(plan.identity, least, int(number.max()) + 1 - least)
        luck = chance.uniforms(key, Purpose.AIS_PASS, every)[:, 0]
        hour = (number + luck[number - least]) * _LISTENS_H
        there = (hour >= begin[row]) & (hour < end[row]) & (hour < plan.duration_h)
        return row[there], every[number[there] - least], hour[there]

    def glimpses(self, plan: ObserverPlan, key: Entities, transfers: TransfersAtSea) -> Glimpses:
        """One glimpse of each transfer of which at least one hull was heard before it had lain so long."""
        seen = transfers.begin + self.after_h
        places = transfers.places(np.arange(seen.size), seen)
        lasts = (seen < transfers.end) & shapely.contains_xy(plan.sea, *places)
        target = np.flatnonzero(lasts)
        row, hull, _, _ = self.hulls_heard(plan, key, transfers.select(target), seen[target])
        count = np.bincount(np.unique(np.column_stack([row, hull]), axis=0)[:, 0], minlength=target.size)
        heard = np.flatnonzero(count)
        target = target[heard]
        identity = chance.join_each(transfers.vessels[target], plan.identity)
        return Glimpses(target, identity, seen[target], count[heard])

    def seen_per_transfer(self, plan: ObserverPlan, expected: ExpectedTransfers) -> float:
        """The chance that a transfer lasts so long, times that of being heard within that time and reported."""
        offset = (np.arange(_PHASES) + 0.5) / _PHASES  # the beginning within ten minutes, as a share of them
        end = offset + self.after_h / _LISTENS_H
        whole, last = np.floor(end) - 1.0, end - np.floor(end)
        missed = 1.0 - self.chance_at(plan, self.hours_of(plan))[:, None, None]
        # The moments at which all hulls may be heard in the first and the last ten minutes fall inside or outside.
        times = np.stack([whole, whole + 1.0, whole + 1.0, whole + 2.0])
        shares = np.stack([offset * (1.0 - last), (1.0 - offset) * (1.0 - last), offset * last, (1.0 - offset) * last])
        heard = 1.0 - missed**times
        reports = self.reports_of(heard, expected, np.broadcast_to(shares, heard.shape))
        return reports * expected.share_longer(self.after_h)

    def footprint(self, plan: ObserverPlan) -> Any:
        """The sea of its area that lies within reach."""
        return plan.sea

    def summary(self, plan: ObserverPlan) -> str:
        """What it hears, how far, and the probabilities of a report."""
        text = f"{self.hearing_text(plan)} of the vessels that send in 10 min, within {self.reach_nmi:.3g} nmi"
        lone = f", {100.0 * self.lone_probability:g} % of lone vessels" if self.lone_probability else ""
        pairs = f"reports {100.0 * self.probability:g} % of the pairs heard that last longer than {self.after_h:g} h"
        return f"{text}; {pairs}{lone}"

    def blindness_at_sea(self, plan: ObserverPlan) -> Blindness | None:
        """The reason where no sea of its area lies within its range."""
        if not plan.sea.is_empty:
            return None
        reason = f"No sea of its area lies within {self.reach_nmi:.3g} nmi of its position"
        return Blindness("range_nmi", reason, "Raise range_nmi, or correct position ([longitude, latitude])")
