"""What the fork server loads once for all worker processes; nothing else imports this module.

The fork server is a process of `multiprocessing` that starts worker processes by copying itself. While it loads, it
cannot notice that the process that started it has ended, so a thread watches for that and ends it.
"""

import atexit
import os
import sys
import threading
from types import TracebackType

_LOOK_EVERY_S = 0.5
_loaded = threading.Event()


def _end_with_parent(parent: int) -> None:
    """End this process when its parent has changed, which happens when the parent ends."""
    while not _loaded.wait(_LOOK_EVERY_S):
        if os.getppid() != parent:
            os._exit(1)


def _leave_at_once(server: int) -> None:
    """End the fork server without releasing all that it has loaded, which would take a third of a second."""
    if os.getpid() == server:
        os._exit(0)


def _end_in_silence(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Say nothing where the process that asks ended, or could open no file, before it had said what to start."""
    if not issubclass(kind, EOFError | AssertionError):  # what `multiprocessing` raises of a request that is cut short
        sys.__excepthook__(kind, error, trace)


sys.excepthook = _end_in_silence
atexit.register(_leave_at_once, os.getpid())
_watcher = threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True)
_watcher.start()
try:
    import sim.core.kernels
    import sim.study.executors  # noqa: F401  loaded for the workers
finally:
    _loaded.set()
    _watcher.join()  # a process with threads must not be copied
