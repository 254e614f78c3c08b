"""Where compiled code is kept between runs, and how it is read back without damaged files or files of another user.

Compiled code is kept as pickles, and whoever can write a pickle can run code. Therefore a folder, and each file in it,
is used only where it belongs to the user and nobody else can write to it. Each file begins with a checksum of its
content and name. What is damaged is compiled anew, and a run goes on where no code can be read or kept.
"""

import hashlib
import os
import pickle
import platform
import stat
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import llvmlite
import llvmlite.binding
import numba
import numpy as np
import platformdirs
from numba.core.compiler import CompileResult
from numba.core.serialize import dumps

_CHECKSUM_BYTES = 32
_MOST_BYTES = 1 << 26  # that are read of a file: a hundred times as many as the largest function takes
_OPEN_FLAGS = sum(getattr(os, name, 0) for name in ("O_RDONLY", "O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"))
_REMEDY = "set SEASWEEP_CACHE to a folder that only you can write to"
# The errors that pickle and LLVM raise for content that they did not write.
_NOT_CODE = (pickle.UnpicklingError, ArithmeticError, AttributeError, EOFError, ImportError, LookupError, RuntimeError,
             TypeError, ValueError)  # fmt: skip

being_compiled = ""  # the function that is being compiled, for a command that shows what it does
_unused: dict[str, str] = {}  # why files were not used, by the name of the file
_unkept: dict[str, str] = {}  # why files could not be written
_refused: list[str] = []  # why folders were not used


class _NotOwnError(Exception):
    """A folder or file is not this user's own; the message says why."""


@cache
def cache_folder() -> Path | None:
    """The folder for compiled code, which is made where it is missing; None where no folder can be used.

    It is named by a digest of all that compiled code depends on: the source of every file of this package and of
    ``sim.core.codes`` and ``sim.core.records``, the versions, and the CPU. It lies in the folder that the variable
    SEASWEEP_CACHE names, else in the user's own cache, else in a folder of the user below the temporary folder.
    """
    named, name = os.environ.get("SEASWEEP_CACHE"), f"kernels-{_digest()}"
    for root in (_named_root, _home_root, _temporary_root):
        try:
            if folder := _usable(root(), name):
                return folder
        except _NotOwnError as why:
            _refused.append(str(why))
        except OSError as error:
            if root is _named_root:
                _refused.append(f"the folder {named!r} of SEASWEEP_CACHE cannot be used ({error.strerror})")
    if not _refused:
        _refused.append("no folder can be written to")
    return None


def notices() -> list[str]:
    """One sentence for each kind of fault so far: refused folders, unusable files, and files that were not written."""
    found = []
    if _refused:
        folder = cache_folder()
        then = "each command compiles its code anew" if folder is None else f"{folder} is used instead"
        found.append(f"compiled code is not kept in the usual place: {'; '.join(_refused)}. So {then}; {_REMEDY}")
    if _unused:
        found.append(f"compiled code was compiled anew: {_first_of(_unused)}")
    if _unkept:
        found.append(f"compiled code could not be kept for the next command: {_first_of(_unkept)}")
    return found


def _first_of(files: dict[str, str]) -> str:
    """The first of some files and what is the matter with it, and how many more there are."""
    name, why = next(iter(files.items()))
    return f"{name} {why}" + (f", and {len(files) - 1} more like it" if len(files) > 1 else "")


class KernelCache:
    """The compiled code of one function on disk, with the methods that Numba's dispatcher calls."""

    def __init__(self, function: Callable[..., Any]) -> None:
        """Keep the code of a Python function; nothing is read or written yet."""
        code = function.__code__
        self._name = f"{Path(code.co_filename).stem}.{function.__qualname__.replace('<locals>', '')}"
        self._stamp = f"{_source_stamp(code.co_filename)}, {code.co_firstlineno}"
        self._folder = None if function.__closure__ else cache_folder()  # what is enclosed has no digest

    @property
    def cache_path(self) -> str | None:
        """The folder of the files, or None."""
        return None if self._folder is None else str(self._folder)

    def load_overload(self, signature: Any, target_context: Any) -> Any:
        """The code for a signature from disk; None where it has not been kept, is damaged, or is another user's.

        Numba then compiles it, and calls `save_overload`.
        """
        global being_compiled
        target_context.refresh()
        path = self._path(signature, target_context.codegen())
        content = None if path is None else _read(path)
        if path is None or content is None:
            being_compiled = self._name
            return None
        try:
            parts = pickle.loads(content)  # noqa: S301  this user wrote it
            return CompileResult._rebuild(target_context, *parts)  # type: ignore[no-untyped-call]
        except _NOT_CODE:
            _unused[str(path)] = "holds no compiled code"
            being_compiled = self._name
            return None

    def save_overload(self, signature: Any, result: Any) -> None:
        """Keep the code for a signature; a fault of the disk is noted, and the run goes on."""
        global being_compiled
        being_compiled = ""
        path = self._path(signature, result.codegen)
        if path is None or result.library.has_dynamic_globals:  # such code is valid in this process only
            return
        try:
            _write(path, dumps(result._reduce()))  # type: ignore[no-untyped-call]
        except OSError as error:
            _unkept[str(path)] = f"could not be written ({error.strerror})"

    def flush(self) -> None:
        """Do nothing. Numba wants outdated files dropped, but a file's name has all that it depends on, so none is."""

    def _path(self, signature: Any, codegen: Any) -> Path | None:
        """The file for a signature and a processor."""
        if self._folder is None:
            return None
        parts = repr((str(signature), codegen.magic_tuple(), self._stamp))
        return self._folder / f"{self._name}-{hashlib.blake2b(parts.encode(), digest_size=8).hexdigest()}.nbc"


# ---------------------------------------------------------------------------------------------------- files
def _read(path: Path) -> bytes | None:
    """The content of a file; None where there is no such file, where it is damaged, or where it is another user's.

    A file that is there and cannot be used is noted for `notices`. The owner is checked on the open file, so nobody can
    replace the file between the check and the reading.
    """
    try:
        with os.fdopen(os.open(path, _OPEN_FLAGS), "rb") as file:
            state = os.fstat(file.fileno())
            _refuse_foreign(path, state, stat.S_ISREG(state.st_mode))
            content = file.read(_MOST_BYTES)
    except FileNotFoundError:
        return None
    except _NotOwnError as why:
        _unused[str(path)] = str(why).removeprefix(f"{path} ")
        return None
    except OSError as error:
        _unused[str(path)] = f"could not be read ({error.strerror})"
        return None
    if content[:_CHECKSUM_BYTES] != _checksum(path, content[_CHECKSUM_BYTES:]):
        _unused[str(path)] = "was damaged"
        return None
    return content[_CHECKSUM_BYTES:]


def _write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, readable by this user alone."""
    handle, name = tempfile.mkstemp(prefix=".draft-", dir=path.parent)
    draft = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(_checksum(path, content) + content)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _checksum(path: Path, content: bytes) -> bytes:
    """The checksum of a file's content, its name, and its folder's name, so no file passes for another."""
    place = f"{path.parent.name}/{path.name}\n".encode()
    return hashlib.blake2b(place + content, digest_size=_CHECKSUM_BYTES).digest()


# ---------------------------------------------------------------------------------------------------- folders
def _named_root() -> Path | None:
    """The folder that SEASWEEP_CACHE names."""
    named = os.environ.get("SEASWEEP_CACHE")
    return Path(named).absolute() if named else None


def _home_root() -> Path | None:
    """The folder in the user's own cache; None for a user without a home."""
    try:
        root = Path(platformdirs.user_cache_dir("seasweep"))
    except RuntimeError:  # the home is not known; older versions answer with a relative path
        return None
    return root if root.is_absolute() else None


def _temporary_root() -> Path:
    """The folder of this user below the temporary folder."""
    owner = "user" if sys.platform == "win32" else os.geteuid()
    return Path(tempfile.gettempdir()).absolute() / f"seasweep-{owner}"


def _usable(root: Path | None, name: str) -> Path | None:
    """The folder of a name in a root, made where it is missing.

    None where there is no root, or where the folder is empty and cannot be written to.

    Raises `_NotOwnError` where the root or the folder is not this user's own, and OSError where it cannot be made.
    """
    if root is None:
        return None
    folder = root / name
    for path in (root, folder):
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        link = path.is_symlink()
        if link and (path is folder or not _is_own(path.lstat())):
            raise _NotOwnError(f"{path} is a link")
        _refuse_foreign(path, path.stat())
    return folder if os.access(folder, os.W_OK) or any(folder.iterdir()) else None


def _is_own(state: os.stat_result) -> bool:
    """Whether a folder or file belongs to this user."""
    return sys.platform == "win32" or state.st_uid == os.geteuid()


def _refuse_foreign(path: Path, state: os.stat_result, regular: bool = True) -> None:
    """Raise `_NotOwnError` where a folder or file belongs to another user, or others can write to it."""
    if not regular:
        raise _NotOwnError(f"{path} is not a regular file")
    if not _is_own(state):
        raise _NotOwnError(f"{path} belongs to another user")
    if sys.platform != "win32" and state.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise _NotOwnError(f"{path} can be written to by other users (chmod go-w would mend that)")


# ---------------------------------------------------------------------------------------------------- digests
def _digest() -> str:
    """A digest of all that compiled code depends on.

    Numba itself checks only the file of the function that it loads, so it would miss a change in a function that is
    called from another file.
    """
    here = Path(__file__).parent
    parts = [
        path.read_bytes()
        for path in (*sorted(here.glob("*.py")), *(here.parent / name for name in ("codes.py", "records.py")))
    ]
    versions = (numba.__version__, llvmlite.__version__, np.__version__, platform.python_version())
    processor = (llvmlite.binding.get_host_cpu_features().flatten(), platform.machine())
    parts += [text.encode() for text in (*versions, platform.python_implementation(), *processor)]
    return hashlib.blake2b(b"|".join(parts), digest_size=8).hexdigest()


@cache
def _source_stamp(path: str) -> str:
    """A digest of a source file; the path where there is no such file, as in a notebook."""
    try:
        return hashlib.blake2b(Path(path).read_bytes(), digest_size=8).hexdigest()
    except OSError:
        return path
