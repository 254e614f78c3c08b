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
    "Map where one run documents a larger share than another.\n\n"
    "The map shows the difference of a share of transfers. The second run is subtracted from the first, cell by cell, "
    "paired by replication: both need the same replications of the same seed. Cells are hatched where the interval of "
    "the difference contains 0.",
    _save,
    (
        click.option(
            "--measure",
            type=click.Choice(["p_detected", "p_classified", "p_documented"]),
            default="p_documented",
            show_default=True,
            help="Compare this share of transfers.",
        ),
        few_cells_option,
    ),
)
