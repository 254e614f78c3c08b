"""The arguments of functions that programs call: checked at once, in the words of the command line."""

import operator
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

from sim.core.limits import LAST_REPLICATION, LEVELS, MOST_JOBS, MOST_REPLICATIONS
from sim.scenario.nearest import nearest
from sim.scenario.problems import InputError, refused

PICTURES = (".png", ".svg", ".pdf")
"""The endings of the names of pictures, which decide their format."""
PAGES = (".html",)
"""The endings of the names of pages."""
FILMS = (".gif", ".mp4")
"""The endings of the names of moving pictures."""
_Kind = TypeVar("_Kind")


def whole_number(function: str, name: str, given: Any, least: int, most: int | None = None) -> int:
    """The whole number that was given; raises InputError for another value, or one outside [least, most]."""
    try:
        number = None if isinstance(given, bool) else operator.index(given)
    except TypeError:
        number = None
    if number is None or number < least or (most is not None and number > most):
        upto = "" if most is None else f" and at most {most}"
        raise _refused_argument(function, name, given, f"a whole number at least {least}{upto}")
    return number


def seed_number(function: str, given: Any) -> int:
    """The seed that was given, a whole number at least 0; raises InputError for another value."""
    return whole_number(function, "seed", given, 0)


def replication_number(function: str, name: str, given: Any) -> int:
    """The number of a replication, from 0; raises InputError for another value."""
    return whole_number(function, name, given, 0, LAST_REPLICATION)


def job_count(function: str, given: Any) -> int:
    """The number of parallel jobs that was given, at least 1; raises InputError for another value."""
    return whole_number(function, "jobs", given, 1, MOST_JOBS)


def confidence_level(function: str, given: Any) -> float:
    """The confidence level that was given; raises InputError for another value than a number in `LEVELS`."""
    least, most = LEVELS
    try:
        level = float(given) if not isinstance(given, str | bool) else float("nan")
    except (TypeError, ValueError):
        level = float("nan")
    if not least <= level <= most:
        raise _refused_argument(function, "level", given, f"a number from {least:g} to {most:g}, such as 0.95")
    return level


def picture_path(given: str | Path, key: str = "path", endings: Sequence[str] = PICTURES) -> Path:
    """The path of a picture that can be written, or of a page; raises InputError, which names the key, for another.

    `endings` are those that its name may have.
    """
    return file_to_write(given, endings, key)


def file_to_write(given: str | Path, endings: Sequence[str], key: str) -> Path:
    """The path of a file with one of some endings; raises InputError where it has another, or no folder for it."""
    path = Path(given)
    if path.suffix not in endings:
        hint = nearest(path.suffix.lower(), endings) if path.suffix else ""
        allowed = f"a file that ends in {endings_text(endings)}"
        raise refused(str(path), allowed, key=key, hint=hint)
    if path.is_dir():
        raise refused(str(path), "a file, not a folder", key=key)
    if not path.parent.is_dir():
        raise refused(str(path), "a file in a folder that exists", key=key)
    return path


def endings_text(endings: Sequence[str]) -> str:
    """Endings of files as people list them."""
    return " or ".join([", ".join(endings[:-1]), endings[-1]][len(endings) == 1 :])


def run_arguments(
    replications: Any, seed: Any, only: Any, jobs: Any, keep: Any, level: Any
) -> tuple[int, int, int | None, int, int, float]:
    """The arguments of a run that are numbers; raises InputError for the first that is wrong."""
    replications = whole_number("run", "replications", replications, 1, MOST_REPLICATIONS)
    seed, jobs = seed_number("run", seed), job_count("run", jobs)
    keep, level = whole_number("run", "keep", keep, 0), confidence_level("run", level)
    if only is not None:
        only = replication_number("run", "only", only)
    return replications, seed, only, jobs, keep, level


def of_type(function: str, name: str, given: _Kind | Any, wanted: type[_Kind], allowed: str) -> _Kind:
    """What was given, which has the wanted type; raises InputError where it has another."""
    if not isinstance(given, wanted):
        raise _refused_argument(function, name, given if isinstance(given, str) else type(given).__name__, allowed)
    return given


def _refused_argument(function: str, name: str, given: object, allowed: str) -> InputError:
    return refused(given, allowed, file=function, key=name)
