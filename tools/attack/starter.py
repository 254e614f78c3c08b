"""A process that has loaded seasweep once, and starts each try as a copy of itself, so a try need not load it again.

`Starter` is used by the attacks. It talks with the process by lines of JSON. A copy (`fork`) is the leader of a session
of its own, by which everything that it starts is found again. This needs Linux: `fork`, `/proc`, `pidfd_open`.
"""

import atexit
import contextlib
import ctypes
import gc
import importlib
import json
import os
import re
import resource
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, Self, cast

ROOT = Path(__file__).resolve().parents[2]
LINGER_S = 3.0  # for which processes may outlive the process that started them
MARK = "SEASWEEP_ATTACK"  # an environment variable that marks what a try has started
_MODULES = (
    "PIL.BmpImagePlugin", "PIL.GifImagePlugin", "PIL.JpegImagePlugin", "PIL.PpmImagePlugin",
    "matplotlib.backends.backend_agg", "matplotlib.backends.backend_svg", "matplotlib.style", "pandas",
    "plots.coverage_map", "plots.kinds.coverage", "plots.kinds.gain", "plots.kinds.heatmap", "plots.kinds.response",
    "plots.kinds.route", "plots.overview_map", "pyarrow.acero", "pyarrow.dataset", "rich.console", "rich.table",
    "scipy.special", "sim.check.advice", "sim.check.describe", "sim.core.kernels", "sim.deployment.engine",
    "sim.scenario.flight_plan", "sim.study.runs", "sim.study.tables", "tomli_w",
)  # fmt: skip
_PR_SET_PTRACER, _ANY = 0x59616D61, ctypes.c_ulong(-1)


_MOST_MEMORY = 6 << 30  # bytes: a try that would take all the memory of the machine ends instead


@dataclass(frozen=True)
class Job:
    """A command to start, and what is done to it."""

    args: Sequence[str]
    """The arguments of `seasweep`; or those of the function `call`."""
    cwd: str
    call: str = ""
    """A function to call instead, as `module:name`; it is given the arguments and returns an exit code."""
    env: Mapping[str, str] | None = None
    stdout: str = ""
    """The file that standard output is written to, such as /dev/full; a file that is read again if left out."""
    most_bytes: int = 0
    """The largest file that it may write; 0 for no limit."""
    kill_call: str = ""
    """The system call at which it is killed."""
    kill_at: int = 0
    """The number of that call, from 1."""
    kill_after_s: float = 0.0
    """The time after which a process is killed; 0 for never."""
    victim: float = 0.0
    """Who is killed then: 0 for the first process, and from above 0 to 1 one of those that it has started."""
    timeout_s: float = 120.0
    """The time after which it is ended: longer is counted as stuck."""
    trace: str = ""
    """A file to write the system calls to."""


@dataclass(frozen=True)
class Outcome:
    """How a job ended."""

    code: int
    """The exit code; minus the number of the signal that ended it."""
    out: str
    err: str
    cpu_s: float
    rss_mib: float
    orphans: int
    """The processes that were alive 3 s after its end; they have been ended now."""
    killed: bool
    """Whether a process was killed after `kill_after_s`."""
    timed_out: bool

    @property
    def says_fault(self) -> bool:
        """Whether it shows a traceback, or blames seasweep."""
        return bool(
            re.search(r"Traceback \(most recent|seasweep failed|please report|Segmentation|Fatal Python", self.err)
        )


def can_trace() -> bool:
    """Whether strace is there and may be used."""
    if not shutil.which("strace"):
        return False
    probe = ["strace", "-qq", "-o", os.devnull, "true"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0  # noqa: S603


class Starter:
    """The process that starts tries, seen from an attack. Use it in a `with` statement."""

    def __enter__(self) -> Self:
        """Start the process."""
        self.scratch = Path(tempfile.mkdtemp(prefix="attack-"))
        environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "MPLBACKEND": "agg"}
        command, pipe = [sys.executable, "-m", "tools.attack.starter"], subprocess.PIPE
        self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=pipe, stdout=pipe, encoding="utf-8")  # noqa: S603
        self.orders, self.answers = cast("IO[str]", self.process.stdin), cast("IO[str]", self.process.stdout)
        return self

    def __exit__(self, *_: object) -> None:
        """End the process."""
        self.orders.close()
        self.process.wait()
        self.answers.close()
        shutil.rmtree(self.scratch, ignore_errors=True)

    def do(self, job: Job) -> Outcome:
        """Do a job and wait for its end."""
        self.orders.write(json.dumps([asdict(job), str(self.scratch)]) + "\n")
        self.orders.flush()
        line = self.answers.readline()
        if not line:
            raise RuntimeError("the process that starts tries has ended")
        found: dict[str, Any] = json.loads(line)
        found |= {
            name: (self.scratch / name).read_text(encoding="utf-8", errors="backslashreplace")
            if (self.scratch / name).exists()
            else ""
            for name in ("out", "err")
        }
        return Outcome(**found)

    def seasweep(self, *args: str, cwd: Path, **more: Any) -> Outcome:
        """Start a command of seasweep in a folder."""
        return self.do(Job(list(args), str(cwd), **more))

    def call(self, function: str, *args: str, cwd: Path, **more: Any) -> Outcome:
        """Call a function, `module:name`, in a process of its own."""
        return self.do(Job(list(args), str(cwd), call=function, **more))


# ---------------------------------------------------------------------------------------------------- the process
def _serve() -> Callable[[], int] | None:
    """Read jobs and start them. It returns in each copy, with what the copy has to do, and at the end with None."""
    orders, answers = os.fdopen(os.dup(0), encoding="utf-8"), os.fdopen(os.dup(1), "w", encoding="utf-8")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    for line in orders:
        job, scratch = json.loads(line)
        job = Job(**job)
        ready, go = os.pipe()
        begin = time.monotonic()
        child = os.fork()
        if child == 0:
            os.close(go)
            orders.close()
            answers.close()
            return lambda job=job, scratch=scratch, ready=ready: _be(job, Path(scratch), ready)  # type: ignore[misc]
        os.close(ready)
        tracer = _traced(job, child) if job.kill_call or job.trace else None
        os.write(go, b"go")
        os.close(go)
        answers.write(json.dumps(_watched(job, child, begin)) + "\n")
        answers.flush()
        if tracer is not None:
            tracer.wait()
    return None


def _be(job: Job, scratch: Path, ready: int) -> int:
    """Become the process of a job: its session, folder, environment, streams and limits. Return its exit code."""
    os.setsid()
    ctypes.CDLL(None).prctl(_PR_SET_PTRACER, _ANY, 0, 0, 0)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.read(ready, 2)
    os.close(ready)
    os.chdir(job.cwd)
    os.environ.update({MARK: str(os.getpid()), **(job.env or {})})
    streams = [(1, job.stdout or str(scratch / "out")), (2, str(scratch / "err"))]
    for number, path in streams:
        opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdout, sys.stderr = (os.fdopen(number, "w", encoding="utf-8", closefd=False) for number in (1, 2))
    resource.setrlimit(resource.RLIMIT_DATA, (_MOST_MEMORY, _MOST_MEMORY))
    if job.most_bytes:
        resource.setrlimit(resource.RLIMIT_FSIZE, (job.most_bytes, job.most_bytes))
    if job.call:
        module, _, name = job.call.partition(":")
        return int(getattr(__import__(module, fromlist=[name]), name)(*job.args))
    from sim.cli.main import main

    sys.argv = ["seasweep", *job.args]
    return main()


def _traced(job: Job, child: int) -> "subprocess.Popen[bytes]":
    """Attach strace to a process that waits; it kills the process at a system call, or writes down all calls."""
    command = ["strace", "-f", "-qq", "-o", job.trace or os.devnull, "-p", str(child)]
    if job.kill_call:
        command += ["-e", f"trace={job.kill_call}"]
        command += ["-e", f"inject={job.kill_call}:signal=SIGKILL:when={job.kill_at}"]
    tracer = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603
    status = Path(f"/proc/{child}/status")
    while tracer.poll() is None and "TracerPid:\t0\n" in status.read_text(encoding="utf-8"):
        time.sleep(0.002)
    return tracer


def _watched(job: Job, child: int, begin: float) -> dict[str, Any]:
    """Wait for the end of a process, kill one on the way if the job asks for it, and count what stays."""
    ends = select.poll()
    handle = os.pidfd_open(child)
    ends.register(handle, select.POLLIN)
    killed = timed_out = False
    while not ends.poll(20):
        taken = time.monotonic() - begin
        if job.kill_after_s and not killed and taken > job.kill_after_s:
            killed = _kill_one(child, job.victim)
        if taken > job.timeout_s:
            timed_out = True
            os.kill(child, signal.SIGKILL)
    os.close(handle)
    _, status, used = os.wait4(child, 0)
    deadline = time.monotonic() + LINGER_S
    left = list(started_by(child))
    while left and time.monotonic() < deadline:
        time.sleep(0.02)
        left = list(started_by(child))
    for process in left:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
    return {
        "code": os.waitstatus_to_exitcode(status),
        "cpu_s": used.ru_utime + used.ru_stime,
        "rss_mib": used.ru_maxrss / 1024,
        "orphans": len(left),
        "killed": killed,
        "timed_out": timed_out,
    }


def _kill_one(child: int, victim: float) -> bool:
    """Kill the first process of a job, or one of those that it has started; return whether there was one."""
    those = sorted(set(started_by(child)) - {child}) if victim else [child]
    if not those:
        return False
    with contextlib.suppress(ProcessLookupError):
        os.kill(those[min(int(victim * len(those)), len(those) - 1)], signal.SIGKILL)
    return True


def started_by(leader: int) -> Iterator[int]:
    """The living processes of a session, and those that have left it but carry the mark of its leader."""
    mark = f"{MARK}={leader}".encode()
    for entry in os.scandir("/proc"):
        if not entry.name.isdigit():
            continue
        try:
            state, _parent, _group, session = (
                Path(entry.path, "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[:4]
            )
            marked = mark in Path(entry.path, "environ").read_bytes().split(b"\0")
        except OSError:  # it has just ended, or it belongs to another user
            continue
        if state not in "ZX" and (int(session) == leader or marked):
            yield int(entry.name)


def _load() -> None:
    """Load what commands need, once for all tries; of Arrow nothing is called, so that no thread is copied."""
    for name in _MODULES:
        importlib.import_module(name)
    from sim.check.advice import findings
    from sim.scenario.load import load_scenario

    findings(load_scenario("neon-partners"))


if __name__ == "__main__":
    _load()
    gc.freeze()
    task = _serve()
    if task is not None:
        code = task()
        atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
        os._exit(code)  # the usual end of the interpreter copies all its memory, and takes longer than most tries
