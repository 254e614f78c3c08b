"""Small worlds for tests: laws, legs and targets, changes of an included scenario, and distances to theory."""

import io
import json
import shlex
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import tomli_w
from pydantic import TypeAdapter

from sim import load_scenario
from sim.check.advice import findings
from sim.cli.main import main
from sim.core import chance, codes, kernels
from sim.core.arrays import Floats, Ints
from sim.core.motion import Motion, fleet_without_traits
from sim.core.records import FLIGHT, new_record
from sim.deployment.counting import count_along
from sim.deployment.events import Event
from sim.deployment.log import Log
from sim.deployment.world import Plan, prepare
from sim.model.laws.base import Law, kernel_laws
from sim.scenario.schema import Scenario

INVERSE_CUBE = {"kind": "inverse_cube", "sweep_width_nmi": 20.0, "reference_speed_kn": 200.0, "max_range_nmi": 60.0}
DEFINITE = {"kind": "definite_range", "range_nmi": 8.0, "probability": 0.7}
SCAN = {
    "kind": "scan",
    "probability": 0.6,
    "range_half_nmi": 15.0,
    "roll_off": 5.0,
    "max_range_nmi": 40.0,
    "look_interval_s": 240.0,
}
LATERAL = {
    "kind": "lateral_range",
    "distance_nmi": (0.0, 5.0, 20.0, 30.0),
    "detection_probability": (0.9, 0.8, 0.3, 0.0),
}
LAWS = (DEFINITE, INVERSE_CUBE, SCAN, LATERAL)
# What tests add to neon-spring: a second patrol, an aircraft that turns widely, a route to and fro.
SECOND = {"aircraft": "cp140", "base": "kadena", "routes": ["search"], "first_takeoff_h": 9.0, "every_h": 24.0}
WIDE = {
    "transit_speed_kn": 400.0, "search_speed_kn": 400.0, "bank_deg": 10.0, "altitude_ft": 5000.0, "endurance_h": 9.0,
    "reserve_h": 1.0, "turn_round_h": 2.0, "sensors": ["radar"],
}  # fmt: skip
RACETRACK = {"pattern": "racetrack", "line": [[124.0, 29.0], [126.0, 29.0]], "width_nmi": 10.0}


def study_of(
    vary: dict[str, list[Any]], replications: int = 2, measures: tuple[str, ...] = ("p_detected",), **keys: Any
) -> str:
    """The file of a study that varies keys of the scenario textbook, or of another that is given."""
    factors = [{"key": key, "values": values} for key, values in vary.items()]
    study = {"format": 1, "scenario": "textbook", "replications": replications, "measures": list(measures)}
    return tomli_w.dumps({**study, **keys, "vary": factors})


CHANCES = {"sensors.eye.law.probability": [0.25, 0.75]}
PAIR_OF_SETTINGS = study_of(CHANCES)  # two points

# How a transfer that is not documented is explained, as docs/reference/results.md names the reasons.
REASONS = (
    "no_one_there", "not_detected", "not_chosen", "left_too_soon", "no_light", "not_classified", "not_documented",
)  # fmt: skip


def pair(divide: str, **second: Any) -> dict[str, Any]:
    """A second patrol that divides the search with the first."""
    group = {"patrols": ["aurora", "second"], "divide": divide}
    return {"groups.both": group, "patrols.second": {**SECOND, **second}}


_ADAPTER: TypeAdapter[Any] = TypeAdapter(Law)


def law_of(spec: dict[str, Any]) -> Any:
    """A detection law from its scenario table; the same object for the same table, since calibration takes time."""
    return _law_of(tuple(sorted(spec.items())))


@cache
def _law_of(items: tuple[tuple[str, Any], ...]) -> Any:
    return _ADAPTER.validate_python({k: list(v) if isinstance(v, tuple) else v for k, v in items})


def plan_of(**sets: Any) -> Plan:
    """Neon-spring with changes, by key, ready to be simulated."""
    return prepare(load_scenario("neon-spring", sets))


def rules_and_keys(scenario: Scenario) -> set[tuple[str, str]]:
    """What the advice finds in a scenario: the rules that fire, each with its key."""
    return {(one.rule, one.key) for one in findings(scenario)}


def events(log: Log, name: str) -> list[Event]:
    """All events of one kind in a replication."""
    return [event for event in log.events if event.event == name]


def legs_along(points: Floats, speed_kn: float, begin_h: float = 0.0) -> Floats:
    """Waypoints (n, 2) flown at a speed, as legs (n - 1, 7)."""
    length = np.hypot(*np.diff(points, axis=0).T)
    times = begin_h + np.concatenate([[0.0], np.cumsum(length / speed_kn)])
    return np.column_stack([times[:-1], times[1:], points[:-1], points[1:], np.ones(len(length))])


class PastShips:
    """A flight along legs past some ships by the compiled code, call after call, as it is without a crew."""

    def __init__(self, legs: Floats, homing: Any, ships: Motion, sensing: Any, *, room: int = 30, **state: Any) -> None:
        """Prepare to fly legs (n, 6). `state`: fields of the record of a flight that are not 0; fuel is watched."""
        count = ships.vessels.size
        self.legs, self.homing, self.sensing = legs, homing, sensing
        self.record = new_record(FLIGHT, **{"next_change_h": np.inf, "watches_fuel": True, **state})
        self.numbers = np.zeros((codes.MEMORY_ROWS, len(sensing[1]), count))
        self.numbers[codes.THRESHOLD], self.numbers[codes.RANGE_FELL] = -1.0, -np.inf
        self.marks: Any = np.zeros((codes.MARKS, count), bool)
        self.flown, self.found = np.empty((room, codes.FLOWN_COLUMNS)), np.empty((count, 3))
        self._ships = (ships.rows, ships.owner, ships.reach, ships.vessels, ships.kinds)
        self._memory = (self.numbers, np.zeros(count + 1, np.int64), self.marks, np.zeros(len(ships.rows), np.int64))

    def fly(self) -> int:
        """Fly to the next decision; return the code that says why."""
        notice = np.zeros((self.found.shape[0], 2))
        code: int = kernels.fly(
            self.record, self.legs, self.homing, self._ships, self.sensing, self._memory, notice, self.flown, self.found
        )
        return code

    def __getitem__(self, field: str) -> Any:
        """Return a field of the record."""
        return self.record[field][0]


def still_targets(points: Floats, begin_h: float = -1e6, end_h: float = 1e6) -> Motion:
    """Targets that lie still at points (n, 2)."""
    count = len(points)
    rows = np.column_stack([np.full(count, begin_h), np.full(count, end_h), points, np.zeros((count, 2))])
    return moving_targets(rows, np.arange(count))


def moving_targets(rows: Floats, owner: Ints) -> Motion:
    """Targets from segments (n, 6) and their owners."""
    count = int(owner.max()) + 1
    return Motion.of_fleets(
        [fleet_without_traits(rows, owner, kernels.entities(chance.identity("test"), 0, count), np.zeros(count, "U1"))]
    )


def count_detected(law: Any, legs: Floats, targets: Motion, seed: int, sortie: int = 0) -> int:
    """How many targets a flight along legs detects, by the simulation's own coin flips."""
    laws, tables = kernel_laws([law])
    eyes = np.array([chance.join(chance.identity("eye"), np.uint64(sortie))], np.uint64)
    key = chance.replication_key(seed, 0)
    fleet = fleet_without_traits(targets.rows, targets.owner, targets.vessels, targets.labels)
    return count_along([legs], [fleet], key, eyes[None, :], laws, tables)


def exposure_of(law: Any, legs: Floats, x: float, y: float, vx: float = 0.0, vy: float = 0.0) -> float:
    """F of one target, at (x, y) at time 0, summed over legs (not for definite range: it adds once a sortie)."""
    laws, tables = kernel_laws([law])
    total = 0.0
    for t0, t1, x0, y0, x1, y1, _ in legs:
        ux, uy = (x1 - x0) / (t1 - t0), (y1 - y0) / (t1 - t0)
        total += kernels.exposure(laws, tables, x + vx * t0 - x0, y + vy * t0 - y0, vx - ux, vy - uy, t0, t1, np.inf)[0]
    return total


def standard_errors(observed: float, expected: float, error: float) -> float:
    """How far from theory, in standard errors."""
    return abs(observed - expected) / error


def scores_from(scores: Floats, expected: float) -> float:
    """How far the mean of independent scores is from theory, in standard errors."""
    return standard_errors(float(scores.mean()), expected, float(scores.std(ddof=1)) / np.sqrt(scores.size))


@dataclass(frozen=True)
class Answer:
    """What the command line answered."""

    code: int
    out: str
    err: str


def call_seasweep(*arguments: str | Path) -> Answer:
    """Call the command line in this process."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main([str(argument) for argument in arguments])
    return Answer(code, out.getvalue(), err.getvalue())


def arguments_of(command: str, *, few: bool = False) -> list[str]:
    """The arguments of a command that a page shows, and more where they change nothing that it prints.

    Simulations start no worker processes. Of the field of a coverage map, which no page prints, few cells are computed.
    With `few`, where the page does not show what is printed, there are few replications.
    """
    words = shlex.split(command)
    words = words[1:] if words[0] == "seasweep" else words
    if words[0] in ("run", "compare", "sweep"):
        return [*words, "--jobs", "1", *(["--replications", "3"] if few and words[0] != "sweep" else [])]
    return [*words, "--cells", "100"] if words[:2] == ["plot", "coverage"] else words


def files_below(folder: Path) -> dict[str, bytes | None]:
    """Everything below a folder: the bytes of files, None for folders."""
    return {str(p.relative_to(folder)): p.read_bytes() if p.is_file() else None for p in folder.rglob("*")}


def shows_something(path: Path, colours: int = 12) -> bool:
    """Whether a picture file can be read, is a page and not a stamp, and has many colours rather than a blank page."""
    from PIL import Image

    with Image.open(path) as picture:
        pixels = np.asarray(picture.convert("RGB"))[::4, ::4].reshape(-1, 3)
        return min(picture.size) >= 300 and len(np.unique(pixels // 16, axis=0)) >= colours


def processes_of(session: int) -> int:
    """The number of living processes of a session, of which Linux tells in /proc."""
    count = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        count += int(fields[3]) == session and fields[0] != "Z"
    return count


def wait_until(condition: Callable[[], Any], within_s: float = 60.0) -> bool:
    """Wait until a condition holds; whether it did in time."""
    give_up = time.monotonic() + within_s
    while not (holds := bool(condition())) and time.monotonic() < give_up:
        time.sleep(0.02)
    return holds


@contextmanager
def running(command: list[Any], **options: Any) -> Iterator[subprocess.Popen[str]]:
    """Start a command whose output is read as text; in the end it is killed if it still runs.

    It can be interrupted and hung up even where the tests run in a background job of a shell, which ignores both.
    """

    def take_signals() -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGHUP, signal.SIG_DFL)

    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, preexec_fn=take_signals, **options) as process:
        try:
            yield process
        finally:
            process.kill()


def inferred(capsys: Any, *arguments: str) -> Any:
    """What `seasweep infer` prints as JSON."""
    capsys.readouterr()
    assert main(["infer", *arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def infer_refuses(capsys: Any, *arguments: str) -> str:
    """What `seasweep infer` says where it refuses."""
    capsys.readouterr()
    assert main(["infer", *arguments]) == 2
    return str(capsys.readouterr().err)
