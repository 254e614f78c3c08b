"""Faults of the world rather than of the program, such as a full disk: a sentence for each, with what to do."""

import errno
import os

from sim.study.locks import has_working_folder

_MEMORY = (
    "there is not enough memory",
    "Use fewer --jobs, end other programs, or raise the limit (ulimit -v)",
)
_SPACE = "Free some space or write to another disk, and give the command again"
_PROCESSES = "End other programs, use --jobs 1, or raise the limit (ulimit -u)"
_FILES = "End other programs, use fewer --jobs, or raise the limit (ulimit -n)"
_DISK = "Check the disk or the network, or write to another disk"
# What prevents work wherever it happens, so whatever was raised because of it is also the world's fault.
_EVERYWHERE = {
    "ENOSPC": ("the disk is full", _SPACE),
    "EDQUOT": ("your share of the disk (quota) is used up", _SPACE),
    "EFBIG": ("a file would be larger than is allowed", "Raise the limit (ulimit -f), or write to another disk"),
    "EROFS": ("the disk can be read but not written to", "Write to another disk"),
    "EMFILE": ("this process may open no more files", _FILES),
    "ENFILE": ("the system can open no more files", _FILES),
    "EAGAIN": ("the system starts no more processes or threads", _PROCESSES),
    "ENOMEM": _MEMORY,
    "EIO": ("the disk or the network does not work", _DISK),
    "ESTALE": ("a folder on the network is not there any more", _DISK),
    "ETIMEDOUT": ("the disk or the network does not answer", _DISK),
}
# What the program may handle itself, so it counts only where it is the error that ended the command.
_HERE = {
    "EACCES": ("you have no permission", "Write to a folder of yours, or ask for the permission"),
    "EPERM": ("you have no permission", "Write to a folder of yours, or ask for the permission"),
    "ENOENT": ("a file or folder is not there any more", "Leave the files alone while the command works"),
    "ENOTDIR": ("a file lies where a folder should be", "Move the file away, or write to another folder"),
    "EISDIR": ("a folder lies where a file should be", "Move the folder away, or write to another folder"),
    "ENOTEMPTY": ("a folder was changed by another program", "Give the command again, or write to another folder"),
    "EBUSY": ("a file or folder is in use by another program", "End the other program, or write to another folder"),
}
# What libraries say of such a fault in errors of other kinds.
_NO_MEMORY = ("failed to map segment", "annot allocate memory", "std::bad_alloc")
_NO_THREADS = ("start new thread", "launch worker thread")
_ANY_OTHER = ("the system refused", "See to that, and give the command again")


def world_fault(error: BaseException) -> str | None:
    """What happened and what to do about it, in one line; None where an error is not a fault of the world.

    An error that was raised while such a fault was handled, or because of it, is also a fault of the world.
    """
    found = _fault_of(error, _EVERYWHERE | _HERE, _ANY_OTHER)
    reason: BaseException | None = error
    while found is None and reason is not None:
        reason = reason.__cause__ or (None if reason.__suppress_context__ else reason.__context__)
        found = None if reason is None else _fault_of(reason, _EVERYWHERE, None)
    return found


def _fault_of(error: BaseException, known: dict[str, tuple[str, str]], other: tuple[str, str] | None) -> str | None:
    """The sentence for one error, without regard to its reasons; `other` stands for unknown errors of the system."""
    text = str(error)
    if isinstance(error, MemoryError) or any(part in text for part in _NO_MEMORY):
        return _sentence(_MEMORY, _first_line(error))
    if any(part in text for part in _NO_THREADS):
        return _sentence(_EVERYWHERE["EAGAIN"], _first_line(error))
    if not isinstance(error, OSError) or error.errno is None:
        return None
    if isinstance(error, FileNotFoundError) and other and not has_working_folder():
        return _sentence(("the working folder has been deleted", "Change to a folder that exists (cd)"), "")
    fault = known.get(errno.errorcode.get(error.errno, ""), other)
    return None if fault is None else _sentence(fault, _details(error))


def _details(error: OSError) -> str:
    """The file of an error, where it is known, and what the system says."""
    names = [os.fsdecode(name) for name in (error.filename, error.filename2) if isinstance(name, str | bytes)]
    return ": ".join([*names, os.strerror(error.errno or 0).lower()])


def _sentence(fault: tuple[str, str], details: str) -> str:
    """What happened, the details in brackets, and what to do."""
    what, remedy = fault
    return f"{what} ({details}). {remedy}." if details else f"{what}. {remedy}."


def _first_line(error: BaseException) -> str:
    """The first line of an error's message, without its full stop."""
    return (str(error).splitlines() or [""])[0].rstrip(".")
