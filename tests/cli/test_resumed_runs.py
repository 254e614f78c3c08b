"""A run that continues after an interruption: the same bytes, and nothing that is there is simulated again."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import sim
import sim.study.executors
from sim import InputError
from sim.study.locks import locked
from tests.helpers import Answer, call_seasweep, files_below

FEW_DAYS = {"duration_days": 6.0}
COMMAND = (
    "run", "textbook", "--replications", "30", "--keep", "12", "--jobs", "1", "--set", "duration_days=6.0",
)  # fmt: skip


def run(*more: str) -> Answer:
    return call_seasweep(*COMMAND, *more)


def tables(folder: str) -> dict[str, bytes | None]:
    """The files of a run but its record, which has the command."""
    return {name: content for name, content in files_below(Path(folder)).items() if name != "run.json"}


@pytest.fixture
def simulated(scratch: Path, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The replications that are simulated from now on. A run was interrupted at number 23, and its work was kept."""
    assert run("--out", "whole").code == 0
    real, numbers = sim.study.executors.fly, list[int]()

    def fly(plan: Any, world: Any, number: int) -> Any:
        if number == 23 and 23 not in numbers:
            numbers.append(number)
            raise KeyboardInterrupt
        numbers.append(number)
        return real(plan, world, number)

    monkeypatch.setattr("sim.study.run_parts.KEEP_EVERY_S", 0.0)
    monkeypatch.setattr(sim.study.executors, "fly", fly)
    answer = run()
    assert answer.code == 130
    assert "20 replications are kept in runs/textbook. The same command continues the run." in answer.err
    numbers[:] = [23]
    return numbers


def test_the_same_command_continues_and_writes_the_bytes_of_a_run_that_was_not_interrupted(
    simulated: list[int],
) -> None:
    assert "it was interrupted after 20 replications" in " ".join(call_seasweep("runs").out.split())
    answer = run()
    assert (answer.code, "warning" in answer.err) == (0, False)
    assert simulated[1:] == list(range(20, 30))
    assert tables("runs/textbook") == tables("whole")
    assert [path.name for path in Path("runs").iterdir()] == ["textbook"]


def test_a_run_of_something_else_leaves_what_is_kept_and_one_into_its_folder_says_that_it_removes_it(
    simulated: list[int],
) -> None:
    before = files_below(Path("runs/textbook"))
    assert "The results are in runs/textbook-2," in run("--seed", "2").err
    assert files_below(Path("runs/textbook")) == before
    answer = run("--seed", "3", "--out", "runs/textbook")
    assert answer.code == 0
    assert "what runs/textbook kept of another run, which was interrupted, is removed" in answer.err
    assert not list(Path("runs").rglob(".seasweep-*"))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-50])


def exchange(path: Path) -> None:
    other = sorted(path.parent.glob("*-transfers.parquet"))[-1]
    path.write_bytes(other.read_bytes())


@pytest.mark.parametrize("damage", [cut, exchange, Path.unlink])
def test_what_is_damaged_is_named_and_simulated_again(simulated: list[int], damage: Callable[[Path], None]) -> None:
    damage(sorted(Path("runs/textbook").rglob("*-transfers.parquet"))[1])
    answer = run()
    assert answer.code == 0
    assert "of replications 5 to 9 cannot be used (" in answer.err
    assert simulated[1:] == [*range(5, 10), *range(20, 30)]
    assert tables("runs/textbook") == tables("whole")


def test_a_run_of_more_replications_continues_too(simulated: list[int]) -> None:
    assert run("--replications", "45").code == 0
    assert simulated[1:] == list(range(20, 45))
    assert call_seasweep(*COMMAND, "--replications", "45", "--out", "all").code == 0
    assert tables("runs/textbook") == tables("all")


def test_a_run_beside_the_same_one_under_way_does_not_wait_for_its_folder(simulated: list[int]) -> None:
    """It goes to the next number, whether or not the other one has kept anything yet."""
    before = files_below(Path("runs/textbook"))
    with locked(Path("runs/textbook")):
        assert "The results are in runs/textbook-2," in run().err
    assert files_below(Path("runs/textbook")) == before
    assert tables("runs/textbook-2") == tables("whole")


def test_what_is_kept_and_taken_away_while_the_run_goes_on_is_named(simulated: list[int]) -> None:
    def take_away(done: int, _total: int) -> None:
        if done == 5:
            next(Path("runs/textbook").rglob("*5-*-events.parquet")).unlink()

    with pytest.raises(InputError, match="a file that nobody changes while the work goes on"):
        sim.run("textbook", 30, sets=FEW_DAYS, keep=12, out="runs/textbook", progress=take_away)
    assert run().code == 0
    assert tables("runs/textbook") == tables("whole")
