"""The sea as a desk that tasks sorties sees it: points that stand for it, and when pairs begin and part there.

Tasking divides the time into spells of an hour, in which pairs begin at an even rate, and the sea of each source into
points, each with an equal part of its transfers. The points are those of an additive recurrence with the plastic
number, which cover a plane evenly and lie in no rows, in which legs of a pattern could run (Roberts 2018, "The
unreasonable effectiveness of quasirandom sequences").
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from sim.core.arrays import Floats, Ints
from sim.core.quadrature import gauss_legendre
from sim.deployment.patrols import LATEST_LANDING_H
from sim.deployment.transfers import TransferPlan
from sim.model.beginnings import begin_rates
from sim.model.weather import Weather

SPELL_H = 1.0
"""The length of a spell, hours. Shorter ones choose the same routes in the scenarios that were tried."""
_POINTS = 100  # of each source; with 500 the same routes are chosen in neon-belief, and transfers of 5 to 48 hours
_PLASTIC = 1.32471795724474602596  # the root of x^3 = x + 1
_OLDEST = 0.995  # the share of pairs that last no longer than the oldest that count
_MOST_SPELLS = 240  # that the oldest pair may have lasted
_TRIES = 500  # points that are tried for each that lies in the sea


@dataclass(frozen=True)
class TaskingSea:
    """What tasking knows of the transfers of a scenario: the same in all replications.

    It has a row for each point and class of pairs, (p,).
    """

    places: Floats
    """The places of the points, (p, 2), nmi."""
    kinds: Ints
    """The class of the pairs."""
    source: Ints
    """The number of the source among those of the scenario."""
    beginning: Floats
    """The expected number of pairs that begin in each spell, (p, spells)."""
    first: int
    """The number of the first of these spells; spell 0 begins at hour 0."""
    oldest: int
    """For how many spells before a take-off pairs that began then may still be alongside."""
    sources: list[TransferPlan]

    def spell_of(self, hour: float) -> int:
        """The column of the spell in which a flight that begins at an hour has its first: the nearest whole spell."""
        return round(hour / SPELL_H) - self.first

    def hours_of(self, first: int, count: int) -> Floats:
        """The middle of each of some spells from a column on, hours."""
        return np.asarray((np.arange(first, first + count) + self.first + 0.5) * SPELL_H, float)

    def lasting(self, later_h: float, spells: int) -> Floats:
        """The chance that a pair lies alongside so many hours later than a moment so many spells after its beginning.

        (sources, spells): pair and moment are each even in their spells, so their distance has a triangular density.
        """
        node, weight = gauss_legendre(8)
        apart, weight = np.concatenate([node - 1.0, node + 1.0]) / 2.0, np.concatenate([weight, weight]) / 2.0
        weight = weight * (1.0 - np.abs(apart))
        hours = SPELL_H * (np.arange(spells)[:, None] + apart[None, :])
        return np.array(
            [
                np.where(hours >= 0.0, plan.spec.duration_h.survival(hours + later_h), 0.0) @ weight
                for plan in self.sources
            ]
        ).reshape(len(self.sources), spells)

    @property
    def needs_calm(self) -> bool:
        """Whether transfers of some source do not begin in a rough sea."""
        return any(plan.spec.max_sea_state is not None for plan in self.sources)

    def calm(self, weather: Weather, hours: Floats) -> Floats:
        """Whether the sea lets transfers of each row begin at some hours, 1 or 0, (p, hours)."""
        limits = [math.inf if plan.spec.max_sea_state is None else plan.spec.max_sea_state for plan in self.sources]
        rough = weather.sea_state[weather.rows_at(hours)][None, :] > np.array(limits).reshape(-1, 1)
        return np.asarray(~rough[self.source], float)


def plan_tasking_sea(sources: Sequence[TransferPlan], duration_h: float) -> TaskingSea:
    """Divide the seas of all sources, and the time from the oldest pair's beginning to the latest landing."""
    sources = list(sources)
    longest_h = max((float(plan.spec.duration_h.quantile(np.array([_OLDEST]))[0]) for plan in sources), default=0.0)
    oldest = min(_MOST_SPELLS, math.ceil(longest_h / SPELL_H) + 1)
    edges = SPELL_H * np.arange(-oldest - 1, math.ceil((duration_h + LATEST_LANDING_H) / SPELL_H) + 1)
    places, kinds, source, beginning = [np.zeros((0, 2))], [], [], [np.zeros((0, len(edges) - 1))]
    for number, plan in enumerate(sources):
        points = _points(plan)
        lon, lat = plan.plane.to_lonlat(points[:, 0], points[:, 1])
        breaks, rates = begin_rates(plan.sun, plan.spec.night_share, edges[0], edges[-1], lon, lat, plan.profile)
        upto = np.concatenate([np.zeros((len(points), 1)), np.cumsum(rates * np.diff(breaks, axis=1), axis=1)], axis=1)
        begun = np.array([np.diff(np.interp(edges, at, total)) for at, total in zip(breaks, upto, strict=True)])
        shares = 1.0 / plan.plane.area_scale(points[:, 0], points[:, 1])
        begun *= plan.per_hour * (shares / shares.sum())[:, None]
        dark = plan.spec.dark_share
        for kind, share in zip(plan.kinds, (1.0 - dark, dark), strict=True):
            if share > 0.0:
                places.append(points)
                kinds.append(np.full(len(points), kind))
                source.append(np.full(len(points), number))
                beginning.append(share * begun)
    none = np.zeros(0, np.int64)
    return TaskingSea(
        np.vstack(places), np.concatenate([none, *kinds]), np.concatenate([none, *source]), np.vstack(beginning),
        -oldest - 1, oldest, sources,
    )  # fmt: skip


def _points(plan: TransferPlan) -> Floats:
    """Points in the sea of a source, (n, 2), nmi."""
    west, south, east, north = plan.sea.bounds
    steps = np.arange(1.0, _TRIES * _POINTS + 1.0)[:, None] * np.array([1.0 / _PLASTIC, 1.0 / _PLASTIC**2])
    spots = np.array([west, south]) + (steps % 1.0) * np.array([east - west, north - south])
    tried = 0
    wet = np.zeros((0, 2))
    while len(wet) < _POINTS and tried < len(spots):
        batch = spots[tried : tried + 4 * _POINTS]
        wet = np.vstack([wet, batch[shapely.contains_xy(plan.sea, batch)]])
        tried += len(batch)
    if not len(wet):  # a sea so thin that no point lies in it
        wet = np.array([plan.sea.representative_point().coords[0]])
    return wet[:_POINTS]
