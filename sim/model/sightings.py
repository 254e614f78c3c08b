"""The reports that observers make in one replication: true reports of transfers, and false reports of nothing.

What an observer sees of a transfer, and how it reports it, is drawn by the identities of the two alone. So one more
observer, transfer or agreement changes no report of the others.
"""

from collections.abc import Callable, Mapping, Sequence
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

STALE_H = 240.0
"""False reports that are older than this at hour 0 are left out. No pair is assumed to lie alongside so long."""


class Report(NamedTuple):
    """One report: a row of `Sightings`, where each field is explained."""

    observer: int
    identity: np.uint64
    target: int
    seen_h: float
    made_h: float
    x: float
    y: float
    error_nmi: float


class Sightings(NamedTuple):
    """The reports of one replication, sorted by the hour at which they are made; all columns have length n."""

    observer: Ints
    """Number of the observer among the sorted names."""
    identity: Entities
    """Identity of the report: from the observer and the vessel, and of a satellite also the pass; of a false report
    from the observer and an ordinal."""
    target: Ints
    """Row of the transfer, -1 for a false report."""
    seen_h: Floats
    """The hour to which the place refers: when the pair was seen; for a human source, when the transfer begins."""
    made_h: Floats
    """The hour at which the nation of the observer has the report."""
    x: Floats
    """The reported place on the plane, nmi."""
    y: Floats
    error_nmi: Floats
    """Standard deviation of the reported place in each axis."""


class ObservedScenario(Protocol):
    """The parts of a scenario that observers depend on."""

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


def eyes_of(scenario: ObservedScenario) -> list[str]:
    """The names of the observers that are eyes of their own, sorted: all but crews, whose eyes are their aircraft."""
    return sorted(name for name, spec in scenario.observers.items() if spec.crew is None)


def plan_observers(
    scenario: ObservedScenario, senders: Callable[[Any, Floats], Floats] | None = None
) -> list[ObserverPlan]:
    """Prepare the observers of a scenario, sorted by name.

    An observer without an area of its own watches the areas of all transfers. `senders`: how many background ships send
    AIS in a view, see `ObserverPlan`.
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
        given = (plane, sun, scenario.duration_h, least, across, extent, senders)
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
    """The reports of one replication that are made before the deployment ends, without those of patrols.

    Patrols report as they fly (`patrol_report`). Reports of transfers that began before hour 0 may have been made
    before it. `margin_h` says how far beyond the deployment the transfers must reach for the reports to be stationary.

    Args:
        plans: The observers.
        key: Key of the replication, (2,).
        begin: Hours at which the transfers begin, (m,).
        end: Hours at which they end, (m,).
        x: Their places on the plane, nmi, (m,).
        y: The same.
        vessels: Identities of the pairs, (m,).
        dark: Whether no vessel of a pair has its AIS on, (m,).
    """
    return reports_at_sea(plans, key, TransfersAtSea(begin, end, x, y, vessels, dark))


def reports_at_sea(plans: Sequence[ObserverPlan], key: Entities, transfers: TransfersAtSea) -> Sightings:
    """The same as `realise_reports`, of transfers of which more is known: lengths, and which hulls send AIS."""
    watching = [plan for plan in plans if not plan.sea.is_empty]
    return _sorted([*(_true_reports(plan, key, transfers) for plan in watching),
                    *(_false_reports(plan, key) for plan in watching)])  # fmt: skip


def reports_of_transfers(plans: Sequence[ObserverPlan], key: Entities, transfers: TransfersAtSea) -> Sightings:
    """The true reports about some transfers that are made before the deployment ends, without those of patrols."""
    return _sorted([_true_reports(plan, key, transfers) for plan in plans if not plan.sea.is_empty])


def _sorted(parts: Sequence[Sightings]) -> Sightings:
    """The reports of several observers, sorted by the hour at which they are made."""
    parts = [_no_reports(), *parts]
    columns: list[Any] = [np.concatenate(column) for column in zip(*parts, strict=True)]
    joined = Sightings(*columns)
    order = np.lexsort((joined.identity, joined.made_h))
    columns = [column[order] for column in joined]
    return Sightings(*columns)


def _no_reports() -> Sightings:
    kinds: Any = (np.int64, np.uint64, np.int64, *[np.float64] * 5)
    return Sightings(*(np.zeros(0, kind) for kind in kinds))


def _true_reports(plan: ObserverPlan, key: Entities, transfers: TransfersAtSea) -> Sightings:
    """The reports of an observer about transfers."""
    glimpses = plan.spec.glimpses(plan, key, transfers)
    share = plan.spec.glimpse_probability(glimpses, transfers.select(glimpses.target))
    sees = chance.uniforms(key, Purpose.WATCH, glimpses.identity)[:, 0] < share
    target, identity, seen = glimpses.target[sees], glimpses.identity[sees], glimpses.seen[sees]
    made = seen + _until_made(plan, key, identity)
    place = transfers.places(target, seen).T + _errors(plan, key, identity)
    keep = made < plan.duration_h
    columns = (target, seen, made, place[:, 0], place[:, 1])
    return _table(plan, identity[keep], *(column[keep] for column in columns))


def _until_made(plan: ObserverPlan, key: Entities, identity: Entities) -> Floats:
    """Hours (n,) from `seen_h` to `made_h`: the delay, less the time by which a transfer is foretold."""
    luck = chance.uniforms(key, Purpose.REPORT, identity)
    delay = plan.spec.delay_h.quantile(luck[:, 0])
    if plan.spec.lead_time_h is not None:
        delay -= plan.spec.lead_time_h.quantile(luck[:, 1])
    return delay


def _errors(plan: ObserverPlan, key: Entities, identity: Entities) -> Floats:
    """Errors of the reported places, nmi, (n, 2): independent and normal in each axis (Box & Muller 1958)."""
    luck = chance.uniforms(key, Purpose.REPORT_PLACE, identity)
    far, angle = np.sqrt(-2.0 * np.log(luck[:, 0])), 2.0 * np.pi * luck[:, 1]
    return np.column_stack([np.cos(angle), np.sin(angle)]) * (plan.spec.position_error_nmi * far)[:, None]


def _false_reports(plan: ObserverPlan, key: Entities) -> Sightings:
    """The false reports of an observer that are made from `STALE_H` before hour 0 on.

    If each point of a Poisson process is moved by an independent delay, the result is a Poisson process of the same
    rate (Kingman, Poisson Processes (1993), section 5.2). So the hours at which the reports are made are drawn as a
    Poisson process, and each delay is subtracted to give the hour of seeing.
    """
    from sim.core import kernels

    rate = plan.spec.false_reports_per_month / HOURS_PER_MONTH
    if rate == 0.0:
        return _no_reports()
    source, spans = chance.join(plan.identity, np.uint64(Purpose.FALSE_REPORT)), (plan.duration_h, STALE_H)
    halves = [
        kernels.arrivals(key, source, direction, 0, 0.0, rate * span, chance.poisson_bound(rate * span))
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
    """The reports of one observer as a table, not sorted."""
    count = identity.size
    error = np.full(count, plan.spec.position_error_nmi)
    return Sightings(np.full(count, plan.number), identity, target, seen, made, x, y, error)


def patrol_report(
    plan: ObserverPlan, key: Entities, vessel: np.uint64, target: int, hour: float, x: float, y: float
) -> Report | None:
    """The report that a patrol makes of a vessel found at an hour and place; None: it makes none before the end.

    Chance, delay and error are drawn by patrol and vessel, so they are the same for every find of the same vessel.

    Args:
        plan: The patrol as an observer.
        key: Key of the replication, (2,).
        vessel: Identity of the vessel or pair.
        target: Row of the transfer that it is, -1 for none.
        hour: When it was found.
        x: The true place then, on the plane, nmi.
        y: The same.
    """
    identity = np.array([chance.join(vessel, plan.identity)], np.uint64)
    if not chance.uniforms(key, Purpose.WATCH, identity)[0, 0] < plan.spec.probability:
        return None
    made = hour + float(_until_made(plan, key, identity)[0])
    dx, dy = _errors(plan, key, identity)[0].tolist()
    if made >= plan.duration_h:
        return None
    return Report(plan.number, identity[0], target, hour, made, x + dx, y + dy, plan.spec.position_error_nmi)


def margin_h(plans: Sequence[ObserverPlan]) -> float:
    """How long before hour 0 a transfer may have ended, or after the deployment begin, and still be reported in it.

    This is the longest delay or lead of any observer, and at most `STALE_H`.
    """
    spans = [plan.spec.delay_h.bounds()[1] for plan in plans]
    leads = [plan.spec.lead_time_h for plan in plans]
    spans += [lead.bounds()[1] for lead in leads if lead is not None]
    return min(STALE_H, max(spans, default=0.0))
