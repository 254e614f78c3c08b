"""Who else watches the sea, and what they report: satellites, coastal radars, AIS desks, human sources, patrols.

An observer sees a transfer that it could see with its probability, places it with an error, and needs a delay until
that is a report in its nation's hands; some of its reports are false. The luck of an observer with a transfer depends
on the two of them alone, so one more observer, transfer or agreement changes no other's luck.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal, NamedTuple

import numpy as np
import shapely
from pydantic import Field, ValidationInfo, field_validator

from sim.core import chance
from sim.core.arrays import Entities, Flags, Floats, Ints
from sim.core.chance import Purpose
from sim.core.fields import Degrees, Hours, Nmi, Part, Probability, Quantity, refuse, within
from sim.core.geo import Plane
from sim.model.agreements import Level
from sim.model.places import AreaName, NationName, PatrolName, Position, least_scale, uniform_places
from sim.model.sun import SUNSET_DEG, Sun

HOURS_PER_MONTH = 720.0  # a month is 30 days wherever a rate is per month
STALE_H = 240.0  # false reports older than this at hour 0 are left out: no pair lies alongside so long, an assumption
# True course of Sentinel-1 over ground at 30 N, going north: cos i = cos(latitude) sin(azimuth), then the Earth turns
# under it. Inclination 98.18 degrees at 693 km: ESA, Sentinel-1A data sheet (2014). Going south it is 193.
SUN_SYNCHRONOUS_DEG = 347.0
_QUARTER = 256  # corners of a quarter circle: a disc is short by 6e-6 of it

Delay = Annotated[Quantity, within(0.0, 10000.0, "hours")]
PositionError = Annotated[float, Field(strict=True, ge=0.0, le=1000.0)]


class _Reporter(Part):
    """What all observers have."""

    nation: NationName
    """Whose it is."""
    probability: Probability
    """Chance that it sees a transfer that it could see: a satellite at each pass, the others once."""
    position_error_nmi: PositionError
    """Standard deviation of the reported place, in each axis."""
    delay_h: Delay
    """From seeing to a report in its nation's hands."""
    classification: Level = "unclassified"
    """Of its reports."""
    credibility: Probability = 1.0
    """What those who read it reckon the chance that a report of it is true."""


class _Watcher(_Reporter):
    """What all have that watch by themselves."""

    false_per_month: Annotated[float, Field(strict=True, ge=0.0, le=100000.0)] = 0.0
    """Reports of what is no transfer, a Poisson process, per 30 days; uniform over the sea that it watches."""
    area: AreaName | None = None
    """Where it looks; left out: the areas of all transfers."""


class Satellite(_Watcher):
    """Passes that lay a strip over the area; whatever lies alongside under it then may be seen, at each pass anew."""

    kind: Literal["satellite"]
    sensor: Literal["radar", "optical"]
    """Optical needs daylight at the place, sunrise to sunset, and a pass without cloud."""
    revisit_h: Annotated[float, Field(strict=True, ge=0.1, le=10000.0)]
    """From one pass over some of the area to the next."""
    first_pass_h: Hours | None = None
    """Hour of the first pass in the deployment, at most `revisit_h`; there were others before. Left out: at random."""
    swath_nmi: Nmi
    """Width of the strip. Its middle is as likely to lie anywhere across the area as half a swath beyond its edges."""
    heading_deg: Degrees = SUN_SYNCHRONOUS_DEG
    """True course over ground, in the middle of the area, of every pass; 347: sun-synchronous, going north."""
    cloud_share: Probability = 0.0
    """Chance that an optical pass finds the area under cloud: one draw a pass, whatever the weather: an assumption."""

    @field_validator("first_pass_h")
    @classmethod
    def _first(cls, value: float | None, info: ValidationInfo) -> float | None:
        if value is not None and value > info.data.get("revisit_h", np.inf):
            raise refuse("range", f"at most revisit_h, {info.data['revisit_h']:g}")
        return value


class CoastalRadar(_Watcher):
    """A radar ashore and the watch that notices two echoes which stay together."""

    kind: Literal["coastal_radar"]
    position: Position
    """[lon, lat], degrees."""
    range_nmi: Nmi
    """How far it sees, within its area."""
    after_h: Hours = 0.5
    """How long the pair must have lain alongside; it is seen then, if it still does: an assumption."""


class AisDesk(_Watcher):
    """Analysts who look for anomalies in AIS: two that stop side by side, or one that falls silent."""

    kind: Literal["ais_desk"]
    dark_probability: Probability = 0.0
    """The same for a pair that went dark, whose gap is the anomaly; `probability` is for those that transmit."""
    after_h: Hours = 1.0
    """How long the pair must have lain alongside; it is seen then, if it still does: an assumption."""


class HumanSource(_Watcher):
    """People who know of a transfer: an agent, a port, an intercepted message."""

    kind: Literal["human"]
    lead_h: Delay = Quantity(value=0.0)
    """How long before it begins the source knows; the delay counts from then."""


class PatrolObserver(_Reporter):
    """A patrol of the simulation, real aircraft, which reports what it finds as it flies."""

    kind: Literal["patrol"]
    probability: Probability = 1.0
    """Share of its finds that it reports."""
    patrol: PatrolName
    """Which."""
    reports: Literal["detected", "classified", "documented"] = "classified"
    """From which rung of the ladder on."""


Observer = Annotated[Satellite | CoastalRadar | AisDesk | HumanSource | PatrolObserver, Field(discriminator="kind")]


@dataclass(frozen=True, eq=False)
class ObserverPlan:
    """One observer made ready for replications."""

    number: int
    """Its place among the names, sorted."""
    name: str
    source: np.uint64
    spec: Observer
    sea: Any
    """The sea that it watches, on the plane; empty for a patrol, and for a radar with no sea of its area in range."""
    plane: Plane
    sun: Sun
    duration_h: float
    least_scale: float
    """At most the least area scale over that sea."""
    across: tuple[float, float]
    """Unit vector across a satellite's track, on the plane."""
    extent: tuple[float, float]
    """Least and most of the sea across the track, nmi."""

    @property
    def share_under_swath(self) -> float:
        """Chance that any one place lies under a pass's strip, S / (width of the sea across the track + S)."""
        if not isinstance(self.spec, Satellite) or self.sea.is_empty:
            return 0.0
        return self.spec.swath_nmi / (self.extent[1] - self.extent[0] + self.spec.swath_nmi)


class Report(NamedTuple):
    """One report, as a row of `Sightings`."""

    observer: int
    identity: np.uint64
    seen_h: float
    made_h: float
    x: float
    y: float
    error_nmi: float


class Sightings(NamedTuple):
    """What observers report in one replication, a row each, by the hour at which it is made."""

    observer: Ints
    """Which, by sorted name, (n,)."""
    identity: Entities
    """Of the report itself: of observer and vessel, and pass; of observer and ordinal for a false one, (n,)."""
    target: Ints
    """Row of the transfer, -1 for a false report, (n,)."""
    seen_h: Floats
    """Hour to which the place refers: of seeing; of beginning, for a human source, (n,)."""
    made_h: Floats
    """Hour at which it is a report in its nation's hands, (n,)."""
    x: Floats
    """Place as reported, on the plane, nmi, (n,)."""
    y: Floats
    error_nmi: Floats
    """Standard deviation of that place in each axis, (n,)."""


class _Transfers(NamedTuple):
    """The transfers of one replication, all (m,)."""

    begin: Floats
    end: Floats
    x: Floats
    y: Floats
    vessels: Entities
    dark: Flags


class _Sightings(NamedTuple):
    """What an observer could see: row of the transfer, identity of the report, hour; all (n,)."""

    target: Ints
    identity: Entities
    seen: Floats


def plan_observers(
    observers: Mapping[str, Observer],
    plane: Plane,
    shapes: Mapping[str, Any],
    default_areas: Sequence[str],
    start: datetime,
    duration_h: float,
) -> list[ObserverPlan]:
    """Make observers ready, sorted by name.

    Args:
        observers: By name.
        plane: The theatre's.
        shapes: Areas by name, in degrees.
        default_areas: Names of those watched by who has no area of its own: of all transfers.
        start: Hour 0.
        duration_h: Hours of the deployment.
    """
    sun, plans = Sun(start), []
    for number, name in enumerate(sorted(observers)):
        spec = observers[name]
        sea = _watched(spec, plane, shapes, default_areas)
        across, extent = _across(spec, plane, sea)
        source, least = chance.identity("observers", name), least_scale(plane, sea)
        plans.append(ObserverPlan(number, name, source, spec, sea, plane, sun, duration_h, least, across, extent))
    return plans


def _watched(spec: Observer, plane: Plane, shapes: Mapping[str, Any], default_areas: Sequence[str]) -> Any:
    """The sea that an observer watches, on the plane."""
    if isinstance(spec, PatrolObserver):
        return shapely.Polygon()
    names = sorted(set(default_areas)) if spec.area is None else [spec.area]
    seas = [plane.sea(shapes[name]) for name in names]
    sea = seas[0] if len(seas) == 1 else shapely.union_all(seas)
    if isinstance(spec, CoastalRadar):
        disc = shapely.Point(*map(float, plane.to_xy(*spec.position))).buffer(spec.range_nmi, quad_segs=_QUARTER)
        sea = shapely.intersection(sea, disc)
    shapely.prepare(sea)
    return sea


def _across(spec: Observer, plane: Plane, sea: Any) -> tuple[tuple[float, float], tuple[float, float]]:
    """Unit vector across a satellite's track and the sea's extent along it."""
    if not isinstance(spec, Satellite) or sea.is_empty:
        return (1.0, 0.0), (0.0, 0.0)
    middle = sea.centroid
    lon, lat = plane.to_lonlat(middle.x, middle.y)
    course = np.radians(plane.grid_course(spec.heading_deg, float(lon), float(lat)))
    vector = float(np.cos(course)), -float(np.sin(course))
    places = shapely.get_coordinates(sea) @ np.array(vector)
    return vector, (float(places.min()), float(places.max()))


def realise_reports(
    plans: Sequence[ObserverPlan],
    key: Entities,
    begin: Floats,
    end: Floats,
    x: Floats,
    y: Floats,
    vessels: Entities,
    dark: Flags,
) -> Sightings:
    """One replication's reports that are made before the deployment ends, by hour; those of patrols come as they fly.

    Reports of transfers already under way at hour 0 may have been made before it. `margin_h` says how far beyond the
    deployment transfers must be known for the reports to be stationary.

    Args:
        plans: The observers.
        key: Of the replication, (2,).
        begin: Hours at which transfers begin, (m,).
        end: And end.
        x: Their places on the plane, nmi.
        y: The same.
        vessels: Their identities.
        dark: Whether neither vessel has its AIS on.
    """
    them = _Transfers(begin, end, x, y, vessels, dark)
    parts = [_nothing()]
    for plan in plans:
        if not plan.sea.is_empty:
            parts += [_true_reports(plan, key, them), _false_reports(plan, key)]
    whole = [np.concatenate(columns) for columns in zip(*parts, strict=True)]
    order = np.lexsort((whole[1], whole[4]))
    return Sightings(*(column[order] for column in whole))


def _nothing() -> Sightings:
    kinds: Any = (np.int64, np.uint64, np.int64, *[np.float64] * 5)
    return Sightings(*(np.zeros(0, kind) for kind in kinds))


def _true_reports(plan: ObserverPlan, key: Entities, them: _Transfers) -> Sightings:
    """What an observer reports of transfers."""
    spec = plan.spec
    could = _passed_over(plan, spec, key, them) if isinstance(spec, Satellite) else _watched_over(plan, them)
    share: Any = spec.probability
    if isinstance(spec, AisDesk):
        share = np.where(them.dark[could.target], spec.dark_probability, spec.probability)
    sees = chance.uniforms(key, Purpose.WATCH, could.identity)[:, 0] < share
    target, identity, seen = could.target[sees], could.identity[sees], could.seen[sees]
    made = seen + _until_made(plan, key, identity)
    place = np.column_stack([them.x[target], them.y[target]]) + _errors(plan, key, identity)
    keep = made < plan.duration_h
    columns = (target, seen, made, place[:, 0], place[:, 1])
    return _table(plan, identity[keep], *(column[keep] for column in columns))


def _watched_over(plan: ObserverPlan, them: _Transfers) -> _Sightings:
    """Transfers that last until the watch notices; of a human source, all."""
    spec = plan.spec
    seen = them.begin + (spec.after_h if isinstance(spec, CoastalRadar | AisDesk) else 0.0)
    target = np.flatnonzero((seen < them.end) & shapely.contains_xy(plan.sea, them.x, them.y))
    return _Sightings(target, chance.join_each(them.vessels[target], plan.source), seen[target])


def _passed_over(plan: ObserverPlan, spec: Satellite, key: Entities, them: _Transfers) -> _Sightings:
    """Transfers under the strip of a pass that can see them, pass by pass.

    The middle of the strip is uniform over the sea's extent across the track and half a swath S beyond on either side,
    so each place of a sea of width w lies under it with chance S / (w + S). A pass takes no time.
    """
    from sim.core import kernels

    target, number, seen = _passes_during(plan, spec, key, them)
    inside = shapely.contains_xy(plan.sea, them.x, them.y)[target]
    target, number, seen = target[inside], number[inside], seen[inside]
    if target.size == 0:
        return _Sightings(target, np.zeros(0, np.uint64), seen)
    first = int(number.min())
    passes: Entities = kernels.entities(plan.source, first, int(number.max()) + 1 - first)
    offset, cloud = chance.uniforms(key, Purpose.PASS, passes).T
    low, high = plan.extent
    middle = low + offset * (high - low) + (offset - 0.5) * spec.swath_nmi
    across = them.x * plan.across[0] + them.y * plan.across[1]
    sees = np.abs(across[target] - middle[number - first]) < spec.swath_nmi / 2.0
    if spec.sensor == "optical":
        lon, lat = plan.plane.to_lonlat(them.x, them.y)
        sees &= cloud[number - first] >= spec.cloud_share
        sees &= plan.sun.elevation(seen, lon[target], lat[target]) > SUNSET_DEG
    target, number, seen = target[sees], number[sees], seen[sees]
    return _Sightings(target, chance.join_each(them.vessels, plan.source)[target] ^ passes[number - first], seen)


def _passes_during(plan: ObserverPlan, spec: Satellite, key: Entities, them: _Transfers) -> tuple[Ints, Ints, Floats]:
    """Row of a transfer, ordinal of a pass while it lies alongside, its hour; all (n,). Ordinals may be below 0."""
    phase = spec.first_pass_h
    if phase is None:
        phase = chance.uniform(key, Purpose.PASS, plan.source) * spec.revisit_h
    end = np.minimum(them.end, plan.duration_h)
    first = np.ceil((them.begin - phase) / spec.revisit_h).astype(np.int64)
    stop = np.ceil((end - phase) / spec.revisit_h).astype(np.int64)
    count = np.maximum(stop - first, 0)
    target = np.repeat(np.arange(count.size), count)
    number = np.arange(target.size) - np.repeat(np.cumsum(count) - count, count) + first[target]
    return target, number, phase + number * spec.revisit_h


def _until_made(plan: ObserverPlan, key: Entities, identity: Entities) -> Floats:
    """Hours from `seen_h` to a report: the delay, less a human source's lead."""
    luck = chance.uniforms(key, Purpose.REPORT, identity)
    delay = plan.spec.delay_h.quantile(luck[:, 0])
    if isinstance(plan.spec, HumanSource):
        delay -= plan.spec.lead_h.quantile(luck[:, 1])
    return delay


def _errors(plan: ObserverPlan, key: Entities, identity: Entities) -> Floats:
    """Errors of place, nmi, (n, 2): normal in each axis (Box & Muller 1958)."""
    luck = chance.uniforms(key, Purpose.REPORT_PLACE, identity)
    far, angle = np.sqrt(-2.0 * np.log(luck[:, 0])), 2.0 * np.pi * luck[:, 1]
    return np.column_stack([np.cos(angle), np.sin(angle)]) * (plan.spec.position_error_nmi * far)[:, None]


def _false_reports(plan: ObserverPlan, key: Entities) -> Sightings:
    """What an observer reports of nothing, made from `STALE_H` before hour 0 on.

    A Poisson process whose points are each moved by a delay of its own is one of the same rate (Kingman, Poisson
    Processes (1993), section 5.2): so it is the hours of making that are drawn, and those of seeing lie before them.
    """
    from sim.core import kernels

    spec = plan.spec
    rate = 0.0 if isinstance(spec, PatrolObserver) else spec.false_per_month / HOURS_PER_MONTH
    if rate == 0.0:
        return _nothing()
    source, spans = chance.join(plan.source, np.uint64(Purpose.FALSE_REPORT)), (plan.duration_h, STALE_H)
    halves = [
        kernels.arrivals(key, source, direction, 0, 0.0, rate * span, chance.at_most(rate * span))
        for direction, span in zip((1, -1), spans, strict=True)
    ]
    identity = np.concatenate([halves[0][1], halves[1][1]])
    made = np.concatenate([halves[0][0], -halves[1][0]]) / rate
    place = uniform_places(plan.sea, plan.plane, plan.least_scale, key, Purpose.FALSE_REPORT, identity)
    seen = made - _until_made(plan, key, identity)
    return _table(plan, identity, np.full(made.size, -1), seen, made, place[:, 0], place[:, 1])


def _table(
    plan: ObserverPlan, identity: Entities, target: Ints, seen: Floats, made: Floats, x: Floats, y: Floats
) -> Sightings:
    """Reports of one observer."""
    count = identity.size
    error = np.full(count, plan.spec.position_error_nmi)
    return Sightings(np.full(count, plan.number), identity, target, seen, made, x, y, error)


def patrol_report(
    plan: ObserverPlan, key: Entities, vessel: np.uint64, when: float, x: float, y: float
) -> Report | None:
    """What a patrol reports of a transfer that it finds at an hour and place; None: nothing, or after the end.

    The same for every find of the same vessels, but for hour and place: it is the first that should be passed here.
    """
    identity = np.array([chance.join(vessel, plan.source)], np.uint64)
    if not chance.uniforms(key, Purpose.WATCH, identity)[0, 0] < plan.spec.probability:
        return None
    made = when + float(_until_made(plan, key, identity)[0])
    dx, dy = _errors(plan, key, identity)[0].tolist()
    if made >= plan.duration_h:
        return None
    return Report(plan.number, identity[0], when, made, x + dx, y + dy, plan.spec.position_error_nmi)


def margin_h(plans: Sequence[ObserverPlan]) -> float:
    """How long before hour 0 a transfer may have ended, or after the last hour begin, and still be in a report then.

    The longest delay or lead, at most `STALE_H`.
    """
    spans = [plan.spec.delay_h.bounds()[1] for plan in plans]
    spans += [plan.spec.lead_h.bounds()[1] for plan in plans if isinstance(plan.spec, HumanSource)]
    return min(STALE_H, max(spans, default=0.0))
