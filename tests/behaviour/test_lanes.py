"""Lanes: no vessel ashore, ships that keep their place, what must not change them, and the lanes of the library."""

import re
from pathlib import Path

import numpy as np
import pytest
import shapely

import scenarios
from sim import load_scenario
from sim.core.chance import replication_key
from sim.core.codes import DARK, LISTED
from sim.core.corridors import GREATEST_BEND_DEG, Coast, ashore, bends_deg, corridor_of
from sim.core.geo import plane_of
from sim.deployment.traffic.base import SegmentBuffers, plan_traffic
from sim.scenario.digest import flat_tables, world_digest
from sim.scenario.files import lane_library

KEY = replication_key(3, 0)
LINE = [[124.0, 28.0], [125.0, 29.5], [126.8, 29.0], [126.5, 31.0]]
KEYS = {
    "kind": "lane", "line": LINE, "spread_nmi": 3.0, "separation_nmi": 4.0, "suspicious_share": 0.2, "dark_share": 0.1,
    "listed_share": 0.1, "flows": [
        {"per_day": 90.0, "speed_kn": {"low": 8.0, "high": 16.0}},
        {"per_day": 40.0, "speed_kn": 12.0, "direction": "forward", "vessel": "tanker"},
    ],
}  # fmt: skip
TANKER = {"tanker": {"length_m": 90.0, "height_ft": 50.0}}


def plan_of(sets=None, **keys):
    tables = {
        "extends": "neon-spring", "duration_days": 3, "vessels": TANKER, "background": {"lane": {**KEYS, **keys}},
    }  # fmt: skip
    scenario = load_scenario(tables, sets or {})
    return scenario, plan_traffic(scenario, "lane")


def of_library(name, **keys):
    tables = {
        "extends": "neon-spring",
        "duration_days": 2,
        "background": {"lane": {"kind": "lane", "lane": name, **keys}},
    }
    return plan_traffic(load_scenario(tables), "lane")


def ships(plan, key=KEY, buffers=None):
    return plan.realise(key, True, buffers or SegmentBuffers())


def random_lines(plane, rng, count):
    """Lines at sea (n, 2), nmi, of few or many points, that turn as a lane may."""
    west, south, east, north = plane.box
    while count:
        points = rng.integers(2, 9)
        lon = rng.uniform(west + 0.5, east - 0.5) + np.cumsum(rng.normal(0.0, 0.8, points))
        lat = rng.uniform(south + 0.5, north - 0.5) + np.cumsum(rng.normal(0.0, 0.8, points))
        line = np.column_stack(plane.to_xy(lon, lat))
        if not ashore(line, plane.coast) and np.all(np.abs(bends_deg(line)) < GREATEST_BEND_DEG):
            count -= 1
            yield line


# ---------------------------------------------------------------------------------------------------- land and bends
def test_no_track_of_a_thousand_random_lanes_touches_land():
    plane, rng, narrowed = plane_of((118.0, 22.0, 146.0, 46.0)), np.random.default_rng(18), 0
    for line in random_lines(plane, rng, 1000):
        half = float(np.exp(rng.uniform(np.log(0.1), np.log(60.0))))
        corridor = corridor_of(line, half, plane.coast)
        narrowed += bool(np.any(corridor.room < half))
        places = np.append(np.linspace(-half, half, 13), rng.uniform(-half, half, 6))
        tracks = corridor.tracks(places)
        assert not plane.coast.tree.query(shapely.linestrings(tracks), "intersects").size
        assert np.all(np.abs(corridor.room) <= half)
        steps, middle = np.diff(tracks, axis=1), np.diff(corridor.points, axis=0)
        assert np.all((steps * middle).sum(axis=2) > 0.0)  # no track turns back
    assert narrowed > 150


def test_a_corridor_is_as_wide_as_land_allows_and_no_narrower_than_it_must_be():
    """An island two miles north of a line: the corridor passes it at nearly two miles, on that side alone."""
    island = shapely.box(49.5, 2.0, 50.5, 3.0)
    corridor = corridor_of(np.array([[0.0, 0.0], [100.0, 0.0]]), 6.0, Coast.of(shapely.MultiPolygon([island])))
    port, starboard = corridor.room
    assert np.all(starboard == 6.0)
    assert 1.99 < port.min() < 2.0
    assert port[0] == port[-1] == 6.0
    assert corridor.shape.distance(island) < 0.01
    assert len(corridor.points) <= 8


def test_a_ship_keeps_its_distance_from_the_line_round_bends_where_there_is_room():
    _, plan = plan_of()
    places = np.array([-10.0, -2.0, 0.0, 5.0, 9.0])
    tracks = plan.corridor.tracks(places)
    for stretch, (start, end) in enumerate(zip(plan.line[:-1], plan.line[1:], strict=True)):
        unit = (end - start) / np.hypot(*(end - start))
        across = (tracks[:, stretch : stretch + 2] - start) @ [-unit[1], unit[0]]
        assert across == pytest.approx(np.column_stack([places, places]), abs=1e-9)
    assert tracks.shape == (5, 4, 2)


# --------------------------------------------------------------------------------------------------------- the ships
@pytest.mark.parametrize("arrivals", ["poisson", "scheduled"])
@pytest.mark.parametrize("number", [0, 1])
def test_a_ship_sails_without_gaps_from_its_end_of_the_lane_until_it_leaves_or_time_ends(arrivals, number):
    _, plan = plan_of(arrivals=arrivals)
    fleet = ships(plan)[number]
    rows, owner = fleet.rows, fleet.owner
    same = owner[1:] == owner[:-1]
    ends = rows[:, 2:4] + rows[:, 4:6] * (rows[:, 1] - rows[:, 0])[:, None]
    assert rows[1:, 0][same] == pytest.approx(rows[:-1, 1][same], abs=1e-9)
    assert rows[1:, 2:4][same] == pytest.approx(ends[:-1][same], abs=1e-6)
    first, last = np.append(True, ~same), np.append(~same, True)
    assert np.all((rows[first, 0] >= 0.0) & (rows[first, 0] < plan.duration_h))
    assert owner[first].tolist() == list(range(fleet.vessels.size))  # every ship that is named sails
    gates = shapely.multilinestrings([[*quad] for quad in _gates(plan)])
    later, stays = rows[first, 0] > 0.0, rows[last, 1] >= plan.duration_h
    assert np.all(shapely.distance(gates, shapely.points(rows[first][later, 2:4])) < 1e-6)
    assert np.all(shapely.distance(gates, shapely.points(ends[last][~stays])) < 1e-6)
    assert later.any()
    assert (~stays).any()


def _gates(plan):
    """The cross-sections at the two ends of a lane."""
    tracks = plan.corridor.tracks(np.array([-plan.corridor.half_width, plan.corridor.half_width]))
    return tracks[:, 0], tracks[:, -1]


def test_suspects_are_the_same_whether_or_not_the_others_are_asked_for_and_in_reused_arrays():
    _, plan = plan_of()
    suspects, others = ships(plan)
    assert np.all(suspects.traits != 0)
    assert np.all(others.traits == 0)
    alone, none = plan.realise(KEY, False, SegmentBuffers())
    assert none is None
    for column, other in zip(suspects, alone, strict=True):
        assert np.array_equal(column, other)
    buffers = SegmentBuffers()
    for number in (0, 1, 2, 0):
        key = replication_key(3, number)
        for mine, fresh in zip(ships(plan, key, buffers), ships(plan, key), strict=True):
            assert all(np.array_equal(a, b) for a, b in zip(mine, fresh, strict=True))


def test_ships_depend_on_nothing_that_patrols_do():
    """Bit for bit, for both kinds of arrivals: other routes, hours, sensors, crews and transfers change no ship."""
    changes = {
        "routes.search.spacing_nmi": 20.0, "patrols.aurora.first_takeoff_h": 3.0, "transfers.fuel.per_month": 200.0,
        "aircraft.cp140.search_speed_kn": 150.0, "aircraft.cp140.identification.time_h": 1.0,
    }  # fmt: skip
    for arrivals in ("poisson", "scheduled"):
        (one, plan), (other, changed) = plan_of(arrivals=arrivals), plan_of(changes, arrivals=arrivals)
        for mine, theirs in zip(ships(plan), ships(changed), strict=True):
            assert all(np.array_equal(a, b) for a, b in zip(mine, theirs, strict=True))
        assert world_digest(one) != world_digest(other)  # for the transfers alone


def test_ships_of_a_flow_stay_as_they_are_when_another_flow_changes():
    _, plan = plan_of()
    _, other = plan_of(flows=[{**KEYS["flows"][0], "per_day": 10.0}, KEYS["flows"][1]])
    tankers = [set(ships(p)[0].vessels[ships(p)[0].kinds != p.kinds[()][0]].tolist()) for p in (plan, other)]
    assert tankers[0] & tankers[1]
    second = [sorted(label for label in ships(p)[0].labels if "-2-" in label) for p in (plan, other)]
    assert second[0] == second[1] != []


def test_classes_follow_flow_and_ais_and_names_say_the_direction():
    _, plan = plan_of()
    suspects, _ = ships(plan)
    dark, second = (suspects.traits & DARK) > 0, np.char.startswith(suspects.labels, "lane-2-forward-")
    for hulls, is_own in ((("tanker",), second), ((), ~second)):
        assert np.array_equal(np.unique(suspects.kinds[is_own & dark]), [plan.kinds[hulls][1]])
        assert np.array_equal(np.unique(suspects.kinds[is_own & ~dark]), [plan.kinds[hulls][0]])
    assert (suspects.traits & LISTED).any()
    assert len(set(suspects.labels.tolist())) == suspects.vessels.size
    assert set(plan.present_by_class(0.0, 1.0)) == {("tanker",), ()}


def test_a_lane_without_ships_has_none():
    for arrivals in ("poisson", "scheduled"):
        _, plan = plan_of(flows=[{"per_day": 0.0, "speed_kn": 9.0}], arrivals=arrivals)
        assert [fleet.vessels.size for fleet in ships(plan)] == [0, 0]
        assert plan.mean_present(0.0, 1.0) == plan.mean_ships == plan.spec.share_slower_than(20.0) == 0.0


def test_the_keys_of_a_single_flow_are_a_flow():
    flow = {"per_day": 50.0, "speed_kn": 9.0, "direction": "backward"}
    tables = {"extends": "neon-spring", "duration_days": 3}
    rest = {key: value for key, value in KEYS.items() if key != "flows"}
    single, listed = (
        plan_traffic(load_scenario({**tables, "background": {"lane": {**rest, **own}}}), "lane")
        for own in (flow, {"flows": [flow]})
    )
    assert single.mean_present(0.0, 1.0) == listed.mean_present(0.0, 1.0) > 0.0
    assert single.spec.all_flows == listed.spec.all_flows
    assert {label.rsplit("-", 1)[0] for label in ships(single)[0].labels} == {"lane-backward", "lane-backward-before"}


def test_a_child_that_gives_flows_or_another_line_replaces_those_of_its_parent(tmp_path):
    parent = 'extends = "neon-spring"\n[background.lane]\nkind = "lane"\nlane = "korea_strait"\ndark_share = 0.5\n'
    (tmp_path / "parent.toml").write_text(parent, encoding="utf-8")
    for own, flows in (
        ("flows = [ { per_day = 3.0, speed_kn = 9.0 } ]", 1),
        ("line = [[124.0, 28.0], [125.0, 29.0]]\nspread_nmi = 1.0\nper_day = 2.0\nspeed_kn = 9.0", None),
        ('lane = "tsushima_strait"\nper_day = 7.0', None),
    ):
        text = f'extends = "parent.toml"\n[background.lane]\n{own}\n'
        (tmp_path / "child.toml").write_text(text, encoding="utf-8")
        spec = load_scenario(tmp_path / "child.toml").background["lane"]
        assert spec.dark_share == 0.5
        assert (spec.flows and len(spec.flows)) == flows
    assert spec.per_day == 7.0
    assert [list(point) for point in spec.line] == lane_library()["tsushima_strait"]["line"]


def test_a_child_makes_a_lane_of_ships_on_random_courses_whose_table_names_no_kind(tmp_path):
    text = 'extends = "neon-spring"\n[background.merchant]\nkind = "lane"\nlane = "korea_strait"\n'
    (tmp_path / "child.toml").write_text(text, encoding="utf-8")
    sets = {"background.merchant.kind": "lane", "background.merchant.lane": "korea_strait"}
    specs = [load_scenario(tmp_path / "child.toml"), load_scenario("neon-spring", sets)]
    specs.append(load_scenario("neon-spring", {"background.merchant": {"kind": "lane", "lane": "korea_strait"}}))
    assert {scenario.background["merchant"].suspicious_share for scenario in specs} == {0.0}
    assert all(scenario.background["merchant"] == specs[0].background["merchant"] for scenario in specs)
    same = {"background.merchant.kind": "random_courses"}  # the default, so nothing is replaced
    assert load_scenario("neon-spring", same) == load_scenario("neon-spring")


# ------------------------------------------------------------------------------------------------------- the library
def test_the_library_has_a_dozen_lanes_or_more_and_every_figure_of_them_is_marked():
    text = (Path(scenarios.__file__).parent / "library" / "lanes.toml").read_text(encoding="utf-8")
    assert len(lane_library()) >= 12
    assert len(re.findall(r"^# ---- .*: all \[assumption\]$", text, re.MULTILINE)) == 5


@pytest.mark.parametrize("name", lane_library())
def test_no_ship_of_a_lane_of_the_library_is_ashore(name):
    plan = of_library(name, suspicious_share=1.0)
    fleet, _ = ships(plan)
    ends = fleet.rows[:, 2:4] + fleet.rows[:, 4:6] * (fleet.rows[:, 1] - fleet.rows[:, 0])[:, None]
    coast = load_scenario("neon-spring").plane.coast
    legs = shapely.linestrings(np.stack([fleet.rows[:, 2:4], ends], axis=1))
    assert not coast.tree.query(legs, "intersects").size
    assert not shapely.intersects_xy(coast.land, *fleet.rows[:, 2:4].T).any()
    assert fleet.vessels.size > 5


def test_a_lane_of_the_library_ends_at_the_edge_of_a_smaller_theatre():
    box = {"west": 120.0, "south": 26.0, "east": 128.5, "north": 33.0}
    inside = {
        "extends": "neon-spring",
        "theatre": box,
        "background": {"lane": {"kind": "lane", "lane": "shanghai_osumi"}},
    }
    spec = load_scenario(inside).background["lane"]
    assert spec.line[-1][0] == pytest.approx(128.5, abs=1e-3)
    assert list(spec.line[0]) == lane_library()["shanghai_osumi"]["line"][0]
    flat = flat_tables(load_scenario(inside))
    assert "lane" not in flat["background"]["lane"]
    assert load_scenario(flat).background["lane"] == spec
