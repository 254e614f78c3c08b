"""Folders of results: one owner at a time, nothing lost that others wrote, nothing read that is damaged."""

import errno
import json
import os
import random
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from matplotlib.figure import Figure

import sim.study.executors
from plots.style import save
from sim.scenario.problems import InputError
from sim.study.locks import LOCK, locked
from sim.study.provenance import versions
from sim.study.store import Results
from sim.study.study_results import StudyResults
from tests.helpers import PAIR_OF_SETTINGS, Answer, call_seasweep, files_below

Seasweep = Callable[..., Answer]
Patch = pytest.MonkeyPatch
Damage = Callable[[bytes, random.Random], bytes | None]

RUN = ("run", "textbook", "--replications", "2", "--jobs", "1", "--out")
SWEEP = ("sweep", "study.toml", "--jobs", "1", "--out")
STUDY = PAIR_OF_SETTINGS
HOLD = """
import sys
from pathlib import Path
from sim.study.locks import locked
with locked(Path("mine")):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def study(folder: Path) -> None:
    Path("study.toml").write_text(STUDY, encoding="utf-8")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a run and a sweep, which no test changes."""
    place = tmp_path_factory.mktemp("whole")
    (place / "study.toml").write_text(STUDY, encoding="utf-8")
    assert call_seasweep(*RUN, place / "mine").code == 0
    assert call_seasweep("sweep", place / "study.toml", "--jobs", "1", "--out", place / "swept").code == 0
    return place


def copied(whole: Path, name: str) -> dict[str, bytes | None]:
    """Copy a folder of results to here; what is in it."""
    content = files_below(whole / name)
    for path, data in sorted(content.items()):
        place = Path(name, path)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.mkdir() if data is None else place.write_bytes(data)
    return content


def during_the_first_replication(monkeypatch: Patch, act: Callable[[], None]) -> None:
    """Do something once, while a command simulates its first replication."""
    real, acts = sim.study.executors.fly, [act]

    def fly(plan: Any, world: Any, replication: int) -> Any:
        if acts:
            acts.pop()()
        return real(plan, world, replication)

    monkeypatch.setattr(sim.study.executors, "fly", fly)


# --------------------------------------------------------------------------------------------------- one owner
@pytest.mark.parametrize("command", [RUN, (*RUN[:-1], "--force", "--out"), SWEEP])
def test_the_second_of_two_commands_into_one_folder_is_refused_and_the_owner_is_named(
    seasweep: Seasweep, folder: Path, monkeypatch: Patch, command: tuple[str, ...]
) -> None:
    answers = []
    during_the_first_replication(monkeypatch, lambda: answers.append(seasweep(*command, "mine")))
    assert seasweep(*command, "mine").code == 0
    (second,) = answers
    assert (second.code, second.out, second.err.count("\n")) == (2, "", 1)
    assert f"process {os.getpid()} on " in second.err
    assert " has been writing to it since 20" in second.err
    assert not list(folder.rglob(".seasweep-*"))


def test_a_lock_ends_with_its_owner(folder: Path, seasweep: Seasweep) -> None:
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", HOLD], stdin=pipe, stdout=pipe, encoding="utf-8") as owner:
        assert owner.stdout
        assert owner.stdout.readline() == "held\n"
        with pytest.raises(InputError, match=f"process {owner.pid} on"), locked(Path("mine")):
            pass
        owner.send_signal(signal.SIGKILL)
    assert Path("mine", LOCK).exists()
    assert seasweep(*RUN, "mine").code == 0
    assert not Path("mine", LOCK).exists()


@pytest.fixture
def owner(monkeypatch: Patch) -> dict[str, Any]:
    """What the lock of a folder tells of this process, where the file system has no locks."""

    def flock(*_: Any) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", flock)
    with locked(Path("mine")):
        found: dict[str, Any] = json.loads(Path("mine", LOCK).read_text(encoding="utf-8"))
    Path("mine").mkdir()
    return found


def ended() -> int:
    """The number of a process that has ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        return process.pid


@pytest.mark.parametrize("later", [False, True])
def test_where_a_file_system_has_no_locks_a_dead_owner_holds_none(owner: dict[str, Any], later: bool) -> None:
    change = {"began": "long ago"} if later else {"process": ended()}  # a later process may have the same number
    Path("mine", LOCK).write_text(json.dumps({**owner, **change}), encoding="utf-8")
    with locked(Path("mine")):
        assert json.loads(Path("mine", LOCK).read_text(encoding="utf-8"))["process"] == os.getpid()


@pytest.mark.parametrize("away", [False, True])
def test_where_a_file_system_has_no_locks_another_owner_is_named(owner: dict[str, Any], away: bool) -> None:
    change = {"computer": "another", "process": ended()} if away else {}
    Path("mine", LOCK).write_text(json.dumps({**owner, **change}), encoding="utf-8")
    who = f"process {change.get('process', os.getpid())} on {'another' if away else owner['computer']}"
    with pytest.raises(InputError, match=who), locked(Path("mine")):
        pass


def test_what_a_killed_command_left_is_removed_although_the_next_one_is_refused(
    seasweep: Seasweep, whole: Path
) -> None:
    before = copied(whole, "mine")
    for name in (LOCK, ".seasweep-1-measures.csv", ".seasweep-draft/tracks.parquet"):
        Path("mine", name).parent.mkdir(exist_ok=True)
        Path("mine", name).write_text("", encoding="utf-8")
    answer = seasweep(*RUN, "mine", "--seed", "2")
    assert (answer.code, "--force replaces the results that are there" in answer.err) == (2, True)
    assert files_below(Path("mine")) == before


def test_a_lock_that_was_deleted_still_protects_the_results_that_are_made(
    seasweep: Seasweep, folder: Path, monkeypatch: Patch
) -> None:
    answers = []

    def rob() -> None:
        Path("mine", LOCK).unlink()
        answers.append(seasweep(*RUN, "mine", "--seed", "2"))

    during_the_first_replication(monkeypatch, rob)
    assert seasweep(*RUN, "mine").code == 0
    assert answers[0].code == 2
    assert f"process {os.getpid()} on " in answers[0].err
    assert Results.load("mine").info["seed"] == 1
    assert not list(folder.rglob(".seasweep-*"))


@pytest.mark.parametrize("force", [[], ["--force"]])
def test_results_that_somebody_wrote_in_spite_of_the_lock_stay_and_the_others_get_another_name(
    seasweep: Seasweep, folder: Path, monkeypatch: Patch, force: list[str]
) -> None:
    def copy() -> None:
        for path in Path("other").iterdir():
            Path("mine", path.name).write_bytes(path.read_bytes())

    assert seasweep(*RUN, "other", "--seed", "2").code == 0
    if force:
        assert seasweep(*RUN, "mine", "--seed", "3").code == 0
    during_the_first_replication(monkeypatch, copy)
    answer = seasweep(*RUN, "mine", *force)
    assert answer.code == 2
    assert "somebody else wrote results there during this command" in answer.err
    assert str(folder / "mine-2") in answer.err
    assert (Results.load("mine").info["seed"], Results.load("mine-2").info["seed"]) == (2, 1)
    assert not list(folder.rglob(".seasweep-*"))


# --------------------------------------------------------------------------------------------------- where it writes
@pytest.mark.parametrize(("inside", "out"), [("disk", "."), ("disk/deeper", ".."), ("", "link/"), ("", "./disk/")])
def test_the_folder_itself_is_never_replaced(seasweep: Seasweep, monkeypatch: Patch, inside: str, out: str) -> None:
    disk = Path("disk").absolute()
    disk.mkdir()
    Path("link").symlink_to("disk")
    if inside == "disk/deeper":
        Path(inside).mkdir()
    monkeypatch.chdir(Path(inside).absolute())
    before = disk.stat().st_ino
    answer = seasweep(*RUN, out)
    if out == "..":  # which is not empty: the folder where the command is called is in it
        assert (answer.code, [path.name for path in disk.iterdir()]) == (2, ["deeper"])
        return
    assert answer.code == 0
    assert seasweep(*RUN, out, "--seed", "2", "--force").code == 0
    assert disk.stat().st_ino == before
    assert Results.load(disk).info["seed"] == 2
    assert Results.load(out).info["seed"] == 2


@pytest.mark.parametrize("command", [RUN, SWEEP])
def test_force_removes_only_what_seasweep_wrote(seasweep: Seasweep, whole: Path, command: tuple[str, ...]) -> None:
    name = "mine" if command is RUN else "swept"
    before = copied(whole, name)
    notes = ["notes.txt", "coverage.png", "more.parquet", "pictures/map.png"]
    notes += ["parts/notes.txt"] if command is SWEEP else ["points.parquet"]
    for note in notes:
        Path(name, note).parent.mkdir(exist_ok=True)
        Path(name, note).write_text("dear to me", encoding="utf-8")
    assert seasweep(*command, name, "--force").code == 0
    after = files_below(Path(name))
    assert [after[note] for note in notes] == [b"dear to me"] * len(notes)
    assert {path for path, data in after.items() if data is not None} - set(notes) == {
        path for path, data in before.items() if data is not None
    }


def test_files_and_folders_keep_the_umask_of_the_user(seasweep: Seasweep, folder: Path) -> None:
    before = os.umask(0o027)
    try:
        assert seasweep(*RUN, "new/mine").code == 0
        assert seasweep(*SWEEP, "swept").code == 0
    finally:
        os.umask(before)
    found = {path: stat.S_IMODE(path.stat().st_mode) for path in (*Path("new").rglob("*"), *Path("swept").rglob("*"))}
    assert len(found) > 10
    assert {mode for path, mode in found.items() if path.is_file()} == {0o640}
    assert {mode for path, mode in found.items() if path.is_dir()} == {0o750}


# --------------------------------------------------------------------------------------------------- damage
def flipped(content: bytes, at: random.Random) -> bytes:
    place = at.randrange(len(content))
    return content[:place] + bytes([content[place] ^ (1 << at.randrange(8))]) + content[place + 1 :]


def cut(content: bytes, at: random.Random) -> bytes:
    return content[: at.randrange(len(content))]


def zeroed(content: bytes, at: random.Random) -> bytes:
    place = at.randrange(len(content))
    return content[:place] + b"\0" * min(64, len(content) - place) + content[place + 64 :]


def noise(content: bytes, at: random.Random) -> bytes:
    return at.randbytes(len(content))


def gone(content: bytes, at: random.Random) -> None:
    return None


DAMAGES: list[Damage] = [flipped, cut, zeroed, noise, gone]
RUN_FILES = ["run.json", "scenario.toml", "measures.csv", "replications.parquet", "transfers.parquet"]
RUN_FILES += ["events.parquet", "tracks.parquet"]
STUDY_FILES = ["study.json", "points.parquet", "replications.parquet", "measures.csv"]
PARTS = ["parts/000000-0000000.parquet", "parts/000001-0000000.parquet"]


def spoil(path: Path, damage: Damage, number: int) -> None:
    """Damage a file at a place that follows from its name and a number."""
    content = damage(path.read_bytes(), random.Random(f"{path} {damage.__name__} {number}"))  # noqa: S311  repeatable
    path.unlink() if content is None else path.write_bytes(content)


@pytest.mark.parametrize("damage", DAMAGES)
def test_no_damaged_file_of_a_run_is_read(seasweep: Seasweep, whole: Path, damage: Damage) -> None:
    before = copied(whole, "mine")
    refused = 0
    for name in RUN_FILES:
        for number in range(3):
            spoil(Path("mine", name), damage, number)
            with pytest.raises(InputError) as raised:
                Results.load("mine")
            assert name in str(raised.value) or name == "run.json"
            refused += 1
            Path("mine", name).write_bytes(before[name] or b"")
    assert refused == 3 * len(RUN_FILES)
    spoil(Path("mine/tracks.parquet"), damage, 0)
    answer = seasweep("plot", "coverage", "mine", "--jobs", "1")
    assert (answer.code, answer.out) == (2, "")
    assert "tracks.parquet" in answer.err
    assert "run the scenario again with --force" in answer.err


@pytest.mark.parametrize("name", RUN_FILES)
def test_a_damaged_run_is_made_anew_with_force(seasweep: Seasweep, whole: Path, name: str) -> None:
    before = copied(whole, "mine")
    spoil(Path("mine", name), cut if name != "run.json" else gone, 0)
    with pytest.raises(InputError, match="run the scenario again with --force, or into another folder"):
        Results.load("mine")
    assert seasweep(*RUN, "mine").code == 2
    assert seasweep(*RUN, "mine", "--force").code == 0
    after = files_below(Path("mine"))
    assert {**after, "run.json": b""} == {**before, "run.json": b""}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_study_is_refused_by_name_and_mended_by_its_sweep(
    seasweep: Seasweep, whole: Path, damage: Damage
) -> None:
    before = copied(whole, "swept")
    for name in (*STUDY_FILES, *PARTS):
        spoil(Path("swept", name), damage, 0)
        if name in STUDY_FILES:
            with pytest.raises(InputError, match=r"to mend it, give the same `seasweep sweep` again"):
                StudyResults.load("swept")
        answer = seasweep(*SWEEP, "swept")
        assert answer.code == 0, (name, answer.err)
        if damage is not gone and name in ("study.json", "points.parquet", *PARTS):
            assert answer.err.startswith(f"warning: swept/{name} "), answer.err
        assert files_below(Path("swept")) == before, name
    assert StudyResults.load("swept").name == "study"


def test_a_study_whose_record_and_parts_are_damaged_is_replaced_only_with_force(
    seasweep: Seasweep, whole: Path
) -> None:
    copied(whole, "swept")
    for name in ("study.json", *PARTS):
        spoil(Path("swept", name), cut, 0)
    before = files_below(Path("swept"))
    answer = seasweep(*SWEEP, "swept")
    assert answer.code == 2
    assert "study.json is whole" in answer.err
    assert files_below(Path("swept")) == before
    assert seasweep(*SWEEP, "swept", "--force").code == 0
    assert files_below(Path("swept")) == files_below(whole / "swept")


# --------------------------------------------------------------------------------------------------- other versions
@pytest.mark.parametrize("what", ["sim.study.provenance.code_digest", "platform.machine", "versions"])
def test_a_sweep_that_something_else_made_is_not_continued(seasweep: Seasweep, monkeypatch: Patch, what: str) -> None:
    with monkeypatch.context() as patch:
        if what == "versions":
            patch.setattr("sim.study.provenance.versions", lambda: {**versions(), "numpy": "1.0"})
        else:
            patch.setattr(what, lambda: "another")
        assert seasweep(*SWEEP, "swept").code == 0
    before = files_below(Path("swept"))
    answer = seasweep(*SWEEP, "swept")
    assert (answer.code, answer.out) == (2, "")
    assert "its parts would be mixed with others: made " in answer.err
    assert "--force replaces the results that are there" in answer.err
    assert files_below(Path("swept")) == before
    assert StudyResults.load("swept").name == "study"
    foreign = Path("swept", PARTS[0]).read_bytes()
    assert seasweep(*SWEEP, "swept", "--force").code == 0
    ours = files_below(Path("swept"))
    Path("swept", PARTS[0]).write_bytes(foreign)
    answer = seasweep(*SWEEP, "swept")
    assert f"warning: swept/{PARTS[0]} cannot be used (made " in answer.err
    assert files_below(Path("swept")) == ours


def as_before(path: Path) -> None:
    """Take from a record what earlier versions did not write."""
    record = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(
        json.dumps({name: record[name] for name in record if name not in ("checksum", "files", "code")}),
        encoding="utf-8",
    )


def test_results_of_earlier_versions_are_read_with_a_warning(seasweep: Seasweep, whole: Path) -> None:
    copied(whole, "mine"), copied(whole, "swept")
    as_before(Path("mine/run.json")), as_before(Path("swept/study.json"))
    for kind, name in (("coverage", "mine"), ("response", "swept")):
        answer = seasweep("plot", kind, name, "-o", "map.svg")
        assert answer.code == 0
        assert answer.err.startswith(f"warning: an earlier version wrote {name}, without checksums")
    answer = seasweep(*SWEEP, "swept")
    assert answer.code == 2
    assert "nothing tells which code made it" in answer.err
    Path("mine/tracks.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(InputError, match="a complete folder"):
        Results.load("mine")


def test_tables_carry_neither_the_time_nor_the_number_of_tries(seasweep: Seasweep, whole: Path) -> None:
    before = copied(whole, "swept")
    for name in (*PARTS, "measures.csv", "study.json"):
        Path("swept", name).unlink()
    assert seasweep(*SWEEP, "swept").code == 0
    assert files_below(Path("swept")) == before
    assert pq.read_metadata(Path("swept", PARTS[0])).metadata[b"seasweep"]


def test_a_picture_removes_the_drafts_of_dead_processes_and_no_others(folder: Path) -> None:
    dead, living = Path(f".seasweep-{ended()}-map.png"), Path(".seasweep-1-map.png")
    for path in (dead, living, Path(".seasweep-notes.png")):
        path.write_text("half a pict", encoding="utf-8")
    save(Figure(), Path("map.png"))
    assert not dead.exists()
    assert (
        living.read_text(encoding="utf-8") == Path(".seasweep-notes.png").read_text(encoding="utf-8") == "half a pict"
    )
    assert Path("map.png").stat().st_mode & 0o444
