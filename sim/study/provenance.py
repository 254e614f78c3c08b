"""What made a result: the code that decides it, the versions of the libraries, and the kind of machine."""

import hashlib
import os
import platform
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sim.core.kinds import Kind
from sim.scenario.digest import digest
from sim.scenario.schema import Scenario

FORMAT = 1  # version of the folders of runs and studies
_DECIDING = ("core", "model", "scenario", "deployment")  # folders whose code decides what a replication gives
_ROWS = ("study/rows.py", "study/columns.py")  # how it is written down
_LIBRARIES = ("numpy", "scipy", "numba", "simpy", "shapely", "pyproj")  # libraries that also decide it


@cache
def versions() -> Mapping[str, str]:
    """The versions of the packages that a result depends on, and of those that write it."""
    return {name: version(name) for name in ("seasweep", *_LIBRARIES, "pyarrow")}


def maker() -> dict[str, Any]:
    """What makes results here: a digest of the code that decides them, versions, and the kind of machine."""
    machine = f"{platform.system()} {platform.machine()}"
    return {"code": code_digest(), "machine": machine, "versions": dict(versions())}


def other_maker(record: Mapping[str, Any]) -> str:
    """What made a result, in words, where results that are made here may differ from it; empty where they cannot."""
    ours = maker()
    if not {"code", "machine", "versions"} <= set(record):
        return "nothing tells which code made it"
    theirs = record["versions"]
    libraries = [
        f"{name} {theirs.get(name, 'unknown')} and not {ours['versions'][name]}"
        for name in _LIBRARIES
        if theirs.get(name) != ours["versions"][name]
    ]
    if libraries:
        return f"made with {', '.join(libraries)}"
    if record["code"] != ours["code"]:
        return f"made by other code, that of seasweep {theirs.get('seasweep', 'unknown')}"
    return "" if record["machine"] == ours["machine"] else f"made on {record['machine']} and not {ours['machine']}"


@cache
def code_digest() -> str:
    """A digest of all code that decides what a replication gives: 16 hexadecimal digits.

    That is the text of this package's files, comments included, and of the files that define kinds outside of it.
    """
    found = hashlib.blake2b(digest_size=8)
    root = Path(__file__).parents[1]
    paths = [
        path for folder in _DECIDING for path in sorted((root / folder).rglob("*")) if path.suffix in (".py", ".gz")
    ]
    for path in (*paths, *(root / name for name in _ROWS), *sorted(set(_kinds_outside()))):
        content = path.read_bytes().replace(b"\r\n", b"\n")
        found.update(f"{path.name} {len(content)}\n".encode() + content)
    return found.hexdigest()


def _kinds_outside() -> Iterator[Path]:
    """The files that define kinds of laws, sensors, patterns or observers and are not of this package."""
    for family in Kind.__subclasses__():
        for kind in family.kinds().values():
            file = getattr(sys.modules.get(kind.__module__), "__file__", None)
            if file and not kind.__module__.startswith("sim."):
                yield Path(file)


_ASKED = ("digest", "seed", "level", "kept", "asked")  # what the tables of a run depend on, besides what makes them


def provenance(
    scenario: Scenario, name: str, seed: int, command: str, level: float, keep: int, asked: Mapping[str, Any]
) -> dict[str, Any]:
    """The content of `run.json` before a run begins: all that the numbers of the run depend on.

    `asked` says which replications and which totals of parts were asked for.
    """
    return {
        "format": FORMAT,
        "scenario": name,
        "digest": digest(scenario),
        "seed": seed,
        "level": level,
        "kept": keep,
        "asked": dict(asked),
        "command": command,
        **maker(),
        "failures": [],
    }


def is_same_run(record: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether a run with a record has the same tables as one that was asked for here, which has the record `other`."""
    return all(name in record and record[name] == other[name] for name in _ASKED) and not other_maker(record)


def is_same_but_totals(record: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether a run with a record has the same replications as one that was asked for here, with the record `other`.

    They may differ in the totals of parts that were asked for, and in the confidence level unless it decides how many
    replications there are.
    """
    asked, wanted = ({**given.get("asked", {}), "totals": ()} for given in (record, other))
    names = [name for name in _ASKED if name != "asked" and (name != "level" or "measure" in wanted)]
    return asked == wanted and all(record.get(name) == other[name] for name in names) and not other_maker(record)


def source_of(given: str, sets: Sequence[str], folder: Path) -> dict[str, Any]:
    """Where a scenario or a study came from: for the record of results in a folder.

    That is the path of its file, as seen from the folder, so that both may be moved together; or the name of an
    included one. `sets` holds the values of `--set`.
    """
    if not Path(given).is_file():
        return {"name": given, "sets": list(sets)}
    try:
        path = os.path.relpath(given, folder)
    except ValueError:  # it lies on another drive
        path = str(Path(given).absolute())
    return {"file": Path(path).as_posix(), "sets": list(sets)}
