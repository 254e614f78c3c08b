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
    "Map where transfers were not documented, and why.\n\n"
    "There is a small map for each reason. The colour of a cell is the share of its transfers that the reason stopped.",
    _save,
    (few_cells_option,),
)
