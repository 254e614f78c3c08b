"""Loading of a scenario: its files are read and merged, single keys are set, and everything is validated.

Every problem that is found is in one `InputError`, with file, line and key.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path as FilePath
from typing import Any

from pydantic import ValidationError

from sim.core.limits import LEAST_SEA_SHARE, MOST_CHOICES, MOST_MEMBERSHIPS
from sim.model.learning import squares_over
from sim.scenario.clearance import problems_of_clearance
from sim.scenario.digest import flat_tables
from sim.scenario.explain import Hints, explain_validation
from sim.scenario.files import display_name, find_scenario, with_ancestors
from sim.scenario.groups import problems_of_shared_schedules, problems_of_shares
from sim.scenario.inline import inline_lanes, inline_polygons, inline_series, inline_types, validation_context
from sim.scenario.lanes import problems_of_lanes
from sim.scenario.overrides import apply_set, kinds_before_keys, parse_sets
from sim.scenario.problems import COMMAND_LINE, InputError, Path, Problem, key_text, refused, toml_text
from sim.scenario.python_tables import SETS, TABLES, as_in_toml, keys_and_values
from sim.scenario.recorded.inlining import inline_recorded
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


Given = Scenario | Mapping[str, Any] | str | FilePath
"""What a scenario may be given as: loaded, as the tables of a file, or as a file or the name of an included one."""
Sets = Iterable[str] | Mapping[str, Any]
"""Keys to set, each as a text KEY=VALUE, or as a mapping from keys to values."""


def load_source(given: Given, sets: Sets = ()) -> Source:
    """Read a scenario and its ancestors, and merge them and then the keys to set; nothing is validated yet."""
    source = _source_of_tables(given) if isinstance(given, Scenario | Mapping) else _source_of_file(given)
    if isinstance(sets, Mapping):
        for key_path, value in kinds_before_keys(keys_and_values(sets)):
            apply_set(source, key_path, value, SETS)
        return source
    for key_path, value in parse_sets([sets] if isinstance(sets, str) else sets):
        apply_set(source, key_path, value, COMMAND_LINE)
    return source


def _source_of_file(given: str | FilePath) -> Source:
    """The tables of a scenario file, merged over those of its ancestors."""
    source = Source()
    for path, data, lines in with_ancestors(find_scenario(str(given))):
        name = display_name(path)
        source.folders[name] = path.parent
        source.note((), (name, 1))
        merge(source, source.data, data, (), name, lines.top)
    return source


def _source_of_tables(given: Scenario | Mapping[str, Any]) -> Source:
    """The tables of a loaded scenario, or tables as a file has them, merged over the scenario that they extend.

    Paths in them start from the working folder.
    """
    tables = flat_tables(given) if isinstance(given, Scenario) else as_in_toml(given, TABLES)
    source = Source()
    if "extends" in tables:
        source = _source_of_parent(tables.pop("extends"))
    source.folders[TABLES] = FilePath()
    source.note((), (TABLES, None))
    merge(source, source.data, tables, (), TABLES, None)
    return source


def _source_of_parent(given: Any) -> Source:
    """The tables of the scenario that tables extend; InputError, which names the key, where there is none."""
    if not isinstance(given, str):
        allowed = "the name of an included scenario, or the path of a .toml file"
        raise refused(given, allowed, file=TABLES, key="extends")
    try:
        find_scenario(given)
    except InputError as error:
        raise InputError([replace(problem, file=TABLES, key="extends") for problem in error.problems]) from None
    return _source_of_file(given)


def _problem_of_land(source: Source, name: str) -> Problem:
    key = f"areas.{name}.polygon"
    file, line = source.locate(("areas", name, "polygon"))
    return Problem(
        file, line, source.inlined.get(key, key), "an area that lies wholly on land", "an area with some sea"
    )


def _problems_of_slivers(scenario: Scenario, source: Source) -> list[Problem]:
    """The problems of areas so thin that random places in the box about them hardly ever lie in their sea."""
    used: list[tuple[Path, str]] = [
        (("transfers", name, "area"), spec.area) for name, spec in scenario.transfers.items()
    ]
    used += [
        (("transfers", name, "learning", "areas", number), area)
        for name, spec in scenario.transfers.items()
        for number, area in enumerate((spec.learning and spec.learning.areas) or [])
        if area != spec.area
    ]
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


def _problems_of_background(scenario: Scenario, source: Source) -> list[Problem]:
    """The problems of sources of ships that the map alone tells, such as an area without sea off the coast."""
    areas, problems = {name: area.shape for name, area in scenario.areas.items()}, []
    for name, spec in scenario.background.items():
        for fault in spec.faults(scenario.plane, areas):
            path: Path = ("background", name, fault.key)
            given = getattr(spec, fault.key)
            given = f"{toml_text(list(given) if isinstance(given, tuple) else given)}, {fault.reason}"
            problems.append(Problem(*source.locate(path), key_text(path), given, fault.allowed, fault.hint))
    return problems


def _problems_of_agreements(scenario: Scenario, source: Source) -> list[Problem]:
    """The problem of agreements that have very many members together."""
    members = sum(len(terms.nations) for terms in scenario.agreements.values())
    if members <= MOST_MEMBERSHIPS:
        return []
    allowed = f"agreements with at most {MOST_MEMBERSHIPS:,} members together"
    return [Problem(*source.locate(("agreements",)), "agreements", f"{members:,} members", allowed)]


def _problems_of_learning(scenario: Scenario, source: Source) -> list[Problem]:
    """The problems of sources that name an area twice, or have very many cells of place and hour."""
    problems = []
    for name, transfers in scenario.transfers.items():
        spec = transfers.learning
        if spec is None:
            continue
        areas, path = spec.areas or [transfers.area], ("transfers", name, "learning")
        for number, area in enumerate(areas):
            if area in areas[:number]:
                key: Path = (*path, "areas", number)
                problems.append(Problem(*source.locate(key), key_text(key), toml_text(area), "each area once"))
        cells = spec.hours * sum(
            squares_over(scenario.plane.sea(scenario.areas[area].shape), spec.grid_nmi) for area in areas
        )
        if cells > MOST_CHOICES:
            key = (*path, "grid_nmi")
            given = f"{toml_text(spec.grid_nmi)}, which gives {cells:,} cells of place and hour"
            allowed = f"a side that gives at most {MOST_CHOICES:,} of them in the box about each area"
            problems.append(Problem(*source.locate(key), key_text(key), given, allowed))
    return problems


def validate(source: Source) -> Scenario:
    """The scenario of merged tables; raises `InputError` with every problem found."""
    problems = inline_polygons(source) + inline_series(source) + inline_types(source)
    problems += inline_lanes(source)
    context = validation_context(source.data)
    problems += inline_recorded(source, context)
    try:
        scenario = Scenario.model_validate(source.data, context=context)
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
    problems = problems or [
        *_problems_of_slivers(scenario, source),
        *_problems_of_learning(scenario, source),
        *_problems_of_background(scenario, source),
    ]
    problems += problems_of_clearance(scenario, source.locate, source.is_newer)
    problems += problems_of_lanes(scenario, source)
    problems += problems_of_groups(scenario, source.locate)
    problems += problems_of_shared_schedules(scenario, source.locate)
    problems = problems or problems_of_routes(scenario, source.locate) or problems_of_shares(scenario, source.locate)
    if problems:
        raise InputError(problems)
    return scenario


def load_scenario(given: Given, sets: Sets = ()) -> Scenario:
    """Load a scenario: a file, the name of an included one, its tables as a dictionary, or a scenario to change.

    A dictionary has the keys and tables of a file, `extends` included: `{"extends": "neon-spring", "duration_days":
    7.0}`. Paths in it start from the working folder. `sets` overrides keys, as `--set` does
    ("routes.search.spacing_nmi=25") or as a mapping from key to value. A scenario itself never changes: with `sets`, a
    new one is returned. Raises `InputError`, which names file, line and key of every problem; the file is `tables` for
    a dictionary and `sets` for a mapping.
    """
    if isinstance(given, Scenario) and not sets:
        return given
    return validate(load_source(given, sets))
