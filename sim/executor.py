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
from typing import Any

from sim.engine import Plan, prepare, simulate
from sim.schema import Scenario
from sim.store import tables_of

_WORTH_WORKERS_S = 2.0  # less work than this is done before the workers have started
_PLANS_KEPT = 8


@dataclass(frozen=True)
class Task:
    """Replications first to last - 1 of one point."""

    point: int
    scenario: Scenario
    digest: str
    """The scenario's digest, by which a process knows it again."""
    seed: int
    first: int
    last: int
    keep: int
    """Replications below this keep their events and tracks."""


@dataclass(frozen=True)
class Block:
    """A task's rows, a dictionary of tables a replication, and what failed."""

    point: int
    first: int
    last: int
    rows: list[dict[str, Any]]
    failures: list[tuple[int, str]]


_plans: OrderedDict[str, Plan] = OrderedDict()


def _plan_of(task: Task) -> Plan:
    """The point's plan, made once a process."""
    if task.digest not in _plans:
        _plans[task.digest] = prepare(task.scenario)
        if len(_plans) > _PLANS_KEPT:
            _plans.popitem(last=False)
    return _plans[task.digest]


def perform(task: Task) -> Block:
    """Do one task; a replication that fails is reported, not raised."""
    rows: list[dict[str, Any]] = []
    failures: list[tuple[int, str]] = []
    plan = _plan_of(task)
    for replication in range(task.first, task.last):
        try:
            rows.append(tables_of(simulate(plan, task.seed, replication), replication < task.keep))
        except Exception:  # whatever it is, the other replications stand, and the run says so
            failures.append((replication, traceback.format_exc()))
    return Block(task.point, task.first, task.last, rows, failures)


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
    from sim import kernels  # noqa: F401  compile or load here, once

    queue = deque(tasks)
    while queue:
        begin = time.perf_counter()
        block = perform(queue.popleft())
        left = (time.perf_counter() - begin) * len(queue)
        yield block
        if jobs > 1 and left > worth_s:
            yield from _perform_in_workers(queue, jobs)
            return


def _perform_in_workers(queue: deque[Task], jobs: int) -> Generator[Block, None, None]:
    """The rest of the tasks in processes of their own; at most a few wait ahead, so memory does not grow."""
    context = multiprocessing.get_context("forkserver" if sys.platform != "win32" else "spawn")
    if sys.platform != "win32":
        context.set_forkserver_preload(["sim.executor", "sim.kernels"])
    others = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=_start_worker)
    waiting: deque[tuple[Task, Future[Block]]] = deque()
    finished = False
    try:
        while queue or waiting:
            while queue and len(waiting) < 3 * jobs:
                task = queue.popleft()
                waiting.append((task, pool.submit(perform, task)))
            task, future = waiting.popleft()
            try:
                yield future.result()
            except BrokenProcessPool:
                lost = [task, *(one for one, _ in waiting), *queue]
                queue.clear()
                waiting.clear()
                yield from (perform(one) for one in lost)
        finished = True
    finally:
        with _deaf_to_interrupts():
            if not finished:  # nobody waits for what the workers still do
                for worker in set(multiprocessing.active_children()) - others:
                    worker.terminate()
            pool.shutdown(wait=True, cancel_futures=True)
