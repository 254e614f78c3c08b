"""The kind `missed`: where and why transfers of a run were not documented."""

from pathlib import Path
from typing import Any

from plots.kinds import PlotKind
from sim.options import few_cells_option


def _save(results: Any, path: Path, cells: int) -> None:
    from plots.transfer_maps import save_missed

    save_missed(results, path, cells)


KIND = PlotKind(
    "missed",
    "RUN",
    "Map where transfers were documented, and why others were not.\n\n"
    "There is a small map of the documented transfers, and one for each reason why others were not documented. The "
    "colour of a cell is the share of its transfers that were documented, or that the reason stopped.",
    _save,
    (few_cells_option,),
)
