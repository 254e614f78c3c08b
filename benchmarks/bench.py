"""What seasweep costs: run by `make bench`, which prints and judges nothing. All times are CPU seconds."""

import math
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import astuple, fields
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from rich.console import Console
from rich.table import Table
from scipy.stats import t as student

from benchmarks.crew_rival import Tally, crew_step
from benchmarks.rivals import Found, Rival, Task, compiled_step, numpy_step, simpy_step
from sim.core.arrays import Floats
from sim.deployment.counting import count_along
from sim.deployment.engine import fly
from sim.deployment.log import Log
from sim.deployment.sorties import hours_at_work
from sim.deployment.traffic.base import SegmentBuffers
from sim.deployment.world import Plan, prepare, realise
from sim.scenario.load import load_scenario
from sim.study.estimates import difference, estimate
from sim.study.executors import collecting_garbage_seldom
from sim.study.provenance import versions
from sim.study.rows import rows_of, tables_of

SCENARIO = Path(__file__).with_name("reference.toml")
SEED, SORTIES = 1, 30
PRESENT = {0: (9, 5), 500: (9, 5), 2_000: (7, 5), 10_000: (7, 3)}  # vessels: pairs, replications a pair
# Rival, step, sorties flown of the thirty, and up to how many vessels it is tried.
RIVALS: tuple[tuple[str, Rival, float, int, int], ...] = (
    ("compiled, 60 s", compiled_step, 60.0, SORTIES, 10_000),
    ("compiled, 10 s", compiled_step, 10.0, SORTIES, 10_000),
    ("NumPy, 10 s", numpy_step, 10.0, 3, 2_000),
    ("SimPy, a process a vessel, 60 s", simpy_step, 60.0, 1, 2_000),
)
EVERYTHING = 27  # replications with everything on; the first two warm up
LIBRARY = ("neon-spring", "neon-crew", "neon-two", "agreements-2026", "neon-allies")
LIBRARY_PAIRS = 9
CREW, CREW_PAIRS, CREW_EACH = "neon-crew", 9, 4  # replications a pair
CREW_STEPS = (60.0, 15.0)  # seconds
AGREE = 100  # replications in which detections are compared
NARROW = {"kind": "inverse_cube", "sweep_width_nmi": 2.0, "reference_speed_kn": 210.0, "max_range_nmi": 2.0}
SPLITS = (1, 4, 16, 64)  # each of a sortie's seven legs in so many pieces
PILOTS, PILOT = 5, 100  # from so many pilot runs, of so many replications each, the cost of an interval is worked out


class Question(NamedTuple):
    """What a user wants to know, and how precisely."""

    measure: str
    scenarios: tuple[str, ...]
    """One, or two whose difference is asked for: the first less the second, with common random numbers."""
    half_width: float
    """That of the 95 % interval, in the unit of the measure."""
    says: str


QUESTIONS = (
    Question("p_documented", ("neon-crew",), 0.01, "p_documented of neon-crew, to 1 percentage point"),
    Question(
        "documented_per_year", ("agreements-2026", "agreements-2022"), 1.0, "gain of agreements-2026, to 1 a year"
    ),
)


def cpu_of(command: list[str], cache: str) -> float:
    """CPU seconds of a command and its children, with a folder for compiled code."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    env = {**os.environ, "SEASWEEP_CACHE": cache}
    subprocess.run(command, check=True, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603  our own commands
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@contextmanager
def clock(into: list[float]) -> Iterator[None]:
    """Append the CPU milliseconds of a block."""
    begin = time.process_time()
    yield
    into.append((time.process_time() - begin) * 1e3)


def starting(cache: str) -> Table:
    """What it costs before a replication is done; fills the cache."""
    python, seasweep = sys.executable, str(Path(sys.executable).with_name("seasweep"))
    load = [python, "-c", "import sim.core.kernels"]
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


def plan_of(present: int, sets: Mapping[str, Any] | None = None) -> Plan:
    """The reference workload with so many vessels, and some keys changed."""
    return prepare(load_scenario(SCENARIO, {"background.merchant.present": float(present), **(sets or {})}))


@collecting_garbage_seldom()
def whole(plan: Plan, numbers: range, buffers: SegmentBuffers, spent: Mapping[str, list[float]]) -> list[Log]:
    """Time the full program, part by part, on a block of replications as a run does them; return their logs."""
    rows, logs = [], []
    for number in numbers:
        with clock(spent["realise"]):
            world = realise(plan, SEED, number, buffers)
        with clock(spent["fly"]):
            log = fly(plan, world, number)
        with clock(spent["tables"]):
            rows.append(rows_of(log, keep=False))
        logs.append(log)
    last: list[float] = []
    with clock(last):
        tables_of(plan.scenario, rows)
    spent["tables"][-1] += last[0]
    return logs


def in_turn(present: int) -> dict[str, Floats]:
    """CPU ms per replication of each part of seasweep and of each rival, a number a pair."""
    plan, buffers = plan_of(present), SegmentBuffers()
    pairs, each = PRESENT[present]
    rivals = [rival for rival in RIVALS if 0 < present <= rival[4]]
    spent: dict[str, list[float]] = {name: [] for name in ("realise", "fly", "tables", *(rival[0] for rival in rivals))}
    whole(plan, range(1), buffers, {name: [] for name in spent})  # warm
    for pair in range(pairs):
        numbers = range(pair * each, (pair + 1) * each)
        whole(plan, numbers, buffers, spent)
        tasks = [Task.of(plan, realise(plan, SEED, number)) for number in numbers] if rivals else []
        for name, rival, step, slots, _ in rivals:
            for task in tasks if slots == SORTIES else tasks[:1]:
                with clock(spent[name]):
                    rival(task, slots, step)
                spent[name][-1] *= SORTIES / slots
    return {name: np.array(values).reshape(pairs, -1).mean(axis=1) for name, values in spent.items()}


def spread(values: Floats, digits: int = 1) -> str:
    """Median (least to most)."""
    return f"{np.median(values):.{digits}f} ({values.min():.{digits}f} to {values.max():.{digits}f})"


def costs(spent: Mapping[int, Mapping[str, Floats]]) -> Table:
    """What a replication costs, by the number of vessels present."""
    title = "30 days, 30 sorties, every vessel searched for: CPU ms a replication, median (least to most) of the pairs"
    table = Table("vessels", "pairs", "whole", "realise", "fly", "tables", title=title, title_justify="left")
    for present, parts in spent.items():
        ours = [parts[name] for name in ("realise", "fly", "tables")]
        table.add_row(
            f"{present:,}", str(ours[0].size), spread(sum(ours, np.zeros(1))), *(spread(part) for part in ours)
        )
    return table


def ratios(spent: Mapping[int, Mapping[str, Floats]]) -> Table:
    """How many times seasweep's whole cost a rival's is, on the same ships and luck, ships included in both."""
    table = Table(
        "rival", "vessels", "CPU ms", "times seasweep", "of thirty sorties", title="Rivals", title_justify="left"
    )
    for name, _, _, slots, _ in RIVALS:
        for present, parts in spent.items():
            if name in parts:
                theirs = parts["realise"] + parts[name]
                ours = parts["realise"] + parts["fly"] + parts["tables"]
                said = "all" if slots == SORTIES else f"{slots}, scaled up"
                table.add_row(name, f"{present:,}", spread(theirs), spread(theirs / ours), said)
    return table


def mean_and_interval(values: Floats, unit: str = "") -> str:
    """Mean and its 95 % interval, Student's t over replications."""
    half = student.ppf(0.975, values.size - 1) * values.std(ddof=1) / np.sqrt(values.size)
    return f"{values.mean():+.2f}{unit} ({values.mean() - half:+.2f} to {values.mean() + half:+.2f})"


def agreement() -> Table:
    """Detections of the stepped rivals less seasweep's, on the same ships and luck; the slow ones on a slice."""
    title = f"Rival less seasweep, {AGREE} replications, 500 vessels: mean (95 % interval)"
    columns = (
        "sensor",
        "step",
        "contacts, seasweep",
        "difference",
        "in % of contacts",
        "transfers detected, difference",
    )
    table = Table(*columns, title=title, title_justify="left")
    for name, sets in {"radar to 60 nmi": {}, "sensor to 2 nmi": {"sensors.radar.law": NARROW}}.items():
        plan = plan_of(500, sets)
        ours: list[tuple[Any, Any]] = []
        found: dict[float, list[tuple[int, int]]] = {60.0: [], 10.0: []}
        for number in range(AGREE):
            world = realise(plan, SEED, number)
            log, task = fly(plan, world, number), Task.of(plan, world)
            ours.append((log.contacts, np.isfinite(log.climbed["detected"]).sum()))
            for step, into in found.items():
                into.append(_counts(compiled_step(task, SORTIES, step)))
        own = np.array(ours, float)
        for step, counts in found.items():
            apart = np.array(counts, float) - own
            share = 100.0 * apart[:, 0] / own[:, 0].mean()
            differences = (
                mean_and_interval(apart[:, 0]),
                mean_and_interval(share, " %"),
                mean_and_interval(apart[:, 1]),
            )
            table.add_row(name, f"{step:g} s", f"{own[:, 0].mean():.1f}", *differences)
    return table


def _counts(found: Found) -> tuple[int, int]:
    return found.contacts, int(found.transfers.sum())


def same_answers() -> str:
    """Whether the slow rivals count what the compiled one counts at the same step, on the slice they are timed on."""
    plan = plan_of(500)
    task = Task.of(plan, realise(plan, SEED, 0))
    said = []
    for name, rival, step, slots, _ in RIVALS[2:]:
        first, other = _counts(rival(task, slots, step)), _counts(compiled_step(task, slots, step))
        said.append(f"{name}: {first[0]} contacts in {slots} of the sorties, compiled at that step {other[0]}")
    return "; ".join(said)


@collecting_garbage_seldom()
def crew_in_turn() -> tuple[dict[str, Floats], dict[str, list[Tally]]]:
    """`neon-crew` by seasweep and by its rival in turn: CPU ms a pair by part, and what the crews did."""
    plan, buffers = prepare(load_scenario(CREW)), SegmentBuffers()
    rivals = {f"{step:g} s": step for step in CREW_STEPS}
    spent: dict[str, list[float]] = {name: [] for name in ("realise", "fly", "tables", *rivals)}
    did: dict[str, list[Tally]] = {name: [] for name in ("seasweep", *rivals)}
    whole(plan, range(CREW_EACH), buffers, {name: [] for name in spent})  # warm
    for pair in range(CREW_PAIRS):
        numbers = range(pair * CREW_EACH, (pair + 1) * CREW_EACH)
        did["seasweep"] += map(_tally, whole(plan, numbers, buffers, spent))
        for number in numbers:
            world = realise(plan, SEED, number, buffers)
            for name, step in rivals.items():
                with clock(spent[name]):
                    did[name].append(crew_step(plan, world, step))
    return {name: np.array(values).reshape(CREW_PAIRS, -1).mean(axis=1) for name, values in spent.items()}, did


def _tally(log: Log) -> Tally:
    events = Counter(event.event for event in log.events)
    counts = {what: events[what] for what in ("detected", "diverted", "classified", "documented")}
    return Tally(len(log.sorties), **counts, hours_at_contacts=hours_at_work(log.sorties, log.end)[1])


def crew_ratios(spent: Mapping[str, Floats]) -> Table:
    """How many times seasweep's whole cost the rival's is on `neon-crew`, ships included in both."""
    title = (
        f"The crew at work, {CREW}: CPU ms a replication, median (least to most) of {CREW_PAIRS} pairs of {CREW_EACH}"
    )
    table = Table("", "CPU ms", "times seasweep", title=title, title_justify="left")
    ours = spent["realise"] + spent["fly"] + spent["tables"]
    table.add_row("seasweep", spread(ours), "1")
    for step in CREW_STEPS:
        theirs = spent["realise"] + spent[f"{step:g} s"]
        table.add_row(f"SimPy and NumPy, {step:g} s", spread(theirs), spread(theirs / ours))
    return table


def crew_agreement(did: Mapping[str, list[Tally]]) -> Table:
    """What the rival's crews did less what seasweep's did, a sortie, in the same worlds with the same luck.

    The rival notices a contact half a step late on average, so its detours are shorter and it finds more. That error
    goes with the step: the last row of each kind carries both steps on to none.
    """
    done = {name: np.array([astuple(tally) for tally in tallies], float) for name, tallies in did.items()}
    ours = done.pop("seasweep")
    (coarse, fine), (long, short) = done.values(), CREW_STEPS
    done["to none"] = fine + (fine - coarse) * short / (long - short)
    sorties, count = ours[:, 0].sum(), len(ours)
    title = f"Crews of the rival and of seasweep, {sorties:.0f} sorties in {count} replications, means of a sortie"
    columns = ("", "seasweep", "step", "rival", "difference", "standard error", "in standard errors")
    table = Table(*columns, title=title, title_justify="left")
    for k, field in list(enumerate(fields(Tally)))[1:]:
        for step, theirs in done.items():
            apart = (theirs[:, k] - ours[:, k]) * count / sorties
            error = apart.std(ddof=1) / np.sqrt(count)
            means = f"{ours[:, k].sum() / sorties:.3f}", step, f"{theirs[:, k].sum() / sorties:.3f}"
            found = f"{apart.mean():+.4f}", f"{error:.4f}", f"{apart.mean() / error:+.1f}"
            table.add_row(field.name.replace("_", " "), *means, *found)
    return table


def growth() -> Table:
    """The pass over 500 vessels along one path cut into more and more legs."""
    plan = plan_of(500)
    world = realise(plan, SEED, 0)
    log = fly(plan, world, 0)
    path = np.vstack([plan.patrols[0].base, plan.patrols[0].routes[0].passes[0][:7]])
    table = Table(
        "legs a sortie", "contacts", "CPU ms", "times the first", title="More legs, one path", title_justify="left"
    )
    first = None
    for pieces in SPLITS:
        flown = [_cut(path, pieces, sortie.takeoff_h) for sortie in log.sorties]
        eyes = plan.patrols[0].sensor_ids_of_slots
        patrol, best = plan.patrols[0], np.inf
        for _ in range(7):
            begin = time.process_time()
            laws, tables = np.vstack(patrol.sensor_performance.law_sets), patrol.sensor_performance.tables
            count = count_along(flown, world.others or [], world.key, eyes, laws, tables)
            best = min(best, (time.process_time() - begin) * 1e3)
        first = first or best
        table.add_row(str(7 * pieces), str(count), f"{best:.1f}", f"{best / first:.1f}")
    return table


def _cut(path: Floats, pieces: int, begin: float) -> Floats:
    """Seven legs at 210 kn, each in so many pieces, as flown."""
    at = np.arange(7 * pieces + 1) / pieces
    points = np.column_stack([np.interp(at, np.arange(8), path[:, k]) for k in (0, 1)])
    hours = begin + np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T) / 210.0)])
    return np.column_stack([hours[:-1], hours[1:], points[:-1], points[1:], np.ones(len(points) - 1)])


def peak_mib(statement: str) -> float:
    """The largest resident memory of a Python of its own that runs a statement, MiB (Linux)."""
    code = f"import tempfile; from sim import *; {statement}; print(open('/proc/self/status').read())"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, encoding="utf-8")  # noqa: S603  our own code
    return int(done.stdout.split("VmHWM:")[1].split()[0]) / 1024.0


def memory() -> Table:
    """Peak memory: one large replication, and runs of more and more of them into a folder."""
    table = Table("memory", "MiB at most", title="Memory", title_justify="left")
    loaded = f"s = load_scenario({str(SCENARIO)!r}, {{'background.merchant.present': %s}})"
    one = loaded % "10000.0" + "; simulate(s)"
    table.add_row("one replication, 10,000 vessels", f"{peak_mib(one):.0f}")
    for count in (200, 2000):
        run_them = f"run('textbook', {count}, keep=0, out=tempfile.mkdtemp() + '/run')"
        table.add_row(f"run textbook --replications {count}", f"{peak_mib(run_them):.0f}")
    return table


def shared(spent: Mapping[int, Mapping[str, Floats]]) -> str:
    """What sharing one realisation of the ships saves a sweep."""
    said = []
    for present, parts in spent.items():
        ships, rest = (np.median(parts["realise"]), np.median(parts["fly"]) + np.median(parts["tables"]))
        said.append(f"{present:,} vessels {(ships + rest) / (ships / 8 + rest):.2f} times")
    return "Eight points of a sweep that share their ships, against realising them for each: " + ", ".join(said)


def everything() -> Table:
    """The reference workload as it is and with everything on, replication by replication in turn."""
    plain, full, buffers = plan_of(500), prepare(load_scenario(SCENARIO.with_name("everything.toml"))), SegmentBuffers()
    spent: dict[str, list[float]] = {"as it is": [], "everything on": []}
    for number in range(EVERYTHING):
        for plan, times in zip((plain, full), spent.values(), strict=True):
            parts: dict[str, list[float]] = {"realise": [], "fly": [], "tables": []}
            whole(plan, range(number, number + 1), buffers, parts)
            times.append(sum(sum(part) for part in parts.values()))
    table = Table("500 vessels", "CPU ms", "times", title="Everything on", title_justify="left")
    first = float(np.median(spent["as it is"][2:]))
    for name, times in spent.items():
        table.add_row(name, spread(np.array(times[2:])), f"{np.median(times[2:]) / first:.1f}")
    return table


def library() -> Table:
    """What a replication of included scenarios costs, part by part, scenario by scenario in turn."""
    plans, buffers = {name: prepare(load_scenario(name)) for name in LIBRARY}, SegmentBuffers()
    spent = {name: {part: list[float]() for part in ("realise", "fly", "tables")} for name in LIBRARY}
    for name, plan in plans.items():
        whole(plan, range(1), buffers, {part: [] for part in spent[name]})  # warm
    for number in range(LIBRARY_PAIRS):
        for name, plan in plans.items():
            whole(plan, range(10 * number, 10 * number + 10), buffers, spent[name])
    title = "Included scenarios: CPU ms a replication, median (least to most) of nine times ten replications"
    table = Table("scenario", "whole", "realise", "fly", "tables", title=title, title_justify="left")
    for name, parts in spent.items():
        each = [np.array(times).reshape(LIBRARY_PAIRS, -1).mean(axis=1) for times in parts.values()]
        table.add_row(name, spread(sum(each, np.zeros(1))), *(spread(part) for part in each))
    return table


def pilot(question: Question, plans: Sequence[Plan], numbers: range, buffers: SegmentBuffers) -> tuple[float, float]:
    """The CPU ms of one replication of a question, all its scenarios together, and half the width of the interval."""
    spent, totals = list[float](), list[dict[str, Floats]]()
    for plan in plans:
        with clock(spent):
            logs = (fly(plan, realise(plan, SEED, number, buffers), number) for number in numbers)
            rows = [rows_of(log, keep=False)["replications"] for log in logs]
        totals.append({name: np.concatenate([row[name] for row in rows]) for name in rows[0]})
    hours = [plan.scenario.duration_h for plan in plans]
    if len(plans) == 1:
        found = estimate(question.measure, totals[0], hours[0])
    else:
        found = difference(question.measure, totals[0], totals[1], (hours[0], hours[1]))
    return sum(spent) / len(numbers), found.half_width or math.nan


def price() -> Table:
    """What an interval of a given width costs, from pilot runs and the program's own intervals."""
    title = f"Price of an interval, 95 %: median (least to most) of {PILOTS} pilot runs of {PILOT} replications each"
    table = Table("question", "CPU ms a replication", "replications", "CPU s", title=title, title_justify="left")
    buffers = SegmentBuffers()
    for question in QUESTIONS:
        plans = [prepare(load_scenario(name)) for name in question.scenarios]
        pilot(question, plans, range(2), buffers)  # warm
        numbers = [range(first, first + PILOT) for first in range(0, PILOTS * PILOT, PILOT)]
        each, half = np.array([pilot(question, plans, some, buffers) for some in numbers]).T
        needed = PILOT * (half / question.half_width) ** 2  # a half-width falls with the root of their number
        table.add_row(question.says, spread(each), spread(needed, 0), spread(each * needed / 1e3))
    return table


def main() -> None:
    """Print it all."""
    console = Console(width=132)
    held = ", ".join(f"{name} {version}" for name, version in versions().items())
    console.print(f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, {held}\n")
    with tempfile.TemporaryDirectory() as cache:
        console.print(starting(cache))
        os.environ["SEASWEEP_CACHE"] = cache  # the kernels are loaded when they are first called, below
        console.print(same_answers() + "\n")  # compiles the rivals, too
        spent = {present: in_turn(present) for present in PRESENT}
        crew_spent, crew_did = crew_in_turn()
        parts: tuple[Callable[[], Any], ...] = (
            lambda: costs(spent),
            lambda: ratios(spent),
            agreement,
            lambda: crew_ratios(crew_spent),
            lambda: crew_agreement(crew_did),
            growth,
            memory,
            everything,
            library,
            price,
        )
        for part in parts:
            console.print(part())
        console.print(shared(spent))


if __name__ == "__main__":
    main()
