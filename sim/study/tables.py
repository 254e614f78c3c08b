"""Tables of results for people: what commands print, each as a renderable of rich.

The numbers in `measures.csv` have all their digits; here they are rounded for reading.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Group
from rich.table import Table
from rich.text import Text

from sim.core.text import visible
from sim.scenario.console import PlainConsole
from sim.scenario.files import find_shipped, library, read_toml, shipped_names
from sim.scenario.load import load_scenario
from sim.scenario.problems import InputError
from sim.scenario.wording import counted, period_text, shortened_keys
from sim.study.estimates import Measure
from sim.study.measures import MEASURES
from sim.study.runs import Comparison, StudyResults, is_shown
from sim.study.store import Results

if TYPE_CHECKING:
    from sim.study.verify import SearchCheck

ENOUGH = 20  # replications: with as many or more, intervals hold the true value as often as they say
_UNLIMITED = 10_000  # columns: wider than any table


# ---------------------------------------------------------------------------------------------------- numbers
def number_text(measure: Measure, value: float | None, signed: bool = False) -> str:
    """A number in the unit of a measure, shares in per cent, - for None; `signed` puts a plus before those above 0."""
    if value is None:
        return "-"
    share = measure.unit.startswith("of ")
    places = 1 if share or 100.0 <= abs(value) < 1000.0 else 0 if abs(value) >= 1000.0 else 2
    rounded = round(100.0 * value if share else value, places) + 0.0  # never -0.00
    return f"{rounded:{'+' if signed and rounded else ''}.{places}f}{' %' if share else ''}"


def value_text(measure: Measure, signed: bool = False) -> str:
    """The value of a measure as text."""
    return number_text(measure, measure.value, signed)


def interval_text(measure: Measure, signed: bool = False) -> str:
    """The interval of a measure as text, `-` where it has none."""
    if measure.low is None or measure.high is None:
        return "-"
    return f"{number_text(measure, measure.low, signed)} to {number_text(measure, measure.high, signed)}"


def level_text(level: float | str | None) -> str:
    """A level of a factor as text on one line, numbers without trailing zeros."""
    return f"{level:g}" if isinstance(level, float) else visible(level)


def _bold_table(*columns: str) -> Table:
    """A table without lines, with bold headings."""
    return Table(*columns, box=None, pad_edge=False, header_style="bold")


# ---------------------------------------------------------------------------------------------------- what ships
def shipped_tables() -> Group:
    """Tables of the scenarios, the studies and the types of aircraft that are included."""
    scenarios = Table("scenario", "title", "what it is about", box=None, pad_edge=False)
    for name in shipped_names():
        try:
            scenario = load_scenario(name)
            scenarios.add_row(name, scenario.title, scenario.summary)
        except InputError as error:
            scenarios.add_row(name, Text("does not load", style="red"), str(error))
    studies = Table("study", "title", "scenario", box=None, pad_edge=False)
    for name in shipped_names("studies"):
        data, _ = read_toml(find_shipped(name, "studies", "STUDY"))
        studies.add_row(name, str(data.get("title", "")), str(data.get("scenario", "")))
    types = Table("aircraft type", "title", "transit, kn", "search, kn", "endurance, h", box=None, pad_edge=False)
    for name, aircraft in library().items():
        numbers = (aircraft[key] for key in ("transit_speed_kn", "search_speed_kn", "endurance_h"))
        types.add_row(name, aircraft["title"], *(f"{number:g}" for number in numbers))
    return Group(scenarios, Text(""), studies, Text(""), types)


# ---------------------------------------------------------------------------------------------------- results
def run_table(results: Results) -> Group:
    """The table of a run: its measures, each with its interval, unit and meaning."""
    rows = results.measures()
    count = rows[0].replications
    head = Text(f"{results.scenario.title}\n", style="bold")
    head.append(
        f"{period_text(results.scenario)}\n{counted(count, 'replication')}, seed {results.info['seed']}",
        style="not bold",
    )
    table = _bold_table("measure")
    table.add_column("value", justify="right")
    table.add_column(f"{100 * rows[0].level:g} % interval", justify="center")
    table.add_column("unit")
    table.add_column("meaning", style="dim")
    for row in rows:
        if MEASURES[row.measure].belongs_in_a_table(row.value):
            table.add_row(row.measure, value_text(row), interval_text(row), row.unit, MEASURES[row.measure].meaning)
    reasons = [f"no interval: {why}" for why in dict.fromkeys(row.why for row in rows) if why]
    return Group(head, Text(""), table, *_notes([*reasons, *_too_few(count)]))


def _notes(lines: Sequence[str]) -> list[Text]:
    """Lines below a table."""
    return [Text(line, style="dim") for line in lines]


def _too_few(replications: int) -> list[str]:
    """A note where replications are too few for intervals that can be relied on."""
    if not 2 <= replications < ENOUGH:
        return []
    return [f"with fewer than {ENOUGH} replications, intervals may be too narrow if the replications differ much"]


def comparison_tables(comparison: Comparison, replications: int, seed: int) -> Group:
    """A table for each scenario after the first: its measures, and their paired differences from the first."""
    parts: list[Text | Table] = [Text(f"paired differences: {replications} replications, seed {seed}")]
    for number in range(1, len(comparison.names)):
        parts += [Text(""), _comparison_table(comparison, number)]
    shown = [len(_shown_rows(comparison, number)) for number in range(1, len(comparison.names))]
    by_chance = round(1.0 / (1.0 - comparison.values[0][0].level))
    notes = [
        "* the interval of the difference excludes 0; "
        f"up to 1 in {by_chance} of the rows that do not truly differ has a *",
        f"** the interval excludes 0 even when all {max(shown)} rows are judged together",
    ]
    gaps = [gap for number in range(1, len(comparison.names)) for _, _, gap in _shown_rows(comparison, number)]
    if any(gap.value == 0.0 and gap.low is not None for gap in gaps):
        notes.append("where a difference is 0, its interval shows what so many replications can miss")
    notes += [f"no interval: {why}" for why in dict.fromkeys(gap.why for gap in gaps) if why]
    return Group(*parts, Text(""), *_notes([*notes, *_too_few(replications)]))


def _shown_rows(comparison: Comparison, number: int) -> list[tuple[Measure, Measure, Measure]]:
    """For each row of the table of a run: the estimate, that of the first run, and their difference."""
    rows = zip(comparison.values[number], comparison.values[0], comparison.differences[number - 1], strict=True)
    return [(ours, theirs, gap) for ours, theirs, gap in rows if is_shown(ours, theirs)]


def _comparison_table(comparison: Comparison, number: int) -> Table:
    """The table of one run beside the first."""
    table = _bold_table("measure")
    names = (visible(comparison.names[place]) for place in (0, number))
    for heading in (*names, "difference"):
        table.add_column(heading, justify="right")
    table.add_column(f"{100 * comparison.values[0][0].level:g} % interval", justify="center")
    table.add_column("")
    table.add_column("unit")
    for ours, theirs, gap in _shown_rows(comparison, number):
        mark = "**" if ours.measure in comparison.together[number - 1] else "*" if gap.excludes_zero else ""
        cells = (value_text(theirs), value_text(ours), value_text(gap, True), interval_text(gap, True))
        table.add_row(ours.measure, *cells, mark, ours.unit, style="" if mark else "dim")
    return table


def study_table(results: StudyResults, width: int) -> Group:
    """The table of a study, a row for each point; keys of factors are shortened where it is wider than `width`."""
    factors = list(results.levels[0])
    table = _point_table(results, factors)
    if PlainConsole(width=_UNLIMITED).measure(table).maximum > width:
        table = _point_table(results, shortened_keys(factors))
    title = visible(results.study.title or results.name)
    points, each = counted(len(results.levels), "point"), counted(results.study.replications, "replication")
    head = Text(f"{title}: {points}, {each} each")
    return Group(head, Text(""), table, *_notes(_too_few(results.study.replications)))


def _point_table(results: StudyResults, factors: Sequence[str]) -> Table:
    """The rows of the points of a study, under these headings of its factors."""
    names, baseline = results.study.measures, results.study.baseline
    table = _bold_table()
    for factor in factors:
        table.add_column(factor, overflow="fold")
    gains = results.gains(names[0])
    for heading in [*names, *([f"more than {baseline.label}"] if baseline is not None and gains else [])]:
        table.add_column(heading, justify="right", overflow="fold")
        table.add_column("interval", justify="center", overflow="fold")
    for point, (levels, rows) in enumerate(zip(results.levels, results.measures, strict=True)):
        by_name = {row.measure: row for row in rows}
        cells = [cell for name in names for cell in (value_text(by_name[name]), interval_text(by_name[name]))]
        cells += [value_text(gains[point], True), interval_text(gains[point], True)] if point < len(gains) else []
        first = [level_text(level) for level in levels.values()]
        if point == results.baseline and baseline is not None:
            first = [baseline.label, *("" for _ in first[1:])]
        table.add_row(*first, *cells)
    return table


def verify_table(rows: "Sequence[SearchCheck]", limit: float, level: float) -> Group:
    """The table of verification: a row for each search, and the limit beyond which one fails."""
    table = _bold_table("simulation against theory")
    for heading in ("expected", "estimate", "standard error", "z"):
        table.add_column(heading, justify="right")
    table.add_column("")
    for row in rows:
        numbers = (f"{row.expected:.5f}", f"{row.estimate:.5f}", f"{row.error:.5f}", f"{row.z:+.2f}")
        table.add_row(row.check, *numbers, "pass" if row.passed else "FAIL", style="" if row.passed else "bold red")
    rule = f"a row fails beyond |z| = {limit:.2f}; by chance one of all {len(rows)} does, once in {1 / level:.0f} times"
    return Group(table, Text(f"\n{rule}", style="dim"))
