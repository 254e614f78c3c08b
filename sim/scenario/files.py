"""Scenario files: finding them by path or by name, reading them, and following `extends` to their ancestors."""

import os
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path as FilePath
from typing import Any, NamedTuple

from sim.core.limits import MOST_ANCESTORS, MOST_TOML_BYTES
from sim.core.text import visible
from sim.scenario.key_lines import KeyLines
from sim.scenario.nearest import nearest
from sim.scenario.problems import InputError, Problem, refused, toml_text
from sim.scenario.reading import located_toml, read_text

SCENARIO_OF_RUN = "scenario.toml"
"""The file in the folder of a run that holds its scenario."""


class TomlFile(NamedTuple):
    """A TOML file and what it holds."""

    path: FilePath
    data: dict[str, Any]
    """Its tables."""
    lines: KeyLines
    """The line of every key, from 1."""


def shipped_names(folder: str = "") -> list[str]:
    """The names of the included scenarios, sorted; those of the studies in the folder `studies`."""
    return sorted(entry.name[:-5] for entry in _shipped(folder).iterdir() if entry.name.endswith(".toml"))


def _shipped(folder: str) -> FilePath:
    return FilePath(str(files("scenarios"))) / folder


def find_shipped(given: str, folder: str, argument: str) -> FilePath:
    """The file that an argument names: a path, or the name of an included file in a folder of `scenarios`.

    Raises `InputError`, in which `argument` is the name of the argument, where there is no such file.
    """
    path = FilePath(given)
    if _is_file(path):
        return path
    names = shipped_names(folder)
    if given in names:
        return _shipped(folder) / f"{given}.toml"
    beside = [str(other) for other in path.parent.glob("*.toml")]
    hint = _hint_at_other(given, argument) or _hint_of_folder(path, argument)
    hint = hint or nearest(given, beside) or nearest(path.stem, names)
    raise refused(given, f"a .toml file that exists, or one of {', '.join(names)}", key=argument, hint=hint)


def _hint_at_other(given: str, argument: str) -> str:
    """A hint at the command for a study that is given by its name as a scenario, or for a scenario given as a study."""
    if argument == "STUDY" and given in shipped_names():
        return f"{given} is a scenario: use seasweep run {given}"
    if argument == "SCENARIO" and given in shipped_names("studies"):
        return f"{given} is a study: use seasweep sweep {given}"
    return ""


def _hint_of_folder(path: FilePath, argument: str) -> str:
    """A hint at the scenario in a folder that is given in its place; empty where the path is not that of a folder."""
    try:
        if not path.is_dir():
            return ""
        inside = sorted(path.glob("*.toml"))
    except (OSError, ValueError):  # the text cannot be the name of a folder, or nobody may look into it
        return ""
    found = [path / SCENARIO_OF_RUN] if path / SCENARIO_OF_RUN in inside else inside
    if argument != "SCENARIO" or len(found) != 1:
        return "it is a folder, not a file"
    return f"it is a folder, such as that of a run, and the scenario in it is {display_name(found[0])}"


def refuse_other(path: FilePath, data: Mapping[str, Any], lines: KeyLines, wanted: str) -> None:
    """Refuse the tables of a study where a scenario is wanted, and those of a scenario where a study is."""
    study_keys = {"vary", "scenario"}
    if wanted == "a scenario" and not study_keys & data.keys():
        return

    from sim.scenario.schema import Scenario

    scenario_keys = {"extends", *Scenario.model_fields} - {"format", "title"}
    allowed, refused_keys, given = scenario_keys, study_keys, "a study"
    if wanted == "a study":
        allowed, refused_keys, given = study_keys, scenario_keys, "a scenario"
    if refused_keys & data.keys() and not allowed & data.keys():
        found = [line for key, line in lines.items() if key[0] in refused_keys]
        commands = "seasweep sweep" if given == "a study" else "seasweep check and seasweep run"
        raise InputError([Problem(display_name(path), min(found), "", given, wanted, f"use it with {commands}")])


def _is_file(path: FilePath) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # the text cannot be the name of a file
        return False


def find_scenario(given: str) -> FilePath:
    """The file of a scenario: a path, or the name of an included one."""
    return find_shipped(given, "", "SCENARIO")


def display_name(path: FilePath) -> str:
    """The name of a file in messages, on one line: its path as given, or the name alone of an included file."""
    return path.name if path.parent in (_shipped(""), _shipped("studies"), _shipped("library")) else visible(path)


def read_toml(path: FilePath) -> tuple[dict[str, Any], KeyLines]:
    """The tables of a TOML file, and the line of every key; raises `InputError` where it cannot be read."""
    name = display_name(path)
    try:
        text = read_text(path, MOST_TOML_BYTES)
    except (OSError, ValueError) as error:
        reason = str(getattr(error, "strerror", None) or error).lower()
        raise refused(str(path), f"a TOML file that can be read ({reason})", file=name) from None
    return located_toml(text, name)


@cache
def library() -> dict[str, dict[str, Any]]:
    """The included types of aircraft, by name: the keys of [aircraft.NAME] without sensors, and a title."""
    return read_toml(_shipped("library") / "aircraft.toml")[0]


@cache
def lane_library() -> dict[str, dict[str, Any]]:
    """The included lanes, by name: keys of [background.NAME] of the kind lane, and a title."""
    return read_toml(_shipped("library") / "lanes.toml")[0]


def _parent_of(path: FilePath, given: Any, line: int | None) -> FilePath:
    """The file that `extends` names: the name of an included scenario, or a path inside the child's folder."""

    def error(allowed: str, hint: str = "") -> InputError:
        return InputError([Problem(display_name(path), line, "extends", toml_text(given), allowed, hint)])

    if not isinstance(given, str):
        raise error("the name of an included scenario, or the path of a .toml file, in quotes")
    if not given.endswith(".toml"):
        names = shipped_names()
        if given not in names:
            raise error(f"the path of a .toml file, or one of {', '.join(names)}", nearest(given, names))
        return _shipped("") / f"{given}.toml"
    parent = path.parent / given
    if FilePath(given).is_absolute() or not lies_inside(parent, path.parent):
        raise error("a .toml file inside this file's folder")
    return parent


def lies_inside(path: FilePath, folder: FilePath) -> bool:
    """Whether a path is that of a file inside a folder, links followed."""
    try:
        return _is_below(path, folder) and path.is_file()
    except (OSError, ValueError):  # the text cannot be the name of a file
        return False


def path_inside(folder: FilePath, given: object) -> FilePath:
    """The path that a key of a scenario names, inside the folder of its file.

    Links are followed. Raises ValueError for a path outside, without a look whether there is such a file: otherwise the
    sender of a scenario could learn from the error which files its reader has.
    """
    path = folder / str(given)
    if not _is_below(path, folder):
        raise ValueError("that path lies outside the folder")
    return path


def _is_below(path: FilePath, folder: FilePath) -> bool:
    """Whether a path lies in a folder or below it, links followed."""
    return FilePath(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))


def with_ancestors(path: FilePath) -> list[TomlFile]:
    """A scenario file and the files that it extends, that which extends nothing first; raises `InputError`."""
    chain: list[TomlFile] = []
    visited: list[FilePath] = []
    while True:
        data, lines = read_toml(path)
        refuse_other(path, data, lines, "a scenario")
        chain.insert(0, TomlFile(path, data, lines))
        visited.append(path.resolve())
        if "extends" not in data:
            return chain
        line = lines.get(("extends",))
        parent = _parent_of(path, data.pop("extends"), line)
        if parent.resolve() in visited:
            circle = visible(" -> ".join(file.name for file in [*visited, parent]))
            allowed = "a scenario that does not extend this one, directly or through others"
            raise InputError([Problem(display_name(path), line, "extends", circle, allowed)])
        if len(chain) > MOST_ANCESTORS:
            allowed = f"at most {MOST_ANCESTORS} scenarios, each of which extends the next"
            raise InputError([Problem(display_name(path), line, "extends", toml_text(parent.name), allowed)])
        path = parent
