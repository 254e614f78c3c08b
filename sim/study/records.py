"""The records of results, `run.json` and `study.json`: each has a checksum, and those of the files beside it."""

import hashlib
import json
import logging
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from sim.scenario.problems import InputError, refused
from sim.study.folders import write_whole

Warn = Callable[[str], None]
"""A function that is called with a warning, which is one sentence."""
Files = Mapping[str, Mapping[str, Any]]
"""The size and the SHA-256 of files, by name; empty where an earlier version wrote them."""

UNREADABLE = (OSError, ValueError, KeyError, IndexError, pa.ArrowException)
"""The errors that are raised when results are read that are not as they were written."""
_CHECKSUM = "checksum"


class DamagedError(ValueError):
    """A file is not as it was written; the text says what is wrong with it."""


def write_record(path: Path, content: Mapping[str, Any]) -> None:
    """Write a record, whole or not at all, as a JSON file that a person can read, with its checksum."""
    text = json.dumps({**content, _CHECKSUM: _checksum(content)}, indent=2)
    write_whole(path, f"{text}\n".encode())


def read_record(path: Path) -> dict[str, Any]:
    """Read a record; DamagedError where it is not as it was written, OSError where it cannot be read.

    A record that an earlier version wrote has no checksum and no list of files. It is taken as it is.
    """
    try:
        content = json.loads(path.read_bytes())
    except ValueError as error:
        raise DamagedError(f"it is no JSON file: {first_line(error)}") from None
    except RecursionError:
        raise DamagedError("it is no record of results") from None
    if not isinstance(content, dict):
        raise DamagedError("it is no record of results")
    checksum = content.pop(_CHECKSUM, None)
    if checksum is None and "files" not in content and "code" not in content:
        return content
    if checksum != _checksum(content):
        raise DamagedError("its checksum does not fit")
    return content


def _checksum(content: Mapping[str, Any]) -> str:
    """The SHA-256 of a record without its checksum, however it is laid out."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def fingerprints(folder: Path, names: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The size and the SHA-256 of files in a folder, by name."""
    found = {}
    for name in sorted(names):
        with (folder / name).open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            found[name] = {"bytes": file.tell(), "sha256": digest}
    return found


def files_of(record: Mapping[str, Any], folder: Path, warn: Warn) -> Files:
    """The files that a record lists; `warn` is called where an earlier version wrote it, which listed none."""
    if "files" not in record:
        warn(f"an earlier version wrote {folder}, without checksums: nothing tells whether its files are whole")
    files: Files = record.get("files", {})
    return files


def verify(folder: Path, files: Files) -> None:
    """Compare all files that a record lists with it; DamagedError, which names the first that differs."""
    for name, wanted in files.items():
        if not (folder / name).is_file():
            raise DamagedError(f"{name} is missing")
        if fingerprints(folder, [name])[name] != wanted:
            raise DamagedError(f"the checksum of {name} does not fit")


def read_verified(folder: Path, name: str, files: Files) -> bytes:
    """The content of a file, compared with the record if that lists files; DamagedError where it differs."""
    if not (folder / name).is_file():
        raise DamagedError(f"{name} is missing")
    content = (folder / name).read_bytes()
    if files and hashlib.sha256(content).hexdigest() != files[name]["sha256"]:
        raise DamagedError(f"the checksum of {name} does not fit")
    return content


def unreadable(folder: Path, error: Exception, key: str, hint: str) -> InputError:
    """The error where results are not as they were written; `hint` says what to do."""
    fault = f"it lacks {error.args[0]}" if isinstance(error, KeyError) else first_line(error)
    return refused(str(folder), f"a complete folder, as seasweep wrote it ({fault})", key=key, hint=hint)


def log_warning(message: str) -> None:
    """Log a warning; a program that configures no logging shows it on standard error."""
    logging.getLogger("sim").warning(message)


def no_warning(message: str) -> None:
    """Show no warning."""


def first_line(error: Exception) -> str:
    """The first line of an error message, without its full stop."""
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
