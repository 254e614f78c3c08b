"""The columns of results: files have the types, in the order, that the reference page and readers of files expect."""

import csv

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sim import load_scenario, sweep
from sim.deployment.totals import TOTALS
from sim.model.background.random_courses import RandomCourses
from sim.study.columns import ColumnRow, column_rows, schemas

ARROW = {pa.int64(): "integer", pa.float64(): "number", pa.string(): "text", pa.bool_(): "true or false"}
STUDY = """\
format = 1
scenario = "textbook"
replications = 2
[[vary]]
key = "patrols.daily.every_h"
values = [24.0, 48.0]
[[vary]]
name = "luck"
settings = [{ label = "seldom", set = { "sensors.eye.law.probability" = 0.1 } }]
"""


def rows_of(table: str) -> list[ColumnRow]:
    return [row for row in column_rows() if row.table == table]


def test_the_reference_has_a_row_for_every_column_that_a_run_can_have(monkeypatch):
    monkeypatch.setattr(RandomCourses, "hull_gaps_m", (25.0,))  # so that there are lookalikes
    standby = {"ready_h": 1.0, "least_chance": 0.5}
    answers = {"transfers.fuel.reaction.notice_nmi": 8.0}
    ear = {
        "kind": "ais_satellite", "nation": "japan", "revisit_h": 6.0, "probability": 0.5, "position_error_nmi": 0.1,
        "delay_h": 1.0,
    }  # fmt: skip
    heard = {"outputs.ais_rules": {}, "observers.ear": ear, "sensors.ais.report_s": 6.0}
    answers["transfers.slow"] = {
        "area": "east_china_sea",
        "per_month": 1.0,
        "duration_h": 5.0,
        "making_way_kn": 3.0,
        "chain": {"again": 0.5, "gap_h": 9.0},
    }
    scenario = load_scenario(
        "agreements-2026", {"outputs.contacts": True, "patrols.aurora.standby": standby, **answers, **heard}
    )
    asked = [total.name for total in TOTALS if total.exists == "asked"]
    tables = schemas(scenario, asked)
    assert list(tables) == ["replications", "transfers", "events", "tracks", "tips"]
    for table in ("replications", "transfers", "events", "tracks", "tips"):
        described = [(row.name, row.type) for row in rows_of(table)]
        assert described == [(field.name, ARROW[field.type]) for field in tables[table]]


def test_a_run_without_tips_has_no_table_and_no_totals_of_them():
    with_tips, without = (schemas(load_scenario(name)) for name in ("agreements-2026", "neon-spring"))
    assert set(with_tips) - set(without) == {"tips"}
    assert not [name for name in without["replications"].names if name.startswith("tip")]
    assert with_tips["transfers"].names == [*without["transfers"].names, "seen_by"]


@pytest.mark.parametrize("table", ["replications", "transfers", "events", "tracks"])
def test_a_file_of_a_run_has_the_columns_of_its_schema(neon, neon_results, table):
    written = pq.read_schema(neon / f"{table}.parquet")
    assert written == schemas(neon_results.scenario)[table]
    assert written.names[0] == "replication"


def test_the_measures_of_a_run_have_the_columns_of_the_reference(neon):
    first, *rest = csv.reader((neon / "measures.csv").read_text(encoding="utf-8").splitlines())
    assert first == [row.name for row in rows_of("measures")]
    assert all(len(row) == len(first) for row in rest)


def test_the_tables_of_a_study_begin_with_its_point_and_factors(tmp_path):
    (tmp_path / "study.toml").write_text(STUDY, encoding="utf-8")
    sweep(tmp_path / "study.toml", out=tmp_path / "out")
    factors = ["patrols.daily.every_h", "luck"]
    points = pq.read_schema(tmp_path / "out/points.parquet")
    assert points.names == ["point", *factors]
    assert [points.field(name).type for name in points.names] == [pa.int64(), pa.float64(), pa.string()]
    assert [row.name for row in rows_of("points")] == ["point", "FACTOR"]
    replications = pq.read_schema(tmp_path / "out/replications.parquet")
    assert replications.names == ["point", *schemas(load_scenario("textbook"))["replications"].names]
    measures = (tmp_path / "out/measures.csv").read_text(encoding="utf-8").splitlines()[0].split(",")
    assert measures == ["point", *factors, *(row.name for row in rows_of("measures"))]


def test_a_quantity_has_the_unit_that_its_name_ends_with():
    units = {"_h": "h", "_hours": "h", "_nmi": "nmi", "lon": "deg", "lat": "deg", "lon0": "deg", "lat1": "deg"}
    rows = [row for row in column_rows() if row.type == "number" and row.table != "measures"]
    assert len(rows) > 30
    assert not [row for row in rows for end, unit in units.items() if row.name.endswith(end) and row.unit != unit]
    assert not [row for row in column_rows() if row.type in ("integer", "text") and row.unit]
