"""An afternoon of edits: runs of one scenario keep each other, the same run is not done twice, and a list shows all."""

import json
import os
import re
import shlex
import shutil
from datetime import datetime
from pathlib import Path

import pytest

import sim.study.executors
from tests.helpers import PAIR_OF_SETTINGS, Answer, call_seasweep, files_below

FEW = ("--replications", "2", "--jobs", "1")


def write(text: str, name: str = "mine.toml") -> None:
    Path(name).write_text(text, encoding="utf-8")


def run(*arguments: str) -> Answer:
    answer = call_seasweep("run", "mine.toml", *FEW, *arguments)
    assert answer.code == 0, answer.err
    return answer


def sweep() -> Answer:
    answer = call_seasweep("sweep", "pair.toml", "--jobs", "1")
    assert answer.code == 0, answer.err
    return answer


def folders() -> set[str]:
    return {path.name for path in Path("runs").iterdir()}


@pytest.fixture
def afternoon(scratch: Path) -> Path:
    write('extends = "textbook"\nduration_days = 6.0\n')
    write(PAIR_OF_SETTINGS, "pair.toml")
    run()
    return scratch


def test_a_run_of_an_edited_file_goes_to_the_next_number_and_the_message_says_so(afternoon: Path) -> None:
    before = files_below(Path("runs/mine"))
    write('extends = "textbook"\nduration_days = 7.0\n')
    assert "The results are in runs/mine-2, because runs/mine has other results or files." in run().err
    assert "The results are in runs/mine-3," in run("--seed", "2").err
    assert "The results are in runs/mine-4," in run("--replications", "3").err
    shutil.rmtree("runs/mine-2")
    Path("runs/mine-2").mkdir()
    Path("runs/mine-2/holiday.jpg").write_text("dear to me", encoding="utf-8")
    assert "The results are in runs/mine-5," in run().err
    assert files_below(Path("runs/mine")) == before


def test_the_same_run_is_not_simulated_again(afternoon: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write('extends = "textbook"\nduration_days = 7.0\n')
    other = run()
    write('extends = "textbook"\nduration_days = 6.0  # as before\n')
    before = files_below(Path("runs"))
    with monkeypatch.context() as patch:
        patch.delattr(sim.study.executors, "fly")
        again = run()
    assert "The same results are in runs/mine already, so nothing was simulated." in again.err
    assert "2 replications, seed 1" in again.out
    assert again.out != other.out
    assert files_below(Path("runs")) == before
    path = Path("runs/mine/events.parquet")
    path.write_bytes(path.read_bytes()[:-1])  # what is damaged is not the same
    assert "The results are in runs/mine-3," in run().err


def test_parts_that_follow_from_results_are_shown_without_a_simulation_and_others_say_what_lacks(
    afternoon: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The table is that of a run which was asked for them, to the last digit, also at another confidence level."""
    asked = ("--by", "source", "--by", "area", "--level", "0.9", "--all", "--format", "json")
    fresh = run(*asked, "--out", "fresh")
    before = files_below(Path("runs"))
    with monkeypatch.context() as patch:
        patch.delattr(sim.study.executors, "fly")
        for more in ((), ("--out", "runs/mine")):
            made = run(*asked, *more)
            assert made.out == fresh.out
            assert "follows from the results in runs/mine, so nothing was simulated, and no file there" in made.err
    assert files_below(Path("runs")) == before
    assert (
        "The results are in runs/mine-2, because runs/mine has no parts by hour, patrol."
        in run("--by", "hour", "--by", "patrol", "--by", "source").err
    )
    fewer = run("--by", "patrol", "--all", "--out", "fewer")
    with monkeypatch.context() as patch:
        patch.delattr(sim.study.executors, "fly")
        again = run("--by", "patrol", "--all")
    assert (again.out, "from the results in runs/mine-2, so" in again.err) == (fewer.out, True)
    refused = call_seasweep("run", "mine.toml", *FEW, "--out", "runs/mine-2", "--by", "hour=22-4")
    assert (refused.code, "runs/mine-2 has no parts by hour=22-4" in refused.err) == (2, True)


def test_an_edited_study_goes_to_the_next_number_and_the_same_one_to_its_own(afternoon: Path) -> None:
    sweep()
    text = Path("pair.toml").read_text(encoding="utf-8")
    write(text.replace("0.25", "0.5"), "pair.toml")
    assert "The results are in runs/pair-2, because runs/pair has other results or files." in sweep().err
    assert "The results are in runs/pair-2," in sweep().err
    write(text, "pair.toml")
    assert "The results are in runs/pair. " in sweep().err
    assert folders() == {"mine", "pair", "pair-2"}


def test_the_list_says_when_what_and_whether_the_file_has_changed(afternoon: Path) -> None:
    sweep()
    run("--set", "duration_days=5")
    os.utime("runs/mine/run.json", (1e9, 1e9))
    out = call_seasweep("runs").out
    shown = r"\d+\.\d % \(\d+\.\d to \d+\.\d %\)"
    when = f"{datetime.fromtimestamp(1e9).astimezone():%d %b %Y}"
    assert re.search(rf"^runs/mine +{when} +mine +- +2 +{shown} +{shown} +unchanged$", out, re.MULTILINE)
    assert re.search(
        rf"^runs/pair +\d\d \w+ \d\d:\d\d +2 +2 +p_detected +{shown} +{shown} +unchanged$", out, re.MULTILINE
    )
    assert re.search(rf"^runs/mine-2 .* mine +--set duration_days=5 +2 +{shown}", out, re.MULTILINE)
    assert out.count("unchanged") == 3
    times = [line.split()[1:4] for line in out.splitlines() if line.startswith("runs/pair")]
    os.utime("runs/pair/study.json")
    assert [line.split()[1:4] for line in call_seasweep("runs").out.splitlines() if "runs/pair" in line] == times
    write('extends = "textbook"\nduration_days = 7.0\n')
    Path("pair.toml").unlink()
    out = call_seasweep("runs").out
    states = re.findall(r"(\w+)$", out, re.MULTILINE)
    assert [states.count(state) for state in ("changed", "deleted", "unchanged")] == [1, 1, 1]  # --set holds the days
    write("duration_days = \n")
    assert call_seasweep("runs").out.count("has errors") == 2


def test_the_list_shows_the_options_that_tell_runs_of_one_scenario_apart_in_the_order_of_their_numbers(
    afternoon: Path,
) -> None:
    given = (
        "--seed 3 --by week --by hour=22-4 --level 0.9",
        "--precision p_detected[area=box]=0.2 --most 40 --by area --keep 7",
        "--only 5",
    )
    for options, more in zip(given, ("", "", "--set duration_days=5"), strict=True):
        run(*options.split(), *more.split())
    for name in ("mine10", "mine2-2", "mine-10", "mine2"):
        shutil.copytree("runs/mine", f"runs/{name}")
    answer = call_seasweep("runs", "--format", "json")
    rows = {row["folder"]: row for row in json.loads(answer.out)["results"]}
    names = ["mine", "mine-2", "mine-3", "mine-4", "mine-10", "mine2", "mine2-2", "mine10"]
    assert list(rows) == [f"runs/{name}" for name in names]
    shown = [shlex.split(rows[f"runs/mine-{number}"]["options"]) for number in (2, 3, 4)]
    assert shown == [options.split() for options in given]
    assert rows["runs/mine-4"]["sets"] == "duration_days=5"
    assert rows["runs/mine"]["options"] is None
    assert "when: the local time of this computer, UTC" in call_seasweep("runs").out


def test_damaged_and_foreign_folders_are_named_and_the_others_are_listed(afternoon: Path) -> None:
    for name in ("torn", "bare", "garbled", "half"):
        shutil.copytree("runs/mine", f"runs/deeper/{name}")
    Path("runs/deeper/torn/events.parquet").unlink()
    Path("runs/deeper/bare/run.json").write_text("[]", encoding="utf-8")
    Path("runs/deeper/garbled/measures.csv").write_bytes(b"\xff" * len(Path("runs/mine/measures.csv").read_bytes()))
    Path("runs/deeper/half/run.json").unlink()
    Path("runs/photos/2025").mkdir(parents=True)
    Path("runs/loop").symlink_to(".", target_is_directory=True)
    before = files_below(Path("runs/deeper"))
    answer = call_seasweep("runs")
    assert answer.code == 0
    for text in (
        "runs/mine ",
        "runs/deeper/torn it is damaged (events.parquet is missing)",
        "runs/deeper/bare it is damaged (it is no record of results)",
        "runs/deeper/garbled it is damaged (the checksum of measures.csv does not fit)",
        "runs/deeper/half it is damaged (run.json is missing)",
        "runs/photos no results of seasweep",
        "runs/loop no results of seasweep",
    ):
        assert text in " ".join(answer.out.split())
    assert files_below(Path("runs/deeper")) == before


def test_where_nothing_has_been_run_the_list_says_so_and_another_folder_can_be_given(afternoon: Path) -> None:
    Path("empty").mkdir()
    assert "runs/mine" in call_seasweep("runs", "runs/mine").out
    assert "Nothing has been run here" in call_seasweep("runs", "empty").err
    assert (call_seasweep("runs", "nowhere").code, call_seasweep("runs", "mine.toml").code) == (2, 2)
    shutil.rmtree("runs")
    assert (call_seasweep("runs").code, "Nothing has been run here" in call_seasweep("runs").err) == (0, True)
