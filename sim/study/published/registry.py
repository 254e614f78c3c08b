"""The publications, and their rows as the page that a command prints."""

import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sim.scenario.nearest import nearest
from sim.scenario.problems import refused
from sim.scenario.tables import Cell, Column, Page, Table, number, words
from sim.study.published.base import LIMIT, Effort, Publication, ReproducedRow

_COLUMNS = (
    Column("", "check"),
    Column("expected", right=True),
    Column("computed", right=True),
    Column("standard error", "error", right=True),
    Column("difference", right=True),
    Column("z", right=True),
    Column("passes", "criterion", omit_order=1),
    Column("", "passed", beside=True),
)
_MEASURED = ("expected_low", "expected_high", "computed", "error", "difference", "z")


def publications() -> dict[str, Publication]:
    """All publications by name, in the order of their names."""
    names = sorted(found.name for found in pkgutil.iter_modules([str(Path(__file__).parent)]))
    modules = [importlib.import_module(f"sim.study.published.{name}") for name in names]
    found = [module.PUBLICATION for module in modules if hasattr(module, "PUBLICATION")]
    return {publication.name: publication for publication in found}


def chosen_publications(names: Sequence[str]) -> list[Publication]:
    """The publications of some names, or all without names; raises `InputError` for a name that none has."""
    found = publications()
    for name in names:
        if name not in found:
            raise refused(name, f"one of {', '.join(found)}", key="--publication", hint=nearest(name, list(found)))
    return [publication for name, publication in found.items() if not names or name in names]


def reproduce(
    names: Sequence[str], effort: Effort, progress: Callable[[int, int], Any] | None = None
) -> dict[Publication, list[ReproducedRow]]:
    """The rows of some publications, or of all without names."""
    chosen, rows = chosen_publications(names), dict[Publication, list[ReproducedRow]]()
    for done, publication in enumerate(chosen):
        rows[publication] = publication.rows(effort)
        if progress is not None:
            progress(done + 1, len(chosen))
    return rows


def failed(results: Mapping[Publication, Sequence[ReproducedRow]]) -> list[str]:
    """The rows that are judged and differ from what is published."""
    return [
        f"{publication.name}: {row.check}"
        for publication, rows in results.items()
        for row in rows
        if row.passed is False
    ]


def published_page(results: Mapping[Publication, Sequence[ReproducedRow]], effort: Effort) -> Page:
    """The page of rows: a table for each publication for people, and one of all rows for programs."""
    columns = [
        Column(name, name) for name in ("publication", "check", *_MEASURED, "allowed", "expected_side", "passed")
    ]
    data = Table("rows", tuple(columns))
    for publication, rows in results.items():
        for row in rows:
            measured = (row.low, row.high, row.computed, row.error, row.difference, row.z)
            data.add_row(publication.name, row.check, *measured, row.allowed, row.expected_side, row.passed)
    judged = [row for rows in results.values() for row in rows if row.passed is not None]
    facts = {
        "limit": LIMIT,
        "replications": effort.replications,
        "seed": effort.seed,
        "passed": all(row.passed for row in judged),
    }
    tables = [publication_table(publication, rows) for publication, rows in results.items()]
    return Page(tables, notes=_notes(judged, sum(map(len, results.values()))), facts=facts, data=[data])


def publication_table(publication: Publication, rows: Sequence[ReproducedRow]) -> Table:
    """The rows of one publication as a table for people."""
    table = Table(publication.name, _COLUMNS, publication.title)
    for row in rows:
        style = "bold red" if row.passed is False else ""
        table.add_row(row.check, *_figures(row), row.criterion, _result(row), style=style)
    return table


def _figures(row: ReproducedRow) -> list[Cell]:
    """What is published and computed, and how far apart they are."""
    form, fine = f",.{row.digits}f", f",.{row.digits + (row.error is not None)}f"
    published = number(row.low, form) if row.low == row.high else words(f"{row.low:{form}} to {row.high:{form}}")
    apart = row.difference == row.difference  # NaN where nothing is published
    return [
        published if apart else words("-"),
        number(row.computed, form),
        words("-") if row.error is None else number(row.error, fine),
        number(row.difference + 0.0, f"+{form}") if apart else words("-"),
        words("-") if row.z is None or not apart else number(row.z, "+.2f"),
    ]


def _result(row: ReproducedRow) -> Cell:
    """Whether a row passes, in a word or two; one outside an interval passes if the text says on which side it is."""
    if row.passed is None:
        return words("")
    passes = "pass" if row.expected_side == "inside" else "outside, as said"
    return Cell(row.passed, passes if row.passed else "FAIL")


def _notes(judged: Sequence[ReproducedRow], shown: int) -> list[str]:
    """What a reader of the tables must know."""
    from scipy.stats import norm

    by_errors = sum(row.allowed is None for row in judged)
    once_in = 1.0 / (1.0 - (1.0 - 2.0 * norm.sf(LIMIT)) ** by_errors) if by_errors else 0.0
    passed = sum(bool(row.passed) for row in judged)
    outside = sum(bool(row.passed) and row.expected_side != "inside" for row in judged)
    notes = [f"{passed} of {len(judged)} rows pass; {shown - len(judged)} more are shown and not judged"]
    if outside:
        notes.append(
            f"{outside} of those that pass lie outside a published interval, where the text of the publication says"
        )
    if by_errors:
        chance = f"by chance one or more of {by_errors} such rows fail in 1 of {once_in:,.0f} verifications"
        notes.append(f"z is the difference in standard errors; {chance}")
    return notes
