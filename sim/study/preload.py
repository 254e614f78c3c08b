"""What the fork server loads once for all worker processes; nothing else imports this module.

The fork server is a process of `multiprocessing` that starts worker processes by copying itself. While it loads, it
cannot notice that the process that started it has ended, so a thread watches for that and ends it. A process that was
killed cannot remove the file of the socket at which the fork server is asked for workers, so the fork server does.
"""

import atexit
import contextlib
import os
import socket
import sys
import threading
from pathlib import Path
from types import TracebackType

_LOOK_EVERY_S = 0.5
_loaded = threading.Event()


def _files_of_listening_sockets() -> list[Path]:
    """The files of the sockets at which this process is asked for workers: one, where sockets have files."""
    found = []
    for handle in [int(path.name) for path in Path("/dev/fd").iterdir()]:
        with contextlib.suppress(OSError):  # it is no socket, or the handle by which the folder was read
            asked = socket.socket(fileno=handle)
            try:
                if asked.family == socket.AF_UNIX and asked.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                    found.append(Path(os.fsdecode(asked.getsockname())))
            finally:
                asked.detach()  # the fork server goes on to use it
    return found


def _leave() -> None:
    """Remove what the parent, which has ended, could not remove, and end at once.

    To release all that the fork server has loaded would take a third of a second.
    """
    for path in _sockets:
        with contextlib.suppress(OSError):  # the parent has removed it, or has other files in the folder
            path.unlink()
            path.parent.rmdir()
    os._exit(0)


def _leave_unless_copied(server: int) -> None:
    """Leave at the end of the program, if this process is the fork server and no copy of it."""
    if os.getpid() == server:
        _leave()


def _end_with_parent(parent: int) -> None:
    """Leave when the parent of this process has changed, which happens when the parent ends."""
    while not _loaded.wait(_LOOK_EVERY_S):
        if os.getppid() != parent:
            _leave()


def _fail(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """End at once, in silence where a request failed: its pipe tells the parent, if the parent has not ended."""
    # `multiprocessing` raises EOFError or AssertionError of a request that is cut short, and OSError of no free handle.
    if not issubclass(kind, EOFError | AssertionError | OSError):
        sys.__excepthook__(kind, error, trace)
        sys.stderr.flush()
    os._exit(1)


_sockets = _files_of_listening_sockets()
sys.excepthook = _fail
atexit.register(_leave_unless_copied, os.getpid())
_watcher = threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True)
_watcher.start()
try:
    import sim.core.kernels
    import sim.study.executors  # noqa: F401  loaded for the workers
finally:
    _loaded.set()
    _watcher.join()  # a process with threads must not be copied
