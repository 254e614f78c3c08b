"""The file of a study: a scenario, the factors that vary in it, and the design points that they make."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from math import prod
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, ValidationError, model_validator

from sim.core.fields import FormatOne, Label, Part, Title, refuse
from sim.core.limits import MOST_POINTS, MOST_PROBLEMS_EXPLAINED, MOST_REPLICATIONS
from sim.core.text import counted
from sim.scenario.digest import flat_toml
from sim.scenario.explain import explain_validation
from sim.scenario.files import display_name, find_scenario, find_shipped, read_toml, refuse_other
from sim.scenario.load import load_source, validate
from sim.scenario.overrides import apply_set, kinds_before_keys
from sim.scenario.problems import InputError, Problem, toml_text
from sim.scenario.problems import Path as KeyPath
from sim.scenario.schema import Scenario
from sim.scenario.source import Source, copied
from sim.study.columns import MEASURE_COLUMNS, POINT_COLUMN
from sim.study.measures import definition_of, fault_of_name, tidied_name
from sim.study.part_totals import totals_for

SEED = 1  # of a run, and of all points of a study, unless another is asked for
REPLICATIONS = 40  # number of replications of a run, and of each point of a study, unless another is asked for


def _not_empty(table: dict[str, Any]) -> dict[str, Any]:
    """Refuse a setting that sets nothing."""
    if not table:
        raise refuse("set", "a table of at least one key")
    return table


class Setting(Part):
    """One setting of a factor: several keys at once, under a label."""

    label: Label
    """Its name in tables and on plots."""
    set: Annotated[dict[str, Any], AfterValidator(_not_empty)]
    """Scenario keys and their values."""


class Baseline(Part):
    """The point that all others are compared with."""

    label: Label
    """Its name in tables and on plots."""
    set: dict[str, Any] = {}
    """Scenario keys and their values; left out: the scenario as it is."""


_COLUMNS = tuple(column.name for column in (POINT_COLUMN, *MEASURE_COLUMNS))


def _free_name(name: str) -> str:
    """Refuse the name of a factor that is also a column of the results."""
    if name in _COLUMNS:
        raise refuse("name", f"a name other than the columns {', '.join(_COLUMNS)}")
    return name


Role = Literal["plan", "unknown"]
"""What a factor is to one who decides."""


def _first_again(values: Sequence[Any]) -> int | None:
    """The position of the first value that stands in a list for the second time; None where each stands there once."""
    seen = set[str]()
    for position, value in enumerate(values):
        whole = isinstance(value, float) and value.is_integer()
        text = repr(int(value) if whole else value)  # 20.0 is 20; a value may be a list or a table
        if text in seen:
            return position
        seen.add(text)
    return None


class Factor(Part):
    """What varies: one key over values, several over the same values, or linked keys over settings."""

    key: str | None = None
    """A scenario key, such as routes.search.spacing_nmi."""
    values: Annotated[list[Any], Field(min_length=1, max_length=MOST_POINTS)] | None = None
    """Its values."""
    keys: Annotated[list[str], Field(min_length=1, max_length=100)] | None = None
    """Several keys, all of which take each of the values."""
    name: Annotated[Label, AfterValidator(_free_name)] | None = None
    """The factor's name in tables, in `points.parquet` and on pictures. With one key it may be left out: tables then
    have the key, and pictures its words with the unit. With several keys or with settings it is required."""
    settings: Annotated[list[Setting], Field(min_length=1, max_length=10_000)] | None = None
    """Whole settings, each with a label."""
    role: Role | None = None
    """What it is to one who decides, as `seasweep decide` takes it: the commander chooses the level of a plan, and does
    not know that of an unknown."""
    weights: Annotated[list[Annotated[float, Field(ge=0.0)]], Field(min_length=1, max_length=MOST_POINTS)] | None = None
    """How probable the levels of an unknown are, a number for each; their sum does not matter. Left out: all levels are
    equally probable."""

    @model_validator(mode="after")
    def _weights_of_levels(self) -> Self:
        if self.weights is None:
            return self
        count = len(self.settings or self.values or [])
        if self.role == "plan":
            raise refuse("weights", "weights of an unknown only: the level of a plan is chosen", "weights", "role")
        if len(self.weights) != count or not sum(self.weights) > 0.0:
            raise refuse(
                "weights", f"{counted(count, 'number')}, one for each level, of which one is above 0", "weights"
            )
        return self

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        given = {name for name in ("key", "keys", "values", "settings", "name") if getattr(self, name) is not None}
        if given not in (
            {"key", "values"},
            {"key", "values", "name"},
            {"name", "keys", "values"},
            {"name", "settings"},
        ):
            forms = "key and values; name, keys and values; or name and settings"
            raise refuse("form", forms, "settings", "values", "name", "keys", "key")
        twice = _first_again([setting.label for setting in self.settings or []])
        if twice is not None:
            raise refuse("names", "settings each with a label of its own", f"settings.{twice}.label")
        again = _first_again(self.values or [])
        if again is not None:
            raise refuse("names", "values of which no two are the same", f"values.{again}")
        return self

    @property
    def label(self) -> str:
        """The name of the factor, which is a column of the results."""
        return self.name or self.key or ""

    @property
    def levels(self) -> list[tuple[Any, dict[str, Any]]]:
        """The levels of the factor: for each the text or number in tables, and the scenario keys that it sets."""
        if self.settings is not None:
            return [(setting.label, dict(setting.set)) for setting in self.settings]
        keys = self.keys or [self.key or ""]
        return [(value, dict.fromkeys(keys, value)) for value in self.values or []]


def _known_measure(name: str) -> str:
    """Refuse a name that is no measure and no part of one; return the name as tables write it."""
    fault = fault_of_name(name)
    if fault is not None:
        raise refuse("measure", fault.allowed, hint=fault.hint)
    return tidied_name(name)


class Study(Part):
    """A scenario, what varies in it, and how often each point is replicated."""

    format: FormatOne
    """Version of the format."""
    scenario: str
    """The name of an included scenario, or a path relative to this file."""
    title: Title = ""
    """One line for plots."""
    replications: Annotated[int, Field(strict=True, ge=2, le=MOST_REPLICATIONS)] = REPLICATIONS
    """Replications of each point; all use the same numbers."""
    seed: Annotated[int, Field(strict=True, ge=0)] = SEED
    """One seed for all points."""
    measures: Annotated[list[Annotated[str, AfterValidator(_known_measure)]], Field(min_length=1, max_length=100)] = [
        "p_documented"
    ]
    """What to report and plot, the first before all."""
    vary: Annotated[list[Factor], Field(min_length=1, max_length=100)]
    """Factors, crossed; the last varies fastest."""
    baseline: Baseline | None = None
    """One more point, with which every other is compared, replication by replication: what the scenario is without any
    of the factors, and with these keys."""

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        names = [factor.label for factor in self.vary]
        for at, name in enumerate(names):
            if name in names[:at]:
                raise refuse("names", f"each factor once, not {name} again", f"vary.{at}.name", f"vary.{at}.key")
        points = prod(len(factor.levels) for factor in self.vary)
        if points > MOST_POINTS:
            raise refuse("points", f"factors that make at most {MOST_POINTS:,} points together, not {points:,}", "vary")
        return self


@dataclass(frozen=True)
class Point:
    """One design point: its number, its level of each factor, and its scenario."""

    number: int
    levels: dict[str, Any]
    scenario: Scenario
    set: dict[str, Any]
    """The keys in which its scenario differs from the study's, and their values."""


@dataclass(frozen=True)
class Design:
    """A study that has been loaded: all its points, each with a valid scenario."""

    name: str
    study: Study
    points: list[Point]
    scenario: str
    """The scenario that the points vary: the name of an included one, or the path of a file."""
    given: str = ""
    """The study as it was given: the name of an included one, or the path of a file."""

    @property
    def asked(self) -> tuple[str, ...]:
        """The names of totals that replications have only if they are asked for, as the measures of the study do."""
        return tuple(totals_for(map(definition_of, self.study.measures)))

    @property
    def digest(self) -> str:
        """A digest of all that the results of the study depend on."""
        text = "\n".join([self.study.model_dump_json(), *(flat_toml(point.scenario) for point in self.points)])
        return blake2b(text.encode(), digest_size=8).hexdigest()


def load_study(given: str | Path) -> Design:
    """Load a study, a file or the name of an included one; InputError with every error in it and in its points."""
    path = find_shipped(str(given), "studies", "STUDY")
    data, lines = read_toml(path)
    refuse_other(path, data, lines, "a study")
    file = display_name(path)
    source = Source(data, lines.top)
    source.note((), (file, 1))
    try:
        study = Study.model_validate(data)
    except ValidationError as error:
        raise InputError(explain_validation(error, Study, data, source.locate)) from None
    scenario = str(path.parent / study.scenario) if study.scenario.endswith(".toml") else study.scenario
    try:
        find_scenario(scenario)
    except InputError as error:
        (problem,) = error.problems
        line = lines[("scenario",)]
        located = replace(problem, file=file, line=line, key="scenario", given=toml_text(study.scenario))
        raise InputError([located]) from None
    points = _points(study, load_source(scenario), source)
    if "contacts" in study.measures and not all(point.scenario.outputs.contacts for point in points):
        allowed = "contacts only where outputs.contacts = true"
        raise InputError([Problem(file, lines[("measures",)], "measures", '"contacts"', allowed)])
    for point in points:
        for name in study.measures:
            fault = fault_of_name(name, point.scenario)
            if fault is not None:
                where = (file, lines[("measures",)], "measures", toml_text(name))
                raise InputError([Problem(*where, f"{fault.allowed}, at every point", fault.hint)])
    return Design(path.stem, study, points, scenario, str(given))


def _points(study: Study, base: Source, written: Source) -> list[Point]:
    """Make all points, the last factor fastest. An error in a point names the line of the study that sets the key.

    After very many problems the other points are not looked at.
    """
    points: list[Point] = []
    problems: list[Problem] = []

    def add(levels: dict[str, Any], settings: list[tuple[KeyPath, dict[str, Any]]]) -> None:
        source = base.copy()
        for where, keys in settings:
            file, line = written.locate(where)
            for path, value in kinds_before_keys((tuple(key.split(".")), value) for key, value in keys.items()):
                try:
                    apply_set(source, path, copied(value), f"{file}:{line}")
                except InputError as error:
                    problems.extend(error.problems)
        try:
            sets = {key: value for _, keys in settings for key, value in keys.items()}
            points.append(Point(len(points), levels, validate(source), sets))
        except InputError as error:
            problems.extend(error.problems)

    kinds = ["values" if factor.settings is None else "settings" for factor in study.vary]
    levels = [list(enumerate(factor.levels)) for factor in study.vary]
    for choice in itertools.product(*levels):
        if len(problems) > MOST_PROBLEMS_EXPLAINED:
            break
        add(
            {factor.label: level for factor, (_, (level, _)) in zip(study.vary, choice, strict=True)},
            [(("vary", at, kinds[at], number), keys) for at, (number, (_, keys)) in enumerate(choice)],
        )
    if study.baseline is not None:
        add(dict.fromkeys(factor.label for factor in study.vary), [(("baseline",), study.baseline.set)])
    if problems:
        raise InputError(problems)
    return points
