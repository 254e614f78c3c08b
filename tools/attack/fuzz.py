"""Fuzz: mutated inputs are loaded and checked; each is accepted, or refused with `InputError`, quickly.

Six kinds take turns: scenarios, studies, values of `--set`, series of weather, polygons, and stored results. Chunks of
inputs are tried in one process, and an input that ends or stops that process is found by its number.
"""

import json
import math
import resource
import shutil
import signal
import time
import tomllib
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import tomli_w

from tools.attack.mutations import HOSTILE, NUMBERS, any_value, mutated, mutated_bytes, places
from tools.attack.results import RUN, STUDY, SWEEP
from tools.attack.starter import ROOT, Starter
from tools.attack.tally import Bounds, Faults, Tally, keep_input

MOST_S, MOST_MIB, MOST_MESSAGE = 2.0, 512, 20_000
_GUARD_BYTES = 4 << 30
CHUNK = 2000
CSV = "time,sea_state,visibility_nmi,wind_kn,wind_from_deg\n" + "".join(
    f"2023-04-{day:02d}T{hour:02d}:00:00Z,{day % 7},{5 + hour % 9},{hour},{15 * hour}\n"
    for day in (9, 10, 11)
    for hour in range(24)
)
GEOJSON: dict[str, Any] = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {"name": "box"},
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[126.4, 26.6], [127.1, 26.6], [127.1, 27.2], [126.4, 27.2], [126.4, 26.6]]],
            },
        }
    ],
}


class TooSlow(BaseException):
    """An input has taken too long. It is no `Exception`, so that nothing swallows it."""


@cache
def scenarios() -> list[dict[str, Any]]:
    """The merged tables of included scenarios, and of one with everything on."""
    names = ["textbook"] * 6 + [
        "neon-spring",
        "neon-crew",
        "neon-partners",
        "neon-patterns",
        "neon-night",
        "neon-learning",
    ]
    return [load_tree(name) for name in [*names, str(ROOT / "benchmarks" / "everything.toml")]]


@cache
def load_tree(name: str) -> dict[str, Any]:
    """The merged tables of a scenario."""
    from sim.scenario.load import load_source

    return load_source(name).data


@cache
def studies() -> list[dict[str, Any]]:
    """The tables of studies: the included ones, and a small one."""
    shipped = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "scenarios/studies").glob("*.toml"))]
    return [tomllib.loads(text) for text in [STUDY, STUDY, STUDY, *shipped]]


def _written(tree: Any, chance: Any) -> bytes:
    """A tree as the bytes of a TOML file; a third of them changed once more, as bytes."""
    try:
        content = tomli_w.dumps(tree).encode("utf-8", "surrogatepass")
    except (TypeError, ValueError, AttributeError):  # the tree is none that TOML can hold
        content = repr(tree).encode("utf-8", "surrogatepass")
    return mutated_bytes(content, chance) if chance.random() < 0.3 else content


# ---------------------------------------------------------------------------------------------------- kinds of input
def _try_scenario(chance: Any, folder: Path) -> Callable[[], None]:
    tree = mutated(chance.choice(scenarios()), scenarios(), chance)
    (folder / "input.toml").write_bytes(_written(tree, chance))
    return lambda: check(str(folder / "input.toml"), [])


def _try_set(chance: Any, folder: Path) -> Callable[[], None]:
    name = chance.choice(["textbook", "textbook", "textbook", "neon-spring", "neon-crew", "neon-partners"])
    tree, sets = load_tree(name), list[str]()
    for _ in range(chance.choice([1, 1, 2])):
        path = ".".join(map(str, chance.choice(places(tree))))
        if chance.random() < 0.2:
            path = path[: chance.randrange(len(path))] + chance.choice([*HOSTILE, ".", "..", "[0]"])[:40]
        value = any_value(chance) if chance.random() < 0.8 else chance.choice(HOSTILE)
        text = (
            tomli_w.dumps({"v": value})[4:-1] if isinstance(value, (*_PLAIN, str)) else json.dumps(value, default=str)
        )
        sets.append(f"{path}{chance.choice(['=', '=', '=', '= ', '=='])}{text}"[:20_000])
    (folder / "input.json").write_text(json.dumps([name, *sets]), encoding="utf-8")
    return lambda: check(name, sets)


_PLAIN = (bool, int, float)


def _try_study(chance: Any, folder: Path) -> Callable[[], None]:
    tree = mutated(chance.choice(studies()), [*studies(), *scenarios()], chance)
    (folder / "input.toml").write_bytes(_written(tree, chance))
    return lambda: load_design(folder / "input.toml")


def _try_series(chance: Any, folder: Path) -> Callable[[], None]:
    lines = CSV.splitlines()
    for _ in range(chance.choice([0, 1, 2, 5])):
        row = chance.randrange(len(lines))
        cells = lines[row].split(",")
        cells[chance.randrange(len(cells))] = str(
            chance.choice([*NUMBERS[:24], *HOSTILE, "2023-04-10T00:00:00", "9999-12-31T23:59Z"])
        )[:300]
        lines[row] = ",".join(cells)
    text = "\n".join(lines).encode("utf-8", "surrogatepass")
    (folder / "input.csv").write_bytes(mutated_bytes(text, chance) if chance.random() < 0.6 else text)
    scenario = dict(scenarios()[0], environment={"series": {"file": "input.csv"}})
    (folder / "input.toml").write_text(tomli_w.dumps(scenario), encoding="utf-8")
    return lambda: check(str(folder / "input.toml"), [], advise=chance.random() < 0.1)


def _try_polygon(chance: Any, folder: Path) -> Callable[[], None]:
    tree = mutated(GEOJSON, [GEOJSON], chance)
    text = json.dumps(tree, default=str).encode("utf-8", "surrogatepass")
    (folder / "input.geojson").write_bytes(mutated_bytes(text, chance) if chance.random() < 0.4 else text)
    scenario = dict(scenarios()[0], areas={"box": {"file": "input.geojson"}})
    (folder / "input.toml").write_text(tomli_w.dumps(scenario), encoding="utf-8")
    return lambda: check(str(folder / "input.toml"), [], advise=chance.random() < 0.1)


def _try_stored(chance: Any, folder: Path) -> Callable[[], None]:
    from sim.study.store import Results
    from sim.study.study_results import StudyResults

    name = chance.choice(["run", "study"])
    shutil.copytree(folder.parent / "stored" / name, folder / name)
    path = chance.choice([path for path in sorted((folder / name).rglob("*")) if path.is_file()])
    content = path.read_bytes()
    if path.suffix == ".json" and chance.random() < 0.8:
        content = json.dumps(mutated(json.loads(content), [json.loads(content)], chance), default=str).encode()
    path.write_bytes(content if path.suffix == ".json" and chance.random() < 0.7 else mutated_bytes(content, chance))

    def read() -> None:
        if name == "study":
            StudyResults.load(folder / name)
            return
        results = Results.load(folder / name)
        for table in results.tables:
            results.tables[table].num_rows  # noqa: B018  reading it is the test
        results.measures()

    return read


KINDS: tuple[Callable[[Any, Path], Callable[[], None]], ...] = (
    _try_scenario, _try_set, _try_scenario, _try_series, _try_study, _try_polygon, _try_set, _try_stored,
)  # fmt: skip


def load_design(path: Path) -> None:
    """Load a study with all its points."""
    from sim.study.design import load_study

    load_study(path)


def check(given: str, sets: list[str], advise: bool = True) -> None:
    """What `seasweep check` does with a scenario, but for the printing."""
    from sim.check.advice import findings
    from sim.check.describe import described
    from sim.scenario.load import load_scenario

    scenario = load_scenario(given, sets)
    if advise:
        findings(scenario)
        described(scenario)


# ---------------------------------------------------------------------------------------------------- one input
@contextmanager
def _limited(seconds: float) -> Iterator[None]:
    """Raise `TooSlow` after some seconds of CPU time."""

    def stop(_signal: int, _frame: Any) -> None:
        raise TooSlow

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0.0)
        signal.signal(signal.SIGPROF, before)


def peak_mib() -> float:
    """The most memory that this process has used so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _one_input(number: int, bounds: Bounds, folder: Path) -> Faults | None:
    """Make an input, load it, and say what is wrong with how it was received."""
    from sim.scenario.problems import InputError

    chance = bounds.chance("fuzz", number)
    load = KINDS[number % len(KINDS)](chance, folder)
    made_mib = peak_mib()  # an input of many megabytes takes memory to make, which is not that of the program
    begin, faults, text = time.process_time(), list[str](), ""
    try:
        with _limited(MOST_S + 1.0):
            load()
    except InputError as error:
        if len(str(error)) > MOST_MESSAGE:
            faults, text = ["long"], f"a message of {len(str(error)):,} characters"
    except TooSlow:
        text = _where(traceback.format_exc())
    except MemoryError:
        faults, text = ["over_512mib"], _where(traceback.format_exc())
    except BaseException as error:
        faults, text = ["tracebacks"], f"{type(error).__name__}: {str(error)[:200]}, {_where(traceback.format_exc())}"
    taken = time.process_time() - begin
    if taken > MOST_S:
        faults, text = [*faults, "over_2s"], f"{taken:.1f} s of CPU time, {text}"
    if peak_mib() > max(MOST_MIB, made_mib) and "over_512mib" not in faults:
        faults, text = [*faults, "over_512mib"], f"{peak_mib():.0f} MiB, {text}"
    return Faults(faults, text) if faults else None


def _where(trace: str) -> str:
    """The last place in our own code that a traceback names."""
    lines = [line.strip() for line in trace.splitlines() if "/sim/" in line or "/plots/" in line]
    return lines[-1].split("/")[-1].replace('"', "") if lines else trace.strip().splitlines()[-1]


def _empty(folder: Path) -> None:
    """Remove what is in a folder. The folder stays: to make one anew takes longer than most inputs."""
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def work(first: str, last: str, seed: str, folder: str, keep: str) -> int:
    """Try a chunk of inputs in this process; write what is found to a file, a line of JSON for each."""
    resource.setrlimit(resource.RLIMIT_DATA, (_GUARD_BYTES, _GUARD_BYTES))
    bounds = Bounds(int(seed), 0, math.inf, None, Path(keep))
    base, progress, found = Path(folder), Path(folder, "progress"), Path(folder, "found")
    inputs = base / "input"
    seen: Counter[str] = Counter()
    with progress.open("w", encoding="utf-8") as at, found.open("a", encoding="utf-8") as out:
        for number in range(int(first), int(last)):
            at.seek(0)
            at.write(f"{number:12d}")
            at.flush()
            inputs.mkdir(exist_ok=True)
            fault = _one_input(number, bounds, inputs)
            if fault is not None:
                seen[fault.text[-60:]] += 1
                if seen[fault.text[-60:]] <= 2:
                    keep_input("fuzz", number, bounds, fault, inputs)
                out.write(json.dumps([number, fault.names, fault.text]) + "\n")
                out.flush()
            _empty(inputs)
            if fault is not None and "over_512mib" in fault.names:
                return 3  # the peak stays in this process: the next input begins in a fresh one
    return 0


# ---------------------------------------------------------------------------------------------------- all inputs
def attack(bounds: Bounds, starter: Starter, work_folder: Path) -> Tally:
    """Try inputs, chunk by chunk."""
    tally = Tally("fuzz", ("tracebacks", "over_2s", "over_512mib", "long"))
    begin, folder = time.monotonic(), work_folder / "fuzz"
    stored = folder / "stored"
    stored.mkdir(parents=True)
    (stored / "study.toml").write_text(STUDY, encoding="utf-8")
    starter.seasweep(*RUN[:-1], "run", cwd=stored)
    starter.seasweep(*SWEEP[:-1], "study", cwd=stored)
    number, last = (0, bounds.tries) if bounds.only is None else (bounds.only, bounds.only + 1)
    while number < last and time.monotonic() - begin < bounds.budget_s:
        end = min(last, number + CHUNK)
        reached = _chunk(number, end, bounds, starter, folder, tally)
        tally.tries += reached - number
        number = reached
    shutil.rmtree(folder)
    tally.seconds += time.monotonic() - begin
    return tally


def _chunk(first: int, last: int, bounds: Bounds, starter: Starter, folder: Path, tally: Tally) -> int:
    """Try a chunk, count what it found, and return the number of the first input that was not tried."""
    for name in ("found", "progress"):
        (folder / name).unlink(missing_ok=True)
    shutil.rmtree(folder / "input", ignore_errors=True)
    given = (str(first), str(last), str(bounds.seed), str(folder), str(bounds.keep))
    outcome = starter.call("tools.attack.fuzz:work", *given, cwd=ROOT, timeout_s=600.0)
    for line in (folder / "found").read_text(encoding="utf-8").splitlines():
        number, names, text = json.loads(line)
        names = _confirmed(number, names, bounds, starter, folder) if last - first > 1 else names
        tally.add(number, Faults(names, text))
    if outcome.code == 0:
        return last
    number = int((folder / "progress").read_text(encoding="utf-8"))
    if outcome.code != 3:
        name = "over_2s" if outcome.timed_out else "tracebacks"
        fault = Faults([name], f"the process ended with {outcome.code}: {outcome.err.strip()[-300:]}")
        keep_input("fuzz", number, bounds, fault, folder / "input")
        tally.add(number, fault)
    return number + 1


def _confirmed(number: int, names: list[str], bounds: Bounds, starter: Starter, folder: Path) -> list[str]:
    """The names of the faults that an input shows again in a fresh process, if they are of time or memory."""
    if not {"over_2s", "over_512mib"} & set(names):
        return names
    alone = folder / "alone"
    alone.mkdir()
    shutil.copytree(folder / "stored", alone / "stored")
    given = (str(number), str(number + 1), str(bounds.seed), str(alone), str(bounds.keep))
    starter.call("tools.attack.fuzz:work", *given, cwd=ROOT)
    again = [json.loads(line)[1] for line in (alone / "found").read_text(encoding="utf-8").splitlines()]
    shutil.rmtree(alone)
    return [name for one in again for name in one]
