"""The same sea has the same ships: however its corners were written, whoever flies there, and whoever listens."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.core.chance import replication_key
from sim.deployment.engine import fly
from sim.deployment.traffic.base import SegmentBuffers
from sim.deployment.transfers import realise_transfers
from sim.deployment.world import World, prepare, realise
from sim.model.background.base import Background
from sim.model.weather import plan_weather, realise_weather
from sim.scenario.digest import flat_tables
from sim.scenario.load import load_scenario

WEST = [[125.0, 27.1], [126.3, 26.2], [126.9, 28.2], [126.2, 27.9], [125.4, 28.7]]
HOLES = [
    [[125.6, 27.3], [125.6, 27.5], [125.9, 27.4]],
    [[126.1, 27.1], [126.1, 27.3], [126.5, 27.2]],
]
EAST = [[127.2, 26.0], [128.9, 26.0], [128.9, 27.4], [127.2, 27.4]]  # with Okinawa in it
SEA = [[WEST, *HOLES], [EAST]]


def with_more_corners(ring: list[list[float]]) -> list[list[float]]:
    """A ring with further corners on each edge, as tools that know only short edges write them."""
    starts = np.array(ring)
    ends = np.roll(starts, -1, axis=0)
    return [
        (start + share * (end - start)).tolist()
        for start, end in zip(starts, ends, strict=True)
        for share in (0.0, 0.3, 2 / 3)
    ]


def each_ring(change: Any) -> Any:
    """The sea with each of its rings changed."""
    return [[change(ring) for ring in rings] for rings in SEA]


WRITTEN_ANEW = {
    "begun at another corner": each_ring(lambda ring: ring[2:] + ring[:2]),
    "turned round": each_ring(lambda ring: ring[::-1]),
    "closed": each_ring(lambda ring: [*ring, ring[0]]),
    "with a corner twice": each_ring(lambda ring: [ring[0], ring[1], *ring[1:]]),
    "with corners on its edges": each_ring(with_more_corners),
    "with such corners to six decimals": each_ring(lambda ring: np.round(with_more_corners(ring), 6).tolist()),
    "with its holes in another order": [[WEST, *HOLES[::-1]], [EAST]],
    "with its polygons in another order": SEA[::-1],
    "with all of this": [
        [[*ring[1:], ring[0], ring[1]][::-1] for ring in map(with_more_corners, rings)]
        for rings in ([EAST], [WEST, *HOLES[::-1]])
    ],
}


def ships_of(area: dict[str, Any]) -> tuple[bytes, bytes]:
    """What is drawn in an area in one replication: the segments of the background ships and the transfers, as bytes."""
    sets = {"areas.east_china_sea": area, "duration_days": 2.0, "transfers.fuel.per_month": 500.0}
    plan = prepare(load_scenario("neon-spring", sets))
    key = replication_key(5, 0)
    fleet, _ = plan.traffic[0].realise(key, False, SegmentBuffers())
    transfers = realise_transfers(plan.transfers, key, realise_weather(plan_weather(plan.scenario), key))
    assert min(len(fleet.rows), len(transfers.x)) > 20
    return fleet.rows.tobytes(), np.column_stack([transfers.x, transfers.y, transfers.begin, transfers.end]).tobytes()


@pytest.fixture(scope="module")
def ships() -> tuple[bytes, bytes]:
    return ships_of({"polygon": SEA})


@pytest.mark.parametrize("polygon", WRITTEN_ANEW.values(), ids=WRITTEN_ANEW)
def test_an_area_whose_corners_are_written_in_another_way_has_the_same_ships(
    ships: tuple[bytes, bytes], polygon: Any
) -> None:
    assert polygon != SEA
    assert ships_of({"polygon": polygon}) == ships


def test_an_area_in_a_file_has_the_ships_of_the_same_polygon_in_the_scenario(
    scratch: Path, ships: tuple[bytes, bytes]
) -> None:
    polygons = [{"type": "Polygon", "coordinates": [[*ring, ring[0]] for ring in rings]} for rings in SEA[::-1]]
    features = [{"type": "Feature", "properties": {}, "geometry": polygon} for polygon in polygons]
    Path("sea.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    Path("mine.toml").write_text(
        'extends = "neon-spring"\n[areas.east_china_sea]\nfile = "sea.geojson"\n', encoding="utf-8"
    )
    in_file = load_scenario("mine.toml").areas["east_china_sea"].polygon
    assert ships_of({"polygon": in_file}) == ships


def test_a_sea_that_is_really_another_has_other_ships(ships: tuple[bytes, bytes]) -> None:
    other = ships_of({"polygon": [[[WEST[0], [126.31, 26.2], *WEST[2:]], *HOLES], [EAST]]})
    assert other[0] != ships[0]


def test_a_sliver_too_thin_to_lose_a_corner_keeps_its_corners() -> None:
    thin = [[124.0, 27.0], [126.5, 27.0000009], [126.5, 27.0000018]]
    area = load_scenario("neon-spring", {"areas.thin": {"polygon": thin}}).areas["thin"]
    assert area.shape.is_valid
    assert area.shape.area == pytest.approx(0.5 * 2.5 * 9e-7, rel=1e-3)


# ---------------------------------------------------------------------------------------------------- whoever flies
NIGHT = [{"from": "20:00", "to": "06:00", "factor": 0.3}]
SHARES = {"dark_share": 0.3, "suspicious_share": 0.2, "spoofing_share": 0.1, "listed_share": 0.1}
HERE = {"area": "east_china_sea", "hours": NIGHT, **SHARES}


def source_of(kind: str) -> dict[str, Any]:
    """Some ships of a kind of background source; a new kind needs its keys here."""
    if kind == "recorded":
        table = flat_tables(load_scenario("neon-recorded"))["background"]["recorded"]
        return {name: value for name, value in table.items() if name not in ("vessel", "vessels")} | SHARES
    return {
        "kind": kind,
        **{
            "random_courses": {**HERE, "present": 60.0, "speed_kn": {"low": 8.0, "high": 14.0}, "mean_leg_nmi": 40.0},
            "lane": {
                "line": [[125.0, 27.0], [127.0, 28.5]], "spread_nmi": 3.0, "hours": NIGHT, **SHARES,
                "flows": [{"per_day": 60.0, "speed_kn": {"low": 8.0, "high": 14.0}}],
            },
            "fleet": {
                **HERE, "present": 60.0, "speed_kn": 3.0, "pair": True, "trip_days": 2.0, "passage_kn": 9.0,
                "port": [121.9, 29.9], "trawl_h": 4.0, "drift_h": 2.0,
            },
            "bunkering": {**HERE, "present": 20.0, "duration_h": {"low": 4.0, "high": 9.0}},
            "anchorage": {**HERE, "present": 20.0, "stay_h": {"low": 4.0, "high": 30.0}},
        }[kind],
    }  # fmt: skip


ONE_CREW = {
    "duration_days": 3.0, "outputs.contacts": True, "transfers.fuel.per_month": 200.0,
    "transfers.fuel.chain": {"again": 0.5, "gap_h": 5.0}, "transfers.fuel.making_way_kn": 3.0,
    "transfers.fuel.dark_share": 0.5, "aircraft.cp140.sensors": ["radar", "ais"], "sensors.ais": {"kind": "ais"},
    "aircraft.cp140.identification.priority": {"dark": 1.0, "alongside": 1.0},
}  # fmt: skip
OTHER_CREWS = {
    "another schedule": {"patrols.aurora.every_h": 9.0},
    "another priority": {"aircraft.cp140.identification.priority": {"stationary": 1.0}},
    "a receiver under load": {"sensors.ais": {"kind": "ais", "report_s": 6.0, "others_in_view": 2500.0}},
}


def flown(sets: dict[str, Any], seed: int, buffers: SegmentBuffers) -> World:
    """The world of one replication after all have flown in it."""
    plan = prepare(load_scenario("neon-spring", sets))
    world = realise(plan, seed, 0, buffers)
    fly(plan, world, 0)
    return world


def vessels_of(world: World) -> dict[int, tuple[bytes, int, int]]:
    """The segments, the class and the traits of each vessel of a world, by its identity."""
    found = {}
    for fleet in [world.targets, *(world.others or [])]:
        order = np.lexsort((fleet.rows[:, 0], fleet.owner))
        rows, ends = fleet.rows[order], np.searchsorted(fleet.owner[order], np.arange(fleet.vessels.size + 1))
        for number, vessel in enumerate(fleet.vessels.tolist()):
            own = rows[ends[number] : ends[number + 1]]
            assert vessel not in found  # two vessels of one identity would have the same luck
            found[vessel] = own.tobytes(), int(fleet.kinds[number]), int(fleet.traits[number])
    return found


@pytest.mark.parametrize(
    "kind", sorted(kind for kind, own in Background.kinds().items() if own.__module__[:4] == "sim.")
)
def test_the_ships_of_each_kind_are_the_same_whatever_the_patrols_do(kind: str) -> None:
    sets = {**ONE_CREW, "background.more": source_of(kind)}
    world = flown(sets, 4, SegmentBuffers())
    ships = vessels_of(world)
    own = int((world.targets.fleets == sorted(load_scenario("neon-spring", sets).background).index("more") + 1).sum())
    assert own > 5
    labels = world.targets.labels
    assert len(set(labels.tolist())) == labels.size
    used = SegmentBuffers()
    for crews in OTHER_CREWS.values():
        another = flown({**sets, **crews}, 4, used)
        assert vessels_of(another) == ships
        names = [plan.name for plan in prepare(load_scenario("neon-spring", sets)).traffic]
        for number, label in zip(another.targets.fleets.tolist(), another.targets.labels.tolist(), strict=True):
            assert label.startswith("fuel" if number == 0 else names[number - 1])
