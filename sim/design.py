"""A study's file: a scenario, what varies in it, and the points that makes."""

import itertools
from copy import deepcopy
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, ValidationError, model_validator

from sim.fields import FormatOne, Part, refuse
from sim.measures import BY_NAME
from sim.problems import InputError, Problem, from_validation, said
from sim.scenario import (
    Source,
    apply_set,
    find_scenario,
    find_shipped,
    flat_toml,
    kinds_first,
    load_source,
    read_toml,
    refuse_other,
    shown,
    validate,
)
from sim.schema import Scenario

REPLICATIONS = 40  # of a run, and of each point of a study, unless another number is asked for


def _not_empty(table: dict[str, Any]) -> dict[str, Any]:
    if not table:
        raise refuse("set", "a table of at least one key")
    return table


class Setting(Part):
    """One setting of a factor: several keys at once, under a label."""

    label: Annotated[str, Field(min_length=1, max_length=60)]
    """Its name in tables and on plots."""
    set: Annotated[dict[str, Any], AfterValidator(_not_empty)]
    """Scenario keys and their values."""


_COLUMNS = ("point", "measure", "value", "low", "high", "level", "replications", "unit")


def _free_name(name: str) -> str:
    if name in _COLUMNS:
        raise refuse("name", f"a name other than the columns {', '.join(_COLUMNS)}")
    return name


class Factor(Part):
    """What varies: one key over values, or linked keys over settings."""

    key: str | None = None
    """A scenario key, such as routes.search.spacing_nmi."""
    values: Annotated[list[Any], Field(min_length=1)] | None = None
    """Its values."""
    name: Annotated[str, AfterValidator(_free_name)] | None = None
    """The factor's name, where it is not one key."""
    settings: Annotated[list[Setting], Field(min_length=1)] | None = None
    """Whole settings, each with a label."""

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        by_key = self.key is not None and self.values is not None and self.settings is None
        by_name = self.name is not None and self.settings is not None and self.key is None and self.values is None
        if not (by_key or by_name):
            raise refuse("form", "key and values, or name and settings", "settings", "values", "name", "key")
        labels = [setting.label for setting in self.settings or []]
        if len(set(labels)) < len(labels):
            twice = next(n for n, label in enumerate(labels) if label in labels[:n])
            raise refuse("names", "settings each with a label of its own", f"settings.{twice}.label")
        return self

    @property
    def label(self) -> str:
        """The factor's name: a column of the results."""
        return self.name or self.key or ""

    @property
    def levels(self) -> list[tuple[Any, dict[str, Any]]]:
        """What to write in the table and what to set, level by level."""
        if self.settings is not None:
            return [(setting.label, dict(setting.set)) for setting in self.settings]
        return [(value, {self.key or "": value}) for value in self.values or []]


def _known_measure(name: str) -> str:
    if name not in BY_NAME:
        raise refuse("measure: ", f"a measure: {', '.join(BY_NAME)}")
    return name


class Study(Part):
    """A scenario, what varies in it, and how often each point is replicated."""

    format: FormatOne
    """Version of the format."""
    scenario: str
    """A name that ships, or a path relative to this file."""
    title: str = ""
    """One line for plots."""
    replications: Annotated[int, Field(strict=True, ge=2, le=1_000_000)] = REPLICATIONS
    """Replications of each point; all use the same numbers."""
    seed: Annotated[int, Field(strict=True, ge=0)] = 1
    """One seed for all points."""
    measures: Annotated[list[Annotated[str, AfterValidator(_known_measure)]], Field(min_length=1)] = ["p_documented"]
    """What to report and plot, the first before all."""
    vary: Annotated[list[Factor], Field(min_length=1)]
    """Factors, crossed; the last varies fastest."""

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        names = [factor.label for factor in self.vary]
        for at, name in enumerate(names):
            if name in names[:at]:
                raise refuse("names", f"each factor once, not {name} again", f"vary.{at}.name", f"vary.{at}.key")
        return self


@dataclass(frozen=True)
class Point:
    """One point of a design: its levels by factor, and its scenario."""

    number: int
    levels: dict[str, Any]
    scenario: Scenario


@dataclass(frozen=True)
class Design:
    """A study made ready: every point validated."""

    name: str
    study: Study
    points: list[Point]

    @property
    def digest(self) -> str:
        """A digest of all that the results depend on."""
        text = "\n".join([self.study.model_dump_json(), *(flat_toml(point.scenario) for point in self.points)])
        return blake2b(text.encode(), digest_size=8).hexdigest()


def load_study(given: str | Path) -> Design:
    """Load a study, a file or the name of one that ships; InputError with everything wrong with it and its points."""
    path = find_shipped(str(given), "studies", "STUDY")
    data, lines = read_toml(path)
    refuse_other(path, data, lines, "a study")
    file = shown(path)
    source = Source(data)
    source.origin.update({(): (file, 1)} | {key: (file, line) for key, line in lines.items()})
    try:
        study = Study.model_validate(data)
    except ValidationError as error:
        raise InputError(from_validation(error, Study, data, source.where)) from None
    inside = path.parent / study.scenario
    try:
        find_scenario(str(inside) if study.scenario.endswith(".toml") else study.scenario)
    except InputError as error:
        (problem,) = error.problems
        line = lines[("scenario",)]
        said_of = replace(problem, file=file, line=line, key="scenario", given=said(study.scenario))
        raise InputError([said_of]) from None
    base = load_source(inside if study.scenario.endswith(".toml") else study.scenario)
    points = _points(study, base, source)
    if "contacts" in study.measures and not all(point.scenario.outputs.contacts for point in points):
        allowed = "contacts only where outputs.contacts = true"
        raise InputError([Problem(file, lines[("measures",)], "measures", '"contacts"', allowed)])
    return Design(path.stem, study, points)


def _points(study: Study, base: Source, written: Source) -> list[Point]:
    """All points, the last factor fastest; what is wrong with one is said of the line that sets it."""
    points: list[Point] = []
    problems: list[Problem] = []
    choices = [range(len(factor.levels)) for factor in study.vary]
    for number, choice in enumerate(itertools.product(*choices)):
        source = deepcopy(base)
        levels: dict[str, Any] = {}
        for index, (factor, pick) in enumerate(zip(study.vary, choice, strict=True)):
            said, sets = factor.levels[pick]
            levels[factor.label] = said
            part = "values" if factor.settings is None else "settings"
            file, line = written.where(("vary", index, part, pick))
            for path, value in kinds_first((tuple(key.split(".")), value) for key, value in sets.items()):
                try:
                    apply_set(source, path, deepcopy(value), f"{file}:{line}")
                except InputError as error:
                    problems += error.problems
        try:
            points.append(Point(number, levels, validate(source)))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return points
