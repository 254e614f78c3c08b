"""Worker processes: each answers one question after another, and none outlives the process that asks.

Each worker has a pipe of its own. Its death is therefore seen at once, and it is known which question it had. All
workers of `concurrent.futures.ProcessPoolExecutor` share one pipe for their answers: a worker that is killed while it
writes leaves half an answer and a lock there, and the program waits for ever.

The program that asks is loaded again in each worker, as every Python program that starts processes is, because it may
define classes and change settings that an answer depends on. This module does that instead of `multiprocessing`, so a
program that cannot be loaded again gives one message instead of a traceback from each worker.
"""

import contextlib
import multiprocessing
import os
import pickle
import queue
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from multiprocessing import spawn
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

Question = Any
Answer = Any

_TRIES = 3  # workers that may try one question, if each before them dies
_STARTS = 3  # workers that may die one after the other while they start
_PATIENCE_S = 3.0  # in which a killed process has to end
_FAREWELL_S = 1.0  # in which threads have to end; a thread that waits for the fork server ends its worker later
_LOOK_EVERY_S = 0.5  # between looks for the deaths of other workers, while an answer is awaited
_TELL_EVERY_S = 0.25  # between two times that a worker tells how far it is
_POSIX = sys.platform != "win32"
_starting = threading.Lock()
_loading_program = False
_UNGUARDED = (
    'the program calls `run` or `sweep` as soon as it is loaded; put such calls under `if __name__ == "__main__":`'
)


class WorkerDiedError(Exception):
    """Every worker that was given a question has ended before it had answered."""


class WorkersUselessError(Exception):
    """No worker can answer, whatever the question; the message says why."""


class _StartedAgain(SystemExit):
    """A program that is only being loaded began its work; no `except Exception` of that program stops this."""


def refuse_while_loading() -> None:
    """End the loading of a program in a worker that would begin the whole work once more, in each worker."""
    if _loading_program:
        raise _StartedAgain


# ---------------------------------------------------------------------------------------------------- in a worker
class _HowFar(int):
    """How far a worker is with its answer."""


_asker: Connection | None = None  # in a worker, the pipe to the process that asks
_last_told_s = 0.0


def tell(how_far: int) -> None:
    """Tell the process that asks how far an answer is, but not too often; it does nothing outside of a worker."""
    global _last_told_s
    if _asker is not None and time.monotonic() - _last_told_s >= _TELL_EVERY_S:
        _last_told_s = time.monotonic()
        _asker.send(_HowFar(how_far))


def _end_with_parent() -> None:
    """End this process as soon as the one that asks has ended, by whatever cause, even while it computes an answer."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _load_program(program: dict[str, Any]) -> str:
    """Load the program that asks, as `multiprocessing` would; return what is wrong, or an empty text."""
    global _loading_program
    _loading_program = True
    try:
        spawn.prepare(program)
    except _StartedAgain:
        return _UNGUARDED
    except (Exception, SystemExit) as error:  # whatever a program does, it is the user's and is reported as such
        return f"the program cannot be loaded a second time ({type(error).__name__}: {error})"
    finally:
        _loading_program = False
    return ""


def _as_bytes(error: Exception) -> bytes:
    """An error as bytes; one that cannot be read back is given as its text."""
    try:
        data = pickle.dumps(error)
        pickle.loads(data)  # noqa: S301  it was written in the line above
    except Exception:  # what a class of the user's raises here is not known
        return pickle.dumps(RuntimeError("".join(traceback.format_exception(error))))
    return data


def _reply(task: bytes) -> bytes:
    """The answer to a question, the error that it raised, or why it cannot be read; as bytes to send."""
    try:
        function, question = pickle.loads(task)  # noqa: S301  it comes from the process that started this one
    except Exception as error:  # what a class of the user's raises here is not known
        return pickle.dumps(WorkersUselessError(f"they do not know a part of the program ({error})"))
    try:
        return pickle.dumps(function(question))
    except Exception as error:  # it is raised again in the process that asks
        return _as_bytes(error)


def _work(pipe: Connection, program: dict[str, Any]) -> None:
    """Answer questions until the process that asks closes the pipe or ends."""
    global _asker
    _asker = pipe
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that asks ends its workers
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with contextlib.suppress(EOFError, OSError):  # nobody asks any more
        pipe.send(_load_program(program))
        while True:
            pipe.send_bytes(_reply(pipe.recv_bytes()))


# ---------------------------------------------------------------------------------------- in the process that asks
def _program() -> dict[str, Any]:
    """What a worker needs to load the program again; empty for a program that was typed, piped in or deleted."""
    data = spawn.get_preparation_data("")
    program = {str(key): value for key, value in data.items() if key.startswith("init_main_from_")}
    path = program.get("init_main_from_path")
    return {} if path is not None and not Path(path).exists() else program


@contextlib.contextmanager
def _program_left_out() -> Iterator[None]:
    """Let `multiprocessing` start processes that do not load the program themselves."""
    main = vars(sys.modules["__main__"])
    hidden = {name: value for name, value in main.items() if name in ("__file__", "__spec__")}
    main.pop("__file__", None)
    main["__spec__"] = None
    try:
        yield
    finally:
        main.update(hidden)


def _hold_signals_of_the_terminal() -> None:
    """Block the signals of Ctrl-C and of a closed terminal in this thread and in all processes that it starts."""
    if _POSIX:
        from multiprocessing import resource_tracker

        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})
        resource_tracker.ensure_running()  # its start would let Ctrl-C through again
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


class _Worker:
    """One worker process and the pipe to it."""

    def __init__(self, program: dict[str, Any], preload: str) -> None:
        """Start the process; raises OSError or EOFError where that is impossible."""
        context: Any = multiprocessing.get_context("forkserver" if _POSIX else "spawn")
        if _POSIX:
            context.set_forkserver_preload([preload])
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs, program), daemon=True)
        with _starting, _program_left_out():
            self._process.start()
        theirs.close()

    def fault(self) -> str:
        """Wait until the worker is ready, and return what is wrong with it, or an empty text."""
        return str(self._pipe.recv())

    def ask(self, task: bytes, pending: "Pending") -> Answer:
        """Return the answer to a task, or the error that it raised; OSError or EOFError if the worker ends first."""
        pending.how_far = 0
        self._pipe.send_bytes(task)
        while isinstance(answer := self._pipe.recv(), _HowFar):
            pending.how_far = int(answer)
        return answer

    @property
    def is_alive(self) -> bool:
        """Whether the process still runs."""
        return bool(self._process.is_alive())

    def kill(self) -> None:
        """Kill the process; a thread that waits for its answer then sees that it has ended."""
        self._process.kill()

    def end(self) -> str:
        """End the process if it still runs, and return how it ended. Only the thread that uses it calls this."""
        self.kill()
        self._process.join(_PATIENCE_S)
        self._pipe.close()
        code = self._process.exitcode
        return signal.Signals(-code).name if code is not None and code < 0 else f"exit code {code}"


class Pending(Future[Answer]):
    """An answer that may still be awaited."""

    how_far = 0
    """What the worker last told of how far it is; see `tell`."""


class Workers:
    """Up to `most` worker processes that call a function; close them in the end (`contextlib.closing`).

    `function` is one that a process can import, and `preload` a module that every worker needs. `warn` is called, by
    `result` alone, with a sentence for each worker that has died.
    """

    def __init__(
        self, function: Callable[[Question], Answer], most: int, preload: str, warn: Callable[[str], None]
    ) -> None:
        """Start no process yet: each starts when a question waits and none is idle."""
        self._function, self._preload, self._warn = function, preload, warn
        self._program = _program()
        self._lock = threading.Lock()
        self._idle: list[_Worker] = []
        self._living: set[_Worker] = set()
        self._closed = False
        self._warnings: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._tasks: queue.SimpleQueue[tuple[Pending, bytes, int] | None] = queue.SimpleQueue()
        # They are daemons: a thread that still waits for a process to start must not keep an interrupted program alive.
        self._threads = [threading.Thread(target=self._serve, daemon=True) for _ in range(most)]
        for thread in self._threads:
            thread.start()

    def submit(self, question: Question, tries: int = _TRIES) -> Pending:
        """Ask a question, which up to `tries` workers may die of; see `result`."""
        future = Pending()
        try:
            self._tasks.put((future, pickle.dumps((self._function, question)), tries))
        except Exception as error:  # what a class of the user's raises here is not known
            future.set_exception(WorkersUselessError(f"a part of the program cannot be sent to them ({error})"))
        return future

    def result(self, future: Pending, waiting: Callable[[], None] = lambda: None) -> Answer:
        """Wait for the answer to a question, and return it; `waiting` is called twice a second meanwhile.

        Raises WorkerDiedError where every worker that had it has died, WorkersUselessError where no worker can answer
        anything, and what the function raises.
        """
        while not wait([future], _LOOK_EVERY_S).done:
            self._warn_of_deaths()
            waiting()
        self._warn_of_deaths()
        return future.result()

    def dismiss(self) -> None:
        """End the workers that are idle, which gives their memory back; others start when they are needed."""
        with self._lock:
            idle, self._idle = self._idle, []
        for worker in idle:
            self._end(worker)

    def close(self) -> None:
        """End all workers, including those that are at work."""
        with self._lock:
            self._closed = True
            living = list(self._living)
        for worker in living:
            worker.kill()
        for _ in self._threads:
            self._tasks.put(None)
        give_up = time.monotonic() + _FAREWELL_S
        for thread in self._threads:
            thread.join(max(0.0, give_up - time.monotonic()))
        self.dismiss()

    def _warn_of_deaths(self) -> None:
        """Pass on the warnings of workers that have died since the last call."""
        while not self._warnings.empty():
            self._warn(self._warnings.get())

    def _serve(self) -> None:
        """Answer questions, one after another, each with a worker that is idle or new."""
        while (asked := self._tasks.get()) is not None and not self._closed:
            future, task, tries = asked
            try:
                future.set_result(self._answer(task, tries, future))
            except Exception as error:  # it is raised where the answer is awaited
                future.set_exception(error)

    def _answer(self, task: bytes, tries: int, pending: Pending) -> Answer:
        """The answer of a worker to a task."""
        for number in range(1, tries + 1):
            worker = self._ready_worker()
            try:
                answer = worker.ask(task, pending)
            except (EOFError, OSError):
                remedy = "; its work is done again" if number < tries else ""
                self._end_dead(worker, "before its work was done", remedy)
                continue
            with self._lock:
                self._idle.append(worker)
            if isinstance(answer, Exception):
                raise answer
            return answer
        raise WorkerDiedError

    def _ready_worker(self) -> _Worker:
        """Return a worker that is ready for a task: one that was idle, or a new one."""
        while True:
            with self._lock:
                worker = self._idle.pop() if self._idle else None
            if worker is None:
                return self._start()
            if worker.is_alive:
                return worker
            self._end_dead(worker, "while it had no work")

    def _start(self) -> _Worker:
        """A new worker that is ready."""
        why = ""
        for _ in range(_STARTS):
            if self._closed:
                break
            try:
                _hold_signals_of_the_terminal()
                worker = _Worker(self._program, self._preload)
            except (EOFError, OSError) as error:  # what starts them lacks processes or files, or was killed
                why = f" ({error})"
                continue
            with self._lock:
                self._living.add(worker)
            if self._closed:
                self._end(worker)
                break
            try:
                fault = worker.fault()
            except (EOFError, OSError):
                self._end_dead(worker, "while it started")
                continue
            if fault:
                raise WorkersUselessError(fault)
            return worker
        raise WorkersUselessError(f"they cannot be started{why}")

    def _end_dead(self, worker: _Worker, when: str, remedy: str = "") -> None:
        """Release a worker that has died, and keep a warning that says when and how, and what is done about it."""
        how = self._end(worker)
        self._warnings.put(f"a worker process has ended {when} ({how}){remedy}")

    def _end(self, worker: _Worker) -> str:
        """End a worker and return how it ended."""
        with self._lock:
            self._living.discard(worker)
        return worker.end()
