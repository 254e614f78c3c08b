"""The lock of a folder of results, which names its owner: only one process writes to the folder at a time.

The lock belongs to an open file, so the operating system releases it when its owner ends, in whatever way. Some network
file systems have no such locks. There, the owner that the file names holds the lock, unless it was a process of this
computer that has ended.
"""

import errno
import json
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sim.scenario.problems import InputError, refused

LOCK = ".seasweep-lock"
_TRIES = 20  # the folder or the file may be removed, by a process that ends, while this one opens it
_NO_LOCKS = {errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK}  # the file system has none
_HELD = {errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES, errno.EDEADLK}  # another process has the lock
# Faults of the system: another name of the folder would not help.
_SYSTEM_FAULTS = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.ENOMEM, errno.EMFILE, errno.ENFILE}


@dataclass(frozen=True)
class Lock:
    """A lock that this process holds."""

    path: Path
    handle: int

    def is_lost(self) -> bool:
        """Whether another process holds a lock of the same folder, because somebody deleted the file of this one."""
        try:
            return not os.path.samestat(os.fstat(self.handle), self.path.stat())
        except FileNotFoundError:
            return False


@contextmanager
def locked(folder: Path) -> Iterator[Lock]:
    """Hold the lock of a folder. If the folder is missing, it is made, and removed in the end if nothing is in it.

    Raises InputError, which names the owner, where another process holds it, and where the folder cannot be written.
    """
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    lock = None
    try:
        lock = _acquired(folder)
        yield lock
    finally:
        if lock is not None:
            _release(lock)
        for place in missing:
            with suppress(OSError):  # it is not empty, or was not made
                place.rmdir()


def is_locked(folder: Path) -> bool:
    """Whether another process holds the lock of a folder; nothing is changed there. OSError where it cannot be read."""
    try:
        handle = os.open(folder / LOCK, os.O_RDWR)
    except (FileNotFoundError, PermissionError):
        return False
    try:
        free = _system_lock(handle)
        return not _has_ended(_owner(folder / LOCK)) if free is None else not free
    finally:
        os.close(handle)


def _acquired(folder: Path) -> Lock:
    """Make the folder and lock it; InputError where that cannot be."""
    for remaining in reversed(range(_TRIES)):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            lock = _opened(folder / LOCK)
        except OSError as error:
            if isinstance(error, FileNotFoundError) and remaining:
                continue
            raise unwritable(folder, error) from None
        if lock is not None:
            return lock
    raise taken(folder)


def _opened(path: Path) -> Lock | None:
    """Open the file and lock it; None where it was just removed, and InputError where another process holds it."""
    try:
        handle, is_new = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666), True
    except FileExistsError:
        handle, is_new = os.open(path, os.O_RDWR), False
    lock, is_held = Lock(path, handle), False
    try:
        free = _system_lock(handle)
        if free is None and not is_new and _has_ended(_owner(path)):
            path.unlink()
            return None
        if free is False or (free is None and not is_new):
            raise taken(path.parent)
        if lock.is_lost() or not path.exists():
            return None
        try:
            _write_owner(handle)
        except OSError:  # the disk is full: nothing stays of a lock that does not name its owner
            path.unlink()
            raise
        is_held = True
        return lock
    finally:
        if not is_held:
            os.close(handle)


def _system_lock(handle: int) -> bool | None:
    """Try to lock an open file, and return whether that was possible; None where the file system has no locks."""
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(handle, 1 << 30, os.SEEK_SET)  # beyond the text, which others may read
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in _NO_LOCKS | _HELD:
            raise
        return None if error.errno in _NO_LOCKS else False
    return True


def _release(lock: Lock) -> None:
    """Give the lock back, and remove its file."""
    is_ours = not lock.is_lost()
    if sys.platform == "win32":  # an open file cannot be removed there
        os.close(lock.handle)
    if is_ours:
        with suppress(FileNotFoundError, PermissionError):
            lock.path.unlink()
    if sys.platform != "win32":
        os.close(lock.handle)


def _write_owner(handle: int) -> None:
    """Write who holds the lock."""
    since = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    owner = {"process": os.getpid(), "computer": socket.gethostname(), "since": since, "began": _began(os.getpid())}
    os.lseek(handle, 0, os.SEEK_SET)
    os.ftruncate(handle, 0)
    os.write(handle, f"{json.dumps(owner)}\n".encode())


def _owner(path: Path) -> dict[str, object]:
    """Who holds a lock, as its file says; empty where it does not say."""
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _has_ended(owner: dict[str, object]) -> bool:
    """Whether the owner of a lock was a process of this computer that has ended."""
    process = owner.get("process")
    if owner.get("computer") != socket.gethostname() or not isinstance(process, int):
        return False
    return has_ended(process) or _began(process) != owner.get("began")


def has_ended(process: int) -> bool:
    """Whether no process of this computer has a number; always False on Windows, where this is not found out."""
    if sys.platform == "win32":
        return False
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return True
    except PermissionError:  # it is a process of another user
        return False
    return False


def _began(process: int) -> str:
    """A text in which a process differs from a later one with the same number; empty where the system has none."""
    try:
        return (
            Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[19]
        )
    except (OSError, IndexError):
        return ""


def taken(folder: Path) -> InputError:
    """The error where another process writes to a folder."""
    owner = _owner(folder / LOCK)
    who = (
        f"process {owner['process']} on {owner['computer']}"
        if {"process", "computer"} <= set(owner)
        else "another process"
    )
    since = f" since {owner['since']}" if "since" in owner else ""
    hint = f"{who} has been writing to it{since}; wait until it ends, or use another folder"
    return refused(str(folder), "a folder that no other process writes to", key="--out", hint=hint)


def unwritable(folder: Path, error: OSError) -> InputError | OSError:
    """The error where a folder cannot be written: bad input where its place is wrong, else that of the system."""
    if error.errno in _SYSTEM_FAULTS or not (folder.is_absolute() or has_working_folder()):
        return error
    reason = (error.strerror or "cannot be written").lower()
    return refused(str(folder), f"a folder that can be written ({reason})", key="--out")


def has_working_folder() -> bool:
    """Whether the folder in which the command works has not been deleted."""
    try:
        return bool(Path.cwd())
    except OSError:
        return False
