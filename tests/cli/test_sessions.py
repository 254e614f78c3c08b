"""Sessions of an analyst: a scenario of one's own is written, checked, run, varied, compared, swept and drawn."""

import csv
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.helpers import CHANCES, Answer, call_seasweep, files_below, shows_something, study_of

CHANGES = """
duration_days = 6

[patrols.daily]
every_h = 12.0

[transfers.events]
per_month = 120.0
"""
STUDY = study_of({"patrols.daily.every_h": [12.0, 24.0], **CHANCES}, 6, ("p_detected", "sorties"), scenario="mine.toml")
TABLES = ("replications", "transfers", "events", "tracks")
ALONE = ("--jobs", "1")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working folder in which a scenario was written and run: 8 replications, tracks of 3 kept, seed 5."""
    folder = tmp_path_factory.mktemp("desk")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert call_seasweep("new", "mine.toml", "--from", "textbook").code == 0
        # A file that `new` writes ends in comments, so keys that stand above all tables can follow.
        Path("mine.toml").write_text(Path("mine.toml").read_text(encoding="utf-8") + CHANGES, encoding="utf-8")
        answer = call_seasweep(
            "run", "mine.toml", "--replications", "8", "--keep", "3", "--seed", "5", "--out", "first", "--all", *ALONE
        )
        assert answer.code == 0, answer.err
        Path("printed.txt").write_text(answer.out, encoding="utf-8")
    return folder


@pytest.fixture
def at_desk(desk: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same folder as the working folder."""
    monkeypatch.chdir(desk)
    return desk


@pytest.fixture
def copied_desk(desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it as the working folder, for a test that changes what is there."""
    shutil.copytree(desk, tmp_path / "desk")
    monkeypatch.chdir(tmp_path / "desk")
    return tmp_path / "desk"


def ran(*arguments: str) -> Answer:
    """The answer to a command that must succeed, by one process."""
    answer = call_seasweep(*arguments, *ALONE)
    assert answer.code == 0, answer.err
    return answer


def table(folder: str, name: str, **equal: Any) -> list[dict[str, Any]]:
    """The rows of a table on disk in which columns have given values."""
    rows = pq.read_table(f"{folder}/{name}.parquet").to_pylist()
    return [row for row in rows if all(row[column] == value for column, value in equal.items())]


def measures(folder: str, **equal: str) -> dict[str, dict[str, str]]:
    """The rows of `measures.csv` by measure."""
    with Path(folder, "measures.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {row["measure"]: row for row in rows if all(row[column] == value for column, value in equal.items())}


def printed(text: str, measure: str) -> list[str]:
    """The cells of a measure's row in a printed table."""
    (line,) = [line for line in text.splitlines() if line.startswith(f"{measure} ")]
    return re.split(r" {2,}", line.strip())


# ---------------------------------------------------------------------------------------------------- new, check
def test_a_new_file_says_what_it_extends_and_is_never_written_over(at_desk: Path) -> None:
    text = Path("mine.toml").read_text(encoding="utf-8")
    assert 'extends = "textbook"' in text
    assert call_seasweep("new", "mine.toml", "--from", "textbook").code == 2
    assert Path("mine.toml").read_text(encoding="utf-8") == text


def test_check_shows_the_changes_and_the_widths_of_the_sensors(at_desk: Path) -> None:
    answer = call_seasweep("check", "mine.toml", "--strict")
    assert (answer.code, answer.err) == (0, "")
    assert "my variant" in answer.out.splitlines()[0]
    widths = call_seasweep("check", "mine.toml", "--sensors")
    assert widths.code == 0
    assert "225" in widths.out  # 2 R p of a definite range of 150 nmi with 0.75


def test_check_with_a_set_checks_what_would_run(at_desk: Path) -> None:
    wrong = call_seasweep("check", "mine.toml", "--set", "patrols.daily.every_h=0")
    assert wrong.code == 2
    assert "patrols.daily.every_h" in wrong.err
    late = call_seasweep("check", "mine.toml", "--strict", "--set", "patrols.daily.first_takeoff_h=500")
    assert late.code == 1  # nobody flies within six days


# ---------------------------------------------------------------------------------------------------- run
def test_a_run_says_where_its_numbers_come_from(at_desk: Path) -> None:
    info = json.loads(Path("first/run.json").read_text(encoding="utf-8"))
    assert (info["scenario"], info["seed"], info["kept"], info["failures"]) == ("mine", 5, 3, [])
    assert {"numpy", "numba", "seasweep"} <= set(info["versions"])


def test_tracks_are_kept_of_the_first_replications_and_totals_of_all(at_desk: Path) -> None:
    numbers = {name: sorted({row["replication"] for row in table("first", name)}) for name in TABLES}
    assert numbers["replications"] == numbers["transfers"] == list(range(8))
    assert numbers["events"] == numbers["tracks"] == [0, 1, 2]


def test_what_is_printed_is_what_the_file_of_measures_holds(at_desk: Path) -> None:
    text, on_disk = Path("printed.txt").read_text(encoding="utf-8"), measures("first")
    for name in ("p_detected", "p_documented"):
        _, value, interval, *_ = printed(text, name)
        assert value == f"{100.0 * float(on_disk[name]['value']):.1f} %"
        assert interval == f"{100.0 * float(on_disk[name]['low']):.1f} to {100.0 * float(on_disk[name]['high']):.1f} %"
    assert printed(text, "sorties")[1] == f"{float(on_disk['sorties']['value']):.2f}"
    assert {row["replications"] for row in on_disk.values()} == {"8"}


def test_the_flat_scenario_of_a_run_runs_to_the_same_bytes(at_desk: Path) -> None:
    ran("run", "first/scenario.toml", "--replications", "8", "--keep", "3", "--seed", "5", "--out", "again")
    for name in (*(f"{table}.parquet" for table in TABLES), "scenario.toml", "measures.csv"):
        assert Path("again", name).read_bytes() == Path("first", name).read_bytes(), name


def test_a_run_goes_to_a_folder_of_its_name_and_force_replaces_what_is_there(copied_desk: Path) -> None:
    ran("run", "mine.toml", "--replications", "2")
    assert Path("runs/mine/run.json").is_file()
    ran("run", "mine.toml", "--replications", "3", "--force")
    assert len(table("runs/mine", "replications")) == 3
    assert [path.name for path in Path("runs").iterdir()] == ["mine"]


def test_one_replication_alone_is_the_one_among_others_and_is_kept(at_desk: Path) -> None:
    ran("run", "mine.toml", "--only", "6", "--seed", "5", "--out", "alone")
    for name in ("replications", "transfers"):
        assert table("alone", name) == table("first", name, replication=6)
    assert {row["replication"] for row in table("alone", "tracks")} == {6}


def test_nothing_is_kept_where_nothing_is_asked_for(at_desk: Path) -> None:
    ran("run", "mine.toml", "--replications", "3", "--seed", "5", "--keep", "0", "--out", "bare")
    assert table("bare", "events") == table("bare", "tracks") == []
    assert table("bare", "replications") == table("first", "replications")[:3]  # a run is the beginning of a longer one


def test_a_level_changes_the_intervals_and_nothing_else(at_desk: Path) -> None:
    ran("run", "mine.toml", "--replications", "8", "--seed", "5", "--level", "0.8", "--out", "narrow")
    narrow, wide = measures("narrow"), measures("first")
    assert narrow.keys() == wide.keys()
    for name, row in narrow.items():
        assert row["value"] == wide[name]["value"]
        assert float(wide[name]["low"]) <= float(row["low"]) <= float(row["high"]) <= float(wide[name]["high"])
    assert {row["level"] for row in narrow.values()} == {"0.8"}


def test_the_last_of_several_sets_holds_and_is_in_the_run_s_scenario(at_desk: Path) -> None:
    sets = (
        "--set",
        "patrols.daily.every_h=48",
        "--set",
        "title=By the command line",
        "--set",
        "patrols.daily.every_h=24",
    )
    ran("run", "mine.toml", "--replications", "2", *sets, "--out", "set")
    assert "By the command line" in call_seasweep("check", "set/scenario.toml").out
    assert {row["sorties"] for row in table("set", "replications")} == {6}  # six days, one a day


def test_without_transfers_there_is_nothing_to_divide_by_and_the_table_says_so(at_desk: Path) -> None:
    answer = ran("run", "mine.toml", "--replications", "3", "--set", "transfers.events.per_month=0", "--out", "none")
    assert printed(answer.out, "p_detected")[1:3] == ["-", "-"]
    assert "nothing to divide by" in answer.out
    assert measures("none")["p_detected"]["value"] == ""
    assert table("none", "transfers") == []


def test_a_run_to_a_precision_stops_at_the_first_look_that_reaches_it(at_desk: Path) -> None:
    ran("run", "mine.toml", "--precision", "p_detected=0.04", "--out", "sharp")
    row = measures("sharp")["p_detected"]
    assert (float(row["high"]) - float(row["low"])) / 2.0 <= 0.04
    many = int(row["replications"])
    assert many >= 40
    ran("run", "mine.toml", "--replications", str(many), "--out", "many")
    assert measures("many") == measures("sharp")


# ---------------------------------------------------------------------------------------------------- compare
def test_a_comparison_shows_what_two_runs_give_and_how_they_differ(copied_desk: Path) -> None:
    Path("half.toml").write_text('extends = "mine.toml"\n[sensors.eye.law]\nprobability = 0.375\n', encoding="utf-8")
    answer = ran("compare", "mine.toml", "half.toml", "--replications", "8", "--seed", "5")
    _, ours, theirs, gap, _, clear, *_ = printed(answer.out, "p_detected")
    ran("run", "half.toml", "--replications", "8", "--seed", "5", "--out", "half")
    values = [float(measures(folder)["p_detected"]["value"]) for folder in ("first", "half")]
    assert [ours, theirs] == [f"{100.0 * value:.1f} %" for value in values]
    assert float(gap.removesuffix(" pp")) == pytest.approx(100.0 * (values[1] - values[0]), abs=0.051)
    assert clear in ("*", "**")
    assert printed(answer.out, "transfers")[3] == "0.00"  # the same ships
    assert not Path("runs").exists()  # a comparison leaves no folder


def test_a_scenario_compared_with_itself_does_not_differ(at_desk: Path) -> None:
    answer = ran("compare", "mine.toml", "mine.toml", "--replications", "4", "--all")
    for name in ("p_detected", "sorties", "flight_hours"):
        assert float(printed(answer.out, name)[3].removesuffix(" pp")) == 0.0
    rows, _, notes = answer.out.partition("\nno row has a *: ")
    assert notes
    assert "*" not in rows


# ---------------------------------------------------------------------------------------------------- sweep
@pytest.fixture(scope="module")
def swept(desk: Path) -> Path:
    """The same folder with a study that was swept."""
    (desk / "study.toml").write_text(STUDY, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(desk)
        ran("sweep", "study.toml", "--out", "swept")
    return desk


def test_a_point_of_a_sweep_is_a_run_with_its_levels_set(swept: Path, at_desk: Path) -> None:
    levels = table("swept", "points")
    assert [row["point"] for row in levels] == [0, 1, 2, 3]
    sets = [f"--set={key}={value}" for key, value in levels[1].items() if key != "point"]
    ran("run", "mine.toml", "--replications", "6", "--keep", "0", *sets, "--out", "point")
    rows = table("swept", "replications", point=1)
    assert len(rows) == 6
    assert [{key: value for key, value in row.items() if key != "point"} for row in rows] == table(
        "point", "replications"
    )
    for name, row in measures("point").items():
        assert row.items() <= measures("swept", point="1")[name].items()


def test_a_sweep_that_is_done_is_only_printed_again(swept: Path, copied_desk: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in Path("swept/parts").iterdir()}
    assert len(before) == 4
    first, again = files_below(Path("swept")), ran("sweep", "study.toml", "--out", "swept")
    assert {path: path.stat().st_mtime_ns for path in Path("swept/parts").iterdir()} == before
    assert files_below(Path("swept")) == first
    assert again.out.count("%") > 4


def test_a_sweep_without_one_part_does_that_part_again(swept: Path, copied_desk: Path) -> None:
    first = files_below(Path("swept"))
    gone = sorted(Path("swept/parts").iterdir())[2]
    gone.unlink()
    Path("swept/measures.csv").unlink()
    assert call_seasweep("plot", "response", "swept").code == 2  # it is not finished
    ran("sweep", "study.toml", "--out", "swept")
    assert gone.is_file()
    assert files_below(Path("swept")) == first


def test_the_table_of_a_sweep_has_a_row_for_each_point(swept: Path, at_desk: Path) -> None:
    lines = ran("sweep", "study.toml", "--out", "swept").out.splitlines()
    for point, levels in enumerate(table("swept", "points")):
        value = f"{100.0 * float(measures('swept', point=str(point))['p_detected']['value']):.1f} %"
        start = [f"{level:g}" for key, level in levels.items() if key != "point"]
        assert [re.split(r" {2,}", line)[:3] for line in lines].count([*start, value]) == 1
    assert "4 points, 6 replications each" in lines[0]


# ---------------------------------------------------------------------------------------------------- plot
def test_a_run_is_drawn_into_its_folder_and_prints_where(copied_desk: Path) -> None:
    answer = ran("plot", "coverage", "first", "--cells", "100", "--replication", "2")
    assert answer.out.strip() == "first/coverage.png"
    assert shows_something(Path("first/coverage.png"))
    assert call_seasweep("plot", "coverage", "first", "--replication", "3", *ALONE).code == 2  # its tracks are not kept


def test_a_route_is_drawn_before_it_is_flown(copied_desk: Path) -> None:
    answer = call_seasweep("plot", "route", "mine.toml", "--set", "patrols.daily.every_h=24", "-o", "way.png")
    assert (answer.code, answer.out.strip()) == (0, "way.png")
    assert shows_something(Path("way.png"))


@pytest.mark.parametrize("kind", ["response", "heatmap"])
def test_a_study_is_drawn_by_each_of_its_plots(swept: Path, copied_desk: Path, kind: str) -> None:
    answer = call_seasweep("plot", kind, "swept", "--measure", "sorties", "-o", f"{kind}.png")
    assert (answer.code, answer.out.strip()) == (0, f"{kind}.png")
    assert shows_something(Path(f"{kind}.png"))
