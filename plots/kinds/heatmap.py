"""The kind `heatmap`: a measure over two factors of a study."""

from pathlib import Path
from typing import Any

from plots.kinds import PlotKind
from sim.options import measure_option


def _save(results: Any, path: Path, measure: str | None) -> None:
    from plots.heatmap import save_heatmap

    save_heatmap(results, path, measure)


KIND = PlotKind(
    "heatmap",
    "STUDY",
    "Draw a measure over the two factors of a study.\n\nEach cell shows the value and its interval.",
    _save,
    (measure_option,),
)
