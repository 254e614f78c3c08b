"""Work is blocks of (point, replications a to b); results are rows, in order, whoever did the work."""

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
from sim.study.store import rows_of, tables_of

_WORTH_WORKERS_S = 2.0  # less work than this is done before the workers have started
_PLANS_KEPT = 16


class Case(NamedTuple):
    """A scenario to replicate: a study's point, or a run's only one."""

    point: int
    scenario: Scenario
    digest: str
    """The scenario's digest, by which a process knows it again."""


@dataclass(frozen=True)
class Task:
    """Replications first to last - 1 of cases whose ships are the same, so that they are realised once for all."""

    cases: tuple[Case, ...]
    seed: int
    first: int
    last: int
    keep: int
    """Replications below this keep their events and tracks."""


@dataclass(frozen=True)
class Block:
    """What a task gives of one case: its rows as tables, and what failed."""

    point: int
    first: int
    last: int
    tables: dict[str, pa.Table]
    failures: list[tuple[int, str]]


_plans: OrderedDict[str, Plan] = OrderedDict()
_memory = threading.local()


def _plan_of(case: Case) -> Plan:
    """The case's plan, made once a process."""
    if case.digest not in _plans:
        _plans[case.digest] = prepare(case.scenario)
        if len(_plans) > _PLANS_KEPT:
            _plans.popitem(last=False)
    return _plans[case.digest]


def perform(task: Task) -> list[Block]:
    """Do one task, a block a case; a replication that fails is reported, not raised."""
    rows: list[list[dict[str, Any]]] = [[] for _ in task.cases]
    failures: list[list[tuple[int, str]]] = [[] for _ in task.cases]
    # The rows of a replication are made before the next one begins, so its ships may lie in the same arrays.
    buffers = _memory.buffers = getattr(_memory, "buffers", None) or SegmentBuffers()
    for replication in range(task.first, task.last):
        world = None
        for case, good, bad in zip(task.cases, rows, failures, strict=True):
            try:
                plan = _plan_of(case)
                world = world if world is not None else realise(plan, task.seed, replication, buffers)
                good.append(rows_of(fly(plan, world, replication), replication < task.keep))
            except InputError:  # no replication can be flown
                raise
            except Exception:  # whatever it is, the other replications stand, and the run says so
                bad.append((replication, traceback.format_exc()))
    return [
        Block(case.point, task.first, task.last, tables_of(case.scenario, good), bad)
        for case, good, bad in zip(task.cases, rows, failures, strict=True)
    ]


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Let a second interrupt wait: clearing up half would leave workers behind."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _start_worker() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what an interrupt means


def default_jobs() -> int:
    """One job a core that we may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else (os.cpu_count() or 1)


def perform_all(tasks: Iterable[Task], jobs: int, worth_s: float = _WORTH_WORKERS_S) -> Generator[Block, None, None]:
    """Do tasks and yield their blocks in order; workers start only where there is enough to do.

    Close it (`contextlib.closing`) where it may be left early: that ends the workers.

    The parent compiles or loads the kernels before any worker starts, so workers only read the cache.
    """
    from sim.core import kernels  # noqa: F401  compile or load here, once

    queue = deque(tasks)
    while queue:
        begin = time.perf_counter()
        blocks = perform(queue.popleft())
        left = (time.perf_counter() - begin) * len(queue)
        yield from blocks
        if jobs > 1 and left > worth_s:
            yield from _perform_in_workers(queue, jobs)
            return


def _perform_in_workers(queue: deque[Task], jobs: int) -> Generator[Block, None, None]:
    """The rest of the tasks in processes of their own; at most a few wait ahead, so memory does not grow."""
    context = multiprocessing.get_context("forkserver" if sys.platform != "win32" else "spawn")
    if sys.platform != "win32":
        context.set_forkserver_preload(["sim.study.executors", "sim.core.kernels"])
    others = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=_start_worker)
    waiting: deque[tuple[Task, Future[list[Block]]]] = deque()
    finished = False
    try:
        try:
            while queue or waiting:
                while queue and len(waiting) < 3 * jobs:
                    waiting.append((queue[0], pool.submit(perform, queue[0])))
                    queue.popleft()
                blocks = waiting[0][1].result()
                waiting.popleft()
                yield from blocks
        except BrokenProcessPool:  # a worker died: what it and the others had is done here
            for task in [*(one for one, _ in waiting), *queue]:
                yield from perform(task)
        finished = True
    finally:
        with _deaf_to_interrupts():
            if not finished:  # nobody waits for what the workers still do
                for worker in set(multiprocessing.active_children()) - others:
                    worker.terminate()
            pool.shutdown(wait=True, cancel_futures=True)
