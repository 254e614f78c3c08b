"""The kind `gain`: how much each point of a study adds to the baseline."""

from pathlib import Path
from typing import Any

from plots.kinds import PlotKind
from sim.options import at_option, facet_option, measure_option, x_option


def _save(results: Any, path: Path, **options: Any) -> None:
    from plots.gain import save_gain

    save_gain(results, path, **options)


KIND = PlotKind(
    "gain",
    "STUDY",
    "Draw how much each design point of a study adds.\n\n"
    "The picture shows the paired difference of a measure from the baseline, with its interval.",
    _save,
    (measure_option, at_option, x_option, facet_option),
)
