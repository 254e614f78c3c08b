"""Batches of replications, simulated in this process or in worker processes; results come in order either way.

A batch is a range of replications of scenarios that share their ships. Rows depend on the scenario, the seed and the
replication's number alone, so it does not matter which process simulates a batch.
"""

import gc
import math
import multiprocessing
import signal
import threading
import time
import traceback
from collections import OrderedDict, deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import wait
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

import pyarrow as pa

from sim.deployment.engine import fly
from sim.deployment.totals import TOTALS
from sim.deployment.traffic.base import SegmentBuffers
from sim.deployment.world import Plan, prepare, realise
from sim.scenario.problems import InputError
from sim.scenario.schema import Scenario
from sim.study.records import Warn, log_warning
from sim.study.rows import rows_of, tables_of
from sim.study.workers import Pending, WorkerDiedError, Workers, WorkersUselessError, tell

_WORTH_WORKERS_S = 2.0  # seconds of work; less is done before workers would have started
_MOST_LOST = 2  # batches in a row that no worker survives, after which the others are not tried
_COLLECT_AFTER = 20_000  # new objects; with the usual 700 a replication of neon-allies took a tenth more time
_MOST_PLANS = 16  # plans that a process keeps: points of a study take turns


class PointScenario(NamedTuple):
    """A scenario to replicate: that of a design point, or the only one of a run."""

    point: int
    scenario: Scenario
    digest: str
    """The scenario's digest, by which a process finds the plan that it has made of it."""


@dataclass(frozen=True)
class Batch:
    """Replications `first` to `last` - 1 of scenarios that have the same ships, which are realised once for all."""

    scenarios: tuple[PointScenario, ...]
    seed: int
    first: int
    last: int
    keep: int
    """Events and tracks are recorded of replications below this number."""
    asked: tuple[str, ...] = ()
    """The names of totals that replications have only if they are asked for."""


@dataclass(frozen=True)
class BatchResult:
    """What a batch gives of one scenario: its rows as tables, and the replications that failed."""

    point: int
    first: int
    last: int
    tables: dict[str, pa.Table]
    failures: list[tuple[int, str]]
    """The number and the traceback of each replication that failed."""


_plans: OrderedDict[str, Plan] = OrderedDict()
_memory = threading.local()


def _plan_of(point: PointScenario) -> Plan:
    """The plan of a scenario, made once in a process."""
    if point.digest not in _plans:
        _plans[point.digest] = prepare(point.scenario)
        if len(_plans) > _MOST_PLANS:
            _plans.popitem(last=False)
    return _plans[point.digest]


def _refuse_what_is_no_number(totals: Mapping[str, Sequence[float]]) -> None:
    """Fail where a total is not a finite number: every total is a count, or a sum of hours."""
    for total in TOTALS:
        for value in totals.get(total.name, ()):
            if not math.isfinite(value):
                raise ArithmeticError(f"the total {total.name} is {value}, which is not a finite number")


def _nothing_told(done: int) -> None:
    """Tell nobody how many replications are done."""


@contextmanager
def collecting_garbage_seldom() -> Iterator[None]:
    """Let Python look for unused objects seldom: a replication makes thousands that last until its rows are made."""
    before = gc.get_threshold()
    gc.set_threshold(_COLLECT_AFTER, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


@collecting_garbage_seldom()
def simulate_batch(batch: Batch, told: Callable[[int], None] = tell) -> list[BatchResult]:
    """Simulate a batch: a result for each scenario. A replication that fails is reported in it, not raised.

    `told` is called with the number of replications that are done, those of all scenarios together.
    Raises InputError where the scenario has errors, and MemoryError or OSError where the computer is at fault.
    """
    rows: list[list[dict[str, Any]]] = [[] for _ in batch.scenarios]
    failures: list[list[tuple[int, str]]] = [[] for _ in batch.scenarios]
    # The rows of a replication are made before the next one begins, so its ships may lie in the same arrays.
    buffers = _memory.buffers = getattr(_memory, "buffers", None) or SegmentBuffers()
    done = 0
    for replication in range(batch.first, batch.last):
        world = None
        for point, point_rows, point_failures in zip(batch.scenarios, rows, failures, strict=True):
            try:
                plan = _plan_of(point)
                world = world if world is not None else realise(plan, batch.seed, replication, buffers)
                log_rows = rows_of(fly(plan, world, replication), replication < batch.keep, batch.asked)
                _refuse_what_is_no_number(log_rows["replications"])
                point_rows.append(log_rows)
            except (InputError, MemoryError, OSError):  # no replication can be flown: bad input, or the world's fault
                raise
            except Exception:  # whatever failed, the other replications are valid, and the run reports the failure
                point_failures.append((replication, traceback.format_exc()))
            done += 1
            told(done)
    return [
        BatchResult(
            point.point, batch.first, batch.last, tables_of(point.scenario, point_rows, batch.asked), point_failures
        )
        for point, point_rows, point_failures in zip(batch.scenarios, rows, failures, strict=True)
    ]


@contextmanager
def _interrupts_ignored() -> Iterator[None]:
    """Ignore further interrupts while workers are ended: a second one would leave some behind."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def simulate_batches(
    batches: Iterable[Batch],
    jobs: int,
    warn: Warn = log_warning,
    worth_workers_s: float = _WORTH_WORKERS_S,
    needed: Callable[[], float] = lambda: math.inf,
    under_way: Callable[[int], None] = _nothing_told,
) -> Generator[BatchResult, None, None]:
    """Simulate batches and yield their results in order; worker processes start only where they save time.

    The time of each batch tells how long the rest would take in this process. Workers start where that is more than
    `worth_workers_s` seconds. `warn` is called where a worker dies, and where none can be used. A caller that may need
    fewer results than all batches give says in `needed` how many more batches it will probably need. `under_way` is
    called now and then with the number of replications that are done and of which no result has been yielded yet.
    Close the generator (`contextlib.closing`) where it may be left early: that ends the workers.
    """
    from sim.core import kernels  # noqa: F401  compiled or loaded here once, so that workers only read the cache

    if multiprocessing.current_process().daemon:
        jobs = 1  # this is a worker of the user's own program, and such a process may not start others
    queue = deque(batches)
    while queue:
        begin = time.perf_counter()
        results = simulate_batch(queue.popleft(), under_way)
        batch_s = time.perf_counter() - begin
        yield from results
        if jobs > 1 and batch_s * min(len(queue), needed()) > worth_workers_s:
            yield from _simulate_in_workers(queue, jobs, warn, under_way)
            return


def _simulate_in_workers(
    queue: deque[Batch], jobs: int, warn: Warn, under_way: Callable[[int], None]
) -> Generator[BatchResult, None, None]:
    """Simulate the queue in worker processes; only a few batches are submitted ahead, so that memory does not grow.

    A batch of which several workers died is simulated once more with no other beside it. If that worker dies as well,
    the replications of the batch have failed. They are not simulated in this process, which has all results and might
    die in the same way.
    """
    workers = Workers(simulate_batch, jobs, "sim.study.preload", warn)
    submitted: deque[tuple[Batch, Pending]] = deque()
    lost = 0  # batches in a row that no worker survived
    try:
        while queue or submitted:
            while queue and len(submitted) < 3 * jobs:
                submitted.append((queue[0], workers.submit(queue[0])))
                queue.popleft()
            batch, future = submitted[0]
            try:
                results = workers.result(future, lambda: under_way(sum(one.how_far for _, one in submitted)))
            except WorkerDiedError:
                results = _simulate_alone(batch, workers, [future for _, future in submitted])
            except WorkersUselessError as reason:
                warn(f"worker processes cannot be used, so the work goes on in one process: {reason}")
                break
            submitted.popleft()
            lost = 0 if results else lost + 1
            yield from results or _lost(batch)
            if lost == _MOST_LOST:
                warn("worker processes end again and again, so the other replications are not simulated")
                for rest in [*(rest for rest, _ in submitted), *queue]:
                    yield from _lost(rest)
                return
    finally:
        with _interrupts_ignored():
            workers.close()
    for rest in [*(rest for rest, _ in submitted), *queue]:
        yield from simulate_batch(rest, under_way)


def _simulate_alone(batch: Batch, workers: Workers, others: list[Pending]) -> list[BatchResult]:
    """Simulate a batch in a worker that has the memory of the whole machine; no results where the worker dies."""
    wait(others)
    workers.dismiss()
    try:
        results: list[BatchResult] = workers.result(workers.submit(batch, tries=1))
    except WorkerDiedError:
        return []
    return results


def _lost(batch: Batch) -> Iterator[BatchResult]:
    """The results of a batch that no worker survived: its replications have failed."""
    error = (
        f"WorkerDiedError: worker processes that simulated replications {batch.first} to {batch.last - 1} ended before "
        "they were done, perhaps for lack of memory: try fewer jobs, or a machine with more memory"
    )
    failures = [(replication, error) for replication in range(batch.first, batch.last)]
    for point in batch.scenarios:
        yield BatchResult(point.point, batch.first, batch.last, tables_of(point.scenario, [], batch.asked), failures)
