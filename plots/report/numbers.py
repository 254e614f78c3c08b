"""The tables of measures of a report, which are those that the commands print."""

from plots.report.pieces import Section, main_and_others, notes_of, table_of
from sim.study.comparison import Comparison
from sim.study.markup import joined
from sim.study.store import Results
from sim.study.study_results import StudyResults
from sim.study.tables import comparison_tables, run_table, study_table

_NAME, _TITLE = "measures", "The measures"


def of_run(results: Results) -> Section:
    """The measures of a run with their intervals."""
    main, whole = run_table(results, everything=False), run_table(results)
    tables = main_and_others(main.tables[0], whole.tables[0], "The measures of the run")
    return Section(_NAME, _TITLE, joined([tables, notes_of(whole)]))


def of_comparison(first: Results, comparison: Comparison) -> Section:
    """The measures of two runs, and their paired differences."""
    count, seed = len(first.columns["transfers"]), first.info["seed"]
    main, whole = (comparison_tables(comparison, count, seed, everything) for everything in (False, True))
    caption = f"Differences: {comparison.names[1]} less {comparison.names[0]}"
    tables = main_and_others(main.tables[0], whole.tables[0], caption)
    return Section(_NAME, _TITLE, joined([tables, notes_of(whole)]))


def of_study(results: StudyResults) -> Section:
    """The measures of each point."""
    page = study_table(results)
    return Section(_NAME, _TITLE, joined([table_of(page.tables[0], "The points of the study"), notes_of(page)]))
