"""A plot that a program adds from outside has its command, its help and its options at once."""

from pathlib import Path
from typing import Any

import click
import pytest

import plots.kinds
from plots.kinds import PlotKind, plot_kinds, register
from sim.cli import main


@pytest.fixture(autouse=True)
def _forget(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test registers ends with it."""
    monkeypatch.setattr(plots.kinds, "_added", {})


def test_a_registered_plot_is_a_command_with_its_options(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    drawn: list[tuple[str, int]] = []

    def save(scenario: Any, path: Path, *, size: int) -> None:
        drawn.append((scenario.title, size))
        path.write_text("a picture")

    register(
        PlotKind("dummy", "SCENARIO", "Draw a dummy.", save, (click.option("--size", type=int, help="Its size."),))
    )
    assert main(["plot", "--help"]) == 0
    assert "Draw a dummy." in capsys.readouterr().out
    path = tmp_path / "dummy.png"
    assert main(["plot", "dummy", "textbook", "--set", 'title="Mine"', "--size", "3", "-o", str(path)]) == 0
    assert (drawn, path.read_text()) == ([("Mine", 3)], "a picture")


def test_two_plots_of_one_name_are_refused():
    with pytest.raises(ValueError, match="route exists already"):
        register(PlotKind("route", "SCENARIO", "", lambda *_: None))


def test_the_kinds_of_plots_are_the_files_of_their_folder():
    folder = Path(plots.kinds.__file__).parent
    assert set(plot_kinds()) == {path.stem for path in folder.glob("*.py")} - {"__init__"}
