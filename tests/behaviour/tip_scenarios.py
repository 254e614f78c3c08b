"""Scenarios with tips that several tests share, and crews that receive exactly the reports that a test states."""

import functools

import numpy as np

from sim import load_scenario
from sim.deployment.engine import fly, observed_transfers, simulate
from sim.deployment.world import prepare, realise
from sim.model.sightings import Sightings
from sim.study.rows import rows_of, tables_of

DESK = {"kind": "ais_desk", "probability": 0.5, "dark_probability": 0.5, "position_error_nmi": 6.0}

SATELLITE = {
    "kind": "satellite",
    "sensor": "radar",
    "revisit_h": 8.0,
    "swath_nmi": 300.0,
    "probability": 0.8,
    "position_error_nmi": 2.0,
    "delay_h": {"median": 0.5, "sigma": 0.5},
    "false_per_month": 20.0,
}

SOURCE = {
    "kind": "human",
    "probability": 0.3,
    "position_error_nmi": 10.0,
    "delay_h": 1.0,
    "lead_h": {"low": 0.0, "high": 3.0},
    "false_per_month": 5.0,
}

# Three nations: canada flies and has a source of its own, the others observe.
WATCHED = {
    "nations.canada": {},
    "nations.japan": {},
    "nations.usa": {},
    "patrols.aurora.nation": "canada",
    "observers.desk": {**DESK, "nation": "usa", "delay_h": {"mean": 1.0}, "false_per_month": 20.0},
    "observers.satellite": {**SATELLITE, "nation": "japan"},
    "observers.source": {**SOURCE, "nation": "canada"},
    "agreements.canada_japan": {"nations": ["canada", "japan"], "delay_h": {"mean": 0.5}, "release": 0.9},
    "agreements.five_eyes": {
        "nations": ["canada", "usa"],
        "delay_h": 0.25,
        "release": 0.7,
        "sanitising_error_nmi": 4.0,
    },
}

FOLLOWED = {**WATCHED, "patrols.aurora.tips": {"least_chance": 0.05}}

NEAR = {"aircraft.cp140.identification.priority.near_tip": 3.0}

MANY = {"duration_days": 6, "transfers.fuel.per_month": 150.0}

QUIET = {
    "background.merchant.present": 0.0,
    "transfers.fuel.per_month": 0.0,
    "duration_days": 3,
    "nations.canada": {},
    "patrols.aurora.nation": "canada",
    "patrols.aurora.tips": {},
    "observers.desk": {**DESK, "nation": "canada", "delay_h": 1.0},
}

SECOND = {
    "aircraft": "cp140",
    "base": "kadena",
    "routes": ["search"],
    "first_takeoff_h": 22.0,
    "every_h": 24.0,
    "nation": "canada",
    "tips": {},
}

CREW = {"kind": "patrol", "position_error_nmi": 1.0, "delay_h": 0.2}

SURE = {
    **{f"aircraft.cp140.identification.{rung}.probability": 1.0 for rung in ("classify", "document")},
    "sensors.radar.law": {"kind": "definite_range", "range_nmi": 12.0, "probability": 1.0},
    "transfers.fuel.per_month": 20.0,
    "transfers.fuel.duration_h": 48.0,
    "nations.canada.cell.lasts_h": 200.0,
}

# Two crews of canada, of which aurora reports its finds, and a crew of japan that receives them.
BACK = {
    **NEAR,
    "patrols.second": {**SECOND, "first_takeoff_h": 9.0},
    "patrols.third": {**SECOND, "nation": "japan", "first_takeoff_h": 15.0},
    "observers.crew": {**CREW, "nation": "canada", "patrol": "aurora"},
    "observers.desk.delay_h": {"mean": 4.0},
}

LEAST = 0.01  # nmi: the least standard error of a place


def scenario(name, *sets):
    return load_scenario(name, functools.reduce(lambda first, second: {**first, **second}, sets, {}))


def tables(log):
    return tables_of(log.plan.scenario, [rows_of(log, True)])


def sightings(reports):
    """Reports of the first observer, from rows (seen_h, made_h, x, y, error_nmi, target); no target: a false report."""
    rows = np.array([(*report, -1)[:6] for report in reports], float).reshape(-1, 6)
    seen, made, x, y, error, target = rows[np.argsort(rows[:, 1])].T
    identity = np.arange(len(rows), dtype=np.uint64)
    return Sightings(np.zeros(len(rows), np.int64), identity, target.astype(int), seen, made, x, y, error)


def fly_with(reports, **sets):
    """The log of a quiet scenario in which exactly these reports are made.

    `reports`: rows as in `sightings`, or a function that gives them from begin, end, x and y of the transfers.
    """
    plan = prepare(scenario("neon-spring", QUIET, sets))
    world = realise(plan, 1, 0)
    table = observed_transfers(plan, world)
    rows = reports(table.begin, table.end, table.x, table.y) if callable(reports) else reports
    return fly(plan, world, 0, sightings(rows))


def flights_for_tips(log):
    return [flight for sortie in log.sorties for flight in sortie.tip_flights]


def followed(log):
    return [(event.time_h, event.patrol, event.detail) for event in log.events if event.event == "tip_followed"]


@functools.cache
def middle():
    """The middle of the area, nmi."""
    plan = prepare(scenario("neon-spring", QUIET))
    return tuple(plan.scenario.plane.project(plan.scenario.areas["east_china_sea"].shape).centroid.coords[0])


# Two nations whose crews report what they find to each other.
BOTH = {
    "nations.canada": {},
    "nations.japan": {},
    "patrols.aurora.nation": "canada",
    "patrols.aurora.tips": {},
    "patrols.second": {**SECOND, "nation": "japan", "first_takeoff_h": 10.0},
    "observers.aurora": {**CREW, "nation": "canada", "patrol": "aurora"},
    "observers.second": {**CREW, "nation": "japan", "patrol": "second"},
    "agreements.both": {"nations": ["canada", "japan"], "delay_h": 0.1, "third_party_release": True},
    "agreements.again": {"nations": ["canada", "japan"], "delay_h": 0.3, "third_party_release": True},
    "transfers.fuel.per_month": 200.0,
    "transfers.fuel.duration_h": 20.0,
    "duration_days": 6,
    "nations.canada.cell.lasts_h": 20.0,
    "nations.japan.cell.lasts_h": 20.0,
}


@functools.cache
def both_logs():
    return [simulate(scenario("neon-spring", BOTH), 1, replication) for replication in range(2)]
