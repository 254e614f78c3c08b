"""The kind `belief`: where pairs may lie alongside at an hour that no flight has found."""

from pathlib import Path
from typing import Any

import click

from plots.kinds import PlotKind
from sim.options import FiniteRange, cells_option, replication_option


def _save(results: Any, path: Path, **options: Any) -> None:
    from plots.belief_map import save_belief

    save_belief(results, path, **options)


KIND = PlotKind(
    "belief",
    "RUN",
    "Map the pairs that flights have not found, at one hour.\n\n"
    "The map shows how many pairs are expected alongside at that hour that no aircraft has detected: what flights that "
    "found nothing leave, what has begun since, and what tips tell.",
    _save,
    (
        click.option(
            "--at",
            type=FiniteRange(0.0),
            required=True,
            metavar="HOUR",
            help="Map the belief at this hour since the scenario's start.",
        ),
        replication_option,
        click.option(
            "--nation",
            metavar="NAME",
            help="Count only what the patrols of this nation flew and its cell was told. Default: all of them.",
        ),
        cells_option,
    ),
)
