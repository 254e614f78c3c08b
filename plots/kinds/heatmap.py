"""The kind `heatmap`: a measure over two factors of a study."""

from pathlib import Path
from typing import Any

from plots.kinds import PlotKind
from sim.options import at_option, measure_option, x_option


def _save(results: Any, path: Path, **options: Any) -> None:
    from plots.heatmap import save_heatmap

    save_heatmap(results, path, **options)


KIND = PlotKind(
    "heatmap",
    "STUDY",
    "Draw a measure over the two factors of a study.\n\nEach cell shows the value and its interval.",
    _save,
    (measure_option, at_option, x_option),
)
