"""What observers report of the transfers of one replication, and what they report of nothing.

The luck of an observer with a transfer depends on the two of them alone, so one more observer, transfer or agreement
changes no other's luck.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol

import numpy as np
import shapely

from sim.core import chance
from sim.core.arrays import Entities, Flags, Floats, Ints
from sim.core.codes import Purpose
from sim.core.geo import Plane
from sim.core.units import HOURS_PER_MONTH
from sim.model.observers.base import Observer, ObserverPlan, TransfersAtSea
from sim.model.places import Area, least_scale, uniform_places
from sim.model.sun import Sun

STALE_H = 240.0  # false reports older than this at hour 0 are left out: no pair lies alongside so long, an assumption


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


class Watched(Protocol):
    """What observers need to know of a scenario."""

    @property
    def observers(self) -> Mapping[str, Observer]:
        """Observers by name."""

    @property
    def plane(self) -> Plane:
        """The theatre's plane."""

    @property
    def areas(self) -> Mapping[str, Area]:
        """Areas by name."""

    @property
    def transfers(self) -> Mapping[str, Any]:
        """Sources of transfers by name; each has an area."""

    @property
    def start(self) -> datetime:
        """Hour 0."""

    @property
    def duration_h(self) -> float:
        """Hours of the deployment."""


def plan_observers(scenario: Watched) -> list[ObserverPlan]:
    """Make the observers of a scenario ready, sorted by name.

    Those without an area of their own watch the areas of all transfers.
    """
    sun, plane, plans = Sun(scenario.start), scenario.plane, []
    shapes = {name: area.shape for name, area in scenario.areas.items()}
    default_areas = sorted({source.area for source in scenario.transfers.values()})
    for number, name in enumerate(sorted(scenario.observers)):
        spec = scenario.observers[name]
        sea = spec.watched_sea(plane, shapes, default_areas)
        shapely.prepare(sea)
        across, extent = spec.across_track(plane, sea)
        source, least = chance.identity("observers", name), least_scale(plane, sea)
        given = (plane, sun, scenario.duration_h, least, across, extent)
        plans.append(ObserverPlan(number, name, source, spec, sea, *given))
    return plans


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
    them = TransfersAtSea(begin, end, x, y, vessels, dark)
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


def _true_reports(plan: ObserverPlan, key: Entities, transfers: TransfersAtSea) -> Sightings:
    """What an observer reports of transfers."""
    glimpses = plan.spec.glimpses(plan, key, transfers)
    share = plan.spec.glimpse_probability(transfers.dark[glimpses.target])
    sees = chance.uniforms(key, Purpose.WATCH, glimpses.identity)[:, 0] < share
    target, identity, seen = glimpses.target[sees], glimpses.identity[sees], glimpses.seen[sees]
    made = seen + _until_made(plan, key, identity)
    place = np.column_stack([transfers.x[target], transfers.y[target]]) + _errors(plan, key, identity)
    keep = made < plan.duration_h
    columns = (target, seen, made, place[:, 0], place[:, 1])
    return _table(plan, identity[keep], *(column[keep] for column in columns))


def _until_made(plan: ObserverPlan, key: Entities, identity: Entities) -> Floats:
    """Hours from `seen_h` to a report: the delay, less the time by which it is foretold."""
    luck = chance.uniforms(key, Purpose.REPORT, identity)
    delay = plan.spec.delay_h.quantile(luck[:, 0])
    if plan.spec.lead_time_h is not None:
        delay -= plan.spec.lead_time_h.quantile(luck[:, 1])
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

    rate = plan.spec.false_reports_per_month / HOURS_PER_MONTH
    if rate == 0.0:
        return _nothing()
    source, spans = chance.join(plan.identity, np.uint64(Purpose.FALSE_REPORT)), (plan.duration_h, STALE_H)
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
    identity = np.array([chance.join(vessel, plan.identity)], np.uint64)
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
    leads = [plan.spec.lead_time_h for plan in plans]
    spans += [lead.bounds()[1] for lead in leads if lead is not None]
    return min(STALE_H, max(spans, default=0.0))
