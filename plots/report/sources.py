"""The files of which results were made, where they are still there and still the same."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from sim.check.pedigree import Figure, figures_of_scenario
from sim.scenario.digest import digest
from sim.scenario.load import load_scenario
from sim.scenario.problems import InputError
from sim.scenario.schema import Scenario
from sim.study.design import load_study
from sim.study.store import Results
from sim.study.study_results import StudyResults

_NOT_NAMED = "The record of the {kind} names no file of the {kind}"
_NOT_THERE = "The file of the {kind} is not where it was, or cannot be read"
_CHANGED = "The file of the {kind} has changed since the numbers were computed"


def given_source(info: Mapping[str, Any], folder: Path | None) -> str:
    """The file, or the name of an included one, of which results in a folder were made; empty where none is known."""
    source = info.get("source") or {}
    if "file" in source and folder is not None:
        return str(folder / source["file"])
    return str(source.get("name", ""))


def figures_of_run(results: Results) -> tuple[dict[str, Figure], str]:
    """The figures of the files of a run's scenario, by key; or none, and words that say why."""
    given = given_source(results.info, results.folder)
    if not given:
        return {}, _NOT_NAMED.format(kind="scenario")
    sets = (results.info.get("source") or {}).get("sets", [])
    try:
        is_same = digest(load_scenario(given, sets)) == results.info.get("digest")
        found = figures_of_scenario(given) if is_same else {}
    except (InputError, OSError):
        return {}, _NOT_THERE.format(kind="scenario")
    return found, "" if is_same else _CHANGED.format(kind="scenario")


class StudySource(NamedTuple):
    """The scenario that a study varies, as its file has it, which the folder of the study does not hold."""

    scenario: Scenario | None
    """The scenario before any factor is set; None where it is not known."""
    figures: Mapping[str, Figure]
    """The figures of its files, by key."""
    why_not: str
    """Why it is not known, as words to which `, so` can be added; empty where it is."""


def source_of_study(results: StudyResults) -> StudySource:
    """The scenario of a study, where the files of both still give the study of the results."""
    given = given_source(results.info, results.folder)
    if not given:
        return StudySource(None, {}, _NOT_NAMED.format(kind="study"))
    try:
        design = load_study(given)
        if design.digest != results.info.get("digest"):
            return StudySource(None, {}, f"{_CHANGED.format(kind='study')}, or that of its scenario has")
        return StudySource(load_scenario(design.scenario), figures_of_scenario(design.scenario), "")
    except (InputError, OSError):
        return StudySource(None, {}, _NOT_THERE.format(kind="study"))
