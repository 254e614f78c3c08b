"""Determinism: the same scenario and seed are run in other surroundings, and all tables must be the same, bit for bit.

Where NumPy is of another version, whose functions may round the last digit in another way, the totals of replications
are compared instead: nearly all must be equal but for rounding, and no mean may differ beyond chance.

The surroundings are hash seeds, numbers of jobs, locales, time zones, masks of permissions, optimised byte code, one
thread of BLAS, the order of keys in a file, an unknown user without a home, the wheel and the source distribution,
other versions of Python, and workers that are killed while they work. What cannot be tried on a machine is named.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import tomli_w

from tools.attack.starter import ROOT, Job, Starter
from tools.attack.tally import Bounds, Faults, Tally, attempt

SCENARIO = "neon-partners"
SMALL, LARGE = 24, 160  # replications: of runs in one process, and of runs with workers
LOCALES = ("C", "C.UTF-8", "de_DE.UTF-8", "tr_TR.UTF-8")
VERSIONS = ("3.11", "3.12", "3.13")
_ROUNDING = 1e-9  # relative: two results that differ by less differ by rounding
_MOST_OTHER = 0.1  # the most replications that may differ by more, of all; an assumption
_MOST_ERRORS = 4.0  # the most standard errors by which a mean may differ
_CALL = "import sys; from sim.cli.main import main; sys.exit(main())"


class NotHere(Exception):  # noqa: N818  it is no error
    """What cannot be tried on this machine, and why."""


@dataclass(frozen=True)
class Surroundings:
    """How one run differs from the usual one."""

    name: str
    env: Mapping[str, str] = field(default_factory=dict)
    python: Sequence[str] = (sys.executable,)
    jobs: int = 1
    umask: int = -1
    scenario: str = SCENARIO
    source: Path = ROOT
    """The folder that holds the package."""
    same_library: bool = True
    """Whether NumPy is of the same version, so that all bits must be the same."""
    keeps_env: bool = True
    """Whether the environment variables of this process are passed on."""


def digest_of(folder: Path) -> str:
    """A digest of all columns of all tables of a run, and of its measures, however they are stored."""
    whole = hashlib.sha256((folder / "measures.csv").read_bytes())
    for path in sorted(folder.glob("*.parquet")):
        table = pq.read_table(path)
        for name in table.column_names:
            whole.update(f"{path.name} {name} {table.schema.field(name).type}".encode())
            whole.update(repr(table.column(name).to_pylist()).encode())
    return whole.hexdigest()


def difference_beyond_rounding(folder: Path, usual: Path) -> str:
    """How the totals of replications of a run differ from those of another by more than rounding; empty if they do not.

    Rounding in the last digit may turn a decision of a crew now and then, so a few replications may differ.
    """
    tables = [pq.read_table(place / "replications.parquet") for place in (folder, usual)]
    if tables[0].schema != tables[1].schema or tables[0].num_rows != tables[1].num_rows:
        return "other columns or rows"
    for name in tables[0].column_names:
        here, there = (np.asarray(table[name].to_pylist(), float) for table in tables)
        differences = here - there
        other = np.abs(differences) > _ROUNDING * np.maximum(1.0, np.abs(there))
        if other.sum() > _MOST_OTHER * len(other):
            return f"{name} differs in {other.sum()} of {len(other)} replications"
        error = differences.std(ddof=1) / np.sqrt(len(differences))
        if other.any() and abs(differences.mean()) > _MOST_ERRORS * error:
            return f"the mean of {name} differs by {differences.mean() / error:.1f} standard errors"
    return ""


class Comparing:
    """The usual runs, and runs in other surroundings."""

    def __init__(self, starter: Starter, work: Path) -> None:
        """Nothing is run yet."""
        self.starter, self.work = starter, work
        self.work.mkdir(parents=True, exist_ok=True)
        self.usual: dict[int, str] = {}

    def run(self, given: Surroundings, folder: Path) -> str:
        """Run the scenario in some surroundings, and return the digest of its results, which are in `folder/out`."""
        count = LARGE if given.jobs > 1 or given.name == "jobs 1" else SMALL
        arguments = ["run", given.scenario, "--replications", str(count), "--jobs", str(given.jobs), "--keep", "8"]
        environment = dict(os.environ) if given.keeps_env else {"PATH": os.environ.get("PATH", "")}
        environment |= {"PYTHONPATH": str(given.source), **given.env}
        done = subprocess.run(  # noqa: S603  our own code
            [*given.python, "-c", _CALL, *arguments, "--out", str(folder / "out")],
            cwd=folder, env=environment, umask=given.umask, encoding="utf-8", capture_output=True, check=False,
            timeout=900,
        )  # fmt: skip
        if done.returncode != 0:
            raise Faults(["lost"], f"{given.name}: exit code {done.returncode}, {done.stderr.strip()[-300:]}")
        return digest_of(folder / "out")

    def expected(self, count: int) -> str:
        """The digest of a usual run of so many replications."""
        if count not in self.usual:
            folder = self.usual_folder(count)
            folder.mkdir()
            self.usual[count] = self.run(Surroundings("jobs 1" if count == LARGE else "usual"), folder)
        return self.usual[count]

    def usual_folder(self, count: int) -> Path:
        """The folder of a usual run of so many replications."""
        return self.work / f"usual-{count}"

    def compare(self, given: Surroundings, folder: Path) -> str:
        """Run in some surroundings and compare."""
        count = LARGE if given.jobs > 1 else SMALL
        if self.run(given, folder) != self.expected(count):
            found = "other results"
            if not given.same_library:
                found = difference_beyond_rounding(folder / "out", self.usual_folder(count) / "out")
            if found:
                raise Faults(["differing"], f"{given.name}: {found}")
        return given.name

    def kill_a_worker(self, number: int, bounds: Bounds, folder: Path) -> str:
        """Kill something that a run has started while it works; the run must end well, with the same results."""
        chance = bounds.chance("workers", number)
        jobs = chance.choice(["2", "3"])
        arguments = ("run", SCENARIO, "--replications", str(LARGE), "--jobs", jobs, "--keep", "8", "--out", "out")
        job = Job(arguments, str(folder), kill_after_s=chance.uniform(0.5, 6.0), victim=chance.uniform(0.01, 1.0))
        outcome = self.starter.do(job)
        what = f"a process of {jobs} jobs killed after {job.kill_after_s:.2f} s"
        if outcome.code != 0:
            raise Faults(["lost"], f"{what}: exit code {outcome.code}, {outcome.err.strip()[-300:]}")
        if outcome.orphans:
            raise Faults(["orphans"], f"{what}: {outcome.orphans} processes stayed")
        if digest_of(folder / "out") != self.expected(LARGE):
            raise Faults(["differing"], f"{what}: other results")
        return what

    # ------------------------------------------------------------------------------------------------ surroundings
    def reversed_keys(self) -> Surroundings:
        """The scenario with all its keys in reverse order."""
        from sim.scenario.load import load_source

        def turned(tree: Any) -> Any:
            return {key: turned(tree[key]) for key in reversed(tree)} if isinstance(tree, dict) else tree

        path = self.work / "reversed.toml"
        path.write_text(tomli_w.dumps(turned(load_source(SCENARIO).data)), encoding="utf-8")
        return Surroundings("keys in reverse order", scenario=str(path))

    @cached_property
    def built(self) -> Path:
        """The folder of the wheel and of the source distribution."""
        folder = self.work / "dist"
        command = [sys.executable, "-m", "build", "--outdir", str(folder), str(ROOT)]
        done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False, timeout=600)  # noqa: S603
        if done.returncode != 0:
            raise NotHere(f"the wheel and the source distribution cannot be built: {done.stderr.strip()[-120:]}")
        return folder

    def wheel(self) -> Surroundings:
        """The package as the wheel has it."""
        target = self.work / "wheel"
        if not target.exists():
            with zipfile.ZipFile(next(self.built.glob("*.whl"))) as archive:
                archive.extractall(target)  # noqa: S202  our own archive
        return Surroundings("wheel", source=target)

    def sdist(self) -> Surroundings:
        """The package as the source distribution has it."""
        target = self.work / "sdist"
        with tarfile.open(next(self.built.glob("*.tar.gz"))) as archive:
            archive.extractall(target, filter="data")
        return Surroundings("source distribution", source=next(target.iterdir()))

    def unknown_user(self) -> Surroundings:
        """A user whom the system does not know, without a home, who may write only to the folder of the results."""
        as_unknown_user = ["setpriv", "--reuid", "54321", "--regid", "54321", "--clear-groups"]
        if os.geteuid() != 0 or not shutil.which("setpriv"):
            raise NotHere("an unknown user: this needs root and setpriv")
        import_all = [*as_unknown_user, sys.executable, "-c", "import numba, pyarrow"]
        probe = subprocess.run(import_all, cwd="/", capture_output=True, encoding="utf-8", check=False)  # noqa: S603
        if probe.returncode != 0:
            raise NotHere(f"an unknown user: {probe.stderr.strip().splitlines()[-1]}")
        env = {"HOME": "/nowhere"}
        return Surroundings("unknown user without a home", env, (*as_unknown_user, sys.executable), keeps_env=False)


def python_of(version: str) -> tuple[str, bool]:
    """An interpreter of a version that has the packages, and whether its NumPy is that of this process.

    `NotHere` where there is none.

    The environment variable ATTACK_PYTHONS names interpreters, separated as in PATH.
    """
    named = os.environ.get("ATTACK_PYTHONS", "").split(os.pathsep)
    imports = "import sys, numba, simpy, pyarrow, shapely, pydantic, numpy"
    code = f"{imports}; print('%d.%d' % sys.version_info[:2], numpy.__version__)"
    for name in [*filter(None, named), sys.executable, f"python{version}"]:
        try:
            done = subprocess.run([name, "-c", code], capture_output=True, encoding="utf-8", check=False)  # noqa: S603
        except OSError:
            continue
        found, _, library = done.stdout.strip().partition(" ")
        if found == version:
            return name, library == np.__version__
    raise NotHere(f"Python {version}: no interpreter with the packages (ATTACK_PYTHONS may name one)")


def _fixed(name: str, **more: Any) -> Callable[[Comparing], Surroundings]:
    return lambda _: Surroundings(name, **more)


def _of_version(version: str) -> Callable[[Comparing], Surroundings]:
    """The package as the wheel has it, since another interpreter does not know of this folder."""

    def made(comparing: Comparing) -> Surroundings:
        name, same_library = python_of(version)
        title = f"Python {version}{'' if same_library else ' with another NumPy'}"
        return replace(comparing.wheel(), name=title, python=(name,), same_library=same_library)

    return made


SURROUNDINGS: tuple[Callable[[Comparing], Surroundings], ...] = (
    *(_fixed(f"hash seed {seed}", env={"PYTHONHASHSEED": seed}) for seed in ("0", "1", "4294967295")),
    *(_fixed(f"jobs {jobs}", jobs=jobs) for jobs in (2, 3)),
    *(_fixed(f"locale {name}", env={"LC_ALL": name, "LANG": name}) for name in LOCALES),
    _fixed("locale C without UTF-8 mode", env={"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}),
    *(_fixed(f"time zone {zone}", env={"TZ": zone}) for zone in ("Pacific/Kiritimati", "America/St_Johns", "nowhere")),
    *(_fixed(f"umask {mask:03o}", umask=mask) for mask in (0o000, 0o077)),
    *(_fixed(f"python {flag}", python=(sys.executable, flag)) for flag in ("-O", "-OO")),
    _fixed("one thread of BLAS", env={"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}),
    Comparing.reversed_keys, Comparing.wheel, Comparing.sdist, Comparing.unknown_user,
    *(_of_version(version) for version in VERSIONS),
)  # fmt: skip


def attack(bounds: Bounds, starter: Starter, work: Path) -> Tally:
    """Run in all surroundings; tries beyond their number kill workers."""
    tally = Tally("determinism", ("lost", "orphans", "differing"))
    comparing = Comparing(starter, work / "determinism")

    def one_try(number: int, folder: Path) -> str:
        if number >= len(SURROUNDINGS):
            return comparing.kill_a_worker(number, bounds, folder)
        try:
            given = SURROUNDINGS[number](comparing)
        except NotHere as reason:
            tally.notes.append(f"Not tried here: {reason}.")
            return ""
        if given.name.startswith("unknown user"):
            folder.chmod(0o777)
            work.chmod(0o711)
        return comparing.compare(given, folder)

    attempt(tally, bounds, work, one_try)
    tally.tries -= len(tally.notes)
    shutil.rmtree(work / "determinism")
    return tally
