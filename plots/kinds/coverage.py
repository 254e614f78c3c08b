"""Where a run's patrols would detect a transfer."""

from pathlib import Path
from typing import Any

import click

from plots.kinds import PlotKind
from sim.options import FiniteRange, jobs_option


def _save(results: Any, path: Path, **options: Any) -> None:
    from plots.coverage_map import save_coverage

    save_coverage(results, path, **options)


KIND = PlotKind(
    "coverage",
    "RUN",
    "Draw the probability of detecting a transfer at each place, with tracks and transfers of one replication.",
    _save,
    (
        click.option(
            "--duration-h",
            type=FiniteRange(0.01, 1000.0),
            help="Hours that the transfer lasts. Default: the median of its source.",
        ),
        click.option(
            "--uniform", is_flag=True, help="Let the transfer begin at any hour alike, not as the scenario says."
        ),
        click.option(
            "--source",
            metavar="NAME",
            help="Source of the transfer, a name from [transfers]. Default: the source with most transfers.",
        ),
        click.option(
            "--cells",
            type=click.IntRange(100, 200_000),
            default=4000,
            show_default=True,
            help="Largest number of cells of the field.",
        ),
        click.option(
            "--replication",
            type=click.IntRange(0),
            default=0,
            show_default=True,
            help="Replication whose tracks and transfers are drawn.",
        ),
        jobs_option,
    ),
)
