"""Loading of a scenario: its files are read and merged, single keys are set, and everything is validated.

Every problem that is found is in one `InputError`, with file, line and key.
"""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import replace
from pathlib import Path as FilePath
from typing import Any

from pydantic import ValidationError

from sim.core.limits import LEAST_SEA_SHARE, MOST_MEMBERSHIPS
from sim.scenario.clearance import problems_of_clearance
from sim.scenario.explain import Hints, explain_validation
from sim.scenario.files import display_name, find_scenario, with_ancestors
from sim.scenario.groups import problems_of_shares
from sim.scenario.inline import inline_polygons, inline_series, inline_types, validation_context
from sim.scenario.overrides import COMMAND_LINE, apply_set, kinds_before_keys, parse_sets
from sim.scenario.problems import InputError, Problem, key_text, toml_text
from sim.scenario.routes import problems_of_groups, problems_of_routes
from sim.scenario.schema import Scenario
from sim.scenario.source import Source, merge

_A_STUDY = "it is a key of a study, which is a file of its own for seasweep sweep"
_HINTS = Hints(
    keys_elsewhere=dict.fromkeys(("scenario", "vary", "measures"), _A_STUDY)
    | {name: f"use --{name} of seasweep run, or the key {name} of a study" for name in ("replications", "seed")},
    above_tables=("extends",),
    in_files={"polygon": "file"},
)


def load_source(given: str | FilePath, sets: Iterable[str] = ()) -> Source:
    """Read a scenario and its ancestors, and merge them and then the values of `--set`; nothing is validated yet."""
    source = Source()
    for path, data, lines in with_ancestors(find_scenario(str(given))):
        name = display_name(path)
        source.folders[name] = path.parent
        source.note((), (name, 1))
        merge(source, source.data, data, (), name, lines.top)
    for key_path, value in parse_sets(sets):
        apply_set(source, key_path, value, COMMAND_LINE)
    return source


def _problem_of_land(source: Source, name: str) -> Problem:
    key = f"areas.{name}.polygon"
    file, line = source.locate(("areas", name, "polygon"))
    return Problem(
        file, line, source.inlined.get(key, key), "an area that lies wholly on land", "an area with some sea"
    )


def _problems_of_slivers(scenario: Scenario, source: Source) -> list[Problem]:
    """The problems of areas so thin that random places in the box about them hardly ever lie in their sea."""
    used = [(("transfers", name, "area"), spec.area) for name, spec in scenario.transfers.items()]
    used += [
        (("observers", name, "area"), area)
        for name, spec in scenario.observers.items()
        if (area := getattr(spec, "area", None)) is not None
    ]
    problems = []
    for path, name in used:
        sea = scenario.plane.sea(scenario.areas[name].shape)
        west, south, east, north = sea.bounds
        share = sea.area / ((east - west) * (north - south))
        if share < LEAST_SEA_SHARE:
            given = f"{toml_text(name)}, whose sea is {share:.2g} of the box about it"
            allowed = f"an area whose sea is at least 1/{1.0 / LEAST_SEA_SHARE:,.0f} of the box about it"
            problems.append(Problem(*source.locate(path), key_text(path), given, allowed, "widen or divide the area"))
    return problems


def _problems_of_agreements(scenario: Scenario, source: Source) -> list[Problem]:
    """The problem of agreements that have very many members together."""
    members = sum(len(terms.nations) for terms in scenario.agreements.values())
    if members <= MOST_MEMBERSHIPS:
        return []
    allowed = f"agreements with at most {MOST_MEMBERSHIPS:,} members together"
    return [Problem(*source.locate(("agreements",)), "agreements", f"{members:,} members", allowed)]


def validate(source: Source) -> Scenario:
    """The scenario of merged tables; raises `InputError` with every problem found."""
    problems = inline_polygons(source) + inline_series(source) + inline_types(source)
    try:
        scenario = Scenario.model_validate(source.data, context=validation_context(source.data))
    except ValidationError as error:
        found = explain_validation(error, Scenario, source.data, source.locate, source.is_newer, _HINTS)
        found = [replace(problem, key=source.inlined.get(problem.key, problem.key)) for problem in found]
        reported = {problem.key.rpartition(".")[0] for problem in problems}  # tables that could not be inlined
        problems += [
            problem
            for problem in found
            if not any(problem.key == table or problem.key.startswith(f"{table}.") for table in reported)
        ]
        raise InputError(problems) from None
    problems += _problems_of_agreements(scenario, source)
    problems += [
        _problem_of_land(source, name)
        for name, area in scenario.areas.items()
        if scenario.plane.sea(area.shape).is_empty
    ]
    problems = problems or _problems_of_slivers(scenario, source)
    problems += problems_of_clearance(scenario, source.locate, source.is_newer)
    problems += problems_of_groups(scenario, source.locate)
    problems = problems or problems_of_routes(scenario, source.locate) or problems_of_shares(scenario, source.locate)
    if problems:
        raise InputError(problems)
    return scenario


def load_scenario(given: str | FilePath, sets: Iterable[str] | Mapping[str, Any] = ()) -> Scenario:
    """Load a scenario: a file, or the name of a scenario that ships.

    `sets` overrides keys, as `--set` does ("routes.search.spacing_nmi=25") or as a mapping from key to value. Raises
    `InputError`, which names file, line and key of every problem.
    """
    if not isinstance(sets, Mapping):
        return validate(load_source(given, sets))
    source = load_source(given)
    for path, value in kinds_before_keys((tuple(key.split(".")), deepcopy(value)) for key, value in sets.items()):
        apply_set(source, path, value, COMMAND_LINE)
    return validate(source)
