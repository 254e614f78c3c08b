"""What was asked and what came of it: the first section of a report."""

from collections.abc import Sequence

from plots.report.pieces import Section, paragraphs
from sim.core.text import counted
from sim.scenario.wording import period_text
from sim.study.estimates import Measure
from sim.study.measures import definition_of
from sim.study.store import Results
from sim.study.study_results import StudyResults
from sim.study.tables import interval_text, level_name, level_text, value_text

_TITLE = "The question"


def told(measure: Measure, signed: bool = False) -> str:
    """A measure in words: its value and its interval."""
    interval = interval_text(measure, signed)
    behind = "no interval" if interval == "-" else f"{level_name(measure.level)} {interval}"
    return f"{value_text(measure, signed)} ({behind})"


def of_run(results: Results) -> Section:
    """What was simulated, and the share of transfers that was documented."""
    scenario, replications = results.scenario, counted(len(results.columns["transfers"]), "replication")
    summary = f"{scenario.summary} " if scenario.summary else ""
    text = (
        f"{summary}The scenario {results.name} was simulated in {replications}, with seed {results.info['seed']}. Each "
        f"covers the time {period_text(scenario)}. In the mean, {told(results.measure('transfers'))} transfers began. "
        f"The probability that a transfer is detected is {told(results.measure('p_detected'))}, and the probability "
        f"that it is documented is {told(results.measure('p_documented'))}."
    )
    return Section("question", _TITLE, paragraphs([text]))


def of_comparison(first: Results, second: Results, gaps: Sequence[Measure]) -> Section:
    """What was compared, and how much more was documented."""
    replications = counted(len(first.columns["transfers"]), "replication")
    gap = next(row for row in gaps if row.measure == "p_documented")
    clear = "This interval excludes 0." if gap.excludes_zero else "This interval does not exclude 0."
    text = (
        f"The run {second.name} ({second.scenario.title}) is compared with the run {first.name} "
        f"({first.scenario.title}). Both have the same {replications} of seed {first.info['seed']}, so the "
        f"differences are paired. The probability that a transfer is documented is "
        f"{told(first.measure('p_documented'))} in {first.name} and {told(second.measure('p_documented'))} in "
        f"{second.name}. The difference is {told(gap, signed=True)}. {clear}"
    )
    return Section("question", _TITLE, paragraphs([text]))


def of_study(results: StudyResults) -> Section:
    """What was varied, and where the first measure is least and greatest."""
    study, name = results.study, results.study.measures[0]
    text = (
        f"The study {results.name} varies {' and '.join(map(str, results.levels[0]))} in the scenario "
        f"{study.scenario}. It has {counted(len(results.levels), 'point')}, and "
        f"{counted(study.replications, 'replication')} of each, with seed {study.seed}. "
    )
    return Section("question", _TITLE, paragraphs([text + ends_of(results, name)]))


def ends_of(results: StudyResults, name: str) -> str:
    """Where a measure is least and greatest, in sentences."""
    found = [(row, point) for point, row in enumerate(results.estimates(name)) if row.value is not None]
    if not found:
        return f"The measure {name} has no value at any point."
    least, greatest = (pick(found, key=lambda pair: pair[0].value or 0.0) for pick in (min, max))
    return (
        f"The measure {name} ({definition_of(name).meaning}) is least, {told(least[0])}, at "
        f"{point_text(results, least[1])}. It is greatest, {told(greatest[0])}, at "
        f"{point_text(results, greatest[1])}."
    )


def point_text(results: StudyResults, point: int) -> str:
    """A point in words: its levels, or the label of the baseline."""
    if point == results.baseline and results.study.baseline is not None:
        return results.study.baseline.label
    return ", ".join(f"{factor} = {level_text(level)}" for factor, level in results.levels[point].items())
