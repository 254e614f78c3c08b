"""Parts of a study: points where some factors have one level, the factor along the axis, and that of the facets."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sim.scenario.nearest import nearest
from sim.scenario.problems import refused
from sim.study.study_results import StudyResults
from sim.study.tables import level_text

MOST_SERIES = 8  # in one picture; with more, the last factor makes facets


class Slice(NamedTuple):
    """The points of a study that a picture shows."""

    points: list[int]
    """Their numbers, in the order of the study; the baseline is none of them."""
    factors: list[str]
    """The factors whose levels differ in the picture, or in a facet of it: first the one along the axis."""
    facet: str | None
    """The factor with a facet for each of its levels; None where there is one picture."""
    told: str
    """The levels of the factors that are fixed, in words; empty where none is."""


def levels_of_factor(results: StudyResults, factor: str) -> list[Any]:
    """The levels of a factor in the order of the study."""
    return list(dict.fromkeys(levels[factor] for levels in results.levels[: results.baseline]))


def slice_of(results: StudyResults, at: Sequence[str] = (), x: str | None = None, facet: str | None = None) -> Slice:
    """Return the points at which factors have given levels, each as FACTOR=LEVEL, and how the others are drawn.

    `x` is the factor along the axis, by default the first; `facet` the one with a facet for each level, by default the
    last where there would be more than `MOST_SERIES` series. Raises InputError for what is no factor or level of the
    study, where no factor is left to draw, and where one has two parts.
    """
    names = list(results.levels[0])
    fixed = dict(_fixed(results, text) for text in at)
    points = [
        number
        for number, levels in enumerate(results.levels[: results.baseline])
        if all(levels[name] == level for name, level in fixed.items())
    ]
    free = [name for name in names if name not in fixed]
    if not free:
        raise refused(", ".join(at), "fewer levels, so that one factor is left to draw", key="--at")
    for option, name in (("--x", x), ("--facet", facet)):
        if name is not None and name not in free:
            raise refused(name, f"a factor that is not fixed: {', '.join(free)}", key=option, hint=nearest(name, free))
    if facet is not None and (facet == x or len(free) == 1):
        raise refused(facet, "a factor other than the one along the axis", key="--facet")
    first = x or next(name for name in free if name != facet)
    others = [name for name in free if name != first]
    if facet is None and len(others) > 1 and _series(results, others) > MOST_SERIES:
        facet = others[-1]
    factors = [first, *(name for name in others if name != facet)]
    return Slice(points, factors, facet, ", ".join(f"{name} = {level_text(level)}" for name, level in fixed.items()))


def _series(results: StudyResults, factors: Sequence[str]) -> int:
    """The number of lines with one for each combination of levels."""
    count = 1
    for factor in factors:
        count *= len(levels_of_factor(results, factor))
    return count


def _fixed(results: StudyResults, text: str) -> tuple[str, Any]:
    """The factor and the level that FACTOR=LEVEL names; a name of a factor may itself hold an equals sign."""
    names = list(results.levels[0])
    name = max((name for name in names if text.startswith(f"{name}=")), key=len, default="")
    if not name:
        given = text.partition("=")[0]
        allowed = f"FACTOR=LEVEL with a factor of the study: {', '.join(names)}"
        raise refused(text, allowed, key="--at", hint=nearest(given, names))
    wanted, levels = text[len(name) + 1 :], levels_of_factor(results, name)
    for level in levels:
        if wanted in (level_text(level), str(level)) or _is_number(wanted, level):
            return name, level
    texts = [level_text(level) for level in levels]
    raise refused(text, f"a level of {name}: {', '.join(texts)}", key="--at", hint=nearest(wanted, texts))


def _is_number(text: str, level: Any) -> bool:
    """Whether a text is another way to write a level that is a number."""
    try:
        return isinstance(level, float) and float(text) == level
    except ValueError:
        return False


def facets(results: StudyResults, part: Slice) -> list[tuple[str, list[int]]]:
    """Return the title and the points of each facet; one without a title where there are no facets."""
    if part.facet is None:
        return [("", part.points)]
    return [
        (
            f"{part.facet}: {level_text(level)}",
            [point for point in part.points if results.levels[point][part.facet] == level],
        )
        for level in levels_of_factor(results, part.facet)
    ]
