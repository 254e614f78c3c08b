"""Tables of transfers: rows beyond the deployment, rough seas, several sources, and the vessels on their way."""

import numpy as np
import pytest

from sim import load_scenario
from sim.core.chance import replication_key
from sim.deployment.transfers import TransferTable, passages, realise_transfers
from sim.deployment.world import prepare, realise
from sim.model.sensors.base import NOTHING_STATED
from sim.model.weather import realise_weather

KEY = replication_key(8, 0)
SETS = {"background.merchant.present": 0.0, "transfers.fuel.per_month": 300.0, "duration_days": 5}
DURATION_H = 120.0


def plan_of(**sets):
    return prepare(load_scenario("neon-spring", {**SETS, **sets}))


def table_of(plan, **asked):
    return realise_transfers(plan.transfers, KEY, realise_weather(plan.weather, KEY), **asked)


def rows_by_vessel(table):
    return {
        vessel: (begin, end, x, y)
        for vessel, begin, end, x, y in zip(
            table.vessels.tolist(), table.begin, table.end, table.x, table.y, strict=True
        )
    }


@pytest.mark.parametrize("share", [None, 0.7])
def test_a_margin_adds_transfers_and_changes_none(share):
    sets = {} if share is None else {"transfers.fuel.night_share": share}
    near, far = (rows_by_vessel(table_of(plan_of(**sets), margin_h=margin)) for margin in (0.0, 30.0))
    assert near.items() <= far.items()
    added = [row for vessel, row in far.items() if vessel not in near]
    assert len(added) > 5
    assert all(begin >= DURATION_H or end <= 0.0 for begin, end, _, _ in added)
    assert all(begin < DURATION_H + 30.0 and end > -30.0 for begin, end, _, _ in added)


def test_rows_are_sorted_by_beginning_and_those_of_the_deployment_count():
    sets = {"transfers.second": {"area": "east_china_sea", "per_month": 90.0, "duration_h": 9.0}}
    plan = plan_of(**sets)
    table = table_of(plan, margin_h=10.0)
    assert np.all(np.diff(table.begin) >= 0.0)
    assert np.array_equal(table.counted, (table.begin >= 0.0) & (table.begin < DURATION_H))
    names = [source.name for source in plan.transfers]
    sources = [label.split("-")[0] for label in table.labels.tolist()]
    assert sources == [names[index] for index in table.source]
    assert set(sources) == {"fuel", "second"}
    assert (table.end - table.begin)[np.array(sources) == "second"] == pytest.approx(9.0)


def test_another_source_changes_no_transfer_of_the_first():
    alone = table_of(plan_of())
    both = table_of(plan_of(**{"transfers.second": {"area": "east_china_sea", "per_month": 90.0, "duration_h": 9.0}}))
    mine = np.char.startswith(both.labels, "fuel")
    assert 0 < mine.sum() < mine.size
    for column in ("vessels", "begin", "end", "x", "y", "traits"):
        assert np.array_equal(getattr(both, column)[mine], getattr(alone, column))


def test_transfers_lie_alongside_within_or_not():
    table = table_of(plan_of(), margin_h=40.0)
    flags = table.is_alongside_within(DURATION_H)
    assert 0 < flags.sum() < flags.size
    inside = table.alongside_within(DURATION_H)
    assert isinstance(inside, TransferTable)
    assert np.array_equal(inside.vessels, table.vessels[flags])
    assert inside.counted.sum() == table.counted.sum()


ROUGH = {
    "fair": {"dwell_h": 6.0, "sea_state": 3},
    "rough": {"dwell_h": 6.0, "sea_state": 6},
}


def test_in_a_rough_sea_no_transfer_begins_and_the_others_are_as_they_were():
    sets = {"environment.processes.weather": ROUGH}
    every, fair = plan_of(**sets), plan_of(**sets, **{"transfers.fuel.max_sea_state": 4.0})
    all_rows, rows = rows_by_vessel(table_of(every)), rows_by_vessel(table_of(fair))
    assert rows.items() <= all_rows.items()
    weather = realise_weather(every.weather, KEY)
    sea = {vessel: weather.sea_state[weather.rows_at(np.array([row[0]]))][0] for vessel, row in all_rows.items()}
    assert {vessel for vessel, state in sea.items() if state <= 4.0} == set(rows)
    assert 0 < len(rows) < len(all_rows)


def test_where_no_sea_state_is_stated_every_transfer_begins():
    rows = [table_of(plan_of(**sets)).vessels for sets in ({}, {"transfers.fuel.max_sea_state": 1.0})]
    assert rows[0].size > 20
    assert np.array_equal(*rows)


def test_two_vessels_meet_at_each_transfer_and_part_from_there():
    plan = plan_of(**{"transfers.fuel.approach_h": 5.0, "transfers.fuel.speed_kn": {"low": 9.0, "high": 11.0}})
    table = table_of(plan, with_passages=True)
    fleet, count = passages(plan.transfers, table, KEY), table.begin.size
    assert fleet.vessels.size == len(set(fleet.vessels.tolist())) == 2 * count
    assert len(fleet.rows) == 4 * count
    assert fleet.labels.tolist() == [*table.labels.tolist(), *table.labels.tolist()]
    ways_in, ways_out = fleet.rows[0::2], fleet.rows[1::2]
    places, twice = np.column_stack([table.x, table.y]), [*range(count), *range(count)]
    arrival = ways_in[:, 2:4] + ways_in[:, 4:6] * (ways_in[:, 1] - ways_in[:, 0])[:, None]
    assert arrival == pytest.approx(places[twice], abs=1e-6)
    assert ways_in[:, 1] == pytest.approx(table.begin[twice])
    assert ways_out[:, 2:4] == pytest.approx(places[twice])
    assert ways_out[:, 0] == pytest.approx(table.end[twice])
    speed = np.hypot(*fleet.rows[:, 4:6].T)
    assert np.all((speed >= 9.0 - 1e-9) & (speed <= 11.0 + 1e-9))
    assert fleet.rows[:, 1] - fleet.rows[:, 0] == pytest.approx(5.0)


def test_more_than_two_hulls_are_seen_together_and_each_has_its_way():
    """A crane ship between two tankers: cross-sections add, the longest counts, and three ships come and go."""
    lengths = {"tanker": 105.0, "crane": 45.0, "coaster": 85.0}
    tall = {"height_ft": 60.0}
    vessels = {f"vessels.{name}": tall | {"length_m": of, "rcs_m2": 10.0 * of} for name, of in lengths.items()}
    three = {"transfers.fuel.vessels": list(lengths)}
    spec = {"area": "east_china_sea", "per_month": 60.0, "duration_h": 9.0, "vessels": ["tanker", "coaster"]}
    pair = {"transfers.pair": spec}
    camera = {"kind": "eo_ir", "law": {"kind": "definite_range", "range_nmi": 10.0, "probability": 1.0}}
    sensors = {"sensors.camera": camera | {"reference_length_m": 105.0}, "sensors.radar.reference_rcs_m2": 2350.0}
    seen_by = {"aircraft.cp140.sensors": ["radar", "camera"]}
    plan = plan_of(**vessels, **three, **pair, **sensors, **seen_by)
    table = table_of(plan, with_passages=True)
    fleet, count = passages(plan.transfers, table, KEY), table.begin.size
    threes = np.flatnonzero(table.source == 0)
    assert 0 < threes.size < count
    assert fleet.vessels.size == len(set(fleet.vessels.tolist())) == 2 * count + threes.size
    assert fleet.labels.tolist()[2 * count :] == table.labels[threes].tolist()
    assert np.array_equal(np.bincount(fleet.owner), np.full(fleet.vessels.size, 2))
    third = fleet.rows[4 * count :]
    assert third[1::2, 2:4] == pytest.approx(np.column_stack([table.x, table.y])[threes])
    sets = plan.patrols[0].sensor_performance
    hulls = [[hull.length_m for hull in sets.classes[kind][0]] for kind in fleet.kinds[[0, count, 2 * count]]]
    assert [hulls[0], hulls[2]] == [[105.0], [85.0]]
    kinds = table.kinds[threes]
    assert {tuple(hull.length_m for hull in sets.classes[kind][0]) for kind in kinds} == {(105.0, 45.0, 85.0)}
    laws = [sensor.in_force(sets.classes[kinds[0]][0], True, 30000.0, NOTHING_STATED) for sensor in sets.sensors]
    assert [law.scale for law in laws] == pytest.approx([1.0, 1.0])  # 10 times 105 + 45 + 85 m, and 105 m


def test_without_transfers_the_table_and_the_passages_are_empty():
    plan = plan_of(**{"transfers.fuel.per_month": 0.0})
    table = table_of(plan)
    assert table.begin.size == passages(plan.transfers, table, KEY).vessels.size == 0
    world = realise(plan, 8, 0)
    assert world.transfers.begin.size == world.targets.vessels.size == 0
    assert world.others is None
