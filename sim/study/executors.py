"""Batches of replications, simulated in this process or in worker processes; results come in order either way.

A batch is a range of replications of scenarios that share their ships. Rows depend on the scenario, the seed and the
replication's number alone, so it does not matter which process simulates a batch.
"""

import multiprocessing
import os
import signal
import sys
import threading
import time
import traceback
from collections import OrderedDict, deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

import pyarrow as pa

from sim.deployment.engine import fly
from sim.deployment.traffic import SegmentBuffers
from sim.deployment.world import Plan, prepare, realise
from sim.scenario.problems import InputError
from sim.scenario.schema import Scenario
from sim.study.rows import rows_of, tables_of

_WORTH_WORKERS_S = 2.0  # seconds of work; less is done before workers would have started
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


def simulate_batch(batch: Batch) -> list[BatchResult]:
    """Simulate a batch: a result for each scenario. A replication that fails is reported in it, not raised.

    Raises InputError where the scenario has errors, and MemoryError or OSError where the computer is at fault.
    """
    rows: list[list[dict[str, Any]]] = [[] for _ in batch.scenarios]
    failures: list[list[tuple[int, str]]] = [[] for _ in batch.scenarios]
    # The rows of a replication are made before the next one begins, so its ships may lie in the same arrays.
    buffers = _memory.buffers = getattr(_memory, "buffers", None) or SegmentBuffers()
    for replication in range(batch.first, batch.last):
        world = None
        for point, point_rows, point_failures in zip(batch.scenarios, rows, failures, strict=True):
            try:
                plan = _plan_of(point)
                world = world if world is not None else realise(plan, batch.seed, replication, buffers)
                point_rows.append(rows_of(fly(plan, world, replication), replication < batch.keep))
            except (InputError, MemoryError, OSError):  # no replication can be flown: bad input, or the world's fault
                raise
            except Exception:  # whatever failed, the other replications are valid, and the run reports the failure
                point_failures.append((replication, traceback.format_exc()))
    return [
        BatchResult(point.point, batch.first, batch.last, tables_of(point.scenario, point_rows), point_failures)
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


def _start_worker() -> None:
    """Leave interrupts to the parent process, which ends its workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def default_jobs() -> int:
    """The number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else (os.cpu_count() or 1)


def simulate_batches(
    batches: Iterable[Batch], jobs: int, worth_workers_s: float = _WORTH_WORKERS_S
) -> Generator[BatchResult, None, None]:
    """Simulate batches and yield their results in order; worker processes start only where they save time.

    The time of each batch tells how long the rest would take in this process. Workers start where that is more than
    `worth_workers_s` seconds. Close the generator (`contextlib.closing`) where it may be left early: that ends them.
    """
    from sim.core import kernels  # noqa: F401  compiled or loaded here once, so that workers only read the cache

    queue = deque(batches)
    while queue:
        begin = time.perf_counter()
        results = simulate_batch(queue.popleft())
        remaining_s = (time.perf_counter() - begin) * len(queue)
        yield from results
        if jobs > 1 and remaining_s > worth_workers_s:
            yield from _simulate_in_workers(queue, jobs)
            return


def _simulate_in_workers(queue: deque[Batch], jobs: int) -> Generator[BatchResult, None, None]:
    """Simulate the queue in worker processes; only a few batches are submitted ahead, so that memory does not grow."""
    context = multiprocessing.get_context("forkserver" if sys.platform != "win32" else "spawn")
    if sys.platform != "win32":
        context.set_forkserver_preload(["sim.study.executors", "sim.core.kernels"])
    others = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=_start_worker)
    submitted: deque[tuple[Batch, Future[list[BatchResult]]]] = deque()
    finished = False
    try:
        try:
            while queue or submitted:
                while queue and len(submitted) < 3 * jobs:
                    submitted.append((queue[0], pool.submit(simulate_batch, queue[0])))
                    queue.popleft()
                results = submitted[0][1].result()
                submitted.popleft()
                yield from results
        except BrokenProcessPool:  # a worker died: this process simulates what the workers had, and the rest
            for batch in [*(batch for batch, _ in submitted), *queue]:
                yield from simulate_batch(batch)
        finished = True
    finally:
        with _interrupts_ignored():
            if not finished:  # nobody waits for what the workers still simulate
                for worker in set(multiprocessing.active_children()) - others:
                    worker.terminate()
            pool.shutdown(wait=True, cancel_futures=True)
