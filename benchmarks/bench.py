"""What seasweep costs: run by `make bench`, which prints and judges nothing. All times are CPU seconds."""

import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from scipy.stats import t as student

from benchmarks.time_stepped import Rival, count, many_at_once, step_by_step
from sim.detection import Scan
from sim.engine import Plan, fly, prepare, realise
from sim.scenario import load_scenario
from sim.store import tables_of, versions

Floats = NDArray[np.float64]

SCENARIO = Path(__file__).with_name("deployment.toml")
SEED = 1
PAIRS, PER_PAIR = 9, 2  # seasweep and its rivals in turn, on the same replications
FEWER = 2  # of the pairs also see the plain loop at 10 s
AGREE = 60  # replications in which the counts are compared
LONG_S, SHORT_S = 60.0, 10.0
RIVALS: tuple[tuple[Rival, float], ...] = tuple(product((step_by_step, many_at_once), (LONG_S, SHORT_S)))
# Nothing that is seen changes the flight, and all land before the end: then both count the same thing. Where a crew
# goes after what it saw, the legs as flown favour what seasweep's own luck found, and a rival on them sees more.
QUIET = {"aircraft.cp140.identification.max_detour_nmi": 1e-3, "patrols.aurora.sorties": 29}
SMALL_LAW = {
    "kind": "scan", "probability": 0.9, "range_half_nmi": 1.0, "roll_off": 8.0, "max_range_nmi": 2.0,
    "look_interval_s": 5.0,
}  # fmt: skip


def cpu_of(command: list[str], cache: str) -> float:
    """CPU seconds of a command and its children, with a folder for compiled code."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    env = {**os.environ, "SEASWEEP_CACHE": cache}
    subprocess.run(command, check=True, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603  our own commands
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@contextmanager
def clock(into: list[float]) -> Iterator[None]:
    """Append the CPU milliseconds per replication of a pair's block."""
    begin = time.process_time()
    yield
    into.append((time.process_time() - begin) * 1e3 / PER_PAIR)


def starting(cache: str) -> Table:
    """What it costs before a replication is done; fills the cache."""
    python, seasweep = sys.executable, str(Path(sys.executable).with_name("seasweep"))
    load = [python, "-c", "import sim.kernels"]
    run = [seasweep, "run", "textbook", "--replications", "2", "--out", str(Path(cache) / "run"), "--force"]
    table = Table("start", "CPU s", title="Starting", title_justify="left")
    for name, command in {
        "compile the kernels, empty cache": load,
        "load the kernels, warm cache": load,
        "seasweep --help": [seasweep, "--help"],
        "seasweep run textbook --replications 2": run,
    }.items():
        table.add_row(name, f"{cpu_of(command, cache):.2f}")
    return table


def plan_of(sets: Mapping[str, Any]) -> tuple[Plan, Scan]:
    """The workload, with some keys changed, and its radar's law."""
    scenario = load_scenario(SCENARIO, sets)
    law = scenario.sensors["radar"].law
    if not isinstance(law, Scan):
        raise TypeError(f"{SCENARIO.name}: the rivals know the scan law only")
    return prepare(scenario), law


def in_turn(plan: Plan, law: Scan) -> dict[str, list[float]]:
    """CPU ms per replication of each part of seasweep and of each rival, a number a pair."""
    names = ("realise", "fly", "tables", *(f"{rival.__name__} {step:g}" for rival, step in RIVALS))
    spent: dict[str, list[float]] = {name: [] for name in names}
    for pair in range(PAIRS):
        numbers = range(pair * PER_PAIR, (pair + 1) * PER_PAIR)
        with clock(spent["realise"]):
            worlds = [realise(plan, SEED, number) for number in numbers]
        with clock(spent["fly"]):
            logs = [fly(plan, world, number) for world, number in zip(worlds, numbers, strict=True)]
        with clock(spent["tables"]):
            for log in logs:
                tables_of(log, keep=False)
        for rival, step in RIVALS:
            if rival is step_by_step and step == SHORT_S and pair >= FEWER:
                continue
            with clock(spent[f"{rival.__name__} {step:g}"]):
                for log in logs:
                    count(log, law, rival, step, SEED)
    return spent


def spread(values: Floats, digits: int = 1) -> str:
    """Median (least to most)."""
    return f"{np.median(values):.{digits}f} ({values.min():.{digits}f} to {values.max():.{digits}f})"


def speed(spent: Mapping[str, list[float]]) -> Table:
    """CPU ms per replication, and how many times seasweep's a rival's is: median (least to most) of the pairs."""
    title = f"30 days among 500 vessels, warm, one process, {PER_PAIR} replications a pair: median (least to most)"
    table = Table("", "pairs", "CPU ms a replication", "times whole", "times fly", title=title, title_justify="left")
    parts = {name: np.array(values) for name, values in spent.items()}
    whole = parts["realise"] + parts["fly"] + parts["tables"]
    table.add_row(f"seasweep: {1e3 / np.median(whole):.1f} a second", str(PAIRS), spread(whole))
    for name, values in parts.items():
        rival = name not in ("realise", "fly", "tables")
        pairs = values.size
        ratios = [spread(values / own[:pairs]) for own in (whole, parts["fly"])] if rival else []
        label = f"NumPy, {name.replace('_', ' ')} s" if rival else f"  {name}"
        table.add_row(label, str(pairs), spread(values), *ratios)
    return table


def mean_and_interval(differences: Floats) -> str:
    """Mean difference and its 95 % interval, Student's t over replications."""
    half = student.ppf(0.975, differences.size - 1) * differences.std(ddof=1) / np.sqrt(differences.size)
    return f"{differences.mean():+.2f} ({differences.mean() - half:+.2f} to {differences.mean() + half:+.2f})"


def agreement() -> Table:
    """Counts per replication of seasweep and a rival on the same ships, and their mean difference."""
    title = f"Rival minus seasweep, {AGREE} replications, crew keeps to its route: mean difference (95 % interval)"
    columns = ("sensor", "step s", "contacts seasweep", "rival", "difference", "transfers detected, difference")
    table = Table(*columns, title=title, title_justify="left")
    for name, sets in {"radar, 90 nmi": {}, "2 nmi": {"sensors.radar.law": SMALL_LAW}}.items():
        plan, law = plan_of({**QUIET, **sets})
        logs = [fly(plan, realise(plan, SEED, number), number) for number in range(AGREE)]
        own = np.array([[log.totals()[name] for name in ("contacts", "detected")] for log in logs], np.float64)
        for step in (LONG_S, SHORT_S):
            rival = np.array([count(log, law, many_at_once, step, SEED) for log in logs], np.float64)
            means = (f"{counts[:, 0].mean():.1f}" for counts in (own, rival))
            table.add_row(name, f"{step:g}", *means, *(mean_and_interval(d) for d in (rival - own).T))
    return table


def main() -> None:
    """Print it all."""
    console = Console(width=120)
    held = ", ".join(f"{name} {version}" for name, version in versions().items())
    console.print(f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, {held}\n")
    with tempfile.TemporaryDirectory() as cache:
        console.print(starting(cache))
        os.environ["SEASWEEP_CACHE"] = cache  # the kernels are loaded when they are first called, below
        plan, law = plan_of({})
        tables_of(fly(plan, realise(plan, SEED, 0), 0), keep=False)
        console.print(speed(in_turn(plan, law)))
        console.print(
            "The rivals do the detection half only, along the legs that seasweep flew: compare them with fly, which\n"
            "also flies and decides. The plain loop at 10 s runs in fewer pairs.\n"
        )
        console.print(agreement())


if __name__ == "__main__":
    main()
