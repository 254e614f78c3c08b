"""Pairs that make way while they lie alongside: their speeds, their courses, and who follows them."""

import numpy as np
import pytest
import shapely

from sim import run
from sim.core.codes import STATIONARY
from sim.deployment.engine import simulate
from sim.deployment.log import Log
from sim.deployment.transfers import passages, realise_transfers
from sim.deployment.world import Plan, realise
from sim.model.weather import realise_weather
from sim.scenario.problems import InputError
from sim.study.maps.coverage import make_field
from tests.helpers import events, plan_of, standard_errors

WAY = {"transfers.fuel.making_way_kn": {"low": 1.0, "high": 5.0}}
SEA = {"background.merchant.present": 0.0, "transfers.fuel.per_month": 300.0, "duration_days": 10}
STRAIT = {"areas.strait": {"polygon": [[129.0, 33.9], [130.2, 33.9], [130.2, 34.9], [129.0, 34.9]]}}


def table_of(plan: Plan, replications: int = 4):
    worlds = [realise(plan, 7, replication) for replication in range(replications)]
    return {
        name: np.concatenate([getattr(world.transfers, name) for world in worlds])
        for name in ("begin", "end", "x", "y", "vx", "vy", "vessels", "traits")
    }


def test_speeds_are_those_asked_for_and_courses_are_uniform():
    table = table_of(plan_of(**SEA, **WAY))
    speed, course = np.hypot(table["vx"], table["vy"]), np.arctan2(table["vy"], table["vx"])
    n = speed.size
    assert n > 300
    assert 0.0 < speed.min() < speed.max() <= 5.0
    assert abs(standard_errors(speed.mean(), 3.0, 4.0 / np.sqrt(12.0 * n))) < 4.0
    assert abs(standard_errors(np.mean(speed < 2.0), 0.25, np.sqrt(0.25 * 0.75 / n))) < 4.0
    for around in (np.cos(course), np.sin(course), np.cos(2.0 * course)):
        assert abs(standard_errors(around.mean(), 0.0, np.sqrt(0.5 / n))) < 4.0


def test_slower_than_two_knots_is_stationary():
    table = table_of(plan_of(**SEA, **WAY), 1)
    slow = np.hypot(table["vx"], table["vy"]) < 2.0
    assert 0 < slow.sum() < slow.size
    assert np.array_equal((table["traits"] & STATIONARY) > 0, slow)


def test_nothing_else_of_a_transfer_changes():
    still, moving = (table_of(plan_of(**SEA, **more), 1) for more in ({}, WAY))
    assert not np.any(still["vx"])
    for name in ("begin", "end", "x", "y", "vessels"):
        assert np.array_equal(still[name], moving[name])


def test_pairs_stay_at_sea_in_a_strait():
    """Islands and the edges of a small area: no way crosses them, and most pairs still make way."""
    plan = plan_of(**SEA, **WAY, **STRAIT, **{"transfers.fuel.area": "strait", "transfers.fuel.duration_h": 10.0})
    table = table_of(plan)
    begin = np.column_stack([table["x"], table["y"]])
    end = begin + np.column_stack([table["vx"], table["vy"]]) * (table["end"] - table["begin"])[:, None]
    assert len(begin) > 200
    assert np.all(shapely.covers(plan.transfers[0].sea, shapely.linestrings(np.stack([begin, end], axis=1))))
    assert np.mean(np.hypot(table["vx"], table["vy"]) > 0.9) > 0.5


def beside(log: Log) -> list[float]:
    """How far the aircraft is from the pair whenever it documents one."""
    found = [(one, log.world.targets.place_at(one.vessel, one.time_h)) for one in events(log, "documented")]
    return [float(np.hypot(x - one.x, y - one.y)) for one, (x, y) in found]


def test_a_crew_meets_the_pair_where_it_is_and_moves_with_it():
    plan = plan_of(**SEA, **{"transfers.fuel.making_way_kn": 5.0, "transfers.fuel.duration_h": 12.0})
    log = simulate(plan, 1, 0)
    ranges = beside(log)
    rung = plan.scenario.aircraft["cp140"].identification.document
    assert len(ranges) > 5
    assert max(ranges) <= rung.range_nmi + 1e-6
    table = log.world.transfers
    gone = [np.hypot(*(table.place_at(np.array([one.vessel]), np.array([one.time_h]))[0]
                       - (table.x[one.vessel], table.y[one.vessel]))) for one in events(log, "documented")]  # fmt: skip
    assert max(gone) > 10.0


def test_they_part_where_they_have_come_to_and_go_on_from_there():
    plan = plan_of(**SEA, **WAY)
    log = simulate(plan, 1, 0)
    parted, table = events(log, "parted"), log.world.transfers
    rows = np.array([one.vessel for one in parted])
    assert rows.size > 30
    ends = table.place_at(rows, table.end[rows])
    assert np.array([(one.x, one.y) for one in parted]) == pytest.approx(ends)
    key = log.world.key
    every = realise_transfers(plan.transfers, key, realise_weather(plan.weather, key), with_passages=True)
    ways_out = passages(plan.transfers, every, key).rows[1::2]
    assert ways_out[: every.begin.size, 2:4] == pytest.approx(every.place_at(np.arange(every.begin.size), every.end))


def test_observers_report_the_place_at_the_hour_of_the_look():
    satellite = {"kind": "satellite", "sensor": "radar", "nation": "usa", "swath_nmi": 900.0, "revisit_h": 3.0}
    satellite |= {"probability": 1.0, "position_error_nmi": 0.0, "delay_h": 0.0}
    log = simulate(plan_of(**SEA, **WAY, **{"observers.satellite": satellite, "nations.usa": {}}), 1, 0)
    assert log.dissemination is not None
    seen = [(one.target, one.seen_h, one.x, one.y) for one in log.dissemination.reports if one.target >= 0]
    assert len(seen) > 30
    target, hours, x, y = np.array(seen).T
    table, rows = log.dissemination.transfers, target.astype(int)
    assert np.column_stack([x, y]) == pytest.approx(table.place_at(rows, hours))
    assert np.max(np.hypot(x - table.x[rows], y - table.y[rows])) > 5.0


def test_results_say_how_fast_and_where_they_part():
    few = {"background.merchant.present": 0.0, "duration_days": 3}
    results = run("neon-spring", 2, sets=few | WAY)
    table = results.tables["transfers"]
    assert np.all(np.array(table["speed_kn"]) <= 5.0)
    assert np.any(np.array(table["end_lon"]) != np.array(table["lon"]))
    with pytest.raises(InputError, match="lie still alongside"):
        make_field(results, (0.0, 0.0, 100.0, 100.0))
    assert "speed_kn" not in run("neon-spring", 2, sets=few).tables["transfers"].column_names


@pytest.mark.parametrize(
    ("sets", "words"),
    [
        ({"transfers.fuel.making_way_kn": 6.0}, "from 0 to 5 knots"),
        (WAY | {"transfers.fuel.reaction.notice_nmi": 8.0}, "vessels that answer lie still"),
        (WAY | {"transfers.fuel.learning.weight": 0.5}, "vessels that answer lie still"),
    ],
)
def test_ways_that_cannot_be_are_refused(sets, words):
    with pytest.raises(InputError, match=words):
        plan_of(**sets)
