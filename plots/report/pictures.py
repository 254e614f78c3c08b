"""The pictures of a report, each with a text that says in numbers what it shows."""

from collections.abc import Sequence
from functools import partial

import numpy as np
import pyarrow.compute as pc
from matplotlib.figure import Figure

from plots.coverage_map import default_bounds, figure_coverage
from plots.funnel import figure_funnel, funnel_rows
from plots.gain import figure_gain
from plots.heatmap import figure_heatmap
from plots.report.pieces import Picture, Section, picture_of
from plots.report.question import ends_of, point_text, told
from plots.response import figure_response
from plots.run_page import recorded_replication, rows_of_replication
from plots.style import styled
from plots.timeline import figure_timeline
from plots.transfer_maps import figure_difference, figure_missed
from sim.core.text import counted
from sim.model.transfers import TransferSource
from sim.study.estimates import Measure
from sim.study.maps.coverage import make_field
from sim.study.markup import joined
from sim.study.measures import REASON_WORDS
from sim.study.progress import Progress
from sim.study.store import Results
from sim.study.study_results import StudyResults


def _section(pictures: Sequence[Picture]) -> Section:
    """The section of pictures."""
    with styled():
        return Section("pictures", "The pictures", joined(map(picture_of, pictures)))


def of_run(results: Results, jobs: int, progress: Progress) -> Section:
    """How far transfers come, where they would be detected, one replication by day, where and why they are missed."""
    coverage = Picture("Where a transfer would be detected", lambda: _coverage(results, jobs, progress))
    scenario = results.scenario
    rate = partial(TransferSource.mean_per_month, clock=scenario.clock, duration_h=scenario.duration_h)
    source = max(scenario.transfers.values(), key=rate, default=None)
    pictures = [
        Picture("How far transfers come", lambda: _funnel(results)),
        *([] if source is not None and source.makes_way else [coverage]),
        Picture("One replication, day by day", lambda: _timeline(results)),
        Picture("Where and why transfers are not documented", lambda: _missed(results)),
    ]
    return _section(pictures)


def of_comparison(first: Results, second: Results, gaps: Sequence[Measure]) -> Section:
    """Where the second run documents more than the first, and how far transfers come in both."""
    gap = next(row for row in gaps if row.measure == "p_documented")
    shares = f"the share of transfers documented in {second.name} less that in {first.name}"
    text = f"The map shows {shares}. Over all places the difference is "
    pictures = [
        Picture("Where the runs differ", lambda: (figure_difference(second, first), f"{text}{told(gap, True)}.")),
        Picture(f"How far transfers come: {first.name}", lambda: _funnel(first)),
        Picture(f"How far transfers come: {second.name}", lambda: _funnel(second)),
    ]
    return _section(pictures)


def of_study(results: StudyResults) -> Section:
    """The first measure over the factors, and what each point adds to the baseline where there is one."""
    name = results.study.measures[0]
    told_by_lines = f"The lines show the measure with its intervals. {ends_of(results, name)}"
    pictures = [Picture("Response", lambda: (figure_response(results), told_by_lines))]
    if len(results.levels[0]) == 2:
        text = f"The colour of a cell gives the value. {ends_of(results, name)}"
        pictures.insert(0, Picture("The two factors", lambda: (figure_heatmap(results), text)))
    if results.baseline is not None:
        pictures.append(Picture("What each point adds to the baseline", lambda: _gain(results, name)))
    return _section(pictures)


def _funnel(results: Results) -> tuple[Figure, str]:
    """The funnel, and its bars in words."""
    rows = funnel_rows(results)[1:]
    stages = ", ".join(f"{row.label} {row.end - row.begin:.0f} %" for row in rows if row.is_stage)
    lost = ", ".join(f"{row.label} {row.end - row.begin:.0f} %" for row in rows if not row.is_stage)
    text = f"These shares of all transfers came so far: {stages}. These shares were lost: {lost}."
    return figure_funnel(results), text


def _coverage(results: Results, jobs: int, progress: Progress) -> tuple[Figure, str]:
    """The coverage map with the tracks of the first recorded replication, and its values in words."""
    replication, bounds = recorded_replication(results, None), default_bounds(results.scenario)
    field = make_field(results, bounds, jobs=jobs, progress=progress)
    highest, some = 100.0 * float(field.probability.max()), 100.0 * float(np.mean(field.probability > 0.1))
    text = (
        f"The map shows the probability that a transfer of {field.duration_h:g} h is detected. It is at most "
        f"{highest:.0f} %, and above 10 % in {some:.0f} % of the cells. The lines are the search legs of replication "
        f"{replication}. Of the transfers of that replication: {_fates(results, replication)}."
    )
    return figure_coverage(results, field, bounds, replication), text


def _fates(results: Results, replication: int) -> str:
    """How many transfers of a replication came how far, in words."""
    status = rows_of_replication(results, "transfers", replication).column("status")
    counts = {row["values"]: row["counts"] for row in pc.value_counts(status).to_pylist()}
    named = [f"{counts[name]} {name}" for name in ("missed", "detected", "classified", "documented") if name in counts]
    return ", ".join(named) or "no transfer"


def _timeline(results: Results) -> tuple[Figure, str]:
    """The timeline of the first recorded replication, and its counts in words."""
    replication = recorded_replication(results, None)
    legs = rows_of_replication(results, "tracks", replication)
    flown = len(set(zip(legs.column("patrol").to_pylist(), legs.column("sortie").to_pylist(), strict=True)))
    shown = f"the weather, {counted(flown, 'sortie')} and the transfers of replication {replication}"
    text = f"The picture shows {shown}. Of the transfers: {_fates(results, replication)}."
    return figure_timeline(results, replication), text


def _missed(results: Results) -> tuple[Figure, str]:
    """The maps of reasons, and the share of each in words."""
    shares = [(words, results.measure(name)) for name, words in REASON_WORDS.items()]
    text = "; ".join(f"{reason}: {told(share)}" for reason, share in shares if share.value)
    told_first = "There is a map for each reason why transfers were not documented. The shares over all places: "
    return figure_missed(results), f"{told_first}{text}."


def _gain(results: StudyResults, name: str) -> tuple[Figure, str]:
    """The gains over the baseline, and the least and greatest in words."""
    gains = [(gap, point) for point, gap in enumerate(results.gains(name)) if gap.value is not None]
    ends = (
        [
            f"{word} {told(gap, True)} at {point_text(results, point)}"
            for word, pick in (("least", min), ("greatest", max))
            for gap, point in [pick(gains, key=lambda pair: pair[0].value or 0.0)]
        ]
        if gains
        else []
    )
    return figure_gain(results), f"The difference of {name} from the baseline is {'; '.join(ends) or 'not known'}."
