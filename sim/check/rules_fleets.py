"""Rules of check about fleets: a port that is far away, and an area most of which is too near to land."""

from collections.abc import Iterator

from sim.check.bounds import Bounds
from sim.check.registry import DOUBTFUL, Found, rule
from sim.deployment.traffic.fleet import FleetPlan
from sim.model.clear_sea import CLEAR_NMI

_MOST = 0.5  # the share of the sea of an area that boats should have for work: an assumption, as in `area_mostly_land`


def _fleets(bounds: Bounds) -> Iterator[FleetPlan]:
    """The fleets of a scenario."""
    yield from (plan for plan in bounds.traffic.values() if isinstance(plan, FleetPlan))


@rule(DOUBTFUL)
def port_far_from_fleet(bounds: Bounds) -> Iterator[Found]:
    """The boats of a fleet are on passage for longer than they work, so most of them are not where they work.

    This is most often a mistake in the port or in the length of a trip.
    """
    for plan in _fleets(bounds):
        if plan.trip is not None and 2.0 * plan.passage_h > plan.trip.mean:
            problem = (
                f"Boats of {plan.name} work for {plan.trip.mean:.0f} h on average and are on passage for "
                f"{2.0 * plan.passage_h:.0f} h, out and home."
            )
            yield Found(("background", plan.name, "port"), problem, "Raise trip_days, or correct port [lon, lat].")


@rule(DOUBTFUL)
def fleet_near_land(bounds: Bounds) -> Iterator[Found]:
    """Boats of a fleet keep off land, and more than half of the sea of their area is too near to it, or enclosed by it.

    All boats work in the sea that is left.
    """
    for plan in _fleets(bounds):
        whole, left = float(bounds.sea_of(plan.spec.area).area), float(plan.sea.area)
        if left < _MOST * whole:
            problem = (
                f"Boats of {plan.name} keep {CLEAR_NMI:g} nmi off land, so that they work in {left:,.0f} of the "
                f"{whole:,.0f} sq nmi of sea of the area {plan.spec.area}."
            )
            advice = f"Draw areas.{plan.spec.area} farther out, unless all boats should work in the sea that is left."
            yield Found(("background", plan.name, "area"), problem, advice)
