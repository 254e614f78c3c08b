"""A sweep that continues: what is there and sound is not simulated again, and what is damaged is named and replaced."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import sim.study.executors
from sim.cli.main import main
from tests.helpers import CHANCES, call_seasweep, study_of

PARTS = ["000000-0000000", "000000-0000050", "000001-0000000", "000001-0000050"]
# Two points of few days, each of two parts.
STUDY = study_of({**CHANCES, "duration_days": [6.0]}, 60)
Files = dict[str, bytes]


def files(folder: str | Path = "swept") -> Files:
    return {path.name: path.read_bytes() for path in sorted(Path(folder).rglob("*")) if path.is_file()}


@pytest.fixture(scope="module")
def complete(tmp_path_factory: pytest.TempPathFactory) -> Files:
    """The files of a sweep that was not interrupted."""
    folder = tmp_path_factory.mktemp("complete")
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")
    assert main(["sweep", str(folder / "study.toml"), "--jobs", "1", "--out", str(folder / "swept")]) == 0
    return files(folder / "swept")


@pytest.fixture
def simulated(scratch: Path, complete: Files, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The numbers of the replications that are simulated from now on; the folder of the complete sweep is there."""
    Path("study.toml").write_text(STUDY, encoding="utf-8")
    Path("swept/parts").mkdir(parents=True)
    for name, content in complete.items():
        (Path("swept/parts") if name.split(".")[0] in PARTS else Path("swept")).joinpath(name).write_bytes(content)
    numbers: list[int] = []
    fly = sim.study.executors.fly
    monkeypatch.setattr(sim.study.executors, "fly", lambda *given: numbers.append(given[2]) or fly(*given))
    return numbers


def part(number: int) -> Path:
    return Path("swept/parts", f"{PARTS[number]}.parquet")


def flip_a_byte(path: Path) -> None:
    """Change one byte in the middle of the compressed values of the first column."""
    content = bytearray(path.read_bytes())
    chunk = pq.read_metadata(path).row_group(0).column(2)
    content[chunk.data_page_offset + chunk.total_compressed_size - 3] ^= 0x55
    path.write_bytes(content)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def other_columns(path: Path) -> None:
    pq.write_table(pa.table({"turtles": [1, 2]}), path)


def fewer_rows(path: Path) -> None:
    pq.write_table(pq.read_table(path).slice(0, 7), path)


def fewer_columns(path: Path) -> None:
    """As an earlier version wrote it, which did not count what this one counts."""
    pq.write_table(pq.read_table(path).drop_columns(["no_one_there"]), path)


def other_part(path: Path) -> None:
    path.write_bytes(part(0).read_bytes())


def other_point(path: Path) -> None:
    path.write_bytes(part(1).read_bytes())


def sweep_again() -> int:
    return main(["sweep", "study.toml", "--jobs", "1", "--out", "swept"])


def test_a_complete_sweep_is_not_simulated_again(simulated: list[int], complete: Files, capsys):
    assert sweep_again() == 0
    assert simulated == []
    assert files() == complete
    assert "warning" not in capsys.readouterr().err


def test_a_part_that_is_missing_is_simulated_without_a_warning(simulated: list[int], complete: Files, capsys):
    part(1).unlink()
    assert sweep_again() == 0
    assert simulated == list(range(50, 60))
    assert files() == complete
    assert "warning" not in capsys.readouterr().err


@pytest.mark.parametrize(
    "damage", [flip_a_byte, cut, empty, other_columns, fewer_rows, fewer_columns, other_part, other_point]
)
def test_a_damaged_part_is_named_and_simulated_again(
    simulated: list[int], complete: Files, capsys, damage: Callable[[Path], None]
):
    damage(part(3))
    assert sweep_again() == 0
    assert simulated == list(range(50, 60))
    assert files() == complete
    warned = [line for line in capsys.readouterr().err.splitlines() if line.startswith("warning: ")]
    assert len(warned) == 1
    assert warned[0].startswith(f"warning: {part(3)} cannot be used (")
    assert warned[0].endswith("); its replications are simulated again")


def test_a_replication_that_failed_is_tried_again(simulated, complete, capsys, monkeypatch):
    part(0).unlink()
    real = sim.study.executors.fly

    def failing(plan, world, number):
        if number == 9:
            raise RuntimeError("a fault for the test")
        return real(plan, world, number)

    with monkeypatch.context() as patch:
        patch.setattr(sim.study.executors, "fly", failing)
        assert sweep_again() == 1
    err = capsys.readouterr().err
    assert "119 done, 1 failed: replication 9 of point 0\nThe first error: RuntimeError: a fault for the test." in err
    assert "The whole error is in swept/study.json." in err
    assert sweep_again() == 0
    assert "has 49 of 50 replications" in capsys.readouterr().err
    assert files() == complete


def test_force_replaces_a_sweep_and_another_study_is_refused(simulated, complete, capsys):
    Path("study.toml").write_text(STUDY.replace("0.75", "0.5"), encoding="utf-8")
    assert sweep_again() == 2
    assert "a folder of the same study; --force replaces the results that are there" in capsys.readouterr().err
    assert files() == complete
    assert main(["sweep", "study.toml", "--jobs", "1", "--out", "swept", "--force"]) == 0
    assert len(simulated) == 120
    assert set(files()) == set(complete)
    assert files() != complete


def interrupt_in_the_second_parts(patch: pytest.MonkeyPatch) -> None:
    """The sweep is interrupted when the first part of each point is kept."""
    real = sim.study.executors.fly

    def interrupted(plan, world, number):
        if number == 50:
            raise KeyboardInterrupt
        return real(plan, world, number)

    patch.setattr(sim.study.executors, "fly", interrupted)


def test_an_interrupted_sweep_and_the_list_say_what_is_kept(
    simulated: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupt_in_the_second_parts(monkeypatch)
    answer = call_seasweep("sweep", "study.toml", "--jobs", "1", "--out", "runs/new")
    assert answer.code == 130
    assert "100 of 120 replications are kept in runs/new. The same command continues the sweep.\n" in answer.err
    listed = " ".join(call_seasweep("runs").out.split())
    assert "runs/new it was interrupted after 100 replications; the same command continues it" in listed
    again = call_seasweep("sweep", "study.toml", "--jobs", "1", "--out", "swept", "--force")
    assert (again.code, "100 of 120 replications are kept in swept." in again.err) == (130, True)


def test_a_sweep_with_force_keeps_the_earlier_results_until_it_is_complete_and_continues(
    simulated: list[int], complete: Files, monkeypatch: pytest.MonkeyPatch
):
    Path("study.toml").write_text(STUDY.replace("0.75", "0.5"), encoding="utf-8")
    command = ["sweep", "study.toml", "--jobs", "1", "--out", "swept", "--force"]
    with monkeypatch.context() as patch:
        interrupt_in_the_second_parts(patch)
        assert main(command) == 130
    assert len(simulated) == 100
    below = {path.name: path for path in Path("swept").rglob("*") if ".seasweep-draft" not in path.parts}
    assert {name: path.read_bytes() for name, path in below.items() if path.is_file()} == complete
    assert sweep_again() == 2  # it is another study, so --force must be given again
    assert main(command) == 0
    assert len(simulated) == 120
    assert not list(Path("swept").rglob(".seasweep-*"))
    again = files()
    assert main(["sweep", "study.toml", "--jobs", "1", "--out", "at-once"]) == 0
    assert files("at-once") == again
