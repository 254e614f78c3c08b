"""A run's files as a reader of docs/reference/results.md reads them, with pyarrow and without this program."""

import csv
import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
import shapely

from sim import load_scenario, run

TABLES = ("replications", "transfers", "events", "tracks")
RUNGS = ("detected", "classified", "documented")
# Many transfers; of the reports by one agreement some were made before hour 0 and arrive after it.
BUSY = {
    "duration_days": 5,
    "transfers.fuel.per_month": 200.0,
    "transfers.fuel.duration_h": 12.0,
    "transfers.fuel.max_sea_state": 9,
    "agreements.canada_usa.delay_h": 20.0,
}


def rows(folder: Path, name: str, columns: list[str] | None = None) -> list[dict[str, Any]]:
    """A table's rows, of some columns or of all."""
    return pq.read_table(folder / f"{name}.parquet", columns=columns).to_pylist()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a small run in which partners report to a crew: 3 replications."""
    folder = tmp_path_factory.mktemp("runs") / "shared"
    run(load_scenario("agreements-2026", BUSY), 3, out=folder)
    return folder


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run whose patrol is due before its aircraft is ready again."""
    folder = tmp_path_factory.mktemp("runs") / "crowded"
    run(load_scenario("textbook", {"patrols.daily.every_h": 6.0, "duration_days": 3}), 2, out=folder)
    return folder


# ---------------------------------------------------------------------------------------------------- all tables
@pytest.mark.parametrize("name", TABLES)
def test_replication_is_the_first_column_and_units_end_the_names_of_hours(neon: Path, name: str) -> None:
    schema = pq.read_schema(neon / f"{name}.parquet")
    assert schema.names[0] == "replication"
    assert len(schema.names) == len(set(schema.names)) > 8
    assert all(schema.field(column).type == pa.float64() for column in schema.names if column.endswith("_h"))
    numbers = pq.read_table(neon / f"{name}.parquet", columns=["replication"]).column(0).to_pylist()
    assert sorted(set(numbers)) == list(range(6))
    assert numbers == sorted(numbers)


@pytest.mark.parametrize("name", TABLES)
def test_what_never_was_is_null_and_never_a_number_that_is_none(neon: Path, name: str) -> None:
    table = pq.read_table(neon / f"{name}.parquet")
    real = [column for column in table.schema.names if table.schema.field(column).type == pa.float64()]
    assert real
    assert sum(pc.sum(pc.is_nan(table.column(column))).as_py() or 0 for column in real) == 0


def test_the_files_of_a_run_are_those_of_the_page(neon: Path, shared: Path) -> None:
    files = {"run.json", "scenario.toml", "measures.csv", *(f"{name}.parquet" for name in TABLES)}
    assert {path.name for path in neon.iterdir()} == files
    assert {path.name for path in shared.iterdir()} == files | {"tips.parquet"}
    assert json.loads((neon / "run.json").read_text(encoding="utf-8"))["scenario"] == "neon-spring"


# ---------------------------------------------------------------------------------------------------- totals
@pytest.mark.parametrize("which", ["neon", "shared"])
def test_measures_can_be_computed_again_from_the_totals(which: str, request: pytest.FixtureRequest) -> None:
    folder = request.getfixturevalue(which)
    totals = pq.read_table(folder / "replications.parquet")
    with (folder / "measures.csv").open(newline="", encoding="utf-8") as file:
        measures = {row["measure"]: float(row["value"]) for row in csv.DictReader(file)}

    def whole(name: str) -> float:
        return float(pc.sum(totals.column(name)).as_py())

    for rung in RUNGS:
        assert measures[rung] == pytest.approx(whole(rung) / totals.num_rows)
        assert measures[f"p_{rung}"] == pytest.approx(whole(rung) / whole("transfers"))
    per_hour = whole("documented") / whole("flight_hours")
    assert measures["documented_per_100_flight_hours"] == pytest.approx(100.0 * per_hour)
    assert measures["identification_share"] == pytest.approx(whole("identification_hours") / whole("on_station_hours"))
    assert measures["p_any_documented"] == np.mean([row["documented"] > 0 for row in totals.to_pylist()])


def test_reasons_of_transfers_add_up_to_the_totals(neon: Path) -> None:
    counted = Counter((row["replication"], row["reason"]) for row in rows(neon, "transfers"))
    totals = rows(neon, "replications")
    reasons = {reason for _, reason in counted if reason is not None}
    assert len(reasons) >= 4
    for row in totals:
        assert {reason: counted[row["replication"], reason] for reason in reasons} == {
            reason: row[reason] for reason in reasons
        }
        assert counted[row["replication"], None] == row["documented"]


def test_hours_of_totals_are_sums_over_phases_of_tracks(neon: Path) -> None:
    end = 720.0
    hours: dict[tuple[int, str], float] = defaultdict(float)
    for leg in rows(neon, "tracks"):
        hours[leg["replication"], leg["phase"]] += min(leg["end_h"], end) - min(leg["begin_h"], end)
    totals = rows(neon, "replications")
    assert len(totals) == 6
    for row in totals:
        mine = {phase: spent for (replication, phase), spent in hours.items() if replication == row["replication"]}
        contacts = mine["divert"] + mine["identify"] + mine["rejoin"]
        assert row["flight_hours"] == pytest.approx(sum(mine.values()))
        assert row["identification_hours"] == pytest.approx(contacts)
        assert row["on_station_hours"] == pytest.approx(contacts + mine["search"])


# ---------------------------------------------------------------------------------------------------- transfers
@pytest.mark.parametrize("which", ["neon", "shared"])
def test_events_call_a_transfer_by_its_source_and_number(which: str, request: pytest.FixtureRequest) -> None:
    folder = request.getfixturevalue(which)
    first: dict[tuple[int, str, str], dict[str, Any]] = {}
    for event in rows(folder, "events"):
        if event["event"] in RUNGS:
            first.setdefault((event["replication"], event["vessel"], event["event"]), event)
    climbed = 0
    for transfer in rows(folder, "transfers"):
        name = f"{transfer['source']}-{transfer['transfer']}"
        for rung in RUNGS:
            event = first.get((transfer["replication"], name, rung))
            assert transfer[f"{rung}_h"] == (None if event is None else event["time_h"])
            climbed += event is not None
        found = first.get((transfer["replication"], name, "detected"))
        if found is not None:
            assert [transfer[key] for key in ("sensor", "patrol", "sortie")] == [
                found[key] for key in ("detail", "patrol", "sortie")
            ]
    assert climbed > 30


def test_transfers_lie_in_their_area_and_last_as_long_as_their_source_says(neon: Path) -> None:
    area = load_scenario(neon / "scenario.toml").areas["east_china_sea"].shape
    found = rows(neon, "transfers", ["lon", "lat", "begin_h", "end_h"])
    assert len(found) > 80
    assert all(shapely.Point(row["lon"], row["lat"]).within(area.buffer(0.05)) for row in found)  # sides are geodesic
    median = np.median([row["end_h"] - row["begin_h"] for row in found])
    assert 4.0 < median < 6.2  # of a lognormal with median 5 and sigma 0.5, from so many


# ---------------------------------------------------------------------------------------------------- events, tracks
@pytest.mark.parametrize("which", ["neon", "shared", "crowded"])
def test_a_sortie_takes_off_and_lands_where_its_track_begins_and_ends(
    which: str, request: pytest.FixtureRequest
) -> None:
    folder = request.getfixturevalue(which)
    legs: dict[tuple[int, str, int], list[dict[str, Any]]] = defaultdict(list)
    for leg in rows(folder, "tracks"):
        legs[leg["replication"], leg["patrol"], leg["sortie"]].append(leg)
    joined = 0
    for event in rows(folder, "events"):
        if event["event"] in ("takeoff", "landed"):
            flown = legs[event["replication"], event["patrol"], event["sortie"]]
            time, lon, lat = ("begin_h", "lon0", "lat0") if event["event"] == "takeoff" else ("end_h", "lon1", "lat1")
            leg = flown[0 if event["event"] == "takeoff" else -1]
            assert [event["time_h"], event["lon"], event["lat"]] == pytest.approx([leg[time], leg[lon], leg[lat]])
            joined += 1
    assert joined >= 2 * len(legs) - 3 * 2  # of each replication's last ones some land after the end


def test_a_cancelled_sortie_leaves_a_gap_in_the_numbers_of_the_slots(crowded: Path) -> None:
    cancelled = defaultdict(set)
    for event in rows(crowded, "events"):
        if event["event"] == "cancelled":
            assert event["detail"] == "not ready in time"
            assert event["time_h"] == pytest.approx(12.0 + 6.0 * event["sortie"])
            cancelled[event["replication"]].add(event["sortie"])
    totals = rows(crowded, "replications")
    assert len(totals) == 2
    for row in totals:
        flown = {leg["sortie"] for leg in rows(crowded, "tracks") if leg["replication"] == row["replication"]}
        assert (len(flown), len(cancelled[row["replication"]])) == (row["sorties"], row["cancelled_sorties"])
        assert flown | cancelled[row["replication"]] == set(range(10))  # 12 h, 18 h, ... 66 h of 72
        assert not flown & cancelled[row["replication"]]


def test_an_event_has_a_vessel_or_a_patrol_or_both(neon: Path) -> None:
    found = defaultdict(set)
    for event in rows(neon, "events"):
        found[event["event"]].add((event["patrol"] is None, event["sortie"] is None, event["vessel"] is None))
    assert {"alongside", "parted", "takeoff", "detected", "diverted", "bingo", "landed"} <= set(found)
    for name in ("alongside", "parted"):
        assert found[name] == {(True, True, False)}
    for name in ("takeoff", "bingo", "landed"):
        assert found[name] == {(False, False, True)}
    for name in ("detected", "diverted", "classified", "identified", "lost"):
        assert found[name] <= {(False, False, False)}


def test_a_vessel_is_detected_once_a_sortie(neon: Path) -> None:
    keys = ("replication", "patrol", "sortie", "vessel")
    found = Counter(tuple(event[key] for key in keys) for event in rows(neon, "events") if event["event"] == "detected")
    assert len(found) > 500
    assert set(found.values()) == {1}


# ---------------------------------------------------------------------------------------------------- tips
def test_the_totals_of_tips_are_counts_of_the_rows_of_partners_reports(shared: Path) -> None:
    tips, totals = rows(shared, "tips"), rows(shared, "replications")
    begun_before = [row for row in tips if row["made_h"] < 0.0]
    assert len(begun_before) > 0  # they are in the table, and not among those that were sent
    for total in totals:
        mine = [row for row in tips if row["replication"] == total["replication"]]
        sent = [row for row in mine if row["nation"] != row["cell"] and row["made_h"] >= 0.0]
        released = [row for row in sent if row["arrived_h"] is not None]
        assert (total["tips_sent"], total["tips_released"]) == (len(sent), len(released))
        assert total["tip_age_h"] == pytest.approx(sum(row["arrived_h"] - row["seen_h"] for row in released))
        followed = {(row["cell"], row["tip"]) for row in mine if row["followed_h"] is not None}
        assert len(followed) <= total["tips_followed"]
    assert sum(total["tips_released"] for total in totals) > 20


def test_a_report_travels_from_the_nation_that_made_it_to_the_cell(shared: Path) -> None:
    arrived = [row for row in rows(shared, "tips") if row["arrived_h"] is not None]
    assert len(arrived) > 20
    for row in arrived:
        nations = row["path"].split(" > ")
        assert (nations[0], nations[-1]) == (row["nation"], row["cell"])
        assert len(nations) == len(set(nations))
        assert row["arrived_h"] >= max(row["made_h"], 0.0)
        assert row["error_nmi"] > 0.0
    assert any(len(row["path"].split(" > ")) == 3 for row in arrived)


def test_a_report_that_never_came_has_no_path_and_no_tip(shared: Path) -> None:
    never = [row for row in rows(shared, "tips") if row["arrived_h"] is None]
    assert len(never) > 0
    assert {row[name] for row in never for name in ("path", "error_nmi", "tip", "followed_h")} == {None}
    assert not any(row["fruitful"] for row in never)


def test_a_transfer_counts_as_tipped_only_if_a_report_of_it_came_before_its_imagery(shared: Path) -> None:
    came: dict[tuple[int, str], float] = {}
    for row in rows(shared, "tips"):
        if row["arrived_h"] is not None and row["transfer"] is not None:
            key = (row["replication"], row["transfer"])
            came[key] = min(row["arrived_h"], came.get(key, np.inf))
    counted, late = Counter(), 0
    for row in rows(shared, "transfers"):
        hour = came.get((row["replication"], f"{row['source']}-{row['transfer']}"))
        if hour is not None and row["documented_h"] is not None:
            counted[row["replication"]] += hour < row["documented_h"]
            late += hour >= row["documented_h"]
    assert [total["documented_tipped"] for total in rows(shared, "replications")] == [counted[k] for k in range(3)]
    assert late > 0


# ---------------------------------------------------------------------------------------------------- options
def test_vessels_detected_are_counted_only_where_that_is_asked_for(tmp_path: Path) -> None:
    changes = {"duration_days": 2, "background.merchant.present": 60.0}
    for name, asked in (("with", True), ("without", False)):
        run(load_scenario("neon-spring", {**changes, "outputs.contacts": asked}), 2, out=tmp_path / name)
    counted, bare = (rows(tmp_path / name, "replications") for name in ("with", "without"))
    contacts = [row.pop("contacts") for row in counted]
    assert counted == bare
    on_the_way = Counter(row["replication"] for row in rows(tmp_path / "with", "events") if row["event"] == "detected")
    assert all(many > on_the_way[replication] > 0 for replication, many in enumerate(contacts))
    assert len(contacts) == 2
