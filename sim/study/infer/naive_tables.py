"""The page of what one estimates who does not know something."""

import math

from sim.core.text import counted, visible
from sim.scenario.tables import Cell, Column, Line, Page, Table, data_table
from sim.scenario.wording import shortened_keys
from sim.study.infer.cells import amount_text, right_column
from sim.study.infer.naive import Estimate, Naive
from sim.study.tables import level_name, level_text


def naive_page(answer: Naive) -> Page:
    """The page of the estimates at all points of a study."""
    results, names = answer.results, list(answer.results.levels[0])
    study = results.study
    columns = [Column(name, short=short) for name, short in zip(names, shortened_keys(names), strict=True)]
    columns += [
        right_column("took place", "transfers"),
        right_column("documented"),
        right_column("estimate"),
        right_column("of those", "ratio"),
        right_column(level_name(answer.confidence), "ratio_interval", beside=True),
    ]
    table = Table("estimates", tuple(columns), factors=len(names))
    for one in answer.estimates:
        levels = [Cell(level, level_text(level)) for level in one.levels.values()]
        table.add_row(*levels, *_cells(one))
    believes = f"{answer.factor} = {answer.level}"
    head = [
        Line(visible(study.title or results.name), "bold"),
        Line(f"{counted(len(answer.estimates), 'point')}, {counted(study.replications, 'replication')} each, seed "
             f"{study.seed}"),
        Line(f"the estimate of one who believes that {visible(believes)}"),
    ]  # fmt: skip
    notes = [
        "estimate: what is documented in a deployment, divided by the chance to be documented where "
        f"{visible(believes)} and all else is the same",
        "of those: the estimate as a share of the transfers that took place",
    ]
    facts = {"study": results.name, "title": study.title or results.name, "seed": study.seed,
             "replications": study.replications, "believed": believes}  # fmt: skip
    return Page([table], head, notes, facts=facts, data=[_data(answer)])


def _cells(one: Estimate) -> tuple[Cell, ...]:
    """The cells of an estimate."""
    known = not math.isnan(one.value)
    interval = "-" if math.isnan(one.low) else f"{100.0 * one.low:.0f} to {100.0 * one.high:.0f} %"
    return (
        Cell(one.transfers, amount_text(one.transfers)),
        Cell(one.documented, amount_text(one.documented)),
        Cell(one.value if known else None, amount_text(one.value) if known else "-"),
        Cell(one.ratio if known else None, f"{100.0 * one.ratio:.0f} %" if known else "-"),
        Cell(None, interval),
    )


def _data(answer: Naive) -> Table:
    """The estimates for programs."""
    names = list(answer.results.levels[0])
    more = ("transfers", "documented", "p_believed", "estimate", "ratio", "low", "high", "level")
    table = data_table("estimates", *names, *more)
    for one in answer.estimates:
        cells = (one.transfers, one.documented, one.believed, one.value, one.ratio, one.low, one.high)
        table.add_row(*one.levels.values(), *cells, answer.confidence)
    return table
