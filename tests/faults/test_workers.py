"""Worker processes: they end with the process that asks, and one that dies costs nothing but time."""

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from sim.scenario.problems import InputError, refused
from tests.helpers import Answer, processes_of, running, wait_until

Seasweep = Callable[..., Answer]

# A program whose workers double a number, die of 13 as often as the first argument says, and never end with 0.
PROGRAM = """\
import os, signal, sys, time
from contextlib import closing
from multiprocessing.connection import Connection
from pathlib import Path
from sim.study.workers import WorkerDiedError, Workers, WorkersUselessError, refuse_while_loading

def write_half(pipe, content):
    os.write(pipe.fileno(), content[: len(content) // 2])
    os.kill(os.getpid(), signal.SIGKILL)

def double(number):
    if number == 17 and not Path("died").exists():
        Path("died").touch()
        Connection._send = write_half
    if number == 0:
        Path(f"at-work-{os.getpid()}").touch()
        time.sleep(600)
    if number == 13:
        Path(f"died-{os.getpid()}").touch()
        if len(list(Path().glob("died-*"))) <= int(sys.argv[1]):
            os.kill(os.getpid(), signal.SIGKILL)
    return 2 * number

def warn(text):
    print(text, file=sys.stderr)

def ask(*numbers, function=double, preload="json"):
    with closing(Workers(function, 2, preload, warn)) as workers:
        try:
            print([workers.result(answer) for answer in [workers.submit(number) for number in numbers]])
        except (WorkerDiedError, WorkersUselessError) as error:
            print(type(error).__name__, error)
"""
GUARD = 'if __name__ == "__main__":\n    '

in_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are counted in /proc")


def call(*arguments: str, program: str | None = None) -> Answer:
    """Run a Python program, from standard input where it is given as text."""
    command = [sys.executable, *arguments]
    done = subprocess.run(command, input=program, capture_output=True, encoding="utf-8", timeout=60)
    return Answer(done.returncode, done.stdout, done.stderr)


@in_proc
@pytest.mark.parametrize("moment", ["they start", "they work"])
def test_no_worker_outlives_the_process_that_asks(folder: Path, moment: str) -> None:
    Path("program.py").write_text(f"{PROGRAM}\n{GUARD}ask(0, 0, preload='sim.study.preload')\n", encoding="utf-8")
    command = [sys.executable, "program.py"]
    (folder / "tmp").mkdir()
    environment = {**os.environ, "TMPDIR": str(folder / "tmp")}
    with running(command, start_new_session=True, env=environment) as process:
        # The tracker of resources, the fork server and two workers are started.
        assert wait_until(lambda: processes_of(process.pid) >= 3)
        assert moment == "they start" or wait_until(lambda: len(list(folder.glob("at-work-*"))) == 2)
        process.kill()
        _, err = process.communicate(timeout=30)  # the last process that could write has ended
    assert wait_until(lambda: processes_of(process.pid) == 0, 10.0)
    assert "Traceback" not in err
    assert list((folder / "tmp").iterdir()) == []


@pytest.mark.parametrize("deaths", [0, 1, 2, 3])
def test_a_worker_that_dies_is_reported_and_others_do_its_work(folder: Path, deaths: int) -> None:
    Path("program.py").write_text(f"{PROGRAM}\n{GUARD}ask(12, 13, 14, 15)\n", encoding="utf-8")
    answer = call("program.py", str(deaths))
    assert answer.out.strip() == ("[24, 26, 28, 30]" if deaths < 3 else "WorkerDiedError")
    assert (answer.code, answer.err.count("SIGKILL"), len(answer.err.splitlines())) == (0, deaths, deaths)
    assert answer.err.count("its work is done again") == min(deaths, 2)  # nobody does it after the third death


def test_a_worker_that_is_killed_while_it_answers_is_reported_as_well(folder: Path) -> None:
    Path("program.py").write_text(f"{PROGRAM}\n{GUARD}ask(16, 17, 18)\n", encoding="utf-8")
    answer = call("program.py", "0")
    assert (answer.code, answer.out.strip(), answer.err.count("SIGKILL")) == (0, "[32, 34, 36]", 1)


@pytest.mark.parametrize("guarded", [True, False])
@pytest.mark.parametrize("how", ["from standard input", "as an argument"])
def test_a_program_that_is_no_file_has_workers(folder: Path, how: str, guarded: bool) -> None:
    program = f"{PROGRAM}\n{GUARD if guarded else ''}ask(-1, -2, function=abs)\n"
    answer = call("-", program=program) if how == "from standard input" else call("-c", program)
    assert (answer.code, answer.out.strip(), answer.err) == (0, "[1, 2]", "")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("refuse_while_loading(); ask(1)", 'if __name__ == "__main__":'),
        (f"{GUARD}ask(1)\nelse:\n    raise OSError('no sea')", "OSError: no sea"),
        (f"{GUARD}ask(1)\nelse:\n    sys.exit('no sea')", "SystemExit: no sea"),
        (f"{GUARD}ask(lambda: 1)", "lambda"),
    ],
)
def test_workers_that_cannot_be_used_are_reported_once(folder: Path, line: str, said: str) -> None:
    Path("program.py").write_text(f"{PROGRAM}\n{line}\n", encoding="utf-8")
    answer = call("program.py")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith("WorkersUselessError")
    assert said in answer.out
    assert len(answer.out.splitlines()) == 1


@pytest.mark.parametrize("free", [0, 2, 12])
def test_workers_that_too_few_open_files_prevent_are_reported_once(folder: Path, free: int) -> None:
    limit = f"lowest = os.dup(0); resource.setrlimit(resource.RLIMIT_NOFILE, 2 * [lowest + {free}]); os.close(lowest)"
    program = f"import resource\n{PROGRAM}\n{GUARD}{limit}; ask(1, 2)\n".replace('"json"', '"sim.study.preload"')
    Path("program.py").write_text(program, encoding="utf-8")
    answer = call("program.py")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith("WorkersUselessError they cannot be started (")
    assert len(answer.out.splitlines()) == 1


def test_classes_of_a_program_that_is_no_file_are_unknown_to_workers(folder: Path) -> None:
    answer = call("-", program=f"{PROGRAM}\nclass Number(int):\n    pass\n{GUARD}ask(Number(1), function=abs)\n")
    assert answer.out.startswith("WorkersUselessError")
    assert "Number" in answer.out
    assert answer.err == ""


def test_bad_input_that_a_worker_finds_arrives_whole() -> None:
    error = refused("x", "y", key="z")
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301  it was written here
    assert isinstance(copy, InputError)
    assert (copy.problems, str(copy)) == (error.problems, str(error))


# ------------------------------------------------------------------------------------------------ the command line
# A program that calls the command line, whose workers start at once, and die at replication 7.
COMMAND_LINE = """\
import os, signal, sys
from functools import partial
import sim.study.executors
import sim.study.runs
from sim.cli.main import main

real = sim.study.executors.fly

def fly(plan, world, replication):
    if replication == 7:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(plan, world, replication)

sim.study.executors.fly = fly
sim.study.runs.simulate_batches = partial(sim.study.executors.simulate_batches, worth_workers_s=0.0)
if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
"""


def test_replications_that_no_worker_survives_have_failed_and_the_others_stand(folder: Path) -> None:
    Path("program.py").write_text(COMMAND_LINE, encoding="utf-8")
    answer = call("program.py", "run", "textbook", "--replications", "20", "--jobs", "2", "--out", "mine")
    assert answer.code == 1, answer.err
    assert answer.err.count("warning: a worker process has ended") == 4
    assert "20 replications asked for, 15 done, 5 failed: replications 5, 6, 7, 8, 9" in answer.err
    assert "fewer jobs, or a machine with more memory" in answer.err
    assert "--only 5" in answer.err
    assert "report it" not in answer.err
    assert "Traceback" not in answer.err
    numbers = pq.read_table("mine/replications.parquet").column("replication").to_pylist()
    assert numbers == [*range(5), *range(10, 20)]


@in_proc
def test_control_c_in_a_terminal_ends_workers_too_and_a_second_one_does_no_harm(folder: Path) -> None:
    Path("program.py").write_text(COMMAND_LINE.replace("replication == 7", "False"), encoding="utf-8")
    command = [sys.executable, "program.py", "run", "textbook", "--replications", "20000", "--jobs", "2"]
    with running(command, start_new_session=True) as process:
        assert wait_until(lambda: processes_of(process.pid) >= 5 or process.poll() is not None)
        os.killpg(process.pid, signal.SIGINT)
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err.splitlines()[1:]) == (130, "", ["interrupted"])
    assert wait_until(lambda: processes_of(process.pid) == 0, 10.0)
    assert list(folder.glob("runs/*")) + list(folder.glob("runs/.*")) == []
