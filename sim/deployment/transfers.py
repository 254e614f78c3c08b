"""Transfers: the pairs of vessels that meet at sea, lie alongside and part in one replication.

Transfers begin as a Poisson process in time and lie uniformly over the true area of the sea part of their area. The
process is stationary at hour 0: transfers that began before it and still last are there. `sim.model.beginnings` says
how a night share changes the hours. A calendar and factors for hours of the day leave out some transfers of a
process that has the greatest rate.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from sim.core import chance
from sim.core.arrays import Entities, Flags, Floats, Ints, Labels
from sim.core.codes import ALONGSIDE, DARK, STATIONARY, STATIONARY_KN, SUSPICIOUS, Purpose
from sim.core.geo import Plane
from sim.core.motion import Fleet, empty_fleet, labels_of
from sim.core.profiles import Profile
from sim.core.units import HOURS_PER_DAY, HOURS_PER_MONTH
from sim.deployment.ais_sent import hulls_sending
from sim.deployment.chains import Begun, with_chains
from sim.deployment.contacts import class_numbers, classes_of, draw_traits
from sim.deployment.under_way import velocities
from sim.model.beginnings import begin_hours
from sim.model.chains import MOST_LINKS
from sim.model.places import least_scale, uniform_places
from sim.model.sun import Sun
from sim.model.transfers import HULL_GAP_M, TransferSource
from sim.model.weather import Weather
from sim.scenario.schema import Scenario


@dataclass(frozen=True)
class TransferPlan:
    """What one source of transfers needs in every replication."""

    name: str
    source: np.uint64
    """Identity of the source, from which the identities of its transfers are made."""
    spec: TransferSource
    sea: Any
    """The sea part of its area, a prepared shape on the plane."""
    plane: Plane
    sun: Sun
    duration_h: float
    least_scale: float
    """At most the least area scale over that sea."""
    kinds: tuple[int, int]
    """Numbers of the classes of a pair alongside, with AIS and without."""
    hull_kinds: list[tuple[int, int]]
    """The numbers of the classes of each vessel on its way, with AIS and without."""
    light_begins_deg: float
    """The elevation above which the sun gives light."""
    per_month: float
    """The rate of the process in 30 days; where it changes, the greatest."""
    profile: Profile | None
    """The rate as a share of the greatest, where a calendar or hours of the day change it."""

    @property
    def per_hour(self) -> float:
        """Rate of the process: transfers in an hour; where it changes, the greatest."""
        return self.per_month / HOURS_PER_MONTH

    @property
    def mean_per_month(self) -> float:
        """The mean number of transfers per 30 days over the deployment."""
        return self.per_month if self.profile is None else self.per_month * self.profile.mean(0.0, self.duration_h)

    @property
    def longest_h(self) -> float:
        """The longest time from the beginning of a transfer to its end, or to the end of its chain."""
        longest, chain = self.spec.duration_h.bounds()[1], self.spec.chain
        return longest if chain is None else MOST_LINKS * longest + chain.longest_gaps_h


@dataclass(frozen=True)
class TransferTable:
    """Transfers of one replication, one row each, sorted by the hour of beginning; all columns have length n.

    Hours count from the start of the scenario, and places are on the plane, in nmi.
    """

    source: Ints
    """Number of the source among the plans."""
    ordinal: Ints
    """Number within the source: from 0 on after hour 0 of the base process, from -1 down before it."""
    vessels: Entities
    """Identity of the pair."""
    begin: Floats
    end: Floats
    x: Floats
    """Where the vessels come alongside."""
    y: Floats
    vx: Floats
    """The velocity of the pair alongside, knots; 0 where it lies still."""
    vy: Floats
    counted: Flags
    """Whether the transfer begins in [0, duration): only such transfers enter the totals."""
    labels: Labels
    kinds: Ints
    """Number of the class of the pair."""
    traits: Ints
    """Bits of `sim.deployment.contacts`."""
    chain: Ints
    """Number within the source of the first transfer of its chain; its own where it is by itself."""

    def is_alongside_within(self, duration_h: float) -> Flags:
        """Whether each transfer lies alongside at some time of the deployment, (n,)."""
        return (self.begin < duration_h) & (self.end > 0.0)

    def alongside_within(self, duration_h: float) -> "TransferTable":
        """The transfers that lie alongside at some time of the deployment."""
        return self.select(self.is_alongside_within(duration_h))

    def place_at(self, rows: Ints, hours: Floats) -> Floats:
        """Where some transfers, (k,), are at some hours, (k,), while their vessels lie alongside: (k, 2), nmi."""
        gone = hours - self.begin[rows]
        return np.column_stack([self.x[rows] + self.vx[rows] * gone, self.y[rows] + self.vy[rows] * gone])

    def select(self, flags: Flags) -> "TransferTable":
        """The transfers that are flagged."""
        return TransferTable(*(getattr(self, name)[flags] for name in self.__dataclass_fields__))

    def fleet(self) -> Fleet:
        """The pairs alongside as targets, one segment each."""
        rows = np.column_stack([self.begin, self.end, self.x, self.y, self.vx, self.vy])
        return Fleet(rows, np.arange(self.begin.size), self.vessels, self.labels, self.kinds, self.traits)


def plan_transfers(scenario: Scenario, name: str) -> TransferPlan:
    """Prepare one source of transfers: its sea, the sun and the classes of its vessels."""
    spec = scenario.transfers[name]
    sea = scenario.plane.sea(scenario.areas[spec.area].shape)
    shapely.prepare(sea)
    classes = classes_of(scenario.background, scenario.transfers)
    per_month, profile = _rate_of(scenario, spec)
    return TransferPlan(
        name,
        chance.identity("transfers", name),
        spec,
        sea,
        scenario.plane,
        Sun(scenario.start),
        scenario.duration_h,
        least_scale(scenario.plane, sea),
        class_numbers(classes, spec.hulls, HULL_GAP_M),
        [class_numbers(classes, hulls) for hulls in spec.single_hulls],
        scenario.environment.light_begins_deg,
        per_month,
        profile,
    )


def _rate_of(scenario: Scenario, spec: TransferSource) -> tuple[float, Profile | None]:
    """The greatest rate in 30 days, and the rate as a share of it from before the deployment until after it."""
    if not spec.varies:
        return spec.per_month, None
    margin_h = HOURS_PER_MONTH + spec.approach_h
    begin_h, end_h = -margin_h - spec.duration_h.bounds()[1], scenario.duration_h + margin_h
    rate = spec.rate(scenario.clock, begin_h, end_h)
    greatest = rate.greatest
    return greatest, rate.times(Profile.constant(1.0 / max(greatest, 1e-300), begin_h, end_h))


def _base_process(plan: TransferPlan, key: Entities, slack_h: float) -> tuple[Ints, Entities, Floats]:
    """Ordinals, identities and hours, (n,) each, of the process of constant rate from which the beginnings are made.

    With chains these are their first transfers, of which there are fewer. The process is the union of two halves
    that start at hour 0: one runs forwards up to the end of the deployment, the other backwards for as long as the
    longest transfer or chain lasts, since what began before that has certainly ended. Each half is drawn for `slack_h`
    more hours.
    """
    from sim.core import kernels

    rate = plan.per_hour / plan.spec.mean_links
    ahead = rate * (plan.duration_h + slack_h)
    behind = rate * (plan.longest_h + slack_h)
    after, vessels_after, _ = kernels.arrivals(key, plan.source, 1, 0, 0.0, ahead, chance.poisson_bound(ahead))
    before, vessels_before, _ = kernels.arrivals(key, plan.source, -1, 0, 0.0, behind, chance.poisson_bound(behind))
    ordinal = np.concatenate([-1 - np.arange(before.size), np.arange(after.size)])
    base_h = np.concatenate([-before, after]) / max(rate, 1e-300)
    return ordinal, np.concatenate([vessels_before, vessels_after]), base_h


def _realise_source(plan: TransferPlan, key: Entities, index: int, weather: Weather, margin_h: float) -> TransferTable:
    """The transfers of one source that lie alongside in the deployment, or within `margin_h` before or after it."""
    slack_h = 2.0 * HOURS_PER_DAY + margin_h  # base time and the hour of beginning are less than two days apart
    ordinal, vessels, base_h = _base_process(plan, key, slack_h)
    length = plan.spec.duration_h.quantile(chance.uniforms(key, Purpose.DURATION, vessels)[:, 0])
    reach_h = length if plan.spec.chain is None else plan.longest_h
    near = (base_h + reach_h > -slack_h) & (base_h < plan.duration_h + slack_h)
    ordinal, vessels, base_h, length = ordinal[near], vessels[near], base_h[near], length[near]
    place = uniform_places(plan.sea, plan.plane, plan.least_scale, key, Purpose.PLACE, vessels)
    lon, lat = plan.plane.to_lonlat(place[:, 0], place[:, 1])
    begin = begin_hours(plan.sun, plan.spec.night_share, base_h, lon, lat)
    firsts = Begun(ordinal, vessels, begin, length, place, vessels, ordinal)
    begun = with_chains(plan.spec.chain, firsts, plan.spec.duration_h, plan.sea, key)
    ordinal, vessels, begin, length, place, chain, first = begun
    keep = (begin < plan.duration_h + margin_h) & (begin + length > -margin_h)
    if plan.profile is not None:  # thinning (Lewis & Shedler, 1979): the process has the greatest rate at all times
        keep &= chance.uniforms(key, Purpose.SEASON, vessels)[:, 0] < plan.profile.at(begin)
    if plan.spec.max_sea_state is not None:  # thinning: each beginning in a rougher sea is left out
        # The sea state is NaN where a scenario states none; the comparison is then false, and the transfer is kept.
        keep &= ~(weather.sea_state[weather.rows_at(begin)] > plan.spec.max_sea_state)
    counted = (begin >= 0.0) & (begin < plan.duration_h)
    velocity = np.zeros((vessels.size, 2))
    velocity[keep] = velocities(plan.spec.making_way_kn, plan.sea, key, vessels[keep], place[keep], length[keep])
    stationary = np.where(np.hypot(*velocity.T) < STATIONARY_KN, STATIONARY, 0)
    traits = SUSPICIOUS | stationary | ALONGSIDE | draw_traits(plan.spec, key, chain)
    kinds = np.where(traits & DARK, plan.kinds[1], plan.kinds[0])
    labels = labels_of(plan.name, ordinal)
    ways = (*place.T, *velocity.T)
    columns = (ordinal, vessels, begin, begin + length, *ways, counted, labels, kinds, traits, first)
    selected: Any = [column[keep] for column in columns]
    return TransferTable(np.full(int(keep.sum()), index), *selected)


def realise_transfers(
    plans: list[TransferPlan],
    key: Entities,
    weather: Weather,
    with_passages: bool = False,
    margin_h: float = 0.0,
) -> TransferTable:
    """The transfers of one replication, sorted by the hour of beginning.

    The table has the transfers that lie alongside at some time of the deployment, and those that end less than
    `margin_h` before it or begin less than `margin_h` after it. With `with_passages` it also has those whose vessels
    are under way, to the transfer or away from it, at some time of the deployment. `key` is the key of the
    replication, (2,).
    """
    tables = [
        _realise_source(plan, key, index, weather, max(margin_h, plan.spec.approach_h if with_passages else 0.0))
        for index, plan in enumerate(plans)
        if plan.per_month > 0.0
    ]
    if not tables:
        kinds: Any = (np.int64, np.int64, np.uint64, *[np.float64] * 6, np.bool_, np.str_, *[np.int64] * 3)
        return TransferTable(*(np.zeros(0, kind) for kind in kinds))
    names = TransferTable.__dataclass_fields__
    joined = {name: np.concatenate([getattr(table, name) for table in tables]) for name in names}
    order = np.argsort(joined["begin"], kind="stable")
    return TransferTable(**{name: column[order] for name, column in joined.items()})


def passages(plans: list[TransferPlan], table: TransferTable, key: Entities) -> Fleet:
    """The vessels of each transfer on their way to it and away from it, for `approach_h` each.

    Each passage is one straight segment at constant speed; the courses to the transfer and away from it are uniform and
    independent. The fleet has the first vessel of each transfer, then the second of each, and so on.
    """
    counts = np.array([len(plan.hull_kinds) for plan in plans], np.int64)[table.source]
    most = int(counts.max(initial=0))
    dark, partner_dark = (table.traits & DARK) > 0, np.array([plan.spec.partner_dark_share for plan in plans])
    sends = hulls_sending(key, table.vessels, dark, partner_dark[table.source], counts.astype(float), most)
    fleets = []
    for number in range(most):
        has = counts > number
        fleets.append(_hulls_on_passage(plans, table.select(has), number, sends[has, number], key))
    first = np.cumsum([0, *(fleet.vessels.size for fleet in fleets)])
    if not fleets:
        return empty_fleet()
    owner = np.concatenate([fleet.owner + offset for fleet, offset in zip(fleets, first, strict=False)])
    rows, _, *columns = (np.concatenate(column) for column in zip(*fleets, strict=True))
    return Fleet(rows, owner, *columns)


def _hulls_on_passage(
    plans: list[TransferPlan], table: TransferTable, number: int, sends: Flags, key: Entities
) -> Fleet:
    """One vessel of each transfer, by its number from 0, on its way to it and away from it.

    `sends`: whether that vessel sends AIS, (n,).
    """
    hulls = chance.join_each(table.vessels, np.uint64(number + 1))
    own_kinds = np.array([plan.hull_kinds[min(number, len(plan.hull_kinds) - 1)] for plan in plans])
    kinds = own_kinds[table.source, (~sends).astype(int)]
    approach = np.array([plan.spec.approach_h for plan in plans])[table.source]
    u = chance.uniforms(key, Purpose.SPEED, hulls)[:, 0]
    speed = np.empty(u.size)
    for index, plan in enumerate(plans):
        of_source = table.source == index
        speed[of_source] = plan.spec.speed_kn.quantile(u[of_source])
    course = 2.0 * np.pi * chance.uniforms(key, Purpose.COURSE, hulls)
    count, rows = table.begin.size, []
    for begin, angle in ((table.begin - approach, course[:, 0]), (table.end, course[:, 1])):
        vx, vy = speed * np.cos(angle), speed * np.sin(angle)
        before = begin < table.begin
        there = table.place_at(np.arange(count), np.maximum(begin, table.begin))
        x = np.where(before, table.x - vx * approach, there[:, 0])
        y = np.where(before, table.y - vy * approach, there[:, 1])
        rows.append(np.column_stack([begin, begin + approach, x, y, vx, vy]))
    segments = np.stack(rows, axis=1).reshape(2 * count, 6)  # of each vessel the way to the transfer, then from it
    owner, traits = np.repeat(np.arange(count), 2), np.zeros(count, np.int64)
    return Fleet(segments, owner, hulls, table.labels, kinds, traits)
