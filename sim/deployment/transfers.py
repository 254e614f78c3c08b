"""The illicit pairs: two vessels meet at sea, lie alongside, part.

Transfers begin as a Poisson process in time, uniform over the true area of the sea part of their area. The world is
stationary at hour 0: those that began before are there. With a night share each solar day, noon to noon at the
transfer's own place, has the same expected number, that share of it between sunset and sunrise.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from sim.core import chance
from sim.core.arrays import Entities, Flags, Floats, Ints, Labels
from sim.core.codes import Purpose
from sim.core.geo import Plane
from sim.core.motion import Fleet, labels_of, no_fleet
from sim.core.units import HOURS_PER_DAY, HOURS_PER_MONTH
from sim.deployment.contacts import DARK, LISTED, SPOOFING, STATIONARY, SUSPICIOUS, class_numbers
from sim.model.beginnings import begin_hours
from sim.model.places import least_scale, uniform_places
from sim.model.ships import TransferSource
from sim.model.sun import Sun
from sim.model.weather import Weather
from sim.scenario.schema import Scenario


@dataclass(frozen=True)
class TransferPlan:
    """What one source of transfers needs in every replication."""

    name: str
    source: np.uint64
    spec: TransferSource
    sea: Any
    plane: Plane
    sun: Sun
    duration_h: float
    least_scale: float
    kinds: tuple[int, int]
    """Classes of a pair alongside with AIS and without."""
    hull_kinds: tuple[tuple[int, int], tuple[int, int]]
    """The same of each hull under way."""

    @property
    def per_hour(self) -> float:
        """Rate of the process."""
        return self.spec.per_month / HOURS_PER_MONTH


@dataclass(frozen=True)
class TransferTable:
    """One replication's transfers that exist at some time of the deployment, a row each, by beginning.

    `source` (n,): index of the source; `ordinal` (n,): its number there; `vessels` (n,): identities; times in hours,
    places on the plane in nmi. Counted are those that begin in [0, duration).
    """

    source: Ints
    ordinal: Ints
    vessels: Entities
    begin: Floats
    end: Floats
    x: Floats
    y: Floats
    counted: Flags
    labels: Labels
    kinds: Ints
    traits: Ints

    def are_during(self, duration_h: float) -> Flags:
        """Which lie alongside at some time of the deployment, (n,)."""
        return (self.begin < duration_h) & (self.end > 0.0)

    def during(self, duration_h: float) -> "TransferTable":
        """Those that lie alongside at some time of the deployment."""
        keep = self.are_during(duration_h)
        return TransferTable(*(getattr(self, name)[keep] for name in self.__dataclass_fields__))

    def fleet(self) -> Fleet:
        """The pairs alongside as targets, one segment each."""
        still = np.zeros(self.begin.size)
        rows = np.column_stack([self.begin, self.end, self.x, self.y, still, still])
        return Fleet(rows, np.arange(self.begin.size), self.vessels, self.labels, self.kinds, self.traits)


def plan_transfers(scenario: Scenario, name: str) -> TransferPlan:
    """The sea and the sun of one source of transfers."""
    spec = scenario.transfers[name]
    sea = scenario.plane.sea(scenario.areas[spec.area].shape)
    shapely.prepare(sea)
    return TransferPlan(
        name,
        chance.identity("transfers", name),
        spec,
        sea,
        scenario.plane,
        Sun(scenario.start),
        scenario.duration_h,
        least_scale(scenario.plane, sea),
        class_numbers(scenario, spec.hulls),
        (class_numbers(scenario, spec.hulls[:1]), class_numbers(scenario, spec.hulls[-1:])),
    )


def _traits(plan: TransferPlan, key: Entities, vessels: Entities) -> Ints:
    """What may be known of each pair: it lies still, looks odd, and has what its shares give."""
    spec, traits = plan.spec, np.full(vessels.size, SUSPICIOUS | STATIONARY)
    if spec.dark_share or spec.spoofing_share or spec.listed_share:
        one, two = (chance.uniforms(key, Purpose.TRAITS, vessels, counter) for counter in (0, 1))
        traits |= np.where(one[:, 0] < spec.dark_share, DARK, 0)
        traits |= np.where(one[:, 1] < spec.spoofing_share, SPOOFING, 0)
        traits |= np.where(two[:, 0] < spec.listed_share, LISTED, 0)
    return np.asarray(traits, np.int64)


def _realise_source(plan: TransferPlan, key: Entities, index: int, weather: Weather, margin_h: float) -> TransferTable:
    from sim.core import kernels

    rate = plan.per_hour
    room = 2.0 * HOURS_PER_DAY + margin_h  # base time and the hour of beginning are less than two days apart
    longest = plan.spec.duration_h.bounds()[1] + room
    upto = rate * (plan.duration_h + room)
    ahead, these, _ = kernels.arrivals(key, plan.source, 1, 0, 0.0, upto, chance.at_most(upto))
    behind, those, _ = kernels.arrivals(key, plan.source, -1, 0, 0.0, rate * longest, chance.at_most(rate * longest))
    ordinal = np.concatenate([-1 - np.arange(behind.size), np.arange(ahead.size)])
    vessels = np.concatenate([those, these])
    base = np.concatenate([-behind, ahead]) / max(rate, 1e-300)
    length = plan.spec.duration_h.quantile(chance.uniforms(key, Purpose.DURATION, vessels)[:, 0])
    near = (base + length > -room) & (base < plan.duration_h + room)
    ordinal, vessels, base, length = ordinal[near], vessels[near], base[near], length[near]
    place = uniform_places(plan.sea, plan.plane, plan.least_scale, key, Purpose.PLACE, vessels)
    lon, lat = plan.plane.to_lonlat(place[:, 0], place[:, 1])
    begin = begin_hours(plan.sun, plan.spec.night_share, base, lon, lat)
    keep = (begin < plan.duration_h + margin_h) & (begin + length > -margin_h)
    if plan.spec.max_sea_state is not None:
        keep &= ~(weather.sea_state[weather.rows_at(begin)] > plan.spec.max_sea_state)  # not stated: calm enough
    counted = (begin >= 0.0) & (begin < plan.duration_h)
    labels = labels_of(plan.name, ordinal)
    traits = _traits(plan, key, vessels)
    kinds = np.where(traits & DARK, plan.kinds[1], plan.kinds[0])
    columns = (ordinal, vessels, begin, begin + length, place[:, 0], place[:, 1], counted, labels, kinds, traits)
    kept: Any = [column[keep] for column in columns]
    return TransferTable(np.full(int(keep.sum()), index), *kept)


def realise_transfers(
    plans: list[TransferPlan],
    key: Entities,
    weather: Weather,
    under_way: bool = False,
    margin_h: float = 0.0,
) -> TransferTable:
    """One replication's transfers, by beginning, and those that are over or begin so long before or after.

    With `under_way` those, too, whose vessels are under way in the deployment.
    """
    tables = [
        _realise_source(plan, key, index, weather, max(margin_h, plan.spec.approach_h if under_way else 0.0))
        for index, plan in enumerate(plans)
        if plan.spec.per_month > 0.0
    ]
    if not tables:
        kinds: Any = (np.int64, np.int64, np.uint64, *[np.float64] * 4, np.bool_, np.str_, np.int64, np.int64)
        return TransferTable(*(np.zeros(0, kind) for kind in kinds))
    names = TransferTable.__dataclass_fields__
    whole = {name: np.concatenate([getattr(table, name) for table in tables]) for name in names}
    order = np.argsort(whole["begin"], kind="stable")
    return TransferTable(**{name: column[order] for name, column in whole.items()})


def passages(plans: list[TransferPlan], table: TransferTable, key: Entities) -> Fleet:
    """The two vessels of each transfer on their way to it and away: straight, on courses at random."""
    if table.begin.size == 0:
        return no_fleet()
    rows, vessels, kinds = [], [], []
    dark = (table.traits & DARK) > 0
    approach = np.array([plan.spec.approach_h for plan in plans])[table.source]
    for number, hull in enumerate((np.uint64(1), np.uint64(2))):
        hulls = chance.join_each(table.vessels, hull)
        kinds.append(np.array([plan.hull_kinds[number] for plan in plans])[table.source, dark.astype(int)])
        u = chance.uniforms(key, Purpose.SPEED, hulls)[:, 0]
        speed = np.empty(u.size)
        for index, plan in enumerate(plans):
            mine = table.source == index
            speed[mine] = plan.spec.speed_kn.quantile(u[mine])
        course = 2.0 * np.pi * chance.uniforms(key, Purpose.COURSE, hulls)
        for begin, angle in ((table.begin - approach, course[:, 0]), (table.end, course[:, 1])):
            vx, vy = speed * np.cos(angle), speed * np.sin(angle)
            before = begin < table.begin
            x = np.where(before, table.x - vx * approach, table.x)
            y = np.where(before, table.y - vy * approach, table.y)
            rows.append(np.column_stack([begin, begin + approach, x, y, vx, vy]))
        vessels.append(hulls)
    count = table.begin.size
    # Four blocks (to it and away, hull by hull) become vessel after vessel, each in order of time.
    whole = np.vstack(rows).reshape(2, 2, count, 6).transpose(0, 2, 1, 3).reshape(4 * count, 6)
    owner = np.repeat(np.arange(2 * count), 2)
    labels, traits = np.tile(table.labels, 2), np.zeros(2 * count, np.int64)
    return Fleet(whole, owner, np.concatenate(vessels), labels, np.concatenate(kinds), traits)
