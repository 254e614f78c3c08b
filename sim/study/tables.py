"""Tables of results: the pages that commands print, with numbers rounded for people and whole for programs."""

import shlex
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, TypeVar

from sim.core.text import counted, visible
from sim.deployment.passes import MUCH_AT_CONTACTS
from sim.scenario.schema import Scenario
from sim.scenario.tables import Cell, Column, Line, Page, Table, data_table, number
from sim.scenario.wording import period_text, shortened_keys
from sim.study.columns import MEASURE_COLUMNS, POINT_COLUMN
from sim.study.comparison import Comparison, is_shown
from sim.study.cuts import split
from sim.study.estimates import Measure
from sim.study.listing import MAIN_MEASURES, Listed
from sim.study.measures import definition_of, group_place, is_share
from sim.study.store import Results
from sim.study.study_results import StudyResults

if TYPE_CHECKING:
    from sim.study.verify.checks import SearchCheck

MOST_REASONS = 3  # why measures have no interval, below a table
ENOUGH = 20  # replications: with as many or more, intervals hold the true value as often as they say
_MOST_PLACES = 5  # decimal places of a small difference
_ROUNDING = 1e-12  # a difference as small is an error of rounding
_Row = TypeVar("_Row")


# ---------------------------------------------------------------------------------------------------- numbers
def _digits(measure: Measure, value: float, signed: bool) -> str:
    """A number in the unit of a measure, shares in per cent, without a unit."""
    share = is_share(measure.unit)
    places = 1 if share or 100.0 <= abs(value) < 1000.0 else 0 if abs(value) >= 1000.0 else 2
    number = 100.0 * value if share else value
    while signed and _ROUNDING < abs(number) < 0.5 * 10.0**-places and places < _MOST_PLACES:
        places += 1  # a difference that is not 0 is not shown as 0
    rounded = round(number, places) + 0.0  # never -0.00
    return f"{rounded:{'+' if signed and rounded else ''}.{places}f}"


def _sign_of(measure: Measure, signed: bool) -> str:
    """What stands behind a number: per cent, for differences of shares percentage points."""
    return "" if not is_share(measure.unit) else " pp" if signed else " %"


def number_text(measure: Measure, value: float | None, signed: bool = False) -> str:
    """A number in the unit of a measure, shares in per cent, - for None.

    `signed` is for differences: a plus stands before those above 0, and those of shares are in percentage points.
    """
    return "-" if value is None else _digits(measure, value, signed) + _sign_of(measure, signed)


def value_text(measure: Measure, signed: bool = False) -> str:
    """The value of a measure as text."""
    return number_text(measure, measure.value, signed)


def interval_text(measure: Measure, signed: bool = False) -> str:
    """The interval of a measure as text, `-` where it has none."""
    if measure.low is None or measure.high is None:
        return "-"
    low, high = (_digits(measure, end, signed) for end in (measure.low, measure.high))
    return f"{low} to {high}{_sign_of(measure, signed)}"


def level_text(level: float | str | None) -> str:
    """A level of a factor as text on one line, numbers without trailing zeros."""
    return f"{level:g}" if isinstance(level, float) else visible(level)


def level_name(level: float) -> str:
    """The confidence level of intervals, as the heading of a column."""
    return f"{100 * level:g} % interval"


def _value_cell(measure: Measure, signed: bool = False) -> Cell:
    return Cell(measure.value, value_text(measure, signed))


def _interval_cell(measure: Measure, signed: bool = False) -> Cell:
    return Cell(None, interval_text(measure, signed))


# ---------------------------------------------------------------------------------------------------- results
_MEASURE = Column("measure", wraps=False)
_VALUE = Column("value", wraps=False, right=True)
_UNIT = Column("unit", wraps=False, omit_order=2)
_MEANING = Column("meaning", wraps=False, omit_order=1)


def _interval_column(level: float, key: str = "") -> Column:
    """The column of intervals at a confidence level."""
    return Column(level_name(level), key, wraps=False, right=True, beside=True)


def title_lines(scenario: Scenario) -> list[Line]:
    """The lines with which the page of one scenario begins: its title and its period."""
    return [Line(scenario.title, "bold"), Line(period_text(scenario))]


def run_table(results: Results, everything: bool = True) -> Page:
    """The table of a run: its measures, each with its interval, unit and meaning.

    Without `everything` it has only the measures that answer the question, and a note that counts the others.
    """
    rows = results.measures()
    count = rows[0].replications
    head = [
        *title_lines(results.scenario),
        Line(f"{counted(count, 'replication')}, seed {results.info['seed']}"),
    ]
    table = Table("measures", (_MEASURE, _VALUE, _interval_column(rows[0].level), _UNIT, _MEANING))
    shown = [row for row in rows if definition_of(row.measure).belongs_in_a_table(row.value)]
    main, left_out = _in_groups(shown, lambda row: row.measure, everything)
    for group, row in main:
        definition, (_, part) = definition_of(row.measure), split(row.measure)
        meaning = definition.meaning if part is None else ""  # of a part its name says what it is
        table.add_row(row.measure, _value_cell(row), _interval_cell(row), row.unit, meaning, group=group)
    notes = [*_without_interval(row for _, row in main), *_too_few(count), *_kept_from_route(rows)]
    facts = {
        "scenario": results.name,
        "title": results.scenario.title,
        "seed": results.info["seed"],
        "replications": count,
    }
    return Page([table], head, notes, _more(left_out), facts=facts, data=[_data_table(rows)])


def _kept_from_route(rows: Sequence[Measure]) -> list[str]:
    """A note where contacts took most of the time on station, so that the crews flew little of their routes."""
    values = {row.measure: row.value or 0.0 for row in rows}
    taken, flown = values.get("identification_share", 0.0), values.get("passes_share")
    if taken < MUCH_AT_CONTACTS:
        return []
    how = "--by route shows the share of their passes that was flown"
    if flown is not None:
        how = f"they flew {100.0 * flown:.0f} % of the passes for which they had time"
    return [
        f"contacts took {100.0 * taken:.0f} % of the time on station, so the crews flew less of their routes; {how}"
    ]


def _in_groups(
    rows: Iterable[_Row], name: Callable[[_Row], str], everything: bool
) -> tuple[list[tuple[str, _Row]], int]:
    """Rows in the order of their groups, each with its group, and the number of those that are left out.

    `name` returns the name of the measure of a row. Without `everything`, rows of other than the main groups are left
    out.
    """
    with_groups = [(definition_of(name(row)), row) for row in rows]
    chosen = [(measure.group, row) for measure, row in with_groups if everything or measure.is_main]
    groups = list(dict.fromkeys(group for group, _ in chosen))  # those of others in the order of their first rows
    groups.sort(key=group_place)
    return sorted(chosen, key=lambda pair: groups.index(pair[0])), len(with_groups) - len(chosen)


def _data_table(rows: Iterable[Measure]) -> Table:
    """All measures for programs, with the columns of `measures.csv`."""
    names = [column.name for column in MEASURE_COLUMNS]
    table = data_table("measures", *names)
    for row in rows:
        table.add_row(*(getattr(row, name) for name in names))
    return table


def _more(left_out: int) -> list[str]:
    """A note where measures are left out."""
    return [f"--all shows {counted(left_out, 'more measure')}"] if left_out else []


def _without_interval(rows: Iterable[Measure]) -> list[str]:
    """Notes that say why measures have no interval; of many only the first ones."""
    reasons = [f"no interval: {why}" for why in dict.fromkeys(row.why for row in rows) if why]
    more = len(reasons) - MOST_REASONS
    return [*reasons[:MOST_REASONS], *([f"and {counted(more, 'more reason')}"] if more > 0 else [])]


def _too_few(replications: int) -> list[str]:
    """A note where replications are too few for intervals that can be relied on."""
    if not 2 <= replications < ENOUGH:
        return []
    return [f"with fewer than {ENOUGH} replications, intervals may be too narrow if the replications differ much"]


def comparison_tables(comparison: Comparison, replications: int, seed: int, everything: bool = True) -> Page:
    """A table for each scenario after the first: its measures, and their paired differences from the first.

    Without `everything` they have only the measures that answer the question.
    """
    others = range(1, len(comparison.names))
    tables = [_comparison_table(comparison, number, everything) for number in others]
    rows = [_shown_rows(comparison, number) for number in others]
    main = [_in_groups(shown, _name_of, everything)[0] for shown in rows]
    most = max(map(len, rows))
    among = "all measures that --all shows are" if _left_out(rows[0], everything) else f"all {most} rows are"
    gaps = [gap for shown in main for _, (_, _, gap) in shown]
    marks = {_mark(comparison, number, gap) for number in others for _, (_, _, gap) in main[number - 1]}
    notes = _mark_notes(marks, comparison.values[0][0].level, among) if any(gap.low is not None for gap in gaps) else []
    if any(gap.value == 0.0 and gap.low is not None for gap in gaps):
        notes.append("where a difference is 0, its interval shows how large a difference so many replications can miss")
    if any(is_share(gap.unit) for gap in gaps):
        notes.append("pp: percentage points")
    notes += _without_interval(gap for rows_of_one in main for _, (_, _, gap) in rows_of_one)
    notes += _too_few(replications)
    hints = _more(_left_out(rows[0], everything))
    head = [Line(f"paired differences: {counted(replications, 'replication')}, seed {seed}")]
    facts = {"first": comparison.names[0], "seed": seed, "replications": replications}
    return Page(tables, head, notes, hints, facts=facts, data=[_comparison_data(comparison)])


def _mark_notes(marks: set[str], level: float, among: str) -> list[str]:
    """What the asterisks mean that tables of differences show; `among` says what is judged together."""
    chance = round(1.0 / (1.0 - level))
    if not marks - {""}:
        return [f"no row has a *: the {level_name(level)} of each difference contains 0"]
    alone = f"* the {level_name(level)} of the difference excludes 0; without any true difference, about 1 in {chance}"
    every = f"** the interval excludes 0 even when {among} judged together: at most 1 in {chance} such tables has a **"
    return [f"{alone} rows has a * by chance", *([f"{every} by chance"] if "**" in marks else [])]


_Triple = tuple[Measure, Measure, Measure]


def _shown_rows(comparison: Comparison, number: int) -> list[_Triple]:
    """For each row of the table of a run: the estimate, that of the first run, and their difference."""
    return [(ours, theirs, gap) for ours, theirs, gap in _all_rows(comparison, number) if is_shown(ours, theirs)]


def _all_rows(comparison: Comparison, number: int) -> list[_Triple]:
    """For each measure: the estimate of a run, that of the first run, and their difference."""
    values, differences = comparison.values, comparison.differences
    return list(zip(values[number], values[0], differences[number - 1], strict=True))


def _left_out(rows: Sequence[_Triple], everything: bool) -> int:
    """How many of these rows a table does not show."""
    return _in_groups(rows, _name_of, everything)[1]


def _name_of(row: _Triple) -> str:
    return row[0].measure


def _mark(comparison: Comparison, number: int, gap: Measure) -> str:
    """The asterisks of a difference."""
    return "**" if gap.measure in comparison.together[number - 1] else "*" if gap.excludes_zero else ""


def _comparison_table(comparison: Comparison, number: int, everything: bool) -> Table:
    """The table of one run beside the first."""
    level = comparison.values[0][0].level
    names = [Column(comparison.names[place], wraps=False, right=True) for place in (0, number)]
    difference = Column("difference", wraps=False, right=True)
    columns = (_MEASURE, *names, difference, _interval_column(level), Column("", "mark", beside=True), _UNIT)
    table = Table(comparison.names[number], columns)
    for group, (ours, theirs, gap) in _in_groups(_shown_rows(comparison, number), _name_of, everything)[0]:
        mark = _mark(comparison, number, gap)
        cells = (_value_cell(theirs), _value_cell(ours), _value_cell(gap, True), _interval_cell(gap, True))
        table.add_row(ours.measure, *cells, mark, ours.unit, group=group, style="" if mark else "dim")
    return table


def _comparison_data(comparison: Comparison) -> Table:
    """All differences for programs: a row for each scenario after the first and each measure."""
    names = ("scenario", "measure", "value", "first_value", "difference", "low", "high", "mark")
    more = ("level", "replications", "unit")
    table = data_table("differences", *names, *more)
    for place, name in enumerate(comparison.names[1:], 1):
        for ours, theirs, gap in _all_rows(comparison, place):
            cells = (ours.value, theirs.value, gap.value, gap.low, gap.high, _mark(comparison, place, gap))
            table.add_row(name, gap.measure, *cells, gap.level, gap.replications, gap.unit)
    return table


def study_table(results: StudyResults) -> Page:
    """The table of a study: a row for each point, with the measures that the study names."""
    title = visible(results.study.title or results.name)
    points, each = counted(len(results.levels), "point"), counted(results.study.replications, "replication")
    facts = {
        "study": results.name,
        "title": results.study.title or results.name,
        "scenario": results.study.scenario,
        "seed": results.study.seed,
        "replications": results.study.replications,
    }
    head, notes = [Line(f"{title}: {points}, {each} each")], _too_few(results.study.replications)
    gains = results.gains(results.study.measures[0])
    if gains and is_share(gains[0].unit):
        notes = ["pp: percentage points", *notes]
    if gains and results.study.baseline is not None:
        label = visible(results.study.baseline.label)
        notes = [
            f"more than {label}: the difference in {results.study.measures[0]}, replication by replication",
            *notes,
        ]
    return Page([_point_table(results, gains)], head, notes, facts=facts, data=[_point_data(results)])


def _point_table(results: StudyResults, gains: Sequence[Measure]) -> Table:
    """The rows of the points of a study."""
    names, baseline, level = results.study.measures, results.study.baseline, results.measures[0][0].level
    factors = list(results.levels[0])
    columns = [Column(key, short=short) for key, short in zip(factors, shortened_keys(factors), strict=True)]
    for heading in [*names, *([f"more than {baseline.label}"] if baseline is not None and gains else [])]:
        columns += [Column(heading, wraps=False, right=True), _interval_column(level)]
    table = Table("points", tuple(columns), factors=len(factors))
    for point, (levels, rows) in enumerate(zip(results.levels, results.measures, strict=True)):
        by_name = {row.measure: row for row in rows}
        cells = [cell for name in names for cell in (_value_cell(by_name[name]), _interval_cell(by_name[name]))]
        cells += [_value_cell(gains[point], True), _interval_cell(gains[point], True)] if point < len(gains) else []
        first = [Cell(level, level_text(level)) for level in levels.values()]
        if point == results.baseline and baseline is not None:
            first = [Cell(None, visible(baseline.label)), *(Cell(None, "") for _ in first[1:])]
        table.add_row(*first, *cells)
    return table


def _point_data(results: StudyResults) -> Table:
    """The measures that a study names, for programs: a row for each point and measure, as in `measures.csv`.

    With a baseline, each row has the difference from it as well.
    """
    factors, names = list(results.levels[0]), [column.name for column in MEASURE_COLUMNS]
    more = ["difference", "difference_low", "difference_high"] if results.baseline is not None else []
    table = data_table("measures", POINT_COLUMN.name, *factors, *names, *more)
    gains = {name: results.gains(name) for name in results.study.measures}
    for point, (levels, rows) in enumerate(zip(results.levels, results.measures, strict=True)):
        for row in rows:
            if row.measure in gains:
                gap = gains[row.measure][point : point + 1]  # the baseline has none
                ends = [end for difference in gap for end in (difference.value, difference.low, difference.high)]
                ends += [None] * (len(more) - len(ends))
                table.add_row(point, *levels.values(), *(getattr(row, name) for name in names), *ends)
    return table


def runs_table(rows: Sequence[Listed]) -> Page:
    """The tables of what has been run: one of runs, one of studies, and one of folders that are neither."""
    runs = [row for row in rows if row.kind == "run" and not row.fault]
    studies = [row for row in rows if row.kind == "study" and not row.fault]
    faults = [row for row in rows if row.fault]
    tables = [_runs(runs)] if runs else []
    tables += [_studies(studies)] if studies else []
    if faults:
        tables.append(Table("others", (Column("folder", wraps=False), Column("what is wrong"))))
        for row in faults:
            tables[-1].add_row(str(row.folder), row.fault)
    notes = ["file: whether the file of the scenario or the study has changed since then"]
    zones = dict.fromkeys(str(timezone(row.when.utcoffset() or timedelta())) for row in rows if row.when is not None)
    notes.append(f"when: the local time of this computer, {' or '.join(zones)}")
    return Page(tables, notes=notes if zones else [], data=[_listed_data(rows)])


def _runs(rows: Sequence[Listed]) -> Table:
    """A row for each run: its main measures with their intervals."""
    head = (Column("run", wraps=False), Column("when", wraps=False), Column("scenario", wraps=False, omit_order=1))
    options = [Column("options")] if any(row.sets or row.options for row in rows) else []
    omitted = {name: 3 for name in MAIN_MEASURES[:-1] if options}
    measures = [Column(f"{name} (interval)", short=name, omit_order=omitted.get(name, 0)) for name in MAIN_MEASURES]
    size, file = Column("replications", short="repl.", omit_order=2), Column("file", wraps=False)
    table = Table("runs", (*head, *options, size, *measures, file))
    for row in rows:
        found = {measure.measure: f"{value_text(measure)} ({interval_text(measure)})" for measure in row.measures}
        cells = [found.get(name, "-") for name in MAIN_MEASURES]
        given = " ".join([*(f"--set {text}" for text in row.sets), *row.options])
        about = (str(row.folder), _when(row), row.name, *(given or None for _ in options), row.replications)
        table.add_row(*about, *cells, row.file or None)
    return table


def _studies(rows: Sequence[Listed]) -> Table:
    """A row for each study: its first measure at the points where that is least and greatest."""
    size = (Column("points", omit_order=2), Column("replications", short="repl.", omit_order=1))
    ends = (Column("measure", wraps=False), Column("least (interval)"), Column("greatest (interval)"))
    head = (Column("study", wraps=False), Column("when", wraps=False, omit_order=3))
    table = Table("studies", (*head, *size, *ends, Column("file", wraps=False)))
    for row in rows:
        texts = [f"{value_text(measure)} ({interval_text(measure)})" for measure in row.measures] or ["-"]
        name = row.measures[0].measure if row.measures else None
        table.add_row(
            str(row.folder), _when(row), row.points, row.replications, name, texts[0], texts[-1], row.file or None
        )
    return table


def _when(row: Listed) -> Cell:
    """The local time when results were complete; the hour where that was this year, else the year."""
    if row.when is None:
        return Cell(None, "-")
    is_recent = row.when.year == datetime.now(row.when.tzinfo).year
    return Cell(row.when.isoformat(), f"{row.when:%d %b %H:%M}" if is_recent else f"{row.when:%d %b %Y}")


def _listed_data(rows: Sequence[Listed]) -> Table:
    """What has been run, for programs: a row for each measure of a folder, or for a folder without one."""
    about = ("folder", "kind", "when", "name", "sets", "options", "points", "replications", "seed", "file", "fault")
    table = data_table("results", *about, "measure", "value", "low", "high", "level", "unit")
    for row in rows:
        when = None if row.when is None else row.when.isoformat()
        about_folder = (str(row.folder), row.kind or None, when, row.name or None, ", ".join(row.sets) or None)
        options = shlex.join(row.options) or None
        cells = (*about_folder, options, row.points, row.replications, row.seed, row.file or None, row.fault or None)
        for m in row.measures:
            table.add_row(*cells, m.measure, m.value, m.low, m.high, m.level, m.unit)
        if not row.measures:
            table.add_row(*cells, *[None] * 6)
    return table


def verify_table(
    rows: "Sequence[SearchCheck]", limit: float, level: float, replications: int = 0, seed: int = 0
) -> Page:
    """The table of verification: a row for each search, and the limit beyond which one fails."""
    columns = (
        Column("simulation against theory", "check"),
        Column("", "statistic"),
        *(Column(heading, key, right=True) for heading, key in _VERIFIED.items()),
        Column("", "passed", beside=True),
    )
    shown = Table("rows", tuple(column for column in columns if column.name != "statistic"))
    data = Table("rows", columns)
    for row in rows:
        numbers = [number(value, ".5f") for value in (row.expected, row.estimate, row.error)]
        numbers.append(number(row.z, "+.2f"))
        passed = Cell(row.passed, "pass" if row.passed else "FAIL")
        shown.add_row(row.check, *numbers, passed, style="" if row.passed else "bold red")
        data.add_row(row.check, row.statistic, *numbers, passed)
    by_chance = f"by chance one or more of the {len(rows)} rows fail in 1 of {1 / level:.0f} verifications"
    rule = f"a row fails beyond |z| = {limit:.2f}; {by_chance}"
    facts = {
        "level": level,
        "limit": limit,
        "replications": replications,
        "seed": seed,
        "passed": all(row.passed for row in rows),
    }
    return Page([shown], notes=[rule], facts=facts, data=[data])


_VERIFIED = {"expected": "", "estimate": "", "standard error": "error", "z": ""}
