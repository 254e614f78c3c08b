"""The kind `difference`: how two runs differ, cell by cell."""

from pathlib import Path
from typing import Any

import click

from plots.kinds import PlotKind
from sim.options import few_cells_option


def _save(ours: Any, theirs: Any, path: Path, measure: str, cells: int) -> None:
    from plots.transfer_maps import save_difference

    save_difference(ours, theirs, path, measure, cells)


KIND = PlotKind(
    "difference",
    "RUN RUN",
    "Map how much more transfers one run documents than another.\n\n"
    "The second run is taken from the first, cell by cell, paired by replication: both need the same seed and "
    "replications. Cells are hatched where the interval of the difference contains 0.",
    _save,
    (
        click.option(
            "--measure",
            type=click.Choice(["p_detected", "p_classified", "p_documented"]),
            default="p_documented",
            show_default=True,
            help="The share of transfers that is compared.",
        ),
        few_cells_option,
    ),
)
