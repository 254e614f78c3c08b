"""What agreements gain in the study `neon-told`, beside the closed form of a tip about one of two areas.

`python -m tools.tip_value FOLDER` prints the table of `docs/methods/sharing.md` from the results of its sweep.
`make soak` compares them.
"""

import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np

from sim.core import chance
from sim.core.fields import Quantity
from sim.deployment.engine import observed_transfers
from sim.deployment.reports import observe
from sim.deployment.world import prepare, realise
from sim.model import theory
from sim.scenario.schema import Scenario
from sim.study.design import load_study
from sim.study.study_results import StudyResults

STUDY = "neon-told"
_WORLDS = 40  # replications whose reports are looked at; nobody flies in them
_PARTNERS = ("japan", "rok")
_NONE = "no agreement"
HEAD = (
    "| sea | delay, h | in time, F | gain, closed form | reports in time | followed | documented | gain, simulated |",
    "| --- | --- | --- | --- | --- | --- | --- | --- |",
)


class Reported(NamedTuple):
    """What partners report of the transfers of a scenario."""

    transfers: float
    """How many transfers of a deployment have a report, in the mean."""
    after_h: float
    """How long after the pair came alongside the first report of each is made, in the mean; never below 0."""


def reported(scenario: Scenario, seed: int) -> Reported:
    """What the partners of the two agreements report, by replications in which nobody flies."""
    plan = prepare(scenario)
    if plan.dissemination is None:
        raise ValueError("a scenario whose crews follow tips is needed")
    names = sorted(scenario.observers)
    partners = [number for number, name in enumerate(names) if scenario.observers[name].nation in _PARTNERS]
    count, after = 0, list[float]()
    for replication in range(_WORLDS):
        world = realise(plan, seed, replication)
        transfers = observed_transfers(plan, world)
        sightings = observe(plan.dissemination, chance.replication_key(seed, replication), transfers)
        first = np.full(transfers.begin.size, np.inf)
        mine = np.isin(sightings.observer, partners) & (sightings.target >= 0)
        np.minimum.at(first, sightings.target[mine], sightings.made_h[mine])
        rows = (transfers.begin >= 0.0) & (transfers.begin < scenario.duration_h) & np.isfinite(first)
        count += int(rows.sum())
        after += np.maximum(0.0, first[rows] - transfers.begin[rows]).tolist()
    return Reported(count / _WORLDS, float(np.mean(after)))


def closed_form(scenario: Scenario, told: Reported, delay_h: float) -> tuple[float, float]:
    """The chance F that a crew is in time, and the gain of a deployment, if each transfer were alone in two areas.

    Each reported transfer has one tip, which is right, and one sortie, which takes off at once from its base; imagery
    succeeds by the two chances of the crew's rungs.
    """
    life = scenario.transfers["fuel"].duration_h
    mean_h = life.mean or (life.median or 0.0) * float(np.exp((life.sigma or 0.0) ** 2 / 2.0))
    aircraft, base = scenario.aircraft["cp140"], scenario.bases["kadena"]
    middle = scenario.plane.project(scenario.areas["east_china_sea"].shape).centroid
    x, y = scenario.plane.to_xy(*base.position)
    flight_h = float(np.hypot(middle.x - x, middle.y - y)) / aircraft.transit_speed_kn
    in_time = theory.chance_of_arrival_in_time(Quantity(mean=mean_h), delay_h + told.after_h, flight_h)
    rungs = aircraft.identification
    if rungs is None:
        raise ValueError("a crew that investigates is needed")
    success = rungs.classify.probability * rungs.document.probability
    return in_time, told.transfers * theory.gain_of_a_tip(success, in_time, 1.0)


def rows(results: StudyResults) -> list[str]:
    """The rows of the table."""
    found, points = [], load_study(STUDY).points
    measures = ("reports_in_time", "reports_followed", "reports_fruitful")
    estimates = {name: results.estimates(name) for name in measures}
    for point in points:
        sea, delay = point.levels.values()
        if delay == _NONE:
            told = reported(point.scenario, results.study.seed)
            gains = results.differences("documented", point.number)
            continue
        in_time, gain = closed_form(point.scenario, told, float(delay))
        cells = [f"{estimates[name][point.number].value or 0.0:.2f}" for name in measures]
        simulated = gains[point.number]
        interval = f"{simulated.value:+.2f} ({simulated.low:+.2f} to {simulated.high:+.2f})"
        found.append(f"| {sea} | {delay} | {in_time:.2f} | {gain:+.2f} | {' | '.join(cells)} | {interval} |")
    return found


if __name__ == "__main__":
    sys.stdout.write("\n".join([*HEAD, *rows(StudyResults.load(Path(sys.argv[1])))]) + "\n")
