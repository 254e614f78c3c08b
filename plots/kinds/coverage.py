"""The kind `coverage`: the probability that the patrols of a run detect a transfer, place by place."""

from pathlib import Path
from typing import Any

import click

from plots.kinds import PlotKind
from sim.options import FiniteRange, cells_option, jobs_option


def _save(results: Any, path: Path, **options: Any) -> None:
    from plots.coverage_map import save_coverage

    save_coverage(results, path, **options)


KIND = PlotKind(
    "coverage",
    "RUN",
    "Map the probability of detecting a transfer at each place.\n\n"
    "The map also shows the search legs and the transfers of one replication.",
    _save,
    (
        click.option(
            "--duration-h",
            type=FiniteRange(0.01, 1000.0),
            help="Map a transfer that lasts this many hours. Default: the median of its source.",
        ),
        click.option(
            "--uniform",
            is_flag=True,
            help="Let the transfer begin at every hour with equal probability. Default: as in the scenario.",
        ),
        click.option(
            "--source",
            metavar="NAME",
            help="Map transfers of this source, a name from [transfers]. Default: the source with the most transfers.",
        ),
        cells_option,
        click.option(
            "--replication",
            type=click.IntRange(0),
            default=0,
            show_default=True,
            help="Draw the legs and transfers of this replication.",
        ),
        click.option(
            "--tracks",
            type=click.Choice(["search", "all", "none"]),
            default="search",
            show_default=True,
            help="Draw the search legs of the replication, all its legs, or none.",
        ),
        click.option("--patrol", metavar="NAME", help="Draw the tracks of this patrol alone."),
        click.option("--sortie", type=click.IntRange(0), help="Draw the track of the sortie with this number alone."),
        jobs_option,
    ),
    tells_progress=True,
)
