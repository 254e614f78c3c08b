"""The tables of points: those of a study, and what is believed of figures that are not known."""

import re

from sim.scenario.tables import Cell, Column, Table, data_table
from sim.scenario.wording import shortened_keys
from sim.study.infer.cells import number_columns, right_column, share_cell, took_place_cells
from sim.study.infer.inference import Inference
from sim.study.infer.points import Points, changed
from sim.study.infer.posterior import interval_of
from sim.study.tables import level_text

_RATE = re.compile(r"transfers\..+\.per_month")


def point_tables(answer: Inference) -> list[Table]:
    """The table of the points of a study; none for those of unknown figures, which are a sample."""
    points, level = answer.points, answer.asked.level
    if points is None or points.sampled:
        return []
    names = [factor.name for factor in points.factors]
    columns = [Column(name, short=short) for name, short in zip(names, shortened_keys(names), strict=True)]
    columns += [right_column("of transfers", "p_documented"), *number_columns(level)[1:]]
    table = Table("points", tuple(columns), factors=len(names))
    for number, posterior in enumerate(points.posteriors):
        values = [factor.values[number] for factor in points.factors]
        cells = [Cell(value, level_text(value)) for value in values]
        table.add_row(*cells, share_cell(posterior), *took_place_cells(posterior, level))
    return [table]


def point_data(answer: Inference) -> list[Table]:
    """All points with what is believed there, for programs."""
    points, level = answer.points, answer.asked.level
    if points is None:
        return []
    names = [factor.name for factor in points.factors]
    table = data_table(
        "points", "point", *names, "p_documented", "probability", "mean", "median", "low", "high", "level"
    )
    for number, posterior in enumerate(points.posteriors):
        values = [factor.values[number] for factor in points.factors]
        ends = posterior.mean, posterior.quantile(0.5), *interval_of(posterior.quantile, level)
        table.add_row(number, *values, posterior.chance.mean, float(points.weight[number]), *ends, level)
    return [table]


def point_notes(points: Points) -> list[str]:
    """What is assumed of the points, and what the reports say of them."""
    if points.sampled:
        ranges = "; ".join(f"{factor.name} {factor.text}" for factor in points.factors)
        notes = [f"all that is not known is as likely as anything else beforehand: {ranges}"]
        rates = [factor.name for factor in points.factors if _RATE.fullmatch(factor.name)]
        if rates:
            notes.append(f"how many take place is what is asked: --prior says what is believed of it, not {rates[0]}")
    else:
        notes = ["the true scenario is one of the points, each of which is as likely as any other beforehand"]
        notes += [
            f"{factor.name} is a plan, but is taken for unknown, too: who knows which was flown reads its rows, or "
            "sweeps that plan alone"
            for factor in points.factors
            if factor.is_plan
        ]
    moved = changed(points)
    if not moved:
        what = "unknown figures" if points.sampled else "points"
        return [*notes, f"the reports hardly change what is believed of the {what}"]
    why = "" if points.posteriors[0].prior.is_proper else ", by the prior alone: the number of reports does not matter"
    return [*notes, *(f"{_changed_text(name, *ends)}{why}" for name, ends in moved.items())]


def _changed_text(name: str, before: float, after: float) -> str:
    """How the answer differs from what was believed of a factor: of a range the mean, of a level its probability."""
    if " = " in name:
        return f"{name} has the probability {after:.2f} in the answer, beforehand {before:.2f}"
    return f"the mean of {name} is {after:.3g} in the answer, beforehand {before:.3g}"
