"""Rules of check about receivers of AIS: nobody sends, or so many do that hardly one is heard."""

from collections.abc import Iterator

import numpy as np

from sim.check.bounds import Bounds
from sim.check.registry import DOUBTFUL, NOTE, Found, rule
from sim.deployment.ais_load import sensors_under_load
from sim.model.observers.ais_receiver import AisReceiver
from sim.model.observers.base import ObserverPlan

_HARDLY = 0.01  # the share of the vessels that send AIS
_FEW = 0.95  # the share of the vessels that send AIS, for a crew


def _receivers(bounds: Bounds) -> list[tuple[ObserverPlan, AisReceiver]]:
    return [(plan, plan.spec) for plan in bounds.reports.observers if isinstance(plan.spec, AisReceiver)]


@rule(DOUBTFUL)
def no_transfer_sends(bounds: Bounds) -> Iterator[Found]:
    """An observer receives AIS, but no vessel of a transfer ever sends any, or all AIS claims are false.

    The observer hears no transfer.
    """
    sources = bounds.scenario.transfers.values()
    if any(source.dark_share < 1.0 and source.spoofing_share < 1.0 for source in sources):
        return
    for plan, _ in _receivers(bounds) if sources else []:
        problem = f"All vessels of transfers are dark, or their claims are false, so {plan.name} hears no transfer."
        advice = "Set dark_share, which is 1 if it is left out, and spoofing_share of [transfers] below 1."
        yield Found(("observers", plan.name), problem, advice)


@rule(NOTE)
def receiver_overloaded(bounds: Bounds) -> Iterator[Found]:
    """So many vessels send AIS in the view of an observer that it hears less than 1 % of them at a time."""
    for plan, spec in _receivers(bounds):
        heard = float(spec.chance_at(plan, spec.hours_of(plan)).max())
        if heard < _HARDLY:
            problem = f"So many vessels send AIS in its view that it hears {100.0 * heard:.2g} % of them at a time."
            advice = "Lower others_in_view, or raise report_s, if vessels send less often than that."
            yield Found(("observers", plan.name), problem, advice)


@rule(DOUBTFUL)
def ais_rules_unheard(bounds: Bounds) -> Iterator[Found]:
    """The public rules for AIS are asked for, but no observer receives AIS, so they find no transfer."""
    if bounds.scenario.outputs.ais_rules is not None and not _receivers(bounds):
        problem = "No observer receives AIS, so the rules find no transfer."
        advice = "Add observers of the kind ais_satellite or ais_station, or remove ais_rules."
        yield Found(("outputs", "ais_rules"), problem, advice)


@rule(NOTE)
def crew_hears_few(bounds: Bounds) -> Iterator[Found]:
    """The crew of a patrol hears less than 95 % of the vessels that send AIS; all others look dark to the crew."""
    for patrol in bounds.patrols:
        passes = [np.array(route.track.geoms[0].coords) for route in patrol.routes]
        sensors = sensors_under_load(bounds.scenario, patrol.aircraft, passes)
        for name, sensor in zip(patrol.aircraft.sensors, sensors, strict=True):
            if sensor.hears_partly and sensor.chance_heard < _FEW:
                heard = f"{name} hears {100.0 * sensor.chance_heard:.3g} % of the vessels that send AIS"
                problem = f"Along the routes of {patrol.name}, {heard}; all other vessels look dark to the crew."
                advice = f"Raise sensors.{name}.listens_s, if the crew listens longer, or lower others_in_view."
                yield Found(("sensors", name, "report_s"), problem, advice)
