"""What a program adds from outside is there at once: a plot with its command, a measure in tables and files."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import numpy as np
import pytest

import plots.kinds
import sim.study.measures
from plots.kinds import PlotKind, plot_kinds, register
from sim.cli.main import main
from sim.study.measures import MEASURES, Definition, measure_rows
from sim.study.store import Results


@pytest.fixture(autouse=True)
def _forget(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What a test registers ends with it."""
    monkeypatch.setattr(plots.kinds, "ADDED_KINDS", {})
    before = dict(MEASURES)
    yield
    MEASURES.clear()
    MEASURES.update(before)


def test_a_registered_plot_is_a_command_with_its_options(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    drawn: list[tuple[str, int]] = []

    def save(scenario: Any, path: Path, *, size: int) -> None:
        drawn.append((scenario.title, size))
        path.write_text("a picture", encoding="utf-8")

    register(
        PlotKind("dummy", "SCENARIO", "Draw a dummy.", save, (click.option("--size", type=int, help="Its size."),))
    )
    assert main(["plot", "--help"]) == 0
    assert "Draw a dummy." in capsys.readouterr().out
    path = tmp_path / "dummy.png"
    assert main(["plot", "dummy", "textbook", "--set", 'title="Mine"', "--size", "3", "-o", str(path)]) == 0
    assert (drawn, path.read_text(encoding="utf-8")) == ([("Mine", 3)], "a picture")


def test_two_plots_of_one_name_are_refused():
    with pytest.raises(ValueError, match="route exists already"):
        register(PlotKind("route", "SCENARIO", "", lambda *_: None))


def test_the_kinds_of_plots_are_the_files_of_their_folder():
    folder = Path(plots.kinds.__file__).parent
    assert set(plot_kinds()) == {path.stem for path in folder.glob("*.py")} - {"__init__"}


# ---------------------------------------------------------------------------------------------- a measure from outside
PACE = Definition(
    "sorties_per_100_h", "ratio", "sorties", "flight_hours", "per 100 h", 100.0, "sorties in 100 hours of flight"
)


def add_measure(definition: Definition) -> None:
    sim.study.measures.register(definition)


def test_a_registered_measure_is_in_the_files_and_the_table_of_a_run(scratch: Path, capsys: pytest.CaptureFixture[str]):
    add_measure(PACE)
    assert main(["run", "textbook", "--replications", "4", "--jobs", "1", "--out", "here", "--all"]) == 0
    (printed,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith(PACE.name)]
    assert re.split(r" {2,}", printed)[-2:] == ["per 100 h", "sorties in 100 hours of flight"]
    written = [
        line
        for line in Path("here/measures.csv").read_text(encoding="utf-8").splitlines()
        if line.startswith(PACE.name)
    ]
    results = Results.load("here")
    totals, measure = results.columns, results.measure(PACE.name)
    assert measure.value == pytest.approx(100.0 * np.sum(totals["sorties"]) / np.sum(totals["flight_hours"]))
    assert measure.low <= measure.value <= measure.high
    assert written == [f"{PACE.name},{measure.value},{measure.low},{measure.high},0.95,4,per 100 h"]


def test_a_registered_measure_is_in_the_reference_with_its_formula():
    assert PACE.name not in [row.name for row in measure_rows()]
    add_measure(PACE)
    row = measure_rows()[-1]
    assert (row.name, row.unit, row.meaning) == (PACE.name, "per 100 h", "sorties in 100 hours of flight")
    assert row.formula == "100 × sum over i of sorties_i / sum over i of flight_hours_i"
    assert (row.shown, row.interval.split(";")[0]) == ("with `--all`", "overdispersed Poisson events")


def test_options_and_studies_know_the_name_of_a_registered_measure(scratch: Path, capsys: pytest.CaptureFixture[str]):
    Path("mine.toml").write_text(
        'format = 1\nscenario = "textbook"\nreplications = 2\nmeasures = ["sorties_per_100_h"]\n'
        '[[vary]]\nkey = "patrols.daily.every_h"\nvalues = [24.0, 48.0]\n',
        encoding="utf-8",
    )
    precise = ["run", "textbook", "--precision", "sorties_per_100_h=1000", "--jobs", "1", "--out", "precise"]
    assert main(["sweep", "mine.toml", "--jobs", "1"]) == 2
    assert main(precise) == 2
    assert capsys.readouterr().err.count('"sorties_per_100_h"') == 2
    add_measure(PACE)
    assert main(["sweep", "mine.toml", "--jobs", "1"]) == 0
    assert PACE.name in capsys.readouterr().out
    assert main(precise) == 0


def test_a_measure_that_hides_at_zero_or_shows_only_by_name_is_not_printed(scratch: Path, capsys):
    add_measure(Definition("never", "count", "cancelled_sorties", meaning="none", hidden_at_zero=True))
    add_measure(Definition("unasked", "count", "sorties", meaning="none", only_by_name=True))
    assert main(["run", "textbook", "--replications", "2", "--jobs", "1", "--out", "here", "--all"]) == 0
    printed = {line.split(" ")[0] for line in capsys.readouterr().out.splitlines()}
    assert "cancelled_sorties" in printed
    assert not printed & {"never", "unasked"}
    assert {"never", "unasked"} <= {measure.measure for measure in Results.load("here").measures()}


def test_a_measure_of_a_name_that_exists_or_of_a_total_that_does_not_is_refused():
    with pytest.raises(ValueError, match="a measure named sorties exists already"):
        add_measure(Definition("sorties", "count", "sorties"))
    with pytest.raises(ValueError, match="made of turtles, which is no total; totals: transfers, detected"):
        add_measure(Definition("turtles_seen", "ratio", "sorties", "turtles"))
    assert "turtles_seen" not in MEASURES
