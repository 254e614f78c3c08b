"""Compare runs: paired differences on common random numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

from sim.core.text import counted
from sim.scenario.arguments import confidence_level, of_type
from sim.scenario.problems import refused
from sim.study.estimates import (
    LEVEL,
    Measure,
    difference,
    together,
)
from sim.study.measures import definition_of
from sim.study.shown import comparison_html, comparison_text
from sim.study.store import Results


@dataclass(frozen=True)
class Comparison:
    """The measures of several runs, and the differences of each from the first."""

    names: list[str]
    """The names of the runs."""
    values: list[list[Measure]]
    """The measures of each run, those that all runs have."""
    differences: list[list[Measure]]
    """The paired differences of each run after the first from the first, in the order of `values[0]`."""
    together: list[set[str]]
    """For each run after the first, the measures that differ even when all measures of a table are judged together."""

    def __repr__(self) -> str:
        """Which runs are compared, and in which measures each differs from the first, in a few lines."""
        return comparison_text(self.names, self.differences)

    def _repr_html_(self) -> str:
        """The measures of all runs and their differences as a table, for notebooks."""
        return comparison_html(self.names, self.values, self.differences)


def is_shown(ours: Measure, theirs: Measure) -> bool:
    """Whether the table of a comparison shows a measure that has these estimates in two runs."""
    return definition_of(ours.measure).belongs_in_a_table(ours.value, theirs.value)


def compare(results: Sequence[Results], level: float = LEVEL) -> Comparison:
    """Paired differences from the first of several runs of the same seed and replications.

    Raises InputError where there are fewer than two runs, and where they do not have the same replications of the same
    seed.
    """
    level = confidence_level("compare", level)
    allowed = "the results of two runs or more, such as compare([run(one), run(other)])"
    results = [results] if isinstance(results, Results) else list(results)
    if len(results) < 2:
        raise refused(counted(len(results), "result"), allowed, file="compare", key="results")
    for one in results:
        of_type("compare", "results", one, Results, allowed)
    first = results[0]
    for other in results[1:]:
        same = list(first.columns["replication"]) == list(other.columns["replication"])
        if first.info["seed"] != other.info["seed"] or not same:
            raise refused(other.name, f"the seed and replications of {first.name}", file="compare")
    names = [measure.measure for measure in first.measures(level)]
    shared = [name for name in names if all(set(definition_of(name).totals) <= set(run.columns) for run in results)]
    values = [[measure for measure in run.measures(level) if measure.measure in shared] for run in results]
    differences, clear = [], []
    for other, ours in zip(results[1:], values[1:], strict=True):
        horizons_h = (other.scenario.duration_h, first.scenario.duration_h)
        differences.append([difference(name, other.columns, first.columns, horizons_h, level) for name in shared])
        shown = [a.measure for a, b in zip(ours, values[0], strict=True) if is_shown(a, b)]
        clear.append(together(shown, other.columns, first.columns, horizons_h, level))
    return Comparison([run.name for run in results], values, differences, clear)
