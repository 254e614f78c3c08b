"""The kind `convergence`: a measure of a run as more replications are counted."""

from pathlib import Path
from typing import Any

import click

from plots.kinds import PlotKind


def _save(results: Any, path: Path, measure: str | None) -> None:
    from plots.convergence import save_convergence

    save_convergence(results, path, measure)


KIND = PlotKind(
    "convergence",
    "RUN",
    "Draw a measure as more and more replications are counted.\n\n"
    "The band is the interval of the measure: if the band is too wide for the question, run more replications.",
    _save,
    (click.option("--measure", metavar="NAME", help="Draw this measure. Default: p_documented."),),
)
