"""Faults of the world, such as a full disk or a closed stream: one line with what to do, and nothing left behind."""

import errno
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import sim.study.executors
import sim.study.runs
from tests.helpers import Answer, files_below

Seasweep = Callable[..., Answer]
Patch = pytest.MonkeyPatch
COMMAND = shlex.quote(str(Path(sys.executable).with_name("seasweep")))
RUN = ("run", "textbook", "--replications", "2", "--jobs", "1", "--out", "mine")


def shell(text: str) -> Answer:
    """The answer to a line of a shell in which SEASWEEP stands for the command."""
    line = text.replace("SEASWEEP", COMMAND)
    call = ["bash", "-c", line]
    done = subprocess.run(call, capture_output=True, encoding="utf-8", errors="replace", check=False)
    return Answer(done.returncode, done.stdout, done.stderr)


def assert_one_line(answer: Answer, *said: str) -> None:
    """Exit code 1 and one line that says what happened; no fault of the program."""
    assert answer.code == 1, answer
    assert answer.err.count("\n") == 1, answer.err
    assert answer.err.startswith("error: "), answer.err
    assert "please report" not in answer.err
    assert all(part in answer.err for part in said), answer.err


def unable_to_allocate() -> MemoryError:
    """What NumPy raises for an array that is too large for any computer."""
    with pytest.raises(MemoryError) as raised:
        np.empty(1 << 58)
    return raised.value


def because_of(reason: BaseException) -> RuntimeError:
    """An error that was raised because of another."""
    error = RuntimeError("a step failed")
    error.__cause__ = reason
    return error


def system_error(number: int) -> OSError:
    """An error of the operating system."""
    return OSError(number, os.strerror(number), "some/file")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (system_error(errno.ENOSPC), ["the disk is full", "some/file", "Free some space"]),
        (OSError(errno.ENOSPC, "Error writing bytes to file"), ["the disk is full (no space left on device)"]),
        (system_error(errno.EDQUOT), ["quota"]),
        (system_error(errno.EFBIG), ["larger than is allowed", "ulimit -f"]),
        (system_error(errno.EROFS), ["not written to", "another disk"]),
        (system_error(errno.EMFILE), ["no more files", "ulimit -n"]),
        (system_error(errno.EAGAIN), ["no more processes", "--jobs 1"]),
        (system_error(errno.ENOMEM), ["not enough memory", "--jobs"]),
        (system_error(errno.EACCES), ["no permission", "some/file"]),
        (system_error(errno.ENOENT), ["not there any more", "some/file"]),
        (system_error(errno.EXDEV), ["the system refused", "cross-device"]),
        (MemoryError(), ["not enough memory. Use fewer"]),
        (unable_to_allocate(), ["not enough memory (Unable to allocate 2.00 EiB"]),
        (pa.ArrowMemoryError("malloc of size 64 failed"), ["not enough memory (malloc of size 64 failed)"]),
        (RuntimeError("can't start new thread"), ["no more processes or threads"]),
        (pa.ArrowException("Failed to launch worker thread: Resource temporarily unavailable"), ["no more processes"]),
        (ImportError("libx.so: failed to map segment from shared object"), ["not enough memory (libx.so: failed"]),
        (because_of(OSError("libx.so: cannot allocate memory in static TLS block")), ["not enough memory"]),
        (because_of(system_error(errno.ENOSPC)), ["the disk is full"]),
        (because_of(because_of(MemoryError())), ["not enough memory"]),
    ],
)
def test_a_fault_of_the_world_is_reported_in_one_line(
    seasweep: Seasweep, folder: Path, monkeypatch: Patch, error: Exception, said: list[str]
) -> None:
    before = files_below(folder)

    def fail(*_: Any) -> None:
        raise error

    monkeypatch.setattr(sim.study.runs, "write_run_files", fail)
    assert_one_line(seasweep(*RUN), *said)
    assert files_below(folder) == before


@pytest.mark.parametrize("error", [KeyError("x"), OSError("a file of another kind"), because_of(KeyError("x"))])
def test_a_fault_of_the_program_is_still_one(seasweep: Seasweep, monkeypatch: Patch, error: Exception) -> None:
    def fail(*_: Any) -> None:
        raise error

    monkeypatch.setattr(sim.study.runs, "write_run_files", fail)
    answer = seasweep(*RUN)
    assert answer.code == 1
    assert "This is a fault of seasweep: please report it" in answer.err


def test_a_fault_of_the_program_while_a_missing_file_was_looked_for_is_one(
    seasweep: Seasweep, monkeypatch: Patch
) -> None:
    def fail(*_: Any) -> None:
        try:
            Path("not-there").read_bytes()
        except FileNotFoundError:
            raise KeyError("x")  # noqa: B904  the fault is tried

    monkeypatch.setattr(sim.study.runs, "write_run_files", fail)
    assert "please report it" in seasweep(*RUN).err


@pytest.mark.parametrize("error", [MemoryError(), system_error(errno.EMFILE)])
def test_a_replication_without_memory_or_files_is_no_fault_of_the_program(
    seasweep: Seasweep, monkeypatch: Patch, error: Exception
) -> None:
    def fly(*_: Any) -> None:
        raise error

    monkeypatch.setattr(sim.study.executors, "fly", fly)
    assert_one_line(seasweep(*RUN))
    assert not Path("mine").exists()


# ----------------------------------------------------------------------------------------------- of the real command
def test_a_limit_of_the_size_of_files_leaves_nothing_half_written(folder: Path) -> None:
    before = files_below(folder)
    assert_one_line(shell(f"ulimit -f 4; SEASWEEP {shlex.join(RUN)}"), "larger than is allowed")
    assert files_below(folder) == before


def test_a_run_with_all_streams_closed_writes_its_folder(folder: Path) -> None:
    assert shell(f"SEASWEEP {shlex.join(RUN)} <&- >&- 2>&-").code == 0
    assert {"run.json", "measures.csv", "events.parquet"} <= set(files_below(folder / "mine"))


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("SEASWEEP show textbook >&-", 0),
        ("SEASWEEP show textbook <&-", 0),
        ("SEASWEEP show textbook 2>&-", 0),
        ("SEASWEEP --help >&-", 0),
        ("SEASWEEP show gone 2>&-", 2),
        ("SEASWEEP show gone 2>/dev/full", 2),
        ("SEASWEEP fly 2>/dev/full", 2),
    ],
)
def test_a_stream_that_is_closed_or_full_does_not_change_the_exit_code(folder: Path, line: str, code: int) -> None:
    answer = shell(line)
    assert (answer.code, answer.err) == (code, "")
    assert ("[patrols.daily]" in answer.out) == (code == 0 and ">&-" not in line.replace("2>&-", ""))


@pytest.mark.parametrize("arguments", ["show textbook", "--help", "scenarios"])
def test_a_full_standard_output_is_reported_in_one_line(folder: Path, arguments: str) -> None:
    answer = shell(f"SEASWEEP {arguments} >/dev/full")
    assert_one_line(answer, "standard output could not be written to: the disk is full")


def test_a_run_whose_table_cannot_be_shown_is_complete_and_says_where(folder: Path) -> None:
    answer = shell(f"SEASWEEP {shlex.join(RUN)} >/dev/full")
    assert answer.code == 1
    assert "The results are in mine." in answer.err
    assert "standard output could not be written to" in answer.err
    assert "run.json" in files_below(folder / "mine")


def test_a_working_folder_that_was_deleted_is_named(folder: Path) -> None:
    answer = shell("mkdir gone; cd gone; rmdir ../gone; SEASWEEP run textbook")
    assert_one_line(answer, "the working folder has been deleted", "cd")


def test_too_few_open_files_are_reported_in_one_line(folder: Path) -> None:
    assert_one_line(shell("ulimit -n 8; SEASWEEP run textbook"), "no more files", "ulimit -n")


# ------------------------------------------------------------------------------------------- encodings of other times
ASCII = "LC_ALL=C PYTHONUTF8=0 PYTHONCOERCECLOCALE=0 "


def test_a_run_with_a_title_that_the_locale_cannot_show_is_complete(folder: Path) -> None:
    title = "東シナ海 é"
    Path("mine.toml").write_text(f'extends = "textbook"\ntitle = "{title}"\n', encoding="utf-8")
    answer = shell(f"{ASCII} SEASWEEP {shlex.join(['run', 'mine.toml', *RUN[2:]])}")
    assert (answer.code, answer.out.splitlines()[0][:12]) == (0, r"\u6771\u30b7"), answer
    assert f'title = "{title}"' in Path("mine/scenario.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("surroundings", [ASCII, "PYTHONIOENCODING=cp1252 "])
def test_a_title_of_the_command_line_is_utf_8_in_any_locale(folder: Path, surroundings: str) -> None:
    answer = shell(f"{surroundings} SEASWEEP check textbook --set title=東シナ海")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith(r"\u6771\u30b7\u30ca\u6d77")


@pytest.mark.parametrize("surroundings", ["", ASCII])
def test_a_name_of_a_file_that_is_no_text_can_be_named(folder: Path, surroundings: str) -> None:
    answer = shell(f"{surroundings} SEASWEEP check $'bad\\xff.toml'")
    assert (answer.code, answer.out) == (2, "")
    assert r'"bad\udcff.toml"' in answer.err
